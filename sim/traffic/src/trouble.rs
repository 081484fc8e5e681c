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
        let draw = || dice.turn(number, FAILS, attempt).below(1_000_000);
        !self.fails.is_empty() && {
            let draw = draw();
            self.fails.iter().any(|share| draw < u64::from(share.0))
        }
    }

    /// What calls depend on.
    pub(crate) fn shape(&self) -> [u64; 2] {
        let fails = self.fails.iter().map(|share| u64::from(share.0)).sum();
        [fails, self.slower.iter().sum()]
    }
}
