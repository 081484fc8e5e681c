//! Who is pushed out by Redis' approximation of LRU (its evict.c, 7.0): a few samples compete with
//! the best of earlier samples for 16 seats, by how long they were idle when they were sampled, in
//! whole seconds; the longest idle that still exists goes. A seat is not told when its entry is used
//! again. Draws the samples evenly; Redis takes neighbours in its table, which hashing has mixed.

use super::index::Key;
use super::store::{EntryStore, Place};
use seatrial_contract::Stream;

/// `EVPOOL_SIZE`
const SEATS: usize = 16;

/// An entry that was sampled.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    key: Key,
    idle: u32,
}

/// The best of all samples so far.
#[derive(Clone, Debug)]
pub(super) struct Candidates {
    samples: u32,
    /// By idleness; the last goes first.
    seats: [Candidate; SEATS],
    taken: usize,
}

impl Candidates {
    pub(super) fn new(samples: u32) -> Self {
        let nobody = Candidate { key: Key::new(0, 0), idle: 0 };
        Self { samples, seats: [nobody; SEATS], taken: 0 }
    }

    /// Who goes next of a store that is not empty.
    pub(super) fn choose(&mut self, store: &EntryStore, now: u32, stream: &mut Stream) -> Place {
        loop {
            for _ in 0..self.samples.min(store.len()) {
                let place = stream.below(u64::from(store.len()));
                let entry = store.entry(u32::try_from(place).unwrap_or_default());
                self.consider(Candidate {
                    key: entry.key,
                    idle: now.saturating_sub(entry.used_at),
                });
            }
            while let Some(best) = self.taken.checked_sub(1) {
                self.taken = best;
                if let Some(place) = store.find(self.seats[best].key) {
                    return place;
                }
            }
        }
    }

    /// Among equals the newcomer stands before those who have a seat. Where all seats are taken,
    /// the least idle loses its own, or the newcomer gets none.
    fn consider(&mut self, candidate: Candidate) {
        let shorter = self.seats[..self.taken].iter().take_while(|one| one.idle < candidate.idle);
        let seat = shorter.count();
        if self.taken < SEATS {
            self.seats.copy_within(seat..self.taken, seat + 1);
            self.seats[seat] = candidate;
            self.taken += 1;
        } else if seat > 0 {
            self.seats.copy_within(1..seat, 0);
            self.seats[seat - 1] = candidate;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_contract::{Dice, Purpose};

    fn idles(candidates: &Candidates) -> Vec<u32> {
        candidates.seats[..candidates.taken].iter().map(|one| one.idle).collect()
    }

    #[test]
    fn sixteen_seats_keep_the_longest_idle() {
        let mut candidates = Candidates::new(5);
        for idle in [5, 1, 9, 5, 20, 3, 7, 7, 2, 30, 11, 12, 13, 14, 15, 16] {
            candidates.consider(Candidate { key: Key::new(0, idle), idle });
        }
        assert_eq!(idles(&candidates), [1, 2, 3, 5, 5, 7, 7, 9, 11, 12, 13, 14, 15, 16, 20, 30]);
        candidates.consider(Candidate { key: Key::new(0, 1), idle: 1 });
        assert_eq!(idles(&candidates)[..2], [1, 2], "no better than the worst: no seat");
        candidates.consider(Candidate { key: Key::new(0, 10), idle: 10 });
        assert_eq!(idles(&candidates), [2, 3, 5, 5, 7, 7, 9, 10, 11, 12, 13, 14, 15, 16, 20, 30]);
    }

    #[test]
    fn a_seat_without_its_entry_is_passed_over() {
        let (mut store, mut candidates) = (EntryStore::new(), Candidates::new(5));
        store.push(Key::new(0, 1), 1, 90);
        candidates.consider(Candidate { key: Key::new(0, 7), idle: 99 });
        let mut stream = Dice::new(1).stream(0, Purpose::new("evictions"));
        let place = candidates.choose(&store, 100, &mut stream);
        assert_eq!(store.entry(place).key, Key::new(0, 1));
    }
}
