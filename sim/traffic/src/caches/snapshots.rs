//! A cache that writes itself to disk now and then, and answers slower meanwhile. Knows no entry.

use crate::distributions::distribution;
use seatrial_contract::units::{Moment, Ppm, Span};
use seatrial_contract::{Dice, Purpose, Stream};
use seatrial_format::scenario::Snapshots as SnapshotsFile;
use seatrial_kernel::chance::Distribution;

/// The snapshots of one cache. Worked out when somebody asks, so that nobody who asks not pays.
pub(super) struct Snapshots {
    every: Span,
    takes: Distribution,
    slows: Ppm,
    stream: Stream,
    /// The one that is next, or under way.
    begins: Moment,
    ends: Moment,
}

impl Snapshots {
    pub(super) fn new(file: &SnapshotsFile, name: &str, now: Moment, dice: Dice) -> Self {
        let takes = distribution(&file.lasts.value);
        let mut stream = dice.stream(0, Purpose::new(&format!("cache {name}: snapshots")));
        let begins = now.after(file.every.value);
        let ends = begins.after(takes.sample(&mut stream));
        Self { every: file.every.value, takes, slows: file.slows, stream, begins, ends }
    }

    /// What takes so long without them.
    pub(super) fn slowed(&mut self, takes: Span, now: Moment) -> Span {
        while self.ends <= now {
            self.begins = self.ends.after(self.every);
            self.ends = self.begins.after(self.takes.sample(&mut self.stream));
        }
        if now < self.begins {
            return takes;
        }
        let more = u128::from(takes.0) * u128::from(self.slows.0) / 1_000_000;
        takes.saturating_add(Span(u64::try_from(more).unwrap_or(u64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_contract::config::Located;
    use seatrial_contract::units::percent;
    use seatrial_format::scenario::DistributionFile;

    #[test]
    fn answers_are_slower_while_one_is_written() {
        let file = SnapshotsFile {
            every: Located::nowhere(Span::minutes(1)),
            lasts: Located::nowhere(DistributionFile::Fixed(Span::seconds(5))),
            slows: percent(50),
        };
        let mut snapshots = Snapshots::new(&file, "c", Moment::START, Dice::new(1));
        let at = |second| Moment::START.after(Span::seconds(second));
        // From 60 to 65 s, from 125 to 130 s, …
        for (second, expected) in [(59, 2), (60, 3), (64, 3), (65, 2), (127, 3), (500, 2)] {
            let found = snapshots.slowed(Span::millis(2), at(second));
            assert_eq!(found, Span::millis(expected), "at {second} s");
        }
    }
}
