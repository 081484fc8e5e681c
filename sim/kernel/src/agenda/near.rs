//! The soonest entries, sorted. Knows no buckets and no clock.

use super::chunks::{CHUNK, Chunks, SHORT, Short};
use super::entry::{Entry, What};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Above this many entries [`Near::insert`] asks to be relieved: up to here a sorted array beats
/// the ladder (measured by holds of 4 to 100 pending).
pub(super) const CROWD: usize = 24;
/// What stays when relieved.
const KEEP: usize = 8;
/// Bits for a place in a short list.
const PLACE_BITS: u32 = (SHORT * CHUNK).next_power_of_two().ilog2();
const PLACE_MASK: u64 = (1 << PLACE_BITS) - 1;
/// Room made at the front at once when there is none.
const GAP: usize = 16;

/// A sorted run that is taken from its front, and a heap for what comes late into a crowd.
#[derive(Debug)]
pub(super) struct Near<E> {
    /// Ascending from `head` on.
    run: Vec<Entry<E>>,
    head: usize,
    /// Late entries which fell deep into a long run: a storm at one instant, in several classes.
    late: BinaryHeap<Reverse<Entry<E>>>,
}

impl<E: Copy> Near<E> {
    pub(super) const fn new() -> Self {
        Self { run: Vec::new(), head: 0, late: BinaryHeap::new() }
    }

    /// The soonest, where nothing came late.
    #[inline]
    pub(super) fn front(&self) -> Option<&Entry<E>> {
        if self.late.is_empty() { self.run.get(self.head) } else { None }
    }

    /// The soonest, late ones included.
    #[inline]
    pub(super) fn soonest(&self) -> Option<&Entry<E>> {
        let first = self.run.get(self.head);
        let late = self.late.peek().map(|Reverse(late)| late);
        match (first, late) {
            (Some(first), Some(late)) => Some(first.min(late)),
            (first, late) => first.or(late),
        }
    }

    /// Drops what [`Near::front`] gave.
    #[inline]
    pub(super) fn drop_front(&mut self) {
        self.head += 1;
    }

    /// Takes the soonest if it is due, late ones included.
    #[cold]
    pub(super) fn pop(&mut self, until: u64) -> Option<Entry<E>> {
        let first = self.run.get(self.head);
        let late = self.late.peek().map(|Reverse(late)| late);
        let first_is_sooner = late.is_none_or(|late| first.is_some_and(|first| first < late));
        let entry = *if first_is_sooner { first? } else { late? };
        if entry.at > until {
            return None;
        }
        if first_is_sooner {
            self.head += 1;
        } else {
            self.late.pop();
        }
        Some(entry)
    }

    /// Whether [`Near::front`] does not tell all.
    #[inline]
    pub(super) fn has_late(&self) -> bool {
        !self.late.is_empty()
    }

    /// Puts the entry where it belongs.
    #[inline(always)]
    pub(super) fn insert(&mut self, entry: Entry<E>) {
        let length = self.run.len() - self.head;
        if self.head > 0 && length <= 2 * CROWD {
            self.insert_from_front(entry);
        } else if self.run.last().is_none_or(|last| length == 0 || last.key() < entry.key()) {
            self.append(entry.at, entry.order, entry.what);
        } else {
            self.insert_late(entry.at, entry.order, entry.what);
        }
    }

    #[inline(never)]
    fn append(&mut self, at: u64, order: u64, what: What<E>) {
        let entry = Entry { at, order, what };
        if self.head >= self.run.len() / 2 + GAP {
            self.run.drain(..self.head - 1);
            self.head = 1;
        }
        self.run.push(entry);
    }

    /// Moves what is sooner one place forward. There is room in front.
    #[inline(always)]
    fn insert_from_front(&mut self, entry: Entry<E>) {
        self.head -= 1;
        let run = &mut self.run[self.head..];
        let mut place = 0;
        while let Some(&Entry { at, order, what }) = run.get(place + 1) {
            let sooner = Entry { at, order, what };
            if sooner.key() > entry.key() {
                break;
            }
            run[place] = sooner;
            place += 1;
        }
        run[place] = entry;
    }

    #[cold]
    fn insert_late(&mut self, at: u64, order: u64, what: What<E>) {
        let entry = Entry { at, order, what };
        if self.run.len() - self.head > 2 * CROWD {
            self.late.push(Reverse(entry));
            return;
        }
        self.run.splice(0..0, [entry; GAP]);
        self.head += GAP;
        self.insert_from_front(entry);
    }

    /// Starts anew from entries in any order. Nothing may be left.
    pub(super) fn fill(&mut self, entries: impl FnOnce(&mut dyn FnMut(Entry<E>))) {
        self.run.clear();
        self.head = 0;
        entries(&mut |entry| self.run.push(entry));
        self.run.sort_unstable();
    }

    /// Starts anew from a short list whose entries are due after `floor`, by `last`.
    #[inline]
    pub(super) fn fill_short(&mut self, chunks: &Chunks<E>, short: &Short, floor: u64, last: u64) {
        self.run.clear();
        self.head = 0;
        if floor > last || (last - floor) >> (u64::BITS - PLACE_BITS) != 0 {
            self.run.extend((0..short.count).map(|place| *chunks.entry(short, place)));
            self.run.sort_unstable();
            return;
        }
        // Sorting by time and place in one number needs no branch that could be guessed wrong.
        let mut sorted = [u64::MAX; SHORT * CHUNK];
        for place in 0..short.count {
            let time = chunks.entry(short, place).at - floor;
            let mut sinking = (time << PLACE_BITS) | place as u64;
            for other in &mut sorted[..=place] {
                (*other, sinking) = ((*other).min(sinking), (*other).max(sinking));
            }
        }
        let places = sorted[..short.count].iter().map(|key| (key & PLACE_MASK) as usize);
        self.run.extend(places.map(|place| *chunks.entry(short, place)));
        // Places are in the order of scheduling, but for classes and the entries of lanes.
        if !self.run.is_sorted() {
            self.run.sort_unstable();
        }
    }

    #[inline]
    pub(super) fn is_crowded(&self) -> bool {
        self.run.len() - self.head >= CROWD
    }

    /// The moment that the first few are due by; `None` when nothing is later, so that parting by
    /// time is impossible.
    pub(super) fn last_kept(&self) -> Option<u64> {
        let last_kept = self.run.get(self.head + KEEP - 1)?.at;
        (self.run.last()?.at > last_kept).then_some(last_kept)
    }

    /// Time from one of those to the next, on the mean.
    pub(super) fn gap_kept(&self) -> u64 {
        let kept = &self.run[self.head..];
        kept.get(KEEP - 1).map_or(u64::MAX, |last| (last.at - kept[0].at) / (KEEP as u64 - 1))
    }

    /// Sends away everything later than [`Near::last_kept`], which it returns.
    pub(super) fn relieve(&mut self, mut send: impl FnMut(Entry<E>)) -> Option<u64> {
        let last_kept = self.last_kept()?;
        let kept = self.run.partition_point(|entry| entry.at <= last_kept);
        self.run.drain(kept..).for_each(&mut send);
        self.late.retain(|Reverse(entry)| {
            let stays = entry.at <= last_kept;
            if !stays {
                send(*entry);
            }
            stays
        });
        Some(last_kept)
    }

    /// Keeps the entries that `keep` holds for.
    pub(super) fn retain(&mut self, keep: &mut impl FnMut(&Entry<E>) -> bool) {
        self.run.drain(..self.head);
        self.head = 0;
        self.run.retain(&mut *keep);
        self.late.retain(|Reverse(entry)| keep(entry));
    }

    /// Entries that there is room for.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.run.capacity() + self.late.capacity()
    }
}
