//! Moments of [`Clock::Utc`]: how others write them, the bridge's own time, and the clocks of the
//! systems that it looks at. Knows no time zone but UTC.

mod source;
mod timeline;

pub(crate) use source::{Dated, SLACK, SourceClock};
pub use timeline::{Clocks, Now, Step, SystemClocks, Timeline};

use seatrial_contract::units::{Moment, Span};
use seatrial_policies::Clock;

/// A moment given in seconds since the Unix epoch; none where that is no moment.
#[must_use]
pub fn of_unix(seconds: f64) -> Option<Moment> {
    // 2^33 seconds: the year 2242; beyond is no time of ours but a mistake in the unit.
    let sane = seconds.is_finite() && (0.0..8_589_934_592.0).contains(&seconds);
    sane.then(|| Clock::moment(Span::from_seconds(seconds)))
}

/// A moment as Docker writes it: `2026-11-21T10:50:33.123456789Z`, or with an offset. None where it
/// is none, or is Docker's word for never (the year 1).
#[must_use]
pub fn of_text(text: &str) -> Option<Moment> {
    let (date, time) = text.split_once(['T', 't'])?;
    let (time, offset) = split_offset(time)?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let whole = Clock::Utc.read(&format!("{date}T{time}Z"))?;
    let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let nanos = whole.0.checked_add(digits.parse().ok()?)?;
    nanos.checked_add_signed(offset.checked_mul(-1_000_000_000)?).map(Moment)
}

/// A moment as an HTTP header `Date` writes it: `Sat, 21 Nov 2026 10:50:33 GMT`.
#[must_use]
pub fn of_http(text: &str) -> Option<Moment> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, rest) = text.split_once(", ")?;
    let mut parts = rest.strip_suffix(" GMT")?.split(' ');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let time = parts.next()?;
    Clock::Utc.read(&format!("{year}-{month:02}-{day}T{time}Z"))
}

/// The time without its offset from UTC, and that offset in seconds.
fn split_offset(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let at = time.rfind(['+', '-'])?;
    let (time, offset) = time.split_at(at);
    let (hours, minutes) = offset[1..].split_once(':')?;
    let (hours, minutes) = (hours.parse::<u8>().ok()?, minutes.parse::<u8>().ok()?);
    let seconds = i64::from(hours) * 3_600 + i64::from(minutes) * 60;
    Some((time, if offset.starts_with('-') { -seconds } else { seconds }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_docker_writes_them() {
        let unix = |seconds: u64, nanos: u64| {
            Some(Moment(Span::seconds(seconds).0 + nanos + Span::days(3).0))
        };
        // `date -u -d … +%s` gives the seconds.
        assert_eq!(of_text("2026-11-21T10:54:51.01630665Z"), unix(1_795_258_491, 16_306_650));
        assert_eq!(of_text("2024-02-29T00:00:00Z"), unix(1_709_164_800, 0));
        assert_eq!(of_text("1970-01-01T00:00:00Z"), unix(0, 0));
        assert_eq!(of_text("2026-11-21T12:54:51+02:00"), unix(1_795_258_491, 0));
        assert_eq!(of_text("2026-11-21T08:24:51-02:30"), unix(1_795_258_491, 0));
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in
            ["0001-01-01T00:00:00Z", "", "soon", "2026-13-01T00:00:00Z", "2026-11-21T10:54:51"]
        {
            assert_eq!(of_text(text), None, "{text}");
        }
        for seconds in [f64::NAN, f64::INFINITY, -1.0, 1.8e12] {
            assert_eq!(of_unix(seconds), None, "{seconds}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "[-0-9TtZz:.+ ]{0,40}|.{0,20}") {
            let _ = (of_text(&text), of_http(&text));
        }
    }

    #[test]
    fn an_absurd_offset_is_no_moment() {
        assert_eq!(of_text("2026-11-21T10:00:00+9223372036854775807:00"), None);
    }

    #[test]
    fn zero_is_a_monday() {
        // 21 November 2026 is a Saturday: five days after a Monday.
        let moment = of_text("2026-11-21T00:00:00Z").unwrap_or_default();
        assert_eq!(moment.0 % Span::days(7).0, Span::days(5).0);
    }

    #[test]
    fn the_date_of_an_answer_is_read() {
        let same = of_text("2026-11-21T10:50:33Z");
        assert_eq!(of_http("Sat, 21 Nov 2026 10:50:33 GMT"), same);
        for text in ["", "Sat, 21 Nov 2026", "Sat, 21 Foo 2026 10:50:33 GMT", "now, then GMT"] {
            assert_eq!(of_http(text), None, "{text}");
        }
    }
}
