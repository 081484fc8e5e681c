//! What a moment means to people: how it is written and read. Reads no clock.

use alloc::format;
use alloc::string::String;
use seatrial_contract::units::{Moment, Span};
use serde::{Deserialize, Serialize};

/// What a logbook's moments mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clock {
    /// Time of a simulated run.
    #[serde(alias = "voyage")]
    Run {
        /// When it starts.
        starts: Moment,
    },
    /// Time of the real world.
    Utc,
}

const SECOND: u64 = Span::seconds(1).0;
const DAY: u64 = 86_400;
/// From 1969-12-29, a Monday, where moments begin, to 1970-01-01, where Unix time does.
const MONDAY_TO_UNIX: u64 = 3 * DAY * SECOND;

impl Clock {
    /// The moment of a Unix time, in the real world.
    #[must_use]
    pub fn moment(unix: Span) -> Moment {
        Moment(MONDAY_TO_UNIX).after(unix)
    }

    /// A moment as people read it: `2 d 07:15:30` into a run, or `2026-11-21 10:50:33Z`.
    #[must_use]
    pub fn tell(self, moment: Moment) -> String {
        match self {
            Self::Run { starts } => {
                // What lies before the start is of no interest to the second.
                let seconds = moment.since(starts).0 / SECOND;
                format!("{} d {}", seconds / DAY, time_of_day(seconds))
            }
            Self::Utc => {
                let seconds = moment.0 / SECOND;
                let (year, month, day) = civil(seconds / DAY);
                format!("{year:04}-{month:02}-{day:02} {}Z", time_of_day(seconds))
            }
        }
    }

    /// Seconds since the start of a run, before it less than none, or since the Unix epoch.
    #[must_use]
    pub fn seconds(self, moment: Moment) -> f64 {
        let zero = match self {
            Self::Run { starts } => starts,
            Self::Utc => Moment(MONDAY_TO_UNIX),
        };
        moment.since(zero).as_seconds() - zero.since(moment).as_seconds()
    }

    /// A moment exactly: as it is told, with what there is of a second (`2 d 07:15:30.25`), and with
    /// a minus where it lies before the start of a run (`-0 d 08:00:00`).
    #[must_use]
    pub fn tell_exactly(self, moment: Moment) -> String {
        let (sign, whole, distance) = match self {
            Self::Run { starts } if moment < starts => {
                let before = starts.since(moment);
                ("-", starts.after(before), before)
            }
            Self::Run { starts } => ("", moment, moment.since(starts)),
            Self::Utc => ("", moment, Span(moment.0)),
        };
        let told = self.tell(whole);
        let part = format!("{:09}", distance.0 % SECOND);
        let part = part.trim_end_matches('0');
        let (told, zone) = match told.strip_suffix('Z') {
            Some(told) => (told, "Z"),
            None => (&*told, ""),
        };
        let point = if part.is_empty() { "" } else { "." };
        format!("{sign}{told}{point}{part}{zone}")
    }

    /// The moment that was told exactly.
    #[must_use]
    pub fn read_exactly(self, text: &str) -> Option<Moment> {
        let (sign, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let zoneless = rest.strip_suffix('Z').unwrap_or(rest);
        let (whole, part) = zoneless.split_once('.').unwrap_or((zoneless, ""));
        if part.len() > 9 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let nanos = Span(format!("{part:0<9}").parse().ok()?);
        let moment = self.read(whole)?.after(nanos);
        match self {
            Self::Run { starts } if sign => {
                starts.0.checked_sub(moment.since(starts).0).map(Moment)
            }
            Self::Run { .. } | Self::Utc => (!sign).then_some(moment),
        }
    }

    /// The moment that a text means: as it is told, or as a span into the run (`26 h`), or with
    /// a `T` between date and time. Fractions of a second are left out.
    #[must_use]
    pub fn read(self, text: &str) -> Option<Moment> {
        let text = text.trim();
        match self {
            Self::Run { starts } => {
                if let Some((days, time)) = text.split_once(" d ")
                    && let Some(time) = seconds_of_day(time)
                {
                    let seconds = days.parse::<u64>().ok()?.checked_mul(DAY)? + time;
                    return Some(starts.after(Span::seconds(seconds)));
                }
                let span = serde_json::from_value::<Span>(text.into()).ok()?;
                Some(starts.after(span))
            }
            Self::Utc => {
                let (date, time) = text.split_once([' ', 'T'])?;
                let time = seconds_of_day(time.strip_suffix('Z').unwrap_or(time))?;
                let mut parts = date.splitn(3, '-').map(|part| part.parse::<u32>().ok());
                let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
                let days = days_of(year, month, day)?;
                (civil(days) == (year, month, day))
                    .then(|| Moment(0).after(Span::seconds(days * DAY + time)))
            }
        }
    }
}

fn time_of_day(seconds: u64) -> String {
    format!("{:02}:{:02}:{:02}", seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60)
}

fn seconds_of_day(text: &str) -> Option<u64> {
    let mut parts = text.splitn(3, ':').map(|part| part.parse::<u64>().ok());
    let (hours, minutes) = (parts.next()??, parts.next()??);
    let seconds = parts.next().unwrap_or(Some(0))?;
    (hours < 24 && minutes < 60 && seconds < 60).then_some(hours * 3_600 + minutes * 60 + seconds)
}

/// Days of 400 years, after which the calendar repeats.
const ERA: u64 = 146_097;
/// From 0000-03-01, so that a leap day ends a year, to 1969-12-29.
const MARCH_TO_MONDAY: u64 = 719_468 - 3;

/// The date of a day since 1969-12-29, by Howard Hinnant's `civil_from_days`.
fn civil(days: u64) -> (u32, u32, u32) {
    let days = days + MARCH_TO_MONDAY;
    let of_era = days % ERA;
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = year + days / ERA * 400 + u64::from(month <= 2);
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    (small(year), small(month), small(day))
}

/// The day since 1969-12-29 of a date, if it is not before it.
fn days_of(year: u32, month: u32, day: u32) -> Option<u64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (year, month, day) = (u64::from(year), u64::from(month), u64::from(day));
    let year = year.checked_sub(u64::from(month <= 2))?;
    let (era, year) = (year / 400, year % 400);
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * from_march + 2) / 5 + day - 1;
    let of_era = year * 365 + year / 4 - year / 100 + of_year;
    (era * ERA + of_era).checked_sub(MARCH_TO_MONDAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_as_dates() {
        // As `date -u -d @<seconds>` tells them.
        for (unix, told) in [
            (0, "1970-01-01 00:00:00Z"),
            (951_782_399, "2000-02-28 23:59:59Z"),
            (951_782_400, "2000-02-29 00:00:00Z"),
            (1_709_251_199, "2024-02-29 23:59:59Z"),
            (1_709_251_200, "2024-03-01 00:00:00Z"),
            (1_795_258_233, "2026-11-21 10:50:33Z"),
            (4_107_542_400, "2100-03-01 00:00:00Z"),
        ] {
            let moment = Clock::moment(Span::seconds(unix));
            assert_eq!(Clock::Utc.tell(moment), told);
            assert_eq!(Clock::Utc.read(told), Some(moment));
            assert_eq!(Clock::Utc.read(&told.replace(' ', "T")), Some(moment));
        }
        assert_eq!(Clock::Utc.tell(Moment::START), "1969-12-29 00:00:00Z");
    }

    #[test]
    fn every_day_of_four_centuries_is_read_as_it_is_told() {
        let mut last = (0, 0, 0);
        for days in 0..2 * ERA {
            let date = civil(days);
            assert!(date > last, "{date:?} after {last:?}");
            assert_eq!(days_of(date.0, date.1, date.2), Some(days));
            last = date;
        }
    }

    #[test]
    fn a_date_that_is_none_is_not_read() {
        for text in ["2026-02-29 00:00:00Z", "2026-13-01 00:00Z", "1969-12-28 00:00Z", "noon", ""] {
            assert_eq!(Clock::Utc.read(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_told_exactly_is_read_exactly() {
        let starts = Moment::START.after(Span::days(364));
        let clock = Clock::Run { starts };
        let at = |nanos: i64| Moment(starts.0.saturating_add_signed(nanos));
        for (nanos, told) in [
            (0, "0 d 00:00:00"),
            (90_000_250_000_000, "1 d 01:00:00.25"),
            (1, "0 d 00:00:00.000000001"),
            (-28_800_000_000_000, "-0 d 08:00:00"),
            (-86_400_000_000_001, "-1 d 00:00:00.000000001"),
        ] {
            assert_eq!(clock.tell_exactly(at(nanos)), told);
            assert_eq!(clock.read_exactly(told), Some(at(nanos)));
        }
        let moment = Clock::moment(Span::millis(1_795_258_233_125));
        assert_eq!(Clock::Utc.tell_exactly(moment), "2026-11-21 10:50:33.125Z");
        assert_eq!(Clock::Utc.read_exactly("2026-11-21 10:50:33.125Z"), Some(moment));
        assert_eq!(clock.read_exactly("26 h"), Some(at(93_600_000_000_000)));
        for text in ["-2026-11-21 10:50:33Z", "1 d 01:00:00.x", "-1000 d 00:00", "1.2.3"] {
            assert_eq!(clock.read_exactly(text), None, "{text}");
        }
    }

    #[test]
    fn a_run_counts_from_its_start() {
        let clock = Clock::Run { starts: Moment::START.after(Span::days(364)) };
        let moment = Moment::START.after(Span::days(366)).after(Span::seconds(26_130));
        assert_eq!(clock.tell(moment), "2 d 07:15:30");
        assert_eq!(clock.read("2 d 07:15:30"), Some(moment));
        assert_eq!(clock.read("0 s"), Some(Moment::START.after(Span::days(364))));
        assert_eq!(clock.read("26 h"), clock.read("1 d 02:00"));
        assert_eq!(clock.read("soon"), None);
    }
}
