//! Reads `"<number> <unit>"` exactly, in integers. Knows no unit itself.

use crate::config::nearest;
use alloc::string::{String, ToString};
use core::fmt;

/// A measured kind of thing that people write as a number and a unit.
pub trait Quantity: Sized + Copy + fmt::Display {
    /// What it measures, for messages: `"a span of time"`.
    const WHAT: &'static str;
    /// Accepted unit words with their size in the smallest unit, most usual first.
    const UNITS: &'static [(&'static str, u128)];
    /// How one is written, for messages and editors.
    const EXAMPLE: &'static str;

    /// From a count of the smallest unit; `None` when it does not fit.
    fn from_smallest(count: u128) -> Option<Self>;

    /// Reads text such as `"1.5 h"`.
    fn parse(text: &str) -> Result<Self, QuantityError> {
        let (number, unit) = split(text);
        if number.is_empty() {
            return Err(Fault::NotANumber.naming::<Self>(text));
        }
        let size = Self::UNITS
            .iter()
            .find(|(word, _)| *word == unit)
            .ok_or_else(|| QuantityError::unit::<Self>(text, unit))?
            .1;
        let count = scaled(number, size).map_err(|fault| fault.naming::<Self>(text))?;
        Self::from_smallest(count).ok_or_else(|| Fault::TooLarge.naming::<Self>(text))
    }
}

/// Why a text is no quantity, with the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuantityError {
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub remedy: String,
}

impl QuantityError {
    fn unit<Q: Quantity>(text: &str, unit: &str) -> Self {
        let message = if unit.is_empty() {
            alloc::format!("`{text}` has no unit; {} needs one", Q::WHAT)
        } else {
            alloc::format!("`{unit}` is no unit of {}", Q::WHAT)
        };
        let mut words = String::new();
        for (word, _) in Q::UNITS {
            if !words.is_empty() {
                words.push_str(", ");
            }
            words.push_str(if word.is_empty() { "no unit" } else { word });
        }
        let remedy = match meant::<Q>(unit) {
            Some(word) => {
                let number = split(text).0;
                alloc::format!("did you mean \"{number} {word}\"? (units: {words})")
            }
            None => alloc::format!("write it such as {} (units: {words})", Q::EXAMPLE),
        };
        Self { message, remedy }
    }
}

impl fmt::Display for QuantityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.message, self.remedy)
    }
}

impl core::error::Error for QuantityError {}

/// Words that people write for units, by the unit they mean.
const ALSO_CALLED: &[(&str, &[&str])] = &[
    ("s", &["sec", "secs", "second", "seconds"]),
    ("min", &["m", "mins", "minute", "minutes"]),
    ("h", &["hr", "hrs", "hour", "hours"]),
    ("d", &["day", "days"]),
    ("ms", &["millis", "millisecond", "milliseconds"]),
    ("us", &["µs", "μs", "microseconds"]),
    ("ns", &["nanos", "nanoseconds"]),
    ("KiB", &["k", "ki"]),
    ("MiB", &["m", "mi"]),
    ("GiB", &["g", "gi"]),
    ("TiB", &["t", "ti"]),
    ("cores", &["c", "cpu", "cpus", "vcpu", "vcpus"]),
    ("gpu", &["gpus"]),
    ("%", &["percent", "pct"]),
];

/// The unit that a word stands for which is none.
fn meant<Q: Quantity>(unit: &str) -> Option<&'static str> {
    let known = |word: &str| Q::UNITS.iter().find(|known| known.0.eq_ignore_ascii_case(word));
    let also = |word: &&(&str, &[&str])| {
        Q::UNITS.iter().any(|known| known.0 == word.0)
            && word.1.iter().any(|also| also.eq_ignore_ascii_case(unit))
    };
    let near = || nearest(unit, Q::UNITS.iter().map(|known| known.0).filter(|w| w.len() > 2));
    let found = known(unit).map(|known| known.0);
    found.or_else(|| ALSO_CALLED.iter().find(also).map(|word| word.0)).or_else(near)
}

/// What can be wrong with the number in front of the unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    NotANumber,
    Negative,
    TooLarge,
    TooFine,
}

impl Fault {
    pub(crate) fn naming<Q: Quantity>(self, text: &str) -> QuantityError {
        let message = match self {
            Fault::NotANumber => alloc::format!("`{text}` does not begin with a number"),
            Fault::Negative => alloc::format!("`{text}` is negative"),
            Fault::TooLarge => alloc::format!("`{text}` is too large to count"),
            Fault::TooFine => alloc::format!("`{text}` is finer than can be counted"),
        };
        let remedy = match self {
            Fault::Negative => alloc::format!("leave out the `-`: {} is never negative", Q::WHAT),
            Fault::TooLarge => {
                alloc::format!("write a smaller one such as {}; is the unit right?", Q::EXAMPLE)
            }
            Fault::NotANumber | Fault::TooFine => {
                alloc::format!("write {} such as {}", Q::WHAT, Q::EXAMPLE)
            }
        };
        QuantityError { message, remedy }
    }
}

/// The number and the unit word of a text.
pub(crate) fn split(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '_' | '-' | '+')))
        .unwrap_or(text.len());
    (&text[..end], text[end..].trim())
}

/// `number × size`, exact; an error where the product is no whole number.
pub(crate) fn scaled(number: &str, size: u128) -> Result<u128, Fault> {
    if number.starts_with('-') {
        return Err(Fault::Negative);
    }
    let number = number.strip_prefix('+').unwrap_or(number);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || (fraction.is_empty() && number.contains('.')) {
        return Err(Fault::NotANumber);
    }
    let mut digits: u128 = 0;
    for c in whole.chars().chain(fraction.chars()) {
        if c == '_' {
            continue;
        }
        let digit = c.to_digit(10).ok_or(Fault::NotANumber)?;
        digits = digits
            .checked_mul(10)
            .and_then(|d| d.checked_add(u128::from(digit)))
            .ok_or(Fault::TooLarge)?;
    }
    let places = fraction.chars().filter(|c| *c != '_').count();
    let places = u32::try_from(places).map_err(|_| Fault::TooFine)?;
    let divisor = 10u128.checked_pow(places).ok_or(Fault::TooFine)?;
    let product = digits.checked_mul(size).ok_or(Fault::TooLarge)?;
    // The nearest whole count; a number that would round to nothing is refused.
    let count = (product + divisor / 2) / divisor;
    if count == 0 && product != 0 {
        return Err(Fault::TooFine);
    }
    Ok(count)
}

/// Writes `count` in the largest of `units` that divides it exactly.
pub(crate) fn write_exact(
    f: &mut fmt::Formatter<'_>,
    count: u128,
    units: &[(&str, u128)],
) -> fmt::Result {
    // Nearly all counts fit 64 bits, whose division is several times quicker; logbooks are full of them.
    let divides = |size: u128| match (u64::try_from(count), u64::try_from(size)) {
        (Ok(count), Ok(size)) => count.is_multiple_of(size),
        _ => count.is_multiple_of(size),
    };
    let mut best = ("", 1);
    for (word, size) in units {
        let better = *size > best.1 || best.0.is_empty();
        if better && (*size == 1 || divides(*size)) {
            best = (word, *size);
        }
    }
    if count == 0
        && let Some(smallest) = units.iter().min_by_key(|unit| unit.1)
    {
        best = *smallest;
    }
    if let (None, None, Ok(count), Ok(size)) =
        (f.width(), f.precision(), u64::try_from(count), u64::try_from(best.1))
    {
        return f.write_str(Short::of(count / size, best.0).text());
    }
    let text = (count / best.1).to_string();
    if best.0.is_empty() { f.pad(&text) } else { f.pad(&alloc::format!("{text} {}", best.0)) }
}

/// A number and its unit, written from behind: logbooks are full of them, and a formatter takes several times
/// as long.
struct Short {
    bytes: [u8; 32],
    from: usize,
}

impl Short {
    fn of(mut count: u64, unit: &str) -> Self {
        let mut short = Self { bytes: [b' '; 32], from: 32 };
        if !unit.is_empty() {
            short.from -= unit.len();
            short.bytes[short.from..].copy_from_slice(unit.as_bytes());
            short.from -= 1;
        }
        loop {
            short.from -= 1;
            short.bytes[short.from] = b"0123456789"[(count % 10) as usize];
            count /= 10;
            if count == 0 {
                return short;
            }
        }
    }

    fn text(&self) -> &str {
        core::str::from_utf8(&self.bytes[self.from..]).unwrap_or_default()
    }
}

/// Serde for a unit: text where people read, the integer where machines do.
macro_rules! serde_as_text {
    ($unit:ty, $inner:ty) => {
        impl serde::Serialize for $unit {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    self.0.serialize(serializer)
                }
            }
        }
        impl<'de> serde::Deserialize<'de> for $unit {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if deserializer.is_human_readable() {
                    let text = alloc::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                    <$unit as $crate::units::Quantity>::parse(&text)
                        .map_err(serde::de::Error::custom)
                } else {
                    <$inner>::deserialize(deserializer).map(Self)
                }
            }
        }
    };
}

/// Whole-number arithmetic for a unit whose counts may be added and subtracted.
macro_rules! counts {
    ($unit:ident) => {
        impl $unit {
            /// None of it.
            pub const ZERO: Self = Self(0);
            /// More than there can be.
            pub const MAX: Self = Self(u64::MAX);
            /// The sum, or the most there can be.
            #[must_use]
            pub const fn saturating_add(self, other: Self) -> Self {
                Self(self.0.saturating_add(other.0))
            }
            /// The difference, or none where `other` is larger.
            #[must_use]
            pub const fn saturating_sub(self, other: Self) -> Self {
                Self(self.0.saturating_sub(other.0))
            }
            /// `self × share`, rounded down.
            #[must_use]
            pub const fn part(self, share: $crate::units::Ppm) -> Self {
                // 64 bits are enough for nearly all, and much faster.
                if let Some(scaled) = self.0.checked_mul(share.0 as u64) {
                    return Self(scaled / 1_000_000);
                }
                let scaled = self.0 as u128 * share.0 as u128 / 1_000_000;
                if scaled > u64::MAX as u128 { Self::MAX } else { Self(scaled as u64) }
            }
            /// `self ÷ whole` in parts per million, rounded down; a share of nothing is nothing.
            #[must_use]
            pub const fn share_of(self, whole: Self) -> $crate::units::Ppm {
                if whole.0 == 0 {
                    return $crate::units::Ppm(0);
                }
                if let Some(millionths) = self.0.checked_mul(1_000_000) {
                    let share = millionths / whole.0;
                    return $crate::units::Ppm(if share > u32::MAX as u64 {
                        u32::MAX
                    } else {
                        share as u32
                    });
                }
                let share = self.0 as u128 * 1_000_000 / whole.0 as u128;
                $crate::units::Ppm(if share > u32::MAX as u128 { u32::MAX } else { share as u32 })
            }
        }
        impl core::ops::Add for $unit {
            type Output = Self;
            fn add(self, other: Self) -> Self {
                Self(self.0 + other.0)
            }
        }
        impl core::ops::Sub for $unit {
            type Output = Self;
            fn sub(self, other: Self) -> Self {
                Self(self.0 - other.0)
            }
        }
        impl core::ops::AddAssign for $unit {
            fn add_assign(&mut self, other: Self) {
                self.0 += other.0;
            }
        }
        impl core::ops::SubAssign for $unit {
            fn sub_assign(&mut self, other: Self) {
                self.0 -= other.0;
            }
        }
        impl core::ops::Mul<u64> for $unit {
            type Output = Self;
            fn mul(self, times: u64) -> Self {
                Self(self.0 * times)
            }
        }
        impl core::iter::Sum for $unit {
            fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
                all.fold(Self::ZERO, |sum, one| sum + one)
            }
        }
    };
}
pub(crate) use {counts, serde_as_text};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{Bytes, MilliCores, Money, Ppm, Price, Span};

    #[test]
    fn reads_what_people_write() {
        assert_eq!(Span::parse("7 d"), Ok(Span::days(7)));
        assert_eq!(Span::parse("1.5h"), Ok(Span::minutes(90)));
        assert_eq!(Bytes::parse("64 GiB"), Ok(Bytes(64 << 30)));
        assert_eq!(MilliCores::parse("0.5 cores"), Ok(MilliCores(500)));
        assert_eq!(Ppm::parse("90 %"), Ok(Ppm(900_000)));
        assert_eq!(Money::parse("$2,500"), Ok(Money(2_500_000_000)));
        assert_eq!(Price::parse("$0.34/h").map(|p| p.over(Span::hours(10))), Ok(Money(3_400_000)));
    }

    #[test]
    fn names_the_unit_it_wants() {
        let error = Span::parse("7 GiB").unwrap_err();
        assert_eq!(error.message, "`GiB` is no unit of a span of time");
        let error = Span::parse("7").unwrap_err();
        assert_eq!(error.message, "`7` has no unit; a span of time needs one");
        assert_eq!(Span::parse("-3 s").unwrap_err().message, "`-3 s` is negative");
        assert_eq!(Span::parse("x").unwrap_err().message, "`x` does not begin with a number");
        assert!(Span::parse("99999999999999999999999999999999999999999 s").is_err());
        assert!(Span::parse("1e9 s").is_err());
        assert!(Span::parse("0.0000000001 s").is_err());
    }

    #[test]
    fn guesses_the_unit_that_is_meant() {
        let remedy = |error: QuantityError| error.remedy;
        let of_time = |text: &str| remedy(Span::parse(text).unwrap_err());
        assert!(of_time("7 days").starts_with("did you mean \"7 d\"?"), "{}", of_time("7 days"));
        assert!(of_time("5 m").starts_with("did you mean \"5 min\"?"));
        assert!(of_time("7 GiB").starts_with("write it such as \"10 min\""));
        let of_size = |text: &str| remedy(Bytes::parse(text).unwrap_err());
        assert!(of_size("128 Gib").starts_with("did you mean \"128 GiB\"?"));
        assert!(of_size("64G").starts_with("did you mean \"64 GiB\"?"));
        let of_cpu = |text: &str| remedy(MilliCores::parse(text).unwrap_err());
        assert!(of_cpu("8 coers").starts_with("did you mean \"8 cores\"?"));
        assert!(of_cpu("2 vCPU").starts_with("did you mean \"2 cores\"?"));
    }

    #[test]
    fn writes_what_it_reads() {
        for text in ["7 d", "90 min", "250 ms", "0 s"] {
            assert_eq!(Span::parse(text).map(|s| s.to_string()).as_deref(), Ok(text));
        }
        for text in ["64 GiB", "512 MiB", "3 B"] {
            assert_eq!(Bytes::parse(text).map(|s| s.to_string()).as_deref(), Ok(text));
        }
        // However wide: a width takes the slower way.
        for count in [0, 1, 1_000, 86_400_000_000_000, u64::MAX] {
            let written = Span(count).to_string();
            assert_eq!(alloc::format!("{:1}", Span(count)), written);
            assert_eq!(Span::parse(&written), Ok(Span(count)));
        }
        assert_eq!(alloc::format!("[{:>6}]", Span::days(7)), "[   7 d]");
    }
}
