//! Services that are there and do not do well: they answer wrongly, or slowly. Knows no reason.

use seatrial_contract::units::{Ppm, Span};
use seatrial_contract::{Dice, Purpose};

/// What is wrong with a service, by each reason.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trouble {
    /// The share of answers that are failures.
    pub(crate) fails: Vec<Ppm>,
    /// How many times as long requests take, in millionths.
    pub(crate) slower: Vec<u64>,
}

const FAILS: Purpose = Purpose::new("bad answer");

/// Whether one of these reasons, counted from that one on, has an attempt of a call fail; each draws for itself.
pub(crate) fn fails(shares: &[Ppm], from: u64, (number, attempt): (u64, u64), dice: Dice) -> bool {
    (from..).zip(shares).any(|(reason, share)| {
        let mut stream = dice.turn(number, FAILS, attempt | reason << 32);
        stream.below(1_000_000) < u64::from(share.0)
    })
}

/// Reasons of a replica's own are counted from here.
pub(crate) const OF_REPLICA: u64 = 1 << 16;

impl Trouble {
    /// How long a request takes that would take so long.
    pub(crate) fn slowed(&self, takes: Span) -> Span {
        self.slower.iter().fold(takes, |takes, times| {
            let nanos = u128::from(takes.0) * u128::from(*times) / 1_000_000;
            Span(u64::try_from(nanos).unwrap_or(u64::MAX))
        })
    }

    /// Whether the answer to that attempt of a call is a failure.
    pub(crate) fn fails(&self, number: u64, attempt: u64, dice: Dice) -> bool {
        fails(&self.fails, 0, (number, attempt), dice)
    }

    /// What calls depend on.
    pub(crate) fn shape(&self) -> [u64; 2] {
        let fails = self.fails.iter().map(|share| u64::from(share.0)).sum();
        [fails, self.slower.iter().sum()]
    }
}
