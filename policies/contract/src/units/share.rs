//! Shares in parts per million.

use super::quantity::{Quantity, serde_as_text};
use core::fmt;

/// A share of a whole, in parts per million; may exceed the whole (overcommitment).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ppm(pub u32);

/// This many hundredths of a whole.
#[must_use]
pub const fn percent(n: u32) -> Ppm {
    Ppm(n * 10_000)
}

impl Ppm {
    /// None of it.
    pub const ZERO: Self = Self(0);
    /// All of it.
    pub const WHOLE: Self = Self(1_000_000);
}

impl Quantity for Ppm {
    const WHAT: &'static str = "a share";
    const UNITS: &'static [(&'static str, u128)] = &[("%", 10_000), ("ppm", 1)];
    const EXAMPLE: &'static str = "\"90 %\"";
    fn from_smallest(count: u128) -> Option<Self> {
        u32::try_from(count).ok().map(Self)
    }
}

/// Exact and readable back; with `{:#}` to a tenth of a percent, for sentences.
impl fmt::Display for Ppm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            let tenths = self.0.saturating_add(500) / 1_000;
            return write!(f, "{}.{} %", tenths / 10, tenths % 10);
        }
        let (whole, rest) = (self.0 / 10_000, self.0 % 10_000);
        if rest == 0 {
            return f.pad(&alloc::format!("{whole} %"));
        }
        let digits = alloc::format!("{rest:04}");
        f.pad(&alloc::format!("{whole}.{} %", digits.trim_end_matches('0')))
    }
}

serde_as_text!(Ppm, u32);
