//! How often things happen.

use super::Span;
use super::quantity::{Fault, Quantity, QuantityError, scaled};
use core::fmt;

/// So many millionths of an event in each period, exactly as the file says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Frequency {
    /// Millionths of an event.
    pub millionths: u64,
    /// In each of these.
    pub per: Span,
}

impl Default for Frequency {
    fn default() -> Self {
        Self { millionths: 0, per: Span::seconds(1) }
    }
}

const PERIODS: &[(&str, Span)] = &[
    ("s", Span::seconds(1)),
    ("min", Span::minutes(1)),
    ("h", Span::hours(1)),
    ("d", Span::days(1)),
    ("week", Span::days(7)),
];

impl Frequency {
    /// Events in a second.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a mean for sampling")]
    pub fn per_second(self) -> f64 {
        self.millionths as f64 / 1e6 / self.per.as_seconds()
    }

    /// The nearest rate to so many events in a second; nothing for less than none.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float cast saturates, which is what is promised"
    )]
    pub fn from_per_second(events: f64) -> Self {
        Self { millionths: (events * 1e6 + 0.5) as u64, per: Span::seconds(1) }
    }

    /// Whether it is as often as `other`, or more.
    #[must_use]
    pub fn reaches(self, other: Self) -> bool {
        let crossed = |one: Self, with: Self| u128::from(one.millionths) * u128::from(with.per.0);
        crossed(self, other) >= crossed(other, self)
    }
}

impl Quantity for Frequency {
    const WHAT: &'static str = "a rate";
    const UNITS: &'static [(&'static str, u128)] =
        &[("/s", 1), ("/min", 1), ("/h", 1), ("/d", 1), ("/week", 1)];
    const EXAMPLE: &'static str = "\"9/s\"";
    fn from_smallest(count: u128) -> Option<Self> {
        let millionths = u64::try_from(count).ok()?;
        Some(Self { millionths, per: Span::seconds(1) })
    }
    fn parse(text: &str) -> Result<Self, QuantityError> {
        let wrong = || QuantityError {
            message: alloc::format!("`{text}` is no rate"),
            remedy: alloc::format!("write events over time such as {} or \"5/d\"", Self::EXAMPLE),
        };
        let (count, period) = text.split_once('/').ok_or_else(wrong)?;
        let period = PERIODS.iter().find(|(word, _)| *word == period.trim()).ok_or_else(wrong)?;
        let count = scaled(count.trim(), 1_000_000).map_err(|fault| fault.naming::<Self>(text))?;
        let millionths = u64::try_from(count).map_err(|_| Fault::TooLarge.naming::<Self>(text))?;
        Ok(Self { millionths, per: period.1 })
    }
}

impl fmt::Display for Frequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = PERIODS.iter().find(|period| period.1 == self.per).map_or("?", |p| p.0);
        let (whole, rest) = (self.millionths / 1_000_000, self.millionths % 1_000_000);
        if rest == 0 {
            return f.pad(&alloc::format!("{whole}/{word}"));
        }
        let digits = alloc::format!("{rest:06}");
        f.pad(&alloc::format!("{whole}.{}/{word}", digits.trim_end_matches('0')))
    }
}

impl serde::Serialize for Frequency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> serde::Deserialize<'de> for Frequency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = alloc::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
