//! Chance that is handed in: one stream for each (seed, entity, purpose, turn).
//!
//! Streams are independent of one another by construction, so that one more draw here, or
//! another policy there, never shifts what anyone else draws: the same tenant logs in at the same
//! moment under policy A and under policy B. Knows no distribution.

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// The generator behind every stream, as it is named in records.
pub const GENERATOR: &str = "xoshiro256++";

/// Where streams come from. Copying it copies nothing that runs: it holds a seed and no position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dice {
    seed: u64,
}

/// What a stream is for: a word, hashed when compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purpose(u64);

/// A sequence of random bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream(Xoshiro256PlusPlus);

impl Purpose {
    /// FNV-1a over the word's bytes.
    #[must_use]
    pub const fn new(word: &str) -> Self {
        let bytes = word.as_bytes();
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        let mut at = 0;
        while at < bytes.len() {
            hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0000_0100_0000_01b3);
            at += 1;
        }
        Self(hash)
    }
}

impl Dice {
    /// All streams of one seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// The seed they come from.
    #[must_use]
    pub const fn seed(self) -> u64 {
        self.seed
    }

    /// The stream of one entity for one purpose.
    #[must_use]
    pub fn stream(self, entity: u64, purpose: Purpose) -> Stream {
        self.turn(entity, purpose, 0)
    }

    /// A fresh stream for the `turn`-th time that the entity comes to this purpose. Nothing needs
    /// to be kept between turns but their count, and a turn that draws more shifts no later one.
    #[must_use]
    pub fn turn(self, entity: u64, purpose: Purpose, turn: u64) -> Stream {
        let mut state = mix(self.seed ^ 0x5ea7_41a1_0000_0001);
        state = mix(state ^ entity);
        state = mix(state ^ purpose.0);
        state = mix(state ^ turn);
        let mut bytes = [0; 32];
        for chunk in bytes.chunks_exact_mut(8) {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&mix(state).to_le_bytes());
        }
        Stream(Xoshiro256PlusPlus::from_seed(bytes))
    }
}

/// `SplitMix64`'s finaliser: each bit of the result depends on each bit of the argument.
const fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Stream {
    /// The next 64 bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform in `[0, 1)`, on the grid of 2⁻⁵³.
    #[inline]
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit exactly")]
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Uniform in `0..n` by one multiplication (bias below n ÷ 2⁶⁴); 0 where there is no choice.
    #[inline]
    pub fn below(&mut self, n: u64) -> u64 {
        let product = u128::from(self.bits()) * u128::from(n);
        u64::try_from(product >> 64).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGIN: Purpose = Purpose::new("login");
    const LENGTH: Purpose = Purpose::new("length");

    #[test]
    fn draws_the_same_on_every_machine() {
        let mut stream = Dice::new(4).stream(7, LOGIN);
        let drawn = [stream.bits(), stream.bits(), stream.bits()];
        assert_eq!(drawn, DRAWN);
    }

    #[test]
    fn streams_differ_by_seed_entity_purpose_and_turn() {
        let first = Dice::new(1).stream(1, LOGIN);
        for other in [
            Dice::new(2).stream(1, LOGIN),
            Dice::new(1).stream(2, LOGIN),
            Dice::new(1).stream(1, LENGTH),
            Dice::new(1).turn(1, LOGIN, 1),
        ] {
            assert_ne!(first, other);
        }
        assert_eq!(first, Dice::new(1).turn(1, LOGIN, 0));
    }

    #[test]
    fn draws_below_are_even() {
        let mut stream = Dice::new(3).stream(0, LOGIN);
        let mut seen = [0u32; 10];
        for _ in 0..100_000 {
            seen[usize::try_from(stream.below(10)).unwrap()] += 1;
        }
        // 10,000 expected in each, with a deviation of 95.
        assert!(seen.iter().all(|n| (9_500..10_500).contains(n)), "{seen:?}");
    }

    const DRAWN: [u64; 3] =
        [242_478_904_739_671_520, 1_529_148_505_680_092_843, 2_060_655_183_335_147_315];
}
