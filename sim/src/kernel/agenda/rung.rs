//! One rung of the ladder: slots of equal width, a power of two. Knows no entry but its time.

use super::chunks::{Chunks, List};
use super::entry::Entry;

/// The most slots of a rung: what two levels of 64 bits can show.
pub(super) const SLOTS_MAX: usize = 64 * 64;

/// Slots over `base..=last`; which ones have entries is kept in bits.
#[derive(Debug)]
pub(super) struct Rung {
    base: u64,
    /// The last moment that belongs here.
    pub(super) last: u64,
    shift: u32,
    /// By 64 words: the words that have a bit set.
    words: u64,
    bits: [u64; 64],
    slots: Vec<List>,
}

impl Rung {
    pub(super) fn new() -> Self {
        Self { base: 0, last: 0, shift: 0, words: 0, bits: [0; 64], slots: Vec::new() }
    }

    /// Spreads `slots` (a power of two) over the moments from `base` to `end`. The rung is empty.
    pub(super) fn spread(&mut self, base: u64, end: u64, slots: usize) {
        let slots = slots.min(SLOTS_MAX);
        let range = end - base;
        let range_bits = u64::BITS - range.leading_zeros();
        self.base = base;
        self.shift = range_bits.saturating_sub(slots.ilog2());
        let width = (slots as u64).checked_shl(self.shift).filter(|w| *w >> self.shift != 0);
        self.last = width.map_or(u64::MAX, |width| base.saturating_add(width - 1));
        if self.slots.len() < slots {
            self.slots.resize(slots, List::default());
        }
    }

    /// Appends to the slot of the entry's time, which is at most `last`. What is sooner than
    /// `base` goes to the first slot.
    #[inline]
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
        for slot in 0..self.slots.len() {
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
