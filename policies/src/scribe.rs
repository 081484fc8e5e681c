//! Says what a host writes into its logbook, frame by frame. Knows no file.

use crate::{LogbookHead, PilotMemory, Said};
use alloc::string::String;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::Names;
use seatrial_contract::{ClusterView, Decisions, TurnTaker};

/// Makes the frames of a logbook. A host calls [`Scribe::begin`] once for every segment, before
/// its first turn, and [`Scribe::turn`] after every tick, before the view is settled.
pub struct Scribe {
    head: LogbookHead,
    turns: TurnTaker,
    /// What was decided in the last turn of the segment.
    decided: Option<Decisions>,
    /// When the first view of the segment was taken, and the last.
    taken: Option<(Moment, Moment)>,
}

impl Scribe {
    /// A scribe that begins each segment with this head and the memory it is told.
    #[must_use]
    pub fn new(head: LogbookHead) -> Self {
        Self { head, turns: TurnTaker::default(), decided: None, taken: None }
    }

    /// The head of a new segment, written before a pilot that remembers this decides; the turn
    /// after it is the whole view.
    pub fn begin(&mut self, memory: Option<PilotMemory>) -> String {
        self.head.memory = memory;
        self.turns = TurnTaker::default();
        self.decided = None;
        self.taken = None;
        self.head.write()
    }

    /// The text of the turn in which this was decided on this view, not settled yet.
    pub fn turn(&mut self, view: &ClusterView, names: &Names, decided: &Decisions) -> String {
        self.hear(view, names, decided).write()
    }

    /// The same, to be written by somebody else.
    pub fn hear(&mut self, view: &ClusterView, names: &Names, decided: &Decisions) -> Said {
        let first = self.taken.map_or(view.taken_at, |taken| taken.0);
        self.taken = Some((first, view.taken_at));
        let (seen, names) = self.turns.take(view, names);
        let is_new = self.decided.as_ref() != Some(decided);
        let decided = is_new.then(|| decided.clone());
        if is_new {
            self.decided.clone_from(&decided);
        }
        Said { seen, decided, names }
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
