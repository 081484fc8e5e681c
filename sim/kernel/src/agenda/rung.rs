//! One rung of the ladder: slots of equal width, a power of two. Knows no entry but its time.

use super::chunks::{Chunks, List};
use super::entry::Entry;

/// Slots of a rung, as two levels of bits.
pub(super) const SLOTS: usize = 64 * WORDS;
const WORDS: usize = 16;

/// Slots over `base..=last`; which ones have entries is kept in bits.
#[derive(Debug)]
pub(super) struct Rung {
    base: u64,
    /// The last moment that belongs here.
    pub(super) last: u64,
    shift: u32,
    /// The words that have a bit set.
    words: u64,
    bits: [u64; WORDS],
    slots: Box<[List; SLOTS]>,
}

impl Rung {
    pub(super) fn new() -> Self {
        Self {
            base: 0,
            last: 0,
            shift: 0,
            words: 0,
            bits: [0; WORDS],
            slots: Box::new([List::EMPTY; SLOTS]),
        }
    }

    /// Begins at `base` with slots of about `width`, wider where `end` would not be reached. The
    /// rung is empty.
    pub(super) fn spread(&mut self, base: u64, end: u64, width: u64) {
        let range_bits = u64::BITS - (end - base).leading_zeros();
        self.base = base;
        self.shift = range_bits.saturating_sub(SLOTS.ilog2()).max(width.max(1).ilog2());
        let reach = (SLOTS as u64 - 1) << self.shift | ((1 << self.shift) - 1);
        self.last = base.saturating_add(if reach >> self.shift == SLOTS as u64 - 1 {
            reach
        } else {
            u64::MAX
        });
    }

    /// Appends to the slot of the entry's time, which is at most `last`. What is sooner than
    /// `base` goes to the first slot.
    #[inline(always)]
    pub(super) fn push<E: Copy>(&mut self, chunks: &mut Chunks<E>, entry: Entry<E>) {
        let slot = (entry.at.saturating_sub(self.base) >> self.shift) as usize;
        let list = &mut self.slots[slot];
        if list.is_empty() {
            self.bits[slot / 64] |= 1 << (slot % 64);
            self.words |= 1 << (slot / 64);
        }
        chunks.push(list, entry);
    }

    /// The first slot that has entries.
    #[inline]
    pub(super) fn first(&self) -> Option<usize> {
        if self.words == 0 {
            return None;
        }
        let word = self.words.trailing_zeros() as usize;
        Some(word * 64 + self.bits[word].trailing_zeros() as usize)
    }

    /// Empties the slot.
    #[inline]
    pub(super) fn take(&mut self, slot: usize) -> List {
        self.bits[slot / 64] &= !(1 << (slot % 64));
        if self.bits[slot / 64] == 0 {
            self.words &= !(1 << (slot / 64));
        }
        std::mem::take(&mut self.slots[slot])
    }

    /// The last moment of the slot.
    #[inline]
    pub(super) fn last_of(&self, slot: usize) -> u64 {
        let begin = self.base.saturating_add((slot as u64) << self.shift);
        begin.saturating_add((1 << self.shift) - 1).min(self.last)
    }

    /// Keeps the entries that `keep` holds for.
    pub(super) fn retain<E: Copy>(
        &mut self,
        chunks: &mut Chunks<E>,
        keep: &mut impl FnMut(&Entry<E>) -> bool,
    ) {
        for slot in 0..SLOTS {
            if self.slots[slot].is_empty() {
                continue;
            }
            let mut list = self.take(slot);
            chunks.retain(&mut list, keep);
            if !list.is_empty() {
                self.bits[slot / 64] |= 1 << (slot % 64);
                self.words |= 1 << (slot / 64);
                self.slots[slot] = list;
            }
        }
    }
}
