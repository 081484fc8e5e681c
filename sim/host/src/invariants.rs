//! What must be true of every world at all times. A broken invariant is a bug of ours: it stops the run
//! and says where.

use crate::World;
use core::fmt;
use seatrial_contract::units::Moment;
use seatrial_fleet::invariants;

/// An invariant that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenInvariant {
    /// The seed that repeats it.
    pub seed: u64,
    /// When it was noticed.
    pub at: Moment,
    /// When its run started.
    pub started: Moment,
    /// What was found.
    pub message: String,
}

impl fmt::Display for BrokenInvariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let into = self.at.since(self.started);
        write!(
            f,
            "an invariant was broken {into} into the run with seed {}: {}",
            self.seed, self.message
        )
    }
}

impl std::error::Error for BrokenInvariant {}

impl World {
    /// Checks all invariants.
    pub(crate) fn check_invariants(&self) -> Result<(), BrokenInvariant> {
        match invariants::broken(&self.fleet) {
            Some(message) => Err(BrokenInvariant {
                seed: self.fleet.dice.seed(),
                at: self.fleet.now(),
                started: self.fleet.schedule.starts,
                message,
            }),
            None => Ok(()),
        }
    }
}
