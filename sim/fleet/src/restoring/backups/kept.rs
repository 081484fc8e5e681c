//! Backups of a database that are kept: which build on which, how long they stay, and which can be restored. Knows no
//! link and no clock.

use seatrial_contract::units::{Moment, Span};
use seatrial_traffic::from_backup::Mark;

/// A backup.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backup {
    /// By which it is called, in the order in which they were made.
    pub(super) number: u32,
    /// Otherwise it builds on the one before it.
    pub(super) is_full: bool,
    pub(super) begins: Mark,
    pub(super) ends: Mark,
    pub(super) bytes: u64,
    /// Whether it can be restored, which nobody knows.
    pub(super) is_good: bool,
    pub(super) is_off_site: bool,
}

/// All of a database that are kept, the oldest first.
#[derive(Default)]
pub(super) struct Kept {
    all: Vec<Backup>,
    /// Where they are kept is lost, and these with it for so long; whether the archive was cut off before.
    hidden: Option<(Vec<Backup>, bool)>,
    made: u32,
    /// When one was last copied off site.
    pub(super) left_at: Option<Moment>,
    /// As of when what was restored last with success was.
    pub(super) proven: Option<Moment>,
    /// When that was.
    pub(super) tried: Option<Moment>,
    /// The backup that was restored last without a log beyond it, and where the log went on from there.
    pub(super) restored: Option<(u32, Mark)>,
    /// The archive of the log was lost, and there is no full backup since.
    pub(super) is_cut_off: bool,
}

impl Backup {
    /// One that can be restored; what it has is to be said.
    pub(super) fn new() -> Self {
        Self {
            number: 0,
            is_full: false,
            begins: Mark::default(),
            ends: Mark::default(),
            bytes: 0,
            is_good: true,
            is_off_site: false,
        }
    }
}

impl Kept {
    /// One more; its number.
    pub(super) fn add(&mut self, backup: Backup) -> u32 {
        self.made += 1;
        self.is_cut_off &= !backup.is_full;
        self.all.push(Backup { number: self.made, ..backup });
        self.made
    }

    /// The newest.
    pub(super) fn last(&self) -> Option<&Backup> {
        self.all.last()
    }

    /// As of when the newest is.
    pub(super) fn newest(&self) -> Option<Moment> {
        self.last().map(|of| of.ends.world_at)
    }

    /// When the newest full one was begun.
    pub(super) fn full(&self) -> Option<Moment> {
        self.all.iter().rev().find(|of| of.is_full).map(|of| of.begins.world_at)
    }

    pub(super) fn get(&self, number: u32) -> Option<&Backup> {
        self.all.iter().find(|of| of.number == number)
    }

    /// What a restore of it brings back: what came after that is lost, unless it was lost before.
    pub(super) fn has(&self, backup: &Backup) -> Mark {
        match self.restored {
            Some((number, since)) if number == backup.number => since,
            Some(_) | None => backup.ends,
        }
    }

    /// How much all take together.
    pub(super) fn stored(&self) -> u64 {
        let hidden = self.hidden.iter().flat_map(|of| &of.0);
        self.all.iter().chain(hidden).map(|of| of.bytes).sum()
    }

    /// What a backup builds on, and itself.
    fn chain(&self, number: u32) -> &[Backup] {
        let end = self.all.partition_point(|of| of.number <= number);
        let begin = self.all[..end].iter().rposition(|of| of.is_full).unwrap_or(end);
        &self.all[begin..end]
    }

    /// What has to be fetched to restore it.
    pub(super) fn fetches(&self, number: u32) -> u64 {
        self.chain(number).iter().map(|of| of.bytes).sum()
    }

    /// The first that cannot be restored, of those that it needs.
    pub(super) fn first_bad(&self, number: u32) -> Option<u32> {
        self.chain(number).iter().find(|of| !of.is_good).map(|of| of.number)
    }

    /// It was found out that this one cannot be restored: it goes, with what builds on it.
    pub(super) fn drop_chain_from(&mut self, number: u32) {
        let is_next = |of: &Backup| of.is_full && of.number > number;
        let until = self.all.iter().find(|of| is_next(of)).map_or(u32::MAX, |of| of.number);
        self.all.retain(|of| !(number..until).contains(&of.number));
    }

    /// Those that are too old go, but never the newest full one and what builds on it. Of snapshots the oldest that is
    /// left takes the room of all data.
    pub(super) fn expire(&mut self, now: Moment, keeps: Span, all_data: Option<u64>) {
        loop {
            let mut fulls = self.all.iter().enumerate().filter(|(_, of)| of.is_full);
            let (_, Some((next, _))) = (fulls.next(), fulls.next()) else { return };
            let last = self.all[next - 1].ends.world_at;
            if now.since(last) <= keeps {
                return;
            }
            self.all.drain(..next);
            if let (Some(bytes), Some(oldest)) = (all_data, self.all.first_mut()) {
                oldest.bytes = bytes;
            }
        }
    }

    pub(super) fn is_off_site(&mut self, number: u32) {
        if let Some(of) = self.all.iter_mut().find(|of| of.number == number) {
            of.is_off_site = true;
        }
    }

    /// Whether they are out of reach but for those off site.
    pub(super) const fn is_hidden(&self) -> bool {
        self.hidden.is_some()
    }

    /// All are out of reach but those off site, and the archive with them; or they are there again.
    pub(super) fn hide(&mut self, so: bool) {
        if so && self.hidden.is_none() {
            let (here, gone) = self.all.drain(..).partition(|of: &Backup| of.is_off_site);
            (self.all, self.hidden) = (here, Some((gone, self.is_cut_off)));
            self.is_cut_off = true;
        } else if !so && let Some((gone, was_cut_off)) = self.hidden.take() {
            self.all.extend(gone);
            self.all.sort_unstable_by_key(|of| of.number);
            self.is_cut_off = was_cut_off;
        }
    }

    /// All are lost but those off site, and the archive with them.
    pub(super) fn lose(&mut self) {
        if let Some((gone, was_cut_off)) = &mut self.hidden {
            gone.clear();
            *was_cut_off = true;
        }
        self.all.retain(|of| of.is_off_site);
        (self.is_cut_off, self.proven, self.tried) = (true, None, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: u64) -> Mark {
        let mut mark = Mark::default();
        mark.world_at = Moment::START.after(Span::hours(hours));
        mark
    }

    fn of(hours: u64, is_full: bool, is_good: bool) -> Backup {
        Backup { is_full, begins: at(hours), ends: at(hours), bytes: 1, is_good, ..Backup::new() }
    }

    fn numbers(kept: &Kept) -> Vec<u32> {
        kept.all.iter().map(|of| of.number).collect()
    }

    /// Full ones at 0 and 24 h, one each six hours that builds on the one before.
    fn two_days() -> Kept {
        let mut kept = Kept::default();
        for hours in (0..48).step_by(6) {
            kept.add(of(hours, hours % 24 == 0, hours != 12));
        }
        kept
    }

    #[test]
    fn a_restore_needs_all_that_a_backup_builds_on() {
        let kept = two_days();
        assert_eq!(kept.fetches(1), 1);
        assert_eq!(kept.fetches(4), 4);
        assert_eq!((kept.fetches(5), kept.fetches(8)), (1, 4));
        assert_eq!(
            [1, 2, 3, 4, 5, 8].map(|of| kept.first_bad(of)),
            [None, None, Some(3), Some(3), None, None]
        );
    }

    #[test]
    fn one_that_is_bad_goes_with_what_builds_on_it_and_nothing_else() {
        let mut kept = two_days();
        kept.drop_chain_from(3);
        assert_eq!(numbers(&kept), [1, 2, 5, 6, 7, 8]);
        kept.drop_chain_from(5);
        assert_eq!(numbers(&kept), [1, 2]);
    }

    #[test]
    fn what_is_too_old_goes_once_all_that_builds_on_it_is() {
        let mut kept = two_days();
        kept.expire(at(40).world_at, Span::hours(24), None);
        assert_eq!(kept.all.len(), 8, "the last that builds on the first is of 18 h");
        kept.expire(at(43).world_at, Span::hours(24), None);
        assert_eq!(numbers(&kept), [5, 6, 7, 8]);
        kept.expire(at(4_000).world_at, Span::hours(24), None);
        assert_eq!(numbers(&kept), [5, 6, 7, 8], "the newest full one stays");
    }

    #[test]
    fn what_is_off_site_is_not_lost_with_the_rest() {
        let mut kept = two_days();
        kept.is_off_site(5);
        kept.lose();
        assert_eq!(numbers(&kept), [5]);
        assert!(kept.is_cut_off);
        kept.add(of(48, false, true));
        assert!(kept.is_cut_off, "the log before it is not there");
        kept.add(of(49, true, true));
        assert!(!kept.is_cut_off);
    }
}
