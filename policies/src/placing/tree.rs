//! The least of many ranks, kept as they change: each place above holds the least of eight below it. Ranks are
//! small and lie close together, so that a change costs few lines of memory. Knows no machine.

use alloc::vec::Vec;

/// No rank: greater than all.
pub(super) const NONE: u32 = u32::MAX;

const FAN: usize = 8;

/// Ranks by place.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    /// The lowest level has all ranks, each above the least of eight of the one below, the last a single one.
    levels: Vec<Vec<u32>>,
}

impl Tree {
    /// These ranks.
    pub(super) fn new(mut ranks: Vec<u32>) -> Self {
        let mut levels = Vec::new();
        loop {
            let count = ranks.len().div_ceil(FAN).max(1);
            ranks.resize(count * FAN, NONE);
            let above = ranks.chunks_exact(FAN).map(least).collect();
            levels.push(core::mem::replace(&mut ranks, above));
            if count == 1 {
                return Self { levels };
            }
        }
    }

    /// The rank at that place.
    pub(super) fn get(&self, place: usize) -> u32 {
        self.levels[0][place]
    }

    /// Another rank at that place.
    pub(super) fn set(&mut self, mut place: usize, mut rank: u32) {
        for level in &mut self.levels {
            if core::mem::replace(&mut level[place], rank) == rank {
                return;
            }
            place /= FAN;
            rank = least(&level[place * FAN..(place + 1) * FAN]);
        }
    }

    /// The least, and the first place that has it.
    pub(super) fn least(&self) -> (u32, usize) {
        let top = self.levels.last().map_or(NONE, |level| least(level));
        let mut place = 0;
        for level in self.levels.iter().rev() {
            let eight = &level[place * FAN..(place + 1) * FAN];
            place = place * FAN + eight.iter().position(|rank| *rank == top).unwrap_or_default();
        }
        (top, place)
    }
}

fn least(ranks: &[u32]) -> u32 {
    ranks.iter().copied().fold(NONE, u32::min)
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_contract::{Dice, Purpose};

    #[test]
    fn the_least_is_the_least_whatever_changes() {
        let mut stream = Dice::new(3).stream(0, Purpose::new("keys"));
        for size in [1_usize, 2, 3, 7, 8, 9, 64, 65, 600] {
            let mut rank = || u32::try_from(stream.below(100)).unwrap();
            let mut ranks: Vec<u32> = (0..size).map(|_| rank()).collect();
            let mut tree = Tree::new(ranks.clone());
            for _ in 0..500 {
                let place = usize::try_from(stream.below(size as u64)).unwrap();
                let drawn = u32::try_from(stream.below(100)).unwrap();
                let rank = if stream.below(4) == 0 { NONE } else { drawn };
                ranks[place] = rank;
                tree.set(place, rank);
                let all = ranks.iter().enumerate().map(|(place, rank)| (*rank, place));
                assert_eq!(Some(tree.least()), all.min(), "of {size}");
                assert_eq!(tree.get(place), rank);
            }
        }
    }
}
