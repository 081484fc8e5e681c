//! Decides again on recorded views: with the same policies to prove that they decide the same,
//! with others to learn what they would have decided. Knows no file.

use crate::{Pilot, PolicyFile};
use alloc::vec::Vec;
use seatrial_contract::units::Moment;
use seatrial_contract::view::Misfit;
use seatrial_contract::{ActionId, ClusterView, Decision, Decisions, Dice, Turn, Verdict};

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
}

/// Actions that only one of two decided, by what they do: their numbers all shift after the first
/// difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Apart {
    /// Decided then and not now.
    pub was: Vec<Decision>,
    /// Decided now and not then.
    pub is: Vec<Decision>,
}

impl Replayed<'_> {
    /// How the actions decided now differ from those decided then.
    #[must_use]
    pub fn apart(&self, then: &Decisions) -> Apart {
        let acts = |all: &Decisions| -> Vec<Decision> {
            all.all.iter().filter_map(|one| unnumbered(*one)).collect()
        };
        let (was, is) = (acts(then), acts(self.decided));
        let only = |these: &[Decision], others: &[Decision]| {
            these.iter().filter(|one| !others.contains(one)).copied().collect()
        };
        Apart { was: only(&was, &is), is: only(&is, &was) }
    }
}

fn unnumbered(decision: Decision) -> Option<Decision> {
    let Verdict::Act { action, .. } = decision.verdict else { return None };
    let verdict = Verdict::Act { id: ActionId::default(), action };
    Some(Decision { verdict, ..decision })
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
        Ok(Replayed { at: self.view.taken_at, decided })
    }
}
