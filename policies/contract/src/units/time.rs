//! Moments and spans in nanoseconds. Knows no clock and no calendar.

use super::quantity::{Quantity, serde_as_text, write_exact};
use core::fmt;
use core::ops::{Add, AddAssign, Sub};

/// A point in time: nanoseconds since the host's zero, which is midnight on a Monday in both worlds.
///
/// In the real world the zero is 1969-12-29 00:00 UTC; in a simulation it lies 52 weeks before the
/// Monday of the week in which the run starts. So [`Moment::of_week`] tells weekday and hour,
/// and a policy that thinks in them decides alike here and there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub u64);

/// A length of time in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub u64);

impl Moment {
    /// The host's zero.
    pub const START: Self = Self(0);
    /// Later than any moment that can come.
    pub const NEVER: Self = Self(u64::MAX);

    /// How long ago `earlier` was; zero when it lies ahead.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// How far into its week it lies: zero is midnight on Monday.
    #[must_use]
    pub const fn of_week(self) -> Span {
        Span(self.0 % Span::days(7).0)
    }

    /// This much later, or [`Moment::NEVER`].
    #[must_use]
    pub const fn after(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Span {
    /// No time.
    pub const ZERO: Self = Self(0);
    /// Longer than any run.
    pub const MAX: Self = Self(u64::MAX);

    /// This many nanoseconds.
    #[must_use]
    pub const fn nanos(n: u64) -> Self {
        Self(n)
    }
    /// This many milliseconds.
    #[must_use]
    pub const fn millis(n: u64) -> Self {
        Self(n.saturating_mul(1_000_000))
    }
    /// This many seconds.
    #[must_use]
    pub const fn seconds(n: u64) -> Self {
        Self(n.saturating_mul(1_000_000_000))
    }
    /// This many minutes.
    #[must_use]
    pub const fn minutes(n: u64) -> Self {
        Self::seconds(n.saturating_mul(60))
    }
    /// This many hours.
    #[must_use]
    pub const fn hours(n: u64) -> Self {
        Self::seconds(n.saturating_mul(3_600))
    }
    /// This many days of 24 hours.
    #[must_use]
    pub const fn days(n: u64) -> Self {
        Self::seconds(n.saturating_mul(86_400))
    }
    /// In seconds, for people and plots.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "for display only")]
    pub fn as_seconds(self) -> f64 {
        self.0 as f64 / 1e9
    }
    /// The nearest span to this many seconds; nothing for less than none, capped at the longest.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float cast saturates, which is what is promised"
    )]
    pub fn from_seconds(seconds: f64) -> Self {
        Self((seconds * 1e9 + 0.5) as u64)
    }
    /// The sum, capped at the longest span.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
    /// What is left after `other`, or nothing.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Add<Span> for Moment {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0 + span.0)
    }
}
impl AddAssign<Span> for Moment {
    fn add_assign(&mut self, span: Span) {
        self.0 += span.0;
    }
}
impl Sub for Moment {
    type Output = Span;
    fn sub(self, earlier: Self) -> Span {
        Span(self.0 - earlier.0)
    }
}
impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}
impl AddAssign for Span {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

/// 730 hours, as price lists count a month (8,760 hours a year over twelve).
pub(crate) const MONTH: u64 = 730 * 3_600 * 1_000_000_000;

const UNITS: &[(&str, u128)] = &[
    ("s", 1_000_000_000),
    ("min", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

impl Quantity for Span {
    const WHAT: &'static str = "a span of time";
    const UNITS: &'static [(&'static str, u128)] = UNITS;
    const EXAMPLE: &'static str = "\"10 min\"";
    fn from_smallest(count: u128) -> Option<Self> {
        u64::try_from(count).ok().map(Self)
    }
}

impl Quantity for Moment {
    const WHAT: &'static str = "a moment, as time since the start";
    const UNITS: &'static [(&'static str, u128)] = UNITS;
    const EXAMPLE: &'static str = "\"26 h\"";
    fn from_smallest(count: u128) -> Option<Self> {
        u64::try_from(count).ok().map(Self)
    }
}

/// Exact and readable back; with `{:#}` in the two largest units, for sentences.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == 0 {
            f.pad("0 s")
        } else if f.alternate() {
            write_roughly(f, *self)
        } else {
            write_exact(f, u128::from(self.0), UNITS)
        }
    }
}

/// Like a span since the host's zero.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Span(self.0), f)
    }
}

fn write_roughly(f: &mut fmt::Formatter<'_>, span: Span) -> fmt::Result {
    let seconds = span.0 / 1_000_000_000;
    let (whole, part, words) = match seconds {
        0 => match span.0 {
            0..1_000 => return write_exact(f, u128::from(span.0), UNITS),
            1_000..1_000_000 => (span.0 / 1_000, 0, ("us", "")),
            _ => (span.0 / 1_000_000, 0, ("ms", "")),
        },
        1..60 => (seconds, 0, ("s", "")),
        60..3_600 => (seconds / 60, seconds % 60, ("min", "s")),
        3_600..86_400 => (seconds / 3_600, seconds % 3_600 / 60, ("h", "min")),
        _ => (seconds / 86_400, seconds % 86_400 / 3_600, ("d", "h")),
    };
    write!(f, "{whole} {}", words.0)?;
    if part > 0 { write!(f, " {part} {}", words.1) } else { Ok(()) }
}

serde_as_text!(Span, u64);
serde_as_text!(Moment, u64);
