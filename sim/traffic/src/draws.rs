//! A distribution with a stream of its own. Knows nobody who draws.

use seatrial_contract::units::Span;
use seatrial_contract::{Dice, Purpose, Stream};
use seatrial_kernel::chance::Law;

/// A law with its stream.
pub(super) struct Draws {
    pub(super) law: Law,
    purpose: Purpose,
    stream: Stream,
}

impl Draws {
    pub(super) fn new(law: Law, name: &str, purpose: &str, dice: Dice) -> Self {
        // By name, so that a source that is added or moved in the file shifts no other.
        let purpose = Purpose::new(&format!("traffic {name}: {purpose}"));
        Self { law, purpose, stream: dice.stream(0, purpose) }
    }

    #[inline]
    pub(super) fn draw(&mut self) -> Span {
        self.law.sample(&mut self.stream)
    }

    /// The draw of that number, whatever was drawn before.
    pub(super) fn draw_of(&self, number: u64, dice: Dice) -> Span {
        self.law.sample(&mut dice.turn(number, self.purpose, 1))
    }
}
