//! The room that all answers together take while they are read. One that finds none is left for
//! the next look: waiting for room would let a few slow servers hold up all others.

use seatrial_contract::units::Bytes;
use std::sync::atomic::{AtomicUsize, Ordering};

/// All answers that are being read take no more. The longest may be 16 MiB, and a vector that
/// grows twice that: two of those at once.
pub(super) const TOGETHER_MAX: Bytes = Bytes(64 << 20);

static TAKEN: AtomicUsize = AtomicUsize::new(0);

/// What one answer takes; given back when it is dropped.
#[derive(Debug, Default)]
pub(super) struct Room(usize);

impl Room {
    /// Takes so much in all; says whether there was room.
    pub(super) fn grow(&mut self, to: usize) -> bool {
        let more = to.saturating_sub(self.0);
        let most = usize::try_from(TOGETHER_MAX.0).unwrap_or(usize::MAX);
        let taken = TAKEN.fetch_add(more, Ordering::Relaxed) + more;
        self.0 += more;
        taken <= most
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        TAKEN.fetch_sub(self.0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_that_was_taken_is_given_back() {
        let most = usize::try_from(TOGETHER_MAX.0).unwrap_or(usize::MAX);
        let mut first = Room::default();
        assert!(first.grow(most / 2));
        let mut second = Room::default();
        assert!(!second.grow(most), "there is room for half of that");
        drop(second);
        drop(first);
        assert!(Room::default().grow(most / 2));
    }
}
