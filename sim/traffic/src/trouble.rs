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
    /// So many reasons why whoever calls is refused before it is served.
    pub(crate) refuses: u32,
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

    /// Whether nothing is.
    pub(crate) fn is_none(&self) -> bool {
        self.fails.is_empty() && self.slower.is_empty() && self.refuses == 0
    }

    /// What calls depend on.
    pub(crate) fn shape(&self) -> [u64; 3] {
        let fails = self.fails.iter().map(|share| u64::from(share.0)).sum();
        [fails, self.slower.iter().sum(), u64::from(self.refuses)]
    }
}

/// A way that is long, and on which some of what is sent is lost and sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Way {
    /// How much longer there and back takes.
    pub adds: Span,
    /// What share of answers is lost, each time that one is sent.
    pub loses: Ppm,
}

const LOST: Purpose = Purpose::new("lost on the way");
/// What is lost is sent again after so long, and after twice as long each time more (TCP's least time, Linux).
const SENT_AGAIN: Span = Span::millis(200);
/// No more often than this.
const SENDS_MOST: u64 = 8;

impl Way {
    /// How much longer an answer takes, of that query; ways are counted, so that each draws for itself.
    pub(crate) fn takes(self, way: usize, (number, turn): (u64, u64), dice: Dice) -> Span {
        let mut takes = self.adds;
        let is_lost = |sends: u64| {
            let mut stream =
                dice.turn(number, LOST, turn ^ (way as u64 * SENDS_MOST + sends) << 52);
            stream.below(1_000_000) < u64::from(self.loses.0)
        };
        for sends in (0..SENDS_MOST).take_while(|sends| self.loses.0 > 0 && is_lost(*sends)) {
            takes = takes.saturating_add(Span(SENT_AGAIN.0 << sends));
        }
        takes
    }

    /// What calls depend on.
    pub(crate) fn shape(self) -> u64 {
        self.adds.0.wrapping_add(u64::from(self.loses.0))
    }
}
