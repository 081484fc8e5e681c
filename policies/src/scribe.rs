//! Says what a host writes into its logbook, frame by frame. Knows no file.

use crate::{LogbookHead, PilotMemory};
use alloc::string::String;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::Names;
use seatrial_contract::{ClusterView, Decisions, TurnTaker};

/// Makes the frames of a logbook. A host calls [`Scribe::begin`] once for every segment, before
/// its first turn, and [`Scribe::turn`] after every tick, before the view is settled.
pub struct Scribe {
    head: LogbookHead,
    turns: TurnTaker,
    /// When the first view of the segment was taken, and the last.
    taken: Option<(Moment, Moment)>,
}

impl Scribe {
    /// A scribe that begins each segment with this head and the memory it is told.
    #[must_use]
    pub fn new(head: LogbookHead) -> Self {
        Self { head, turns: TurnTaker::default(), taken: None }
    }

    /// The head of a new segment, written before a pilot that remembers this decides; the turn
    /// after it is the whole view.
    pub fn begin(&mut self, memory: Option<PilotMemory>) -> String {
        self.head.memory = memory;
        self.turns = TurnTaker::default();
        self.taken = None;
        self.head.write()
    }

    /// The turn in which this was decided on this view, not settled yet.
    ///
    /// # Panics
    /// Never: a turn is plain data.
    pub fn turn(&mut self, view: &ClusterView, names: &Names, decided: &Decisions) -> String {
        let first = self.taken.map_or(view.taken_at, |taken| taken.0);
        self.taken = Some((first, view.taken_at));
        let turn = self.turns.take(view, names, decided);
        serde_json::to_string(&turn).expect("a turn is plain data")
    }

    /// How much view time the segment covers.
    #[must_use]
    pub fn covers(&self) -> Span {
        self.taken.map_or(Span::ZERO, |(first, last)| last.since(first))
    }

    /// What the next segment's head will say, its memory aside: other policies from then on, say.
    pub fn head(&mut self) -> &mut LogbookHead {
        &mut self.head
    }
}
