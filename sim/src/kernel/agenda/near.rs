//! The soonest entries, sorted. Knows no buckets and no clock.

use super::entry::Entry;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Above this many entries [`Near::insert`] asks to be relieved: up to here a sorted array beats
/// the ladder (measured by holds of 8 to 128 pending).
pub(super) const CROWD: usize = 48;
/// What stays when relieved.
const KEEP: usize = 16;
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

    /// Takes the soonest if it is due; `Err` when there is none here at all.
    #[inline]
    pub(super) fn pop(&mut self, until: u64) -> Result<Option<Entry<E>>, Empty> {
        if self.late.is_empty() {
            let Some(entry) = self.run.get(self.head) else { return Err(Empty) };
            if entry.at > until {
                return Ok(None);
            }
            self.head += 1;
            return Ok(Some(*entry));
        }
        self.pop_beside_late(until)
    }

    #[cold]
    fn pop_beside_late(&mut self, until: u64) -> Result<Option<Entry<E>>, Empty> {
        let Some(Reverse(late)) = self.late.peek() else { return Err(Empty) };
        if self.run.get(self.head).is_some_and(|first| first < late) {
            let entry = self.run[self.head];
            if entry.at > until {
                return Ok(None);
            }
            self.head += 1;
            return Ok(Some(entry));
        }
        if late.at > until {
            return Ok(None);
        }
        Ok(self.late.pop().map(|Reverse(entry)| entry))
    }

    /// Puts the entry where it belongs.
    #[inline]
    pub(super) fn insert(&mut self, entry: Entry<E>) {
        let behind_all = self.run.last().is_none_or(|last| last.key() < entry.key());
        if behind_all || self.head == self.run.len() {
            self.append(entry);
        } else if self.head > 0 && self.run.len() - self.head <= 2 * CROWD {
            self.insert_from_front(entry);
        } else {
            self.insert_late(entry);
        }
    }

    #[inline]
    fn append(&mut self, entry: Entry<E>) {
        if self.head >= self.run.len() / 2 + GAP {
            self.run.drain(..self.head - 1);
            self.head = 1;
        }
        self.run.push(entry);
    }

    /// Moves what is sooner one place forward. There is an entry behind, and room in front.
    #[inline]
    fn insert_from_front(&mut self, entry: Entry<E>) {
        self.head -= 1;
        let run = &mut self.run[self.head..];
        let mut place = 0;
        while place + 1 < run.len() && run[place + 1].key() < entry.key() {
            run[place] = run[place + 1];
            place += 1;
        }
        run[place] = entry;
    }

    #[cold]
    fn insert_late(&mut self, entry: Entry<E>) {
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

    /// Starts anew, for a few entries: see [`Near::place`].
    #[inline]
    pub(super) fn clear(&mut self) {
        self.run.clear();
        self.head = 0;
    }

    /// Sorts one entry in from the back.
    #[inline]
    pub(super) fn place(&mut self, entry: Entry<E>) {
        self.run.push(entry);
        let run = &mut self.run[..];
        let mut place = run.len() - 1;
        while place > 0 && run[place - 1].key() > entry.key() {
            run[place] = run[place - 1];
            place -= 1;
        }
        run[place] = entry;
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

/// Nothing is near.
pub(super) struct Empty;
