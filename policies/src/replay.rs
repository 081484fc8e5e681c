//! Decides again on recorded views: with the same policies to prove that they decide the same,
//! with others to learn what they would have decided. Knows no file.

use crate::{LogbookHead, LogbookMode, Pilot, PolicyFile, Rebuilt};
use alloc::vec::Vec;
use seatrial_contract::units::Moment;
use seatrial_contract::view::Misfit;
use seatrial_contract::{ActionId, Decision, Decisions, Dice, MemoryError, Turn, Verdict};

/// A pilot that is shown a logbook's views.
pub struct Replay {
    rebuilt: Rebuilt,
    pilot: Option<Pilot>,
    dice: Dice,
    /// Asked instead of the logbook's own.
    others: Option<PolicyFile>,
    /// The pilot has been shown nothing yet.
    fresh: bool,
    /// The pilot remembers what a head says, and has been shown no view since.
    restored: bool,
    tally: Tally,
}

/// What a replay has counted so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Ticks whose views were rebuilt.
    pub ticks: u64,
    /// Ticks on which nobody decided.
    pub observed: u64,
    /// Decisions in the logbook.
    pub decisions: u64,
    /// Ticks decided differently.
    pub differing: u64,
    /// Segments that begin with another memory than the one before ended with.
    pub memories: u64,
}

/// One tick, decided again.
pub struct Replayed<'a> {
    /// When.
    pub at: Moment,
    /// Its view.
    pub seen: &'a Rebuilt,
    /// What only one of the two decided, where they differ.
    pub apart: Option<Apart>,
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

impl Apart {
    fn between(then: &Decisions, now: &Decisions) -> Self {
        let acts = |all: &Decisions| -> Vec<Decision> {
            all.all.iter().filter_map(|one| unnumbered(*one)).collect()
        };
        let (was, is) = (acts(then), acts(now));
        let only = |these: &[Decision], others: &[Decision]| {
            these.iter().filter(|one| !others.contains(one)).copied().collect()
        };
        Self { was: only(&was, &is), is: only(&is, &was) }
    }
}

fn unnumbered(decision: Decision) -> Option<Decision> {
    let Verdict::Act { action, .. } = decision.verdict else { return None };
    let verdict = Verdict::Act { id: ActionId::default(), action };
    Some(Decision { verdict, ..decision })
}

impl Replay {
    /// With the policies that wrote the logbook.
    #[must_use]
    pub fn of_the_same() -> Self {
        Self::asking(None)
    }

    /// With these policies instead.
    #[must_use]
    pub fn of_others(policies: PolicyFile) -> Self {
        Self::asking(Some(policies))
    }

    fn asking(others: Option<PolicyFile>) -> Self {
        Self {
            rebuilt: Rebuilt::default(),
            pilot: None,
            dice: Dice::new(0),
            others,
            fresh: false,
            restored: false,
            tally: Tally::default(),
        }
    }

    /// A segment begins, written by these policies: they are needed only to decide the same. Where
    /// it `follows` the one before, they must remember the same.
    ///
    /// # Errors
    /// When its memory is not one of its policies.
    pub fn begin(
        &mut self,
        head: &LogbookHead,
        own: Option<&PolicyFile>,
        follows: bool,
    ) -> Result<(), MemoryError> {
        self.rebuilt.begin();
        self.dice = Dice::new(head.seed);
        if let Some(others) = &self.others {
            // Others go on with their own memory.
            if self.pilot.is_none() {
                (self.pilot, self.fresh) = (Some(Pilot::new(others)), true);
            }
            return Ok(());
        }
        let before = self.pilot.take().filter(|_| follows);
        let (LogbookMode::Decided, Some(own)) = (head.mode, own) else { return Ok(()) };
        let mut pilot = Pilot::new(own);
        if let Some(memory) = &head.memory {
            self.tally.memories += u64::from(before.is_some_and(|pilot| pilot.save() != *memory));
            pilot.restore(memory)?;
            self.restored = true;
        }
        self.pilot = Some(pilot);
        Ok(())
    }

    /// Decides on the view of the next turn.
    ///
    /// # Errors
    /// When the turn belongs to another logbook.
    pub fn turn(&mut self, turn: &Turn) -> Result<Replayed<'_>, Misfit> {
        self.rebuilt.turn(turn)?;
        if core::mem::take(&mut self.fresh) {
            self.rebuilt.view.touch_rows();
        }
        self.tally.ticks += 1;
        self.tally.decisions += turn.decided.all.len() as u64;
        let view = &self.rebuilt.view;
        if let Some(pilot) = self.pilot.as_ref().filter(|_| core::mem::take(&mut self.restored)) {
            pilot.fits(view)?;
        }
        let apart = match &mut self.pilot {
            None => {
                self.tally.observed += 1;
                None
            }
            Some(pilot) => {
                let now = pilot.tick(view, self.dice);
                let apart = Apart::between(&turn.decided, now);
                let differs = match self.others {
                    // Its own policies must decide the very same.
                    None => *now != turn.decided,
                    // Others are asked what they would have done.
                    Some(_) => apart != Apart::default(),
                };
                differs.then_some(apart)
            }
        };
        self.tally.differing += u64::from(apart.is_some());
        Ok(Replayed { at: view.taken_at, seen: &self.rebuilt, apart })
    }

    /// What was counted so far.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// The view of the last turn.
    #[must_use]
    pub fn rebuilt(&self) -> &Rebuilt {
        &self.rebuilt
    }
}
