//! A distribution with a stream of its own. Knows nobody who draws.

use seatrial_contract::units::Span;
use seatrial_contract::{Dice, Purpose, Stream};
use seatrial_kernel::chance::Distribution;

/// A distribution with its stream.
pub(super) struct Draws {
    pub(super) distribution: Distribution,
    purpose: Purpose,
    stream: Stream,
}

impl Draws {
    pub(super) fn new(distribution: Distribution, name: &str, purpose: &str, dice: Dice) -> Self {
        // By name, so that a source that is added or moved in the file shifts no other.
        let purpose = Purpose::new(&format!("traffic {name}: {purpose}"));
        Self { distribution, purpose, stream: dice.stream(0, purpose) }
    }

    #[inline]
    pub(super) fn draw(&mut self) -> Span {
        self.distribution.sample(&mut self.stream)
    }

    /// The draw of that number, whatever was drawn before.
    pub(super) fn draw_of(&self, number: u64, dice: Dice) -> Span {
        self.distribution.sample(&mut dice.turn(number, self.purpose, 1))
    }
}
