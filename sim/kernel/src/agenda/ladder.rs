//! The queue of entries: a ladder of rungs that splits only what is about to be due.
//!
//! Time is parted in order: `near` (sorted) up to `near_last`, then the deepest rung, then each
//! rung above it up to its `last`, then `far` (unsorted). An entry goes to the part of its time.
//! When `near` runs out, the next slot is sorted into it if short, else spread over a new rung
//! beneath. The widths follow the entries each time, so nothing needs tuning to a workload.
//! Knows no timers and no lanes, and compares nothing but whole keys.

use super::chunks::{Chunks, List};
use super::entry::{Entry, What};
use super::near::Near;
use super::rung::Rung;
#[cfg(test)]
use super::rung::SLOTS;

/// Entries that a slot should get, by the pace of late. Less than a chunk, so that splitting
/// more than a chunk always parts the first from the last.
const SLOT_SHARE: u64 = 12;
/// Entries after which the pace is measured anew.
const PACE_SAMPLE: u64 = 64;
#[derive(Debug)]
pub(super) struct Ladder<E> {
    near: Near<E>,
    near_last: u64,
    /// The first `depth` are in use, the deepest last; the others wait for use.
    rungs: Vec<Rung>,
    depth: usize,
    far: List,
    chunks: Chunks<E>,
    pace: Pace,
}

/// How fast time passes from one entry to the next.
#[derive(Debug)]
struct Pace {
    /// Time between entries, when last measured.
    gap: u64,
    /// Where measuring began, and the entries since.
    since: u64,
    entries: u64,
}

/// What a pass over a list finds.
struct Extent {
    count: u64,
    soonest: u64,
    latest: u64,
}

impl<E: Copy> Ladder<E> {
    pub(super) const fn new() -> Self {
        Self {
            near: Near::new(),
            near_last: u64::MAX,
            rungs: Vec::new(),
            depth: 0,
            far: List::EMPTY,
            chunks: Chunks::new(),
            pace: Pace { gap: u64::MAX, since: 0, entries: 0 },
        }
    }

    /// Adds an entry. It may not be sooner than the last one taken.
    ///
    /// Its parts come one by one because they fit registers: an entry handed over in memory,
    /// written by words and read by pairs of words, cost a quarter of a push.
    pub(super) fn push(&mut self, at: u64, order: u64, what: What<E>) {
        let entry = Entry { at, order, what };
        if at > self.near_last {
            return self.push_beyond(entry);
        }
        if self.near.is_crowded() {
            self.relieve();
            if at > self.near_last {
                return self.push_beyond(entry);
            }
        }
        self.near.insert(entry);
    }

    #[inline(always)]
    fn push_beyond(&mut self, entry: Entry<E>) {
        for rung in self.rungs[..self.depth].iter_mut().rev() {
            if entry.at <= rung.last {
                rung.push(&mut self.chunks, entry);
                return;
            }
        }
        self.chunks.push(&mut self.far, entry);
    }

    /// Takes the soonest entry if it is due by `until`.
    #[inline]
    pub(super) fn pop(&mut self, until: u64) -> Option<Entry<E>> {
        loop {
            if let Some(&Entry { at, order, what }) = self.near.front() {
                if at > until {
                    return None;
                }
                self.near.drop_front();
                return Some(Entry { at, order, what });
            }
            if self.near.has_late() {
                return self.near.pop(until);
            }
            if !self.refill() {
                return None;
            }
        }
    }

    /// When the soonest entry is due.
    #[inline]
    pub(super) fn soonest(&mut self) -> Option<u64> {
        loop {
            if let Some(entry) = self.near.soonest() {
                return Some(entry.at);
            }
            if !self.refill() {
                return None;
            }
        }
    }

    /// Brings the next entries near; false when there are none.
    #[inline(never)]
    fn refill(&mut self) -> bool {
        loop {
            if self.depth == 0 {
                let far = std::mem::take(&mut self.far);
                if far.is_empty() {
                    self.near_last = u64::MAX;
                    return false;
                }
                // Up to a chunk of entries are best kept sorted, all of them; more go to slots.
                let is_near = if far.is_one_chunk() {
                    self.open(far, u64::MAX)
                } else {
                    self.split(far, u64::MAX)
                };
                if is_near {
                    return true;
                }
                continue;
            }
            let rung = &mut self.rungs[self.depth - 1];
            let Some(slot) = rung.first() else {
                self.depth -= 1;
                continue;
            };
            let last = rung.last_of(slot);
            let list = rung.take(slot);
            if self.open(list, last) {
                return true;
            }
        }
    }

    /// Sorts a list that ends at `last` into `near` and says true, or spreads it over a new rung.
    #[inline]
    fn open(&mut self, list: List, last: u64) -> bool {
        if let Some(short) = self.chunks.short(list) {
            self.pace.entries += short.count as u64;
            self.near.fill_short(&self.chunks, &short, self.near_last, last);
            self.chunks.free(list);
            self.near_last = last;
            return true;
        }
        self.split(list, last)
    }

    fn split(&mut self, list: List, last: u64) -> bool {
        let extent = self.extent(list);
        if extent.soonest == extent.latest {
            let (near, chunks) = (&mut self.near, &mut self.chunks);
            near.fill(|place| chunks.drain(list, |_, entry| place(entry)));
            self.near_last = last;
            return true;
        }
        self.pace.measure(self.near_last);
        let range = extent.latest - extent.soonest;
        let gap = self.pace.gap.min(range / extent.count);
        let (rung, chunks) = self.new_rung();
        rung.spread(extent.soonest, extent.latest, gap.saturating_mul(SLOT_SHARE));
        rung.last = rung.last.min(last);
        chunks.drain(list, |chunks, entry| rung.push(chunks, entry));
        false
    }

    /// An empty rung beneath the others.
    fn new_rung(&mut self) -> (&mut Rung, &mut Chunks<E>) {
        if self.rungs.len() == self.depth {
            self.rungs.push(Rung::new());
        }
        self.depth += 1;
        (&mut self.rungs[self.depth - 1], &mut self.chunks)
    }

    /// Sends the later part of a crowded `near` to a part of its own.
    #[cold]
    fn relieve(&mut self) {
        let Self { near, near_last, rungs, depth, far, chunks, pace } = self;
        // Rungs that have run empty are not stacked upon: the new part ends where they ended.
        let mut end = *near_last;
        while *depth > 0 && rungs[*depth - 1].first().is_none() {
            *depth -= 1;
            end = rungs[*depth].last;
        }
        if *depth == 0 {
            if let Some(last_kept) = near.relieve(|entry| chunks.push(far, entry)) {
                *near_last = last_kept;
            }
            return;
        }
        if rungs.len() == *depth {
            rungs.push(Rung::new());
        }
        let rung = &mut rungs[*depth];
        let Some(base) = near.last_kept().map(|last_kept| last_kept + 1) else { return };
        // One entry far away makes the pace of all look slow; those that are kept know better.
        let gap = pace.gap.min(near.gap_kept());
        rung.spread(base, end, gap.saturating_mul(SLOT_SHARE));
        rung.last = end;
        *depth += 1;
        *near_last = base - 1;
        near.relieve(|entry| rung.push(chunks, entry));
    }

    /// Keeps the entries that `keep` holds for.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&Entry<E>) -> bool) {
        self.near.retain(&mut keep);
        for rung in &mut self.rungs[..self.depth] {
            rung.retain(&mut self.chunks, &mut keep);
        }
        self.chunks.retain(&mut self.far, &mut keep);
    }

    /// Entries that there is room for.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.near.room() + self.chunks.room() + self.rungs.len() * SLOTS
    }

    fn extent(&self, list: List) -> Extent {
        let mut extent = Extent { count: 0, soonest: u64::MAX, latest: 0 };
        self.chunks.each(list, |entry| {
            extent.count += 1;
            extent.soonest = extent.soonest.min(entry.at);
            extent.latest = extent.latest.max(entry.at);
        });
        extent
    }
}

impl Pace {
    /// Measures up to `now`, where enough has happened.
    fn measure(&mut self, now: u64) {
        if now < self.since || self.entries < PACE_SAMPLE {
            return;
        }
        *self = Self { gap: (now - self.since) / self.entries, since: now, entries: 0 };
    }
}
