//! Money in millionths of the currency, and prices over time. Knows no exchange rate.

use super::Span;
use super::quantity::{Fault, Quantity, QuantityError, scaled, serde_as_text};
use super::time::MONTH;
use alloc::string::String;
use core::fmt;
use core::iter::Sum;
use core::ops::{Add, AddAssign, Sub};

/// An amount of money, in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(pub i64);

/// Money for each span of time that a thing is kept, exactly as the price list says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Price {
    /// What is paid.
    pub amount: Money,
    /// For how long.
    pub per: Span,
}

/// This many whole dollars.
#[must_use]
pub const fn dollars(n: i64) -> Money {
    Money(n * 1_000_000)
}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// For people and plots.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "for display only")]
    pub fn as_units(self) -> f64 {
        self.0 as f64 / 1e6
    }
}

impl Price {
    /// Nothing, for however long.
    pub const FREE: Self = Self { amount: Money(0), per: Span(MONTH) };

    /// What keeping a thing for this long costs, to the nearest millionth.
    #[must_use]
    pub fn over(self, span: Span) -> Money {
        self.times(u128::from(span.0))
    }

    /// What `amount × nanoseconds` of a thing costs, to the nearest millionth: ten units for a
    /// second are `10 × 1_000_000_000`.
    #[must_use]
    pub fn times(self, unit_nanos: u128) -> Money {
        let per = u128::from(self.per.0.max(1));
        let amount = u128::from(self.amount.0.unsigned_abs());
        // Whole periods first, so that the product cannot overflow.
        let (whole, rest) = (unit_nanos / per, unit_nanos % per);
        let paid = amount.saturating_mul(whole).saturating_add((amount * rest + per / 2) / per);
        let paid = i64::try_from(paid).unwrap_or(i64::MAX);
        Money(if self.amount.0 < 0 { -paid } else { paid })
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}
impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}
impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}
impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::ZERO, |sum, one| sum + one)
    }
}

impl Quantity for Money {
    const WHAT: &'static str = "an amount of money";
    const UNITS: &'static [(&'static str, u128)] = &[("$", 1_000_000)];
    const EXAMPLE: &'static str = "\"$2500\"";
    fn from_smallest(count: u128) -> Option<Self> {
        i64::try_from(count).ok().map(Self)
    }
    fn parse(text: &str) -> Result<Self, QuantityError> {
        let trimmed = text.trim();
        let number = trimmed.strip_prefix('$').ok_or_else(|| QuantityError {
            message: alloc::format!("`{text}` does not begin with `$`"),
            remedy: alloc::format!("write an amount of money such as {}", Self::EXAMPLE),
        })?;
        let number: String = number.trim().chars().filter(|c| *c != ',').collect();
        let count = scaled(&number, 1_000_000).map_err(|fault| fault.naming::<Self>(text))?;
        Self::from_smallest(count).ok_or_else(|| Fault::TooLarge.naming::<Self>(text))
    }
}

/// How price lists write periods.
const PERIODS: &[(&str, u64)] = &[
    ("h", 3_600_000_000_000),
    ("month", MONTH),
    ("d", 86_400_000_000_000),
    ("min", 60_000_000_000),
    ("s", 1_000_000_000),
];

impl Quantity for Price {
    const WHAT: &'static str = "a price";
    const UNITS: &'static [(&'static str, u128)] = &[("$/h", 1), ("$/month", 1), ("$/d", 1)];
    const EXAMPLE: &'static str = "\"$0.34/h\"";
    fn from_smallest(count: u128) -> Option<Self> {
        Money::from_smallest(count).map(|amount| Self { amount, per: Span::hours(1) })
    }
    fn parse(text: &str) -> Result<Self, QuantityError> {
        let wrong = || QuantityError {
            message: alloc::format!("`{text}` is no price"),
            remedy: alloc::format!("write money over time such as {} or \"$350/month\"", {
                Self::EXAMPLE
            }),
        };
        let (amount, period) = text.split_once('/').ok_or_else(wrong)?;
        let period = PERIODS.iter().find(|(word, _)| *word == period.trim()).ok_or_else(wrong)?;
        if !amount.trim_start().starts_with('$') {
            let message = alloc::format!("`{text}` does not begin with `$`");
            return Err(QuantityError { message, ..wrong() });
        }
        Ok(Self { amount: Money::parse(amount)?, per: Span(period.1) })
    }
}

fn write_amount(amount: Money) -> String {
    let sign = if amount.0 < 0 { "-" } else { "" };
    let (whole, rest) = (amount.0.unsigned_abs() / 1_000_000, amount.0.unsigned_abs() % 1_000_000);
    if rest == 0 {
        return alloc::format!("{sign}${whole}");
    }
    let digits = alloc::format!("{rest:06}");
    alloc::format!("{sign}${whole}.{}", digits.trim_end_matches('0'))
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&write_amount(*self))
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = PERIODS.iter().find(|period| period.1 == self.per.0).map_or("?", |p| p.0);
        f.pad(&alloc::format!("{}/{word}", write_amount(self.amount)))
    }
}

serde_as_text!(Money, i64);

impl serde::Serialize for Price {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> serde::Deserialize<'de> for Price {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = alloc::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
