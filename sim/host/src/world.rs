//! One run: a simulated world, what is seen of it, and the pilot that steers it. Knows policies only through
//! the pilot, and what the pilot sees only through [`crate::sense`].

use crate::alerts::Alerts;
use crate::departure::Departure;
use crate::event::Event;
use crate::log::Log;
use crate::onlooker::Listener;
use crate::sensing::Sensing;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{Action, ClusterView};
use seatrial_faults::Faults;
use seatrial_fleet::Fleet;
use seatrial_format::scenario::Scenario;
use seatrial_policies::{Pilot, PilotMemory, PolicyFile};
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
    pub(crate) listener: Option<Listener>,
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
    /// Other policies that take over, until they have.
    pub(crate) fork: Option<Box<Fork>>,
}

/// Policies that take over after a moment.
pub(crate) struct Fork {
    pub(crate) at: Moment,
    pub(crate) policies: PolicyFile,
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

impl Acting {
    /// An action sets out: when it arrives, where that is not at once. They arrive in the order in which they set
    /// out.
    pub(crate) fn send(&mut self, action: Action, now: Moment, later: Span) -> Option<Moment> {
        let delay = self.delay.saturating_add(later);
        if delay == Span::ZERO && self.flying.is_empty() {
            return None;
        }
        self.last_arrives = self.last_arrives.max(now.after(delay));
        self.flying.push_back(action);
        Some(self.last_arrives)
    }
}

impl Saved {
    /// Nothing is saved yet. What is saved at each tick is what they remember, and need not be kept apart.
    pub(crate) fn new(scenario: &Scenario, faults: &Faults, starts: Moment) -> Self {
        let policies = scenario.policies.as_ref();
        let every = policies.map_or(Span::ZERO, |of| of.saves_every.value);
        let may_stop = faults.may_stop_policies() || policies.is_some_and(|of| of.place.is_some());
        let may_be_needed = may_stop && every > Span::ZERO;
        Self { every, due: starts, memory: None, restarts: 0, may_be_needed }
    }

    /// The policies' process may have been started again: then it goes on from what it saved last.
    pub(crate) fn start_again(&mut self, restarts: u64, pilot: Option<&mut Pilot>) -> bool {
        if core::mem::replace(&mut self.restarts, restarts) == restarts {
            return false;
        }
        if let (Some(pilot), Some(memory)) = (pilot, &self.memory) {
            let restored = pilot.restore(memory);
            debug_assert!(restored.is_ok(), "what it saved itself is its own");
        }
        true
    }

    /// What the policies remember is saved, if it is time.
    pub(crate) fn keep(&mut self, pilot: Option<&Pilot>, now: Moment) {
        if let Some(pilot) = pilot.filter(|_| self.may_be_needed && now >= self.due) {
            self.memory = Some(pilot.save());
            self.due = now.after(self.every);
        }
    }
}
