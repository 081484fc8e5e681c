//! Rebuilds from the frames of one segment what a host knew when it stopped. Knows no file.

use crate::{FrameError, LogbookHead, LogbookMode, Pilot, PolicyFile, TurnReader, digest};
use core::fmt;
use seatrial_contract::view::{Misfit, Names};
use seatrial_contract::{ClusterView, Dice, MemoryError, Turn};

/// A view and what its rows are called, rebuilt turn by turn.
#[derive(Clone, Debug, Default)]
pub struct Rebuilt {
    /// The view of the last turn, not settled yet.
    pub view: ClusterView,
    /// What its rows are called.
    pub names: Names,
}

impl Rebuilt {
    /// A segment begins: its first turn is the whole view.
    pub fn begin(&mut self) {
        *self = Self::default();
    }

    /// Becomes what the next turn saw.
    ///
    /// # Errors
    /// When the turn belongs to another logbook.
    pub fn turn(&mut self, turn: &Turn) -> Result<(), Misfit> {
        self.view.apply(&turn.seen)?;
        self.names.extend(&turn.names);
        Ok(())
    }
}

/// What a host knew after the last turn of a segment.
pub struct Recovered {
    /// The head of the segment.
    pub head: LogbookHead,
    /// The last view, not settled yet, and what its rows are called.
    pub last: Rebuilt,
    /// A pilot as it stood after the last turn: none where other policies decided, or nobody did.
    pub pilot: Option<Pilot>,
    /// How many turns were read.
    pub turns: u64,
    /// Turns on which it now decided something else: the segment was not written by these policies.
    pub differing: u64,
}

/// Reads a segment back, frame by frame.
pub struct Recovery {
    found: Recovered,
    turns: TurnReader,
    dice: Dice,
}

/// Why a segment cannot be read back.
#[derive(Debug)]
pub enum RecoveryError {
    /// A frame says nothing that is known.
    Frame(FrameError),
    /// A turn does not fit the view before it.
    Misfit(Misfit),
    /// The memory is not one of these policies.
    Memory(MemoryError),
}

impl fmt::Display for RecoveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frame(error) => error.fmt(f),
            Self::Misfit(error) => error.fmt(f),
            Self::Memory(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for RecoveryError {}

impl Recovery {
    /// Begins with the head of the segment. A pilot is restored only where these policies wrote it.
    ///
    /// # Errors
    /// When the frame is no head, or its memory is not one of its policies.
    pub fn begin(head: &str, policies: &PolicyFile) -> Result<Self, RecoveryError> {
        let head = LogbookHead::read(head).map_err(RecoveryError::Frame)?;
        let same = head.mode == LogbookMode::Decided && head.policy_digest == digest(policies);
        let mut pilot = same.then(|| Pilot::new(policies));
        if let (Some(pilot), Some(memory)) = (&mut pilot, &head.memory) {
            pilot.restore(memory).map_err(RecoveryError::Memory)?;
        }
        let dice = Dice::new(head.seed);
        let found = Recovered { head, last: Rebuilt::default(), pilot, turns: 0, differing: 0 };
        Ok(Self { found, turns: TurnReader::default(), dice })
    }

    /// Goes on with the next turn.
    ///
    /// # Errors
    /// When the frame is no turn, or belongs to another segment.
    pub fn turn(&mut self, text: &str) -> Result<(), RecoveryError> {
        let turn = self.turns.read(text).map_err(RecoveryError::Frame)?;
        let found = &mut self.found;
        found.last.turn(&turn).map_err(RecoveryError::Misfit)?;
        found.turns += 1;
        if let Some(pilot) = &mut found.pilot {
            if found.turns == 1 {
                pilot.fits(&found.last.view).map_err(RecoveryError::Misfit)?;
            }
            let decided = pilot.tick(&found.last.view, self.dice);
            found.differing += u64::from(*decided != turn.decided);
        }
        Ok(())
    }

    /// What the host knew after the last turn.
    #[must_use]
    pub fn end(self) -> Recovered {
        self.found
    }
}
