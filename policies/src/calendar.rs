//! When something is due that comes again and again, from an hour of the day or of the week on. Moments begin with a
//! Monday, at midnight UTC.

use seatrial_contract::units::{Moment, Span};

/// The last time that something was due which comes each so long, and once at so long after midnight.
pub(crate) fn last_due(now: Moment, every: Span, at: Span) -> Moment {
    let every = every.0.max(1);
    let since = (now.0 % every + every - at.0 % every) % every;
    Moment(now.0.saturating_sub(since))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(days: u64, hours: u64) -> Moment {
        Moment(Span::days(days).0 + Span::hours(hours).0)
    }

    #[test]
    fn each_day_at_two() {
        let due = |now| last_due(now, Span::days(1), Span::hours(2));
        assert_eq!(due(at(5, 1)), at(4, 2));
        assert_eq!(due(at(5, 2)), at(5, 2));
        assert_eq!(due(at(5, 23)), at(5, 2));
    }

    #[test]
    fn each_week_on_sunday_night() {
        let due = |now| last_due(now, Span::days(7), Span::hours(6 * 24 + 3));
        assert_eq!(due(at(13, 2)), at(6, 3));
        assert_eq!(due(at(13, 3)), at(13, 3));
    }

    #[test]
    fn nothing_was_due_before_time_began() {
        assert_eq!(last_due(at(0, 1), Span::days(1), Span::hours(2)), Moment::START);
        assert_eq!(last_due(at(3, 0), Span::ZERO, Span::ZERO), at(3, 0));
    }
}
