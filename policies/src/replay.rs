//! Decides again on recorded views: with the same policies to prove that they decide the same,
//! with others to learn what they would have decided. Knows no file.

use crate::{Pilot, PolicyFile};
use seatrial_contract::units::Moment;
use seatrial_contract::view::Misfit;
use seatrial_contract::{ClusterView, Decisions, Dice, Turn};

/// A pilot that is shown a logbook's views.
pub struct Replay {
    view: ClusterView,
    pilot: Pilot,
    dice: Dice,
}

/// One tick, decided again.
pub struct Replayed<'a> {
    /// When.
    pub at: Moment,
    /// What is decided now.
    pub decided: &'a Decisions,
    /// The view it is decided on.
    pub view: &'a ClusterView,
}

impl Replay {
    /// From the beginning, with these policies and the logbook's chance.
    #[must_use]
    pub fn new(policies: &PolicyFile, seed: u64) -> Self {
        let pilot = Pilot::new(policies);
        Self { view: ClusterView::default(), pilot, dice: Dice::new(seed) }
    }

    /// Decides on the view of the next turn.
    ///
    /// # Errors
    /// When the turn belongs to another logbook.
    pub fn turn(&mut self, turn: &Turn) -> Result<Replayed<'_>, Misfit> {
        self.view.apply(&turn.seen)?;
        let decided = self.pilot.tick(&self.view, self.dice);
        Ok(Replayed { at: self.view.taken_at, decided, view: &self.view })
    }
}
