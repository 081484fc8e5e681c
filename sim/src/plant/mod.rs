//! The world as it truly is: tenants, machines, sessions, bills. One concept a file.
//!
//! [`World::new`] builds it from a checked scenario, [`World::run`] lets its time pass and returns
//! the record; [`World::departing`] has it begin as a logbook ends. Knows policies only through the pilot, and what the pilot sees only through
//! [`crate::sense`].

mod alerts;
mod bill;
mod build;
mod departure;
mod design;
mod failover;
mod growth;
mod laws;
mod measures;
mod metrics;
mod nodes;
mod objects;
mod replicas;
mod resized;
mod resizing;
mod resume;
mod run;
mod sampled;
mod sessions;
mod settle;
mod starting;
mod tenants;
#[cfg(test)]
mod week;

pub use departure::{Departure, Origin};
pub use failover::{FailedOver, Loss, Sentinels};
pub use laws::BrokenLaw;
pub use run::{Silent, Watch};

pub(crate) use design::{Design, TierDesign};
pub(crate) use nodes::{Node, boot_time};
pub(crate) use tenants::{Phase, Tenant};

use crate::Logbook;
use crate::apply::Acting;
use crate::sense::Sensing;
use alerts::Alerts;
use bill::Ledger;
use measures::Measures;
use objects::ObjectStore;
use replicas::Replicas;
pub(crate) use replicas::Sight;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{ClusterView, Decision, Dice, NodeId, TenantId};
use seatrial_format::scenario::Scenario;
use seatrial_kernel::agenda::{Agenda, Class};
use seatrial_policies::Pilot;
use seatrial_traffic::sampling::Sampling;
use seatrial_traffic::{
    self as traffic, Doing, OBSERVE, StartCall, Stations, WORLD, of_tiers, pooler_row,
};
use std::collections::BTreeMap;
use std::ptr;
use std::sync::Arc;

/// Who it is, and at which turn (its low bits), or which part. Packed, so that it fits beside the word that
/// tells events apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(Rust, packed(2))]
pub(crate) struct Turn<T>(pub(crate) T, pub(crate) u16);

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// Somebody comes to a tenant.
    Login(TenantId),
    /// The session of that number ends.
    SessionEnds(TenantId),
    /// Whoever waits since the session of that number (its low bits) gives up.
    GiveUp(Turn<TenantId>),
    /// A start that was begun at that turn (its low bits) is done.
    Started(Turn<TenantId>),
    /// A part that was killed, or restarts, comes back.
    Revived(Turn<TenantId>),
    /// A tenant's load factor is drawn anew.
    LoadTurns(TenantId),
    /// A tenant leaves for good.
    Leaves(TenantId),
    /// Somebody signs up.
    SignUp,
    /// A machine that was ordered is there.
    NodeReady(NodeId),
    /// The cluster is scraped.
    Scrape,
    /// What a scrape saw arrives.
    Seen,
    /// The policies look.
    Tick,
    /// The oldest action on its way arrives.
    Acted,
    /// What happens to calls.
    Calls(traffic::Event),
    /// A tenant whose start has failed is started again.
    Restarts(Turn<TenantId>),
    /// What a replica waited for is there, at that turn (its low bits).
    ReplicaDue(Turn<u32>),
    /// Replicas of a service are lost, by the number of that loss.
    ReplicasLost(u16, u16),
    /// Replicas of a service look for machines again.
    ReplicasSeek(u16),
    /// What replicas use is taken down.
    ReplicasSampled,
    /// A day is over.
    DayEnds,
    /// Statistics begin anew.
    WarmedUp,
    /// The start of a tenant at that turn (its low bits) is answered, whose calls were not lived through.
    StartTaken(Turn<TenantId>),
}

impl From<traffic::Event> for Event {
    fn from(event: traffic::Event) -> Self {
        Self::Calls(event)
    }
}

impl traffic::Hosts for Event {
    #[inline]
    fn of_calls(self) -> Option<traffic::Event> {
        if let Self::Calls(event) = self { Some(event) } else { None }
    }
}

const _: () = assert!(size_of::<Event>() <= 8, "events are copied about in the agenda");

/// What lies between the simulator's zero, midnight on a Monday, and the Monday of the week in which
/// a voyage starts: what happened before (a tenant's last visit) has a moment too. Whole weeks, so
/// that a moment tells its time of the week by itself.
pub(crate) const PAST: Span = Span::days(364);

/// When a voyage starts: at the scenario's time of its weekday, or as far into its week as the
/// logbook stopped that it departs from.
pub(crate) fn starts(scenario: &Scenario, from: Option<&Departure>) -> Moment {
    let own = Span::days(scenario.starts_on as u64).saturating_add(scenario.starts_at.value);
    Moment::START.after(PAST).after(from.map_or(own, Departure::time_of_week))
}

/// The world changes before it is observed, and is observed before it is steered.
pub(crate) const STEER: Class = Class(2);
pub(crate) const CLOSE: Class = Class(3);

/// One simulated world.
pub struct World {
    pub(crate) agenda: Agenda<Event>,
    pub(crate) dice: Dice,
    pub(crate) design: Design,
    pub(crate) tenants: Vec<Tenant>,
    pub(crate) nodes: Vec<Node>,
    pub(crate) view: ClusterView,
    pub(crate) sensing: Sensing,
    pub(crate) acting: Acting,
    pub(crate) pilot: Option<Pilot>,
    pub(crate) logbook: Option<Logbook>,
    pub(crate) stations: Stations,
    /// Where calls are lived through for part of the time.
    pub(crate) sampling: Option<Box<Sampling<Event>>>,
    pub(crate) replicas: Replicas,
    pub(crate) alerts: Alerts,
    pub(crate) objects: Vec<ObjectStore>,
    pub(crate) measures: Measures,
    pub(crate) ledger: Ledger,
    pub(crate) log: Log,
    /// Where it departs from, and what became of that.
    pub(crate) departure: Option<Arc<Departure>>,
    pub(crate) departed: Option<seatrial_record::Departure>,
    pub(crate) events: u64,
    /// Whether time passes; what is decided before only sets the scene.
    pub(crate) launched: bool,
    pub(crate) signups: u64,
}

/// What the pilot decided.
#[derive(Default)]
pub(crate) struct Log {
    /// The decisions to act, and when.
    pub(crate) actions: Vec<(Moment, Decision)>,
    /// By policy, verdict and reason. They are few and counted at every decision, so they are found by
    /// where their words stand; what stands at two places is there twice.
    reasons: Vec<(Why, u64)>,
}

/// A policy by its place, the word for what it did, and the word for why.
type Why = (u8, &'static str, &'static str);

impl Log {
    /// One more of these.
    pub(crate) fn count(&mut self, why: Why) {
        let is_it = |of: &Why| of.0 == why.0 && ptr::eq(of.1, why.1) && ptr::eq(of.2, why.2);
        match self.reasons.iter_mut().find(|(of, _)| is_it(of)) {
            Some((_, count)) => *count += 1,
            None => self.reasons.push((why, 1)),
        }
    }

    /// How many there were of each, by policy and words.
    pub(crate) fn reasons(&self) -> BTreeMap<Why, u64> {
        let mut sums = BTreeMap::new();
        for (why, count) in &self.reasons {
            *sums.entry(*why).or_default() += count;
        }
        sums
    }
}

impl World {
    pub(crate) fn now(&self) -> Moment {
        self.agenda.now().max(self.design.starts)
    }

    pub(crate) fn later(&mut self, span: Span, event: Event) {
        let at = self.now().after(span);
        if at <= self.design.ends_at {
            self.agenda.schedule(at, WORLD, event);
        }
    }
}
