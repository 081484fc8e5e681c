//! The wall clock as moments of [`Clock::Utc`]. Knows no time zone but UTC.

use seatrial_contract::units::{Moment, Span};
use seatrial_policies::Clock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// Now; never earlier than it was before, whatever is done to the machine's clock.
pub fn now() -> Moment {
    static LATEST: AtomicU64 = AtomicU64::new(0);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = Clock::moment(Span(u64::try_from(since.as_nanos()).unwrap_or_default()));
    Moment(LATEST.fetch_max(now.0, Ordering::Relaxed).max(now.0))
}

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
            let _ = of_text(&text);
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
    fn time_does_not_run_backwards() {
        let first = now();
        assert!(now() >= first);
    }
}
