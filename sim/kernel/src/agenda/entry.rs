//! One pending entry and its place in the order. Knows no queue.

use std::cmp::Ordering;

/// What waits in the queue: 24 bytes where `E` takes at most eight and leaves a niche.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<E> {
    /// Due time in nanoseconds.
    pub(super) at: u64,
    /// Class above, sequence of scheduling below: see [`order`].
    pub(super) order: u64,
    pub(super) what: What<E>,
}

/// What an entry stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum What<E> {
    /// An event that nothing can call back.
    Event(E),
    /// A place in the book of timers, which has the event.
    Timer(u32),
    /// A lane whose first entry was due now when this was put in the queue.
    Lane(u32),
}

/// Bits of the sequence: at a hundred million events a second they last for 22 years, so that a
/// wrap cannot be reached; the class has the 8 bits above.
const SEQUENCE_BITS: u32 = 56;

/// The order among entries of one time: class first, then sequence.
#[inline]
pub(super) const fn order(class: u8, sequence: u64) -> u64 {
    ((class as u64) << SEQUENCE_BITS) | sequence
}

impl<E> Entry<E> {
    /// Time, class, sequence as one number; unique to the entry.
    #[inline]
    pub(super) const fn key(&self) -> u128 {
        ((self.at as u128) << 64) | self.order as u128
    }
}

impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}
impl<E> Eq for Entry<E> {}
impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}
