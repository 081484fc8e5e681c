//! One run: a simulated world, what is seen of it, and the pilot that steers it. Knows policies only through
//! the pilot, and what the pilot sees only through [`crate::sense`].

use crate::Logbook;
use crate::alerts::Alerts;
use crate::departure::Departure;
use crate::event::Event;
use crate::log::Log;
use crate::sensing::Sensing;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{Action, ClusterView};
use seatrial_faults::Faults;
use seatrial_fleet::Fleet;
use seatrial_policies::{Pilot, PilotMemory};
use std::collections::VecDeque;
use std::sync::Arc;

/// One simulated world and those who look at it and steer it.
pub struct World {
    pub(crate) fleet: Fleet<Event>,
    pub(crate) faults: Faults,
    pub(crate) view: ClusterView,
    pub(crate) sensing: Sensing,
    pub(crate) acting: Acting,
    pub(crate) pilot: Option<Box<Pilot>>,
    pub(crate) saved: Saved,
    pub(crate) logbook: Option<Logbook>,
    pub(crate) alerts: Alerts,
    pub(crate) log: Log,
    pub(crate) setting: Setting,
    /// Where it departs from, until it has done so.
    pub(crate) departure: Option<Arc<Departure>>,
}

/// What a scenario and its policies lay down for a run.
pub(crate) struct Setting {
    pub(crate) title: String,
    pub(crate) warm_up: Moment,
    pub(crate) tick: Span,
    pub(crate) policy_words: Vec<String>,
    pub(crate) policy_digest: String,
}

/// Actions on their way.
pub(crate) struct Acting {
    pub(crate) delay: Span,
    pub(crate) flying: VecDeque<Action>,
    /// When the last of them arrives.
    pub(crate) last_arrives: Moment,
}

/// What the policies have saved of what they remember.
pub(crate) struct Saved {
    pub(crate) every: Span,
    pub(crate) due: Moment,
    pub(crate) memory: Option<PilotMemory>,
    /// How often they were started again.
    pub(crate) restarts: u64,
    /// Whether they may go down at all.
    pub(crate) may_be_needed: bool,
}

impl Acting {
    pub(crate) fn new(delay: Span) -> Self {
        Self { delay, flying: VecDeque::new(), last_arrives: Moment::default() }
    }
}
