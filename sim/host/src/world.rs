//! One run: a simulated world, what is seen of it, and the pilot that steers it. Knows policies only through
//! the pilot, and what the pilot sees only through [`crate::sense`].

use crate::Logbook;
use crate::acting::Acting;
use crate::alerts::Alerts;
use crate::departure::Departure;
use crate::event::Event;
use crate::log::Log;
use crate::past::PAST;
use crate::sense::Sensing;
use seatrial_contract::ClusterView;
use seatrial_contract::units::{Moment, Span};
use seatrial_faults::Faults;
use seatrial_fleet::Fleet;
use seatrial_format::scenario::Scenario;
use seatrial_policies::Pilot;
use std::sync::Arc;

/// When a run starts: at the scenario's time of its weekday, or as far into its week as the
/// logbook stopped that it departs from.
pub(crate) fn starts(scenario: &Scenario, from: Option<&Departure>) -> Moment {
    let own = Span::days(scenario.starts_on as u64).saturating_add(scenario.starts_at.value);
    Moment::START.after(PAST).after(from.map_or(own, Departure::time_of_week))
}

/// One simulated world and those who look at it and steer it.
pub struct World {
    pub(crate) fleet: Fleet<Event>,
    pub(crate) faults: Faults,
    pub(crate) view: ClusterView,
    pub(crate) sensing: Sensing,
    pub(crate) acting: Acting,
    pub(crate) pilot: Option<Pilot>,
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
