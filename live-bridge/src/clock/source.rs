//! The clock of a system that is looked at: its moments as moments of ours. A clock that stands
//! still, or was set back, dates nothing until it goes on. Reads no clock itself.

use seatrial_contract::units::{Moment, Span};

/// Clocks that differ by no more are taken to agree, and a moment that lies so little ahead of its
/// own source's clock to be now: the header `Date` is cut to a second, and clocks that are kept
/// right over a network differ by less than another.
pub(crate) const SLACK: Span = Span::seconds(2);

/// What is known of a source's clock.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SourceClock {
    /// How far ours is ahead of theirs; negative: behind.
    ahead: Option<i64>,
    /// What both said when it was last looked whether theirs goes on.
    reference: Option<(Moment, Moment)>,
}

/// An answer whose moments have an age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dated {
    theirs: Moment,
    ahead: i64,
}

/// Why an answer's moments have no age.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Undated;

impl std::fmt::Display for Undated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(
            "its clock stands still or was set back: what it measured has no age until that \
             clock goes on",
        )
    }
}

impl SourceClock {
    /// Takes in what its clock said in an answer that was asked for and came at these moments of
    /// ours.
    pub(crate) fn read(
        &mut self,
        theirs: Moment,
        asked: Moment,
        came: Moment,
    ) -> Result<Dated, Undated> {
        let (least, most) = (difference(asked, theirs), difference(came, theirs));
        let slack = i64::try_from(SLACK.0).unwrap_or(i64::MAX);
        let agrees = |ahead: i64| {
            (least.saturating_sub(slack)..=most.saturating_add(slack)).contains(&ahead)
        };
        let goes_on = self.goes_on(theirs, asked);
        let ahead = match self.ahead {
            Some(held) if agrees(held) => held,
            // It fell behind: a clock that goes on is believed, one that does not is not.
            Some(held) if held < least && !goes_on => return Err(Undated),
            // No later than it can have been: what was measured seems rather older.
            Some(_) => least,
            None if agrees(0) => 0,
            None => least,
        };
        self.ahead = Some(ahead);
        Ok(Dated { theirs, ahead })
    }

    /// Dates an answer that says no time, by what was known of the clock before.
    pub(crate) fn carry(&self, came: Moment) -> Dated {
        let ahead = self.ahead.unwrap_or_default();
        Dated { theirs: shifted(came, ahead.saturating_neg()), ahead }
    }

    /// Whether this answer proves that their clock goes on, at half the pace of ours at least.
    fn goes_on(&mut self, theirs: Moment, ours: Moment) -> bool {
        let Some((before, its)) = self.reference else {
            self.reference = Some((ours, theirs));
            return false;
        };
        let passed = ours.since(before);
        // Over less than twice the slack, a clock that is read to the second may seem to stand.
        if theirs >= its && passed.0 < 2 * SLACK.0 {
            return false;
        }
        self.reference = Some((ours, theirs));
        theirs.since(its).0 >= passed.0 / 2 && theirs >= its
    }
}

impl Dated {
    /// A moment of theirs as one of ours; none where it lies ahead of their own clock.
    pub(crate) fn ours(&self, moment: Moment) -> Option<Moment> {
        let limit = self.theirs.after(SLACK);
        (moment <= limit).then(|| shifted(moment.min(self.theirs), self.ahead))
    }

    /// What their clock said.
    pub(crate) fn theirs(&self) -> Moment {
        self.theirs
    }
}

fn difference(ours: Moment, theirs: Moment) -> i64 {
    let span = |span: Span| i64::try_from(span.0).unwrap_or(i64::MAX);
    if ours >= theirs { span(ours.since(theirs)) } else { -span(theirs.since(ours)) }
}

fn shifted(moment: Moment, by: i64) -> Moment {
    Moment(moment.0.saturating_add_signed(by))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment(Span::seconds(seconds).0)
    }

    /// An answer that took no time.
    fn read(clock: &mut SourceClock, theirs: u64, ours: u64) -> Option<Dated> {
        clock.read(at(theirs), at(ours), at(ours)).ok()
    }

    #[test]
    fn ages_are_told_by_the_sources_own_clock() {
        let mut clock = SourceClock::default();
        // Theirs is an hour ahead of ours; what they measured a minute ago is a minute old.
        let dated = read(&mut clock, 13_600, 10_000).unwrap_or_else(|| panic!("it is dated"));
        assert_eq!(dated.ours(at(13_540)), Some(at(9_940)));
        assert_eq!(dated.ours(at(13_601)), Some(at(10_000)), "within the slack it is now");
        assert_eq!(dated.ours(at(13_603)), None, "ahead of its own source");
    }

    #[test]
    fn clocks_that_agree_move_nothing() {
        let mut clock = SourceClock::default();
        for (theirs, ours) in [(9_999, 10_000), (10_016, 10_015), (10_029, 10_030)] {
            let dated = read(&mut clock, theirs, ours);
            assert_eq!(dated.and_then(|dated| dated.ours(at(9_000))), Some(at(9_000)));
        }
    }

    #[test]
    fn a_clock_that_stands_still_dates_nothing() {
        let mut clock = SourceClock::default();
        assert!(read(&mut clock, 10_000, 10_000).is_some());
        let frozen: Vec<bool> =
            (1..10).map(|look| read(&mut clock, 10_000, 10_000 + look * 15).is_some()).collect();
        assert_eq!(frozen, [false; 9]);
        // Looked at more often than the slack, it does not pass either.
        let mut clock = SourceClock::default();
        let later = (0..20).map(|look| read(&mut clock, 10_000, 10_000 + look));
        let fresh: Vec<_> = later.flatten().filter_map(|dated| dated.ours(at(10_000))).collect();
        assert!(fresh.iter().all(|moment| *moment == at(10_000)), "it grows old: {fresh:?}");
    }

    #[test]
    fn a_clock_that_was_set_back_is_believed_once_it_goes_on() {
        let mut clock = SourceClock::default();
        assert!(read(&mut clock, 10_000, 10_000).is_some());
        assert_eq!(read(&mut clock, 9_700, 10_015), None);
        let dated = read(&mut clock, 9_715, 10_030).unwrap_or_else(|| panic!("it goes on"));
        assert_eq!(dated.ours(at(9_705)), Some(at(10_020)));
    }

    #[test]
    fn a_slow_answer_is_no_other_clock() {
        let mut clock = SourceClock::default();
        assert!(read(&mut clock, 10_000, 10_000).is_some());
        let slow = clock.read(at(10_024), at(10_015), at(10_025));
        assert_eq!(slow.ok().and_then(|dated| dated.ours(at(10_000))), Some(at(10_000)));
        assert!(read(&mut clock, 10_030, 10_030).is_some());
    }

    #[test]
    fn no_moment_panics() {
        let mut clock = SourceClock::default();
        for (theirs, ours) in [(Moment::NEVER, Moment::START), (Moment::START, Moment::NEVER)] {
            let dated = clock.read(theirs, ours, ours);
            let _ = dated.map(|dated| (dated.ours(Moment::NEVER), dated.ours(Moment::START)));
            let _ = clock.carry(ours);
        }
    }
}
