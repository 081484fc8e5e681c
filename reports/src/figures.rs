//! Numbers as people read them.

use seatrial_record::{Bound, Unit};

/// A whole number with its thousands apart: `582,143`.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Millionths of a dollar as dollars and cents: `$3,173.84`.
#[must_use]
pub fn money(millionths: i64) -> String {
    let cents = (millionths.unsigned_abs() + 5_000) / 10_000;
    let sign = if millionths < 0 && cents > 0 { "-" } else { "" };
    format!("{sign}${}.{:02}", count(cents / 100), cents % 100)
}

/// Nanoseconds since the start of a run as a moment, as logbooks tell it: `3 d 09:00:00`.
#[must_use]
pub(crate) fn moment(nanos: u64) -> String {
    let seconds = nanos / 1_000_000_000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    format!("{days} d {hours:02}:{minutes:02}:{:02}", seconds % 60)
}

/// Nanoseconds as seconds.
#[expect(clippy::cast_precision_loss, reason = "within a microsecond of a century")]
pub(crate) fn seconds(nanos: u64) -> f64 {
    nanos as f64 / 1e9
}

/// Nanoseconds as seconds, exactly: `480`, `0.25`.
#[must_use]
pub(crate) fn exact_seconds(nanos: u64) -> String {
    let text = format!("{}.{:09}", nanos / 1_000_000_000, nanos % 1_000_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Seconds in the two largest units that say something: `2 min 38 s`.
#[must_use]
pub fn span(seconds: f64) -> String {
    if seconds.abs() < 1e-6 && seconds != 0.0 {
        return format!("{:.0} ns", seconds * 1e9);
    }
    if seconds.abs() < 1e-3 && seconds != 0.0 {
        return format!("{} us", significant(seconds * 1e6));
    }
    if seconds.abs() < 1.0 && seconds != 0.0 {
        return format!("{} ms", significant(seconds * 1e3));
    }
    if seconds < 60.0 {
        return format!("{} s", significant(seconds));
    }
    let whole = whole(seconds);
    let (large, small, names) = if whole < 3_600 {
        (whole / 60, whole % 60, ("min", "s"))
    } else if whole < 86_400 {
        (whole / 3_600, whole % 3_600 / 60, ("h", "min"))
    } else {
        (whole / 86_400, whole % 86_400 / 3_600, ("d", "h"))
    };
    if small == 0 {
        return format!("{large} {}", names.0);
    }
    format!("{large} {} {small} {}", names.0, names.1)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn whole(number: f64) -> u64 {
    (number + 0.5) as u64
}

/// Three digits that say something, without zeros that say nothing.
fn significant(number: f64) -> String {
    if number.abs() >= 1_000.0 {
        let text = count(whole(number.abs()));
        return if number < 0.0 { format!("-{text}") } else { text };
    }
    let places = match number.abs() {
        n if n >= 100.0 => 0,
        n if n >= 10.0 => 1,
        n if n >= 1.0 => 2,
        n if n >= 0.1 => 3,
        _ => 4,
    };
    let text = format!("{number:.places$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A value in its unit.
#[must_use]
pub fn quantity(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Seconds => span(value),
        Unit::Share => format!("{} %", significant(value * 100.0)),
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        Unit::Dollars => money((value * 1e6) as i64),
        Unit::Cores => format!("{} cores", significant(value)),
        Unit::Bytes => size(value),
        Unit::PerSecond => format!("{}/s", significant(value)),
        Unit::Count | Unit::Ratio => significant(value),
    }
}

/// Half the width of an interval, in the unit that its middle is told in, so that the eye can add
/// the two: `3 min 5 s ± 0.3 s`.
#[must_use]
pub(crate) fn margin(half: f64, middle: f64, unit: Unit) -> String {
    let (size, word, most) = match unit {
        Unit::Seconds => span_unit(middle),
        Unit::Bytes => {
            let (size, word) = size_unit(middle);
            (size, word, 1_024.0)
        }
        Unit::Count | Unit::Share | Unit::Dollars | Unit::Cores | Unit::PerSecond | Unit::Ratio => {
            return quantity(half, unit);
        }
    };
    let said = half / size;
    // Where it would be too long or too short to read there, it has a unit of its own.
    if middle == 0.0 || said < 0.001 || said >= most {
        return quantity(half, unit);
    }
    format!("{} {word}", significant(said))
}

/// The smallest unit in which [`span`] tells so many seconds, in seconds, and how many of it make
/// up the next.
fn span_unit(seconds: f64) -> (f64, &'static str, f64) {
    match seconds.abs() {
        s if s < 1e-6 => (1e-9, "ns", 1e4),
        s if s < 1e-3 => (1e-6, "us", 1e4),
        s if s < 1.0 => (1e-3, "ms", 1e4),
        s if s < 3_600.0 => (1.0, "s", 60.0),
        s if s < 86_400.0 => (60.0, "min", 60.0),
        _ => (3_600.0, "h", 24.0),
    }
}

/// Bytes in the largest unit of which there is one.
fn size(bytes: f64) -> String {
    let (unit, word) = size_unit(bytes);
    format!("{} {word}", significant(bytes / unit))
}

fn size_unit(bytes: f64) -> (f64, &'static str) {
    const UNITS: [(f64, &str); 4] = [
        (1_099_511_627_776.0, "TiB"),
        (1_073_741_824.0, "GiB"),
        (1_048_576.0, "MiB"),
        (1_024.0, "KiB"),
    ];
    let fits = UNITS.iter().find(|(unit, _)| bytes.abs() >= *unit);
    fits.copied().unwrap_or((1.0, "B"))
}

/// A bound in words.
#[must_use]
pub(crate) fn bound(bound: &Bound, unit: Unit) -> String {
    match (bound.at_least, bound.at_most) {
        (Some(least), Some(most)) => {
            format!("{} to {}", quantity(least, unit), quantity(most, unit))
        }
        (Some(least), None) => format!("at least {}", quantity(least, unit)),
        (None, Some(most)) => format!("at most {}", quantity(most, unit)),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(moment(291_600_000_000_000), "3 d 09:00:00");
        assert_eq!(exact_seconds(480_000_000_000), "480");
        assert_eq!(exact_seconds(250_000_000), "0.25");
        assert_eq!(count(582_143), "582,143");
        assert_eq!(count(7), "7");
        assert_eq!(money(3_173_837_095), "$3,173.84");
        assert_eq!(money(-5_000), "-$0.01");
        assert_eq!(money(-4_000), "$0.00");
        assert_eq!(span(157.9), "2 min 38 s");
        assert_eq!(span(180.0), "3 min");
        assert_eq!(span(0.0), "0 s");
        assert_eq!(span(0.0123), "12.3 ms");
        assert_eq!(span(200_000.0), "2 d 7 h");
        assert_eq!(quantity(0.012_594, Unit::Share), "1.26 %");
        assert_eq!(quantity(6.9228, Unit::Count), "6.92");
        assert_eq!(quantity(0.0, Unit::Count), "0");
        assert_eq!(quantity(4_096_000.0, Unit::Bytes), "3.91 MiB");
        assert_eq!(quantity(512.0, Unit::Bytes), "512 B");
    }

    #[test]
    fn a_margin_is_told_in_the_unit_of_what_it_is_around() {
        let told = |half, middle| margin(half, middle, Unit::Seconds);
        assert_eq!(told(0.3, 185.0), "0.3 s");
        assert_eq!(told(0.0021, 0.0123), "2.1 ms");
        assert_eq!(told(0.000_02, 0.0123), "0.02 ms");
        assert_eq!(told(0.02, 12.0), "0.02 s");
        assert_eq!(told(90.0, 7_200.0), "1.5 min");
        assert_eq!(told(90.0, 200_000.0), "0.025 h");
        // Too long or too short to be read so.
        assert_eq!(told(281.0, 253.0), "4 min 41 s");
        assert_eq!(told(0.000_002, 185.0), "2 us");
        assert_eq!(told(0.3, 0.0), "300 ms");
        assert_eq!(margin(1_048_576.0, 4_294_967_296.0, Unit::Bytes), "1 MiB");
        assert_eq!(margin(104_857_600.0, 4_294_967_296.0, Unit::Bytes), "0.0977 GiB");
        assert_eq!(margin(0.004, 0.5, Unit::Share), "0.4 %");
    }
}
