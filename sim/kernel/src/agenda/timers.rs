//! The book of cancellable events in the queue. Knows no time and no order.

use super::Timer;

/// A place in the book; it is given out again once its entry has left the queue.
#[derive(Clone, Copy, Debug)]
struct Place<E> {
    event: E,
    stamp: Stamp,
}

/// Says which use of a place a token is for. Odd while the use is live.
///
/// A place whose stamps are spent is never used again, so that no stale token can come true:
/// that costs one place for every two thousand million uses of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp(u32);

impl Stamp {
    /// Of the first use.
    pub(super) const FIRST: Self = Self(1);
    /// Of the last use that a place can have.
    #[cfg(test)]
    pub(super) const LAST: Self = Self(u32::MAX);

    #[inline]
    pub(super) const fn is_live(self) -> bool {
        self.0 % 2 == 1
    }

    /// The use has ended.
    #[inline]
    pub(super) const fn ended(self) -> Self {
        Self(self.0.wrapping_add(1))
    }

    /// The next use of a place whose last use ended.
    #[inline]
    pub(super) const fn begun(self) -> Self {
        Self(self.0 + 1)
    }

    /// Whether a place whose last use ended can be used again.
    #[inline]
    pub(super) const fn is_usable(self) -> bool {
        self.0 != 0
    }
}

/// All places, live and waiting.
#[derive(Debug)]
pub(super) struct Timers<E> {
    places: Vec<Place<E>>,
    free: Vec<u32>,
    /// Cancelled, but still in the queue.
    dead: usize,
}

impl<E: Copy> Timers<E> {
    pub(super) const fn new() -> Self {
        Self { places: Vec::new(), free: Vec::new(), dead: 0 }
    }

    /// Books an event; the number is for its entry in the queue.
    #[inline]
    pub(super) fn book(&mut self, event: E) -> (u32, Stamp) {
        if let Some(number) = self.free.pop() {
            let place = &mut self.places[number as usize];
            *place = Place { event, stamp: place.stamp.begun() };
            return (number, place.stamp);
        }
        let number = Timer::number(self.places.len());
        self.places.push(Place { event, stamp: Stamp::FIRST });
        (number, Stamp::FIRST)
    }

    /// Ends a live use; false where it ended before.
    #[inline]
    pub(super) fn cancel(&mut self, number: u32, stamp: Stamp) -> bool {
        let Some(place) = self.places.get_mut(number as usize) else { return false };
        if place.stamp != stamp {
            return false;
        }
        place.stamp = stamp.ended();
        self.dead += 1;
        true
    }

    /// Takes the event whose entry has left the queue; `None` where it was cancelled.
    #[inline]
    pub(super) fn fire(&mut self, number: u32) -> Option<E> {
        let place = &mut self.places[number as usize];
        if !place.stamp.is_live() {
            self.release(number);
            return None;
        }
        place.stamp = place.stamp.ended();
        let event = place.event;
        if place.stamp.is_usable() {
            self.free.push(number);
        }
        Some(event)
    }

    /// Takes back the place of a cancelled event whose entry has left the queue.
    fn release(&mut self, number: u32) {
        self.dead -= 1;
        if self.places[number as usize].stamp.is_usable() {
            self.free.push(number);
        }
    }

    /// Whether an entry still stands for an event; takes its place back where it does not.
    pub(super) fn keeps(&mut self, number: u32) -> bool {
        let is_live = self.places[number as usize].stamp.is_live();
        if !is_live {
            self.release(number);
        }
        is_live
    }

    /// Cancelled events that are still in the queue.
    #[inline]
    pub(super) const fn dead(&self) -> usize {
        self.dead
    }

    /// Places that there is room for.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.places.capacity() + self.free.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::{Stamp, Timers};

    #[test]
    fn a_place_whose_stamps_are_spent_is_never_used_again() {
        let mut timers = Timers::new();
        let (first, _) = timers.book('a');
        let last_stamp = Stamp::LAST;
        timers.places[first as usize].stamp = last_stamp;
        assert_eq!(timers.fire(first), Some('a'));
        assert!(!timers.cancel(first, last_stamp));
        assert_ne!(timers.book('b').0, first);
    }
}
