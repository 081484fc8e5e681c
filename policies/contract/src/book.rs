//! The in-flight book: what was decided and has not been seen to work yet.
//!
//! It keeps one action a target, the room reserved for those on their way, what policies keep as it
//! is, and what was taken within the hour. Knows no host; it reads the view like any policy.

use crate::caps::Spent;
use crate::units::{Moment, Span};
use crate::view::Phase;
use crate::{
    Action, ActionId, ClusterView, Effect, Footprint, Guard, Keep, Kept, NodeId, PolicyId, PoolId,
    ServiceId, Target, TenantId,
};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// A moment no further back than this is told alike by many who were all there at the same time.
const FAR_PAST: Span = Span::days(1);
/// So many may tell the same by chance, in a fleet however small.
const ALIKE: u32 = 10;
/// So many moments are remembered.
const DOUBTED_MOST: usize = 16;

/// What is in the air.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    #[serde(with = "crate::pairs")]
    flights: BTreeMap<Target, Flight>,
    /// By machine; machines beyond the end have nothing reserved.
    reserved: Vec<Reserved>,
    version: u64,
    next_id: u64,
    moving: u32,
    due_next: Option<Moment>,
    spent: Spent,
    #[serde(default, skip_serializing_if = "Kept::is_empty")]
    kept: Kept,
    /// Machines that nobody else opens again or gives back, by whom and until when.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", with = "crate::pairs")]
    closed: BTreeMap<NodeId, (PolicyId, Moment)>,
    /// Moments that many tenants told at once to have been active last, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    doubted: Vec<Moment>,
    #[serde(skip)]
    touched: Touched,
}

/// Machines on which something else is reserved than before: in this tick, and in the one before. No part of
/// what is remembered.
#[derive(Clone, Debug, Default)]
struct Touched {
    now: Vec<NodeId>,
    before: Vec<NodeId>,
}

/// Two books are equal whatever was written to get there.
impl PartialEq for Touched {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Touched {}

/// One action on its way, or one that had no effect and is not to be repeated yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flight {
    /// Its number.
    pub id: ActionId,
    /// Who decided it.
    pub policy: PolicyId,
    /// What it does.
    pub action: Action,
    /// Since when it flies.
    pub since: Moment,
    /// What will show that it worked.
    pub effect: Effect,
    /// The effect should be seen by then; or, without effect, no new try before then.
    pub due: Moment,
    /// How often it failed to have its effect.
    pub failures: u32,
    /// Whether its effect is still waited for.
    pub state: FlightState,
    reserved: Option<Reservation>,
}

/// What became of an action that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlightState {
    /// Its effect is waited for.
    Flying,
    /// It had no effect; its like is not tried again before it is due.
    Grounded,
    /// Its like may be tried again; how often it failed is remembered.
    Spent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Reservation {
    node: NodeId,
    footprint: Footprint,
    tenants: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Reserved {
    footprint: Footprint,
    tenants: u32,
}

impl Book {
    /// What others know of it who take over: what flies, and what was taken; not what those before them kept for themselves.
    #[must_use]
    pub fn handed_over(&self) -> Self {
        Self { kept: Kept::default(), closed: BTreeMap::new(), ..self.clone() }
    }

    /// The flight at this target, one that is held against its like included.
    #[must_use]
    pub fn flight(&self, target: Target) -> Option<&Flight> {
        self.flights.get(&target).filter(|flight| flight.state != FlightState::Spent)
    }

    /// All flights, with those that are held against their like.
    pub fn flights(&self) -> impl Iterator<Item = &Flight> {
        self.flights.values()
    }

    /// The machines on which something else is reserved than at the beginning of the tick before; some of them
    /// more than once.
    pub fn reservations_changed(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.touched.before.iter().chain(&self.touched.now).copied()
    }

    /// Whether every row that it names is in this view.
    #[must_use]
    pub fn fits(&self, view: &ClusterView) -> bool {
        let (tenants, nodes, units) =
            (view.tenants().len(), view.nodes().len(), view.units().len());
        let target = |target: &Target| match *target {
            Target::Tenant(id) => id.index() < tenants,
            Target::Node(id) => id.index() < nodes,
            Target::Pool(id) => id.index() < view.pools().len(),
            Target::Service(id) => id.index() < view.services().len(),
            Target::Database(id) => id.index() < view.databases().len(),
            Target::Connections(pooler, tier) => {
                pooler.index() < view.poolers().len() && tier.index() < view.tiers().len()
            }
        };
        let effect = |effect: Effect| match effect {
            Effect::Requests(unit, _) => unit.index() < units,
            Effect::LivesOn(node) => node.index() < nodes,
            Effect::Homeless
            | Effect::StageIs(_)
            | Effect::Cordoned
            | Effect::Open
            | Effect::Gone
            | Effect::PoolHas(_)
            | Effect::LimitIs(_)
            | Effect::ReplicasWanted(_)
            | Effect::ReleaseIs(_)
            | Effect::BackupsAre(_)
            | Effect::RestoresAre(_)
            | Effect::FailoversAre(_) => true,
        };
        let flight = |(at, flight): (&Target, &Flight)| {
            let reserved = flight.reserved.is_none_or(|of| of.node.index() < nodes);
            let rows = effect(flight.effect) && effect(flight.action.effect(0));
            *at == flight.action.target() && target(at) && rows && reserved
        };
        let closed = self.closed.keys().all(|node| node.index() < nodes);
        closed && self.reserved.len() <= nodes && self.flights.iter().all(flight)
    }

    /// What is reserved on a machine for those on their way to it, and how many they are.
    #[must_use]
    pub fn reserved(&self, node: NodeId) -> (Footprint, u32) {
        self.reserved.get(node.index()).map_or_else(Default::default, |r| (r.footprint, r.tenants))
    }

    /// Grows whenever a reservation is given back.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Tenants being moved.
    #[must_use]
    pub fn moving(&self) -> u32 {
        self.moving
    }

    /// What destructive actions took within the last hour.
    pub(crate) fn spent(&self) -> &Spent {
        &self.spent
    }

    /// Whether so many tenants told at once to have been active last then that it is not believed.
    pub(crate) fn doubts(&self, moment: Moment) -> bool {
        self.doubted.contains(&moment)
    }

    /// Notes moments long past that too many of those that changed tell at once: a counter that began
    /// anew tells the same of everyone.
    pub fn compare_moments(&mut self, view: &ClusterView, guard: &Guard) {
        let mut alike: BTreeMap<Moment, u32> = BTreeMap::new();
        for id in view.changes().tenants() {
            let Some(last) = view.last_active().get(id.index()) else { continue };
            if view.tenant(*id).phase.is_present() && last.age_of_value(view.taken_at) >= FAR_PAST {
                *alike.entry(last.value).or_default() += 1;
            }
        }
        let share = u64::from(view.tenants_present()) * u64::from(guard.same_moment_most.0);
        let over = |count: u32| count > ALIKE && u64::from(count) * 1_000_000 > share;
        for (moment, count) in alike {
            if over(count) && !self.doubted.contains(&moment) {
                self.doubted.push(moment);
            }
        }
        let beyond = self.doubted.len().saturating_sub(DOUBTED_MOST);
        self.doubted.drain(..beyond);
    }

    /// Who keeps whom as they are.
    #[must_use]
    pub fn kept(&self) -> &Kept {
        &self.kept
    }

    /// Who keeps a machine closed, and until when.
    pub(crate) fn closer(&self, node: NodeId, now: Moment) -> Option<PolicyId> {
        self.closed.get(&node).filter(|(_, until)| now < *until).map(|of| of.0)
    }

    pub(crate) fn keep_closed(&mut self, node: NodeId, by: PolicyId, until: Moment) {
        self.closed.insert(node, (by, until));
    }

    pub(crate) fn open_again(&mut self, node: NodeId, by: PolicyId) {
        if self.closed.get(&node).is_some_and(|of| of.0 == by) {
            self.closed.remove(&node);
        }
    }

    pub(crate) fn keep(&mut self, keep: Keep, tenant: TenantId, by: (PolicyId, Moment)) {
        self.kept.keep(keep, tenant, by);
    }

    pub(crate) fn let_go(&mut self, keep: Keep, tenant: TenantId, policy: PolicyId) {
        // Tenants that wait look again.
        let let_go = u64::from(self.kept.let_go(keep, tenant, policy));
        self.version = self.version.wrapping_add(let_go);
    }

    /// Writes an action down and reserves what it will take.
    pub(crate) fn depart(
        &mut self,
        view: &ClusterView,
        guard: &Guard,
        policy: PolicyId,
        action: Action,
    ) -> ActionId {
        let (now, id, target) = (view.taken_at, ActionId(self.next_id), action.target());
        self.next_id = self.next_id.wrapping_add(1);
        let pool_has = match target {
            Target::Pool(pool) => view.pool(pool).sums.ready + view.pool(pool).sums.booting,
            Target::Tenant(_)
            | Target::Node(_)
            | Target::Connections(..)
            | Target::Service(_)
            | Target::Database(_) => 0,
        };
        let alike = |flight: &&Flight| flight.action.word() == action.word();
        let flight = Flight {
            id,
            policy,
            action,
            since: now,
            effect: action.effect(pool_has),
            due: now.after(guard.effect_within),
            failures: self.flights.get(&target).filter(alike).map_or(0, |flight| flight.failures),
            state: FlightState::Flying,
            reserved: self.reserve(view, action),
        };
        self.flights.insert(target, flight);
        self.moving = self.moving.saturating_add(u32::from(matches!(action, Action::Move { .. })));
        self.due_next = Some(self.due_next.map_or(flight.due, |next| next.min(flight.due)));
        if action.is_destructive() {
            self.spent.add(now, action);
        }
        id
    }

    /// Strikes out what the view shows to have worked, and grounds what did not work in time.
    pub fn land(&mut self, view: &ClusterView, guard: &Guard) {
        core::mem::swap(&mut self.touched.now, &mut self.touched.before);
        self.touched.now.clear();
        if self.flights.is_empty() {
            return;
        }
        for id in view.changes().tenants() {
            self.land_one(view, Target::Tenant(*id));
        }
        for id in view.changes().nodes() {
            self.land_one(view, Target::Node(*id));
        }
        for index in 0..view.pools().len() {
            self.land_one(view, Target::Pool(PoolId::at(index)));
        }
        for index in 0..view.services().len() {
            self.land_one(view, Target::Service(ServiceId::at(index)));
        }
        for (id, tier) in view.connection_pools() {
            self.land_one(view, Target::Connections(id, tier));
        }
        if self.due_next.is_some_and(|due| due <= view.taken_at) {
            self.overdue(view, guard);
        }
    }

    fn land_one(&mut self, view: &ClusterView, target: Target) {
        let Some(flight) = self.flights.get(&target) else { return };
        let gone = matches!(target, Target::Tenant(id) if view.tenant(id).phase == Phase::Gone);
        if gone || flight.effect.is_seen(target, view) {
            self.strike(target);
        }
    }

    fn strike(&mut self, target: Target) {
        if let Some(flight) = self.flights.remove(&target) {
            self.release(&flight);
        }
    }

    fn overdue(&mut self, view: &ClusterView, guard: &Guard) {
        let now = view.taken_at;
        let due = self.flights.iter().filter(|(_, flight)| flight.due <= now);
        for target in due.map(|(target, _)| *target).collect::<Vec<_>>() {
            let Some(mut flight) = self.flights.get(&target).copied() else { continue };
            if flight.effect.is_seen(target, view) {
                self.strike(target);
                continue;
            }
            if flight.state == FlightState::Flying {
                self.release(&flight);
                let wait = guard.back_off.0.saturating_mul(1 << flight.failures.min(10));
                flight.failures = flight.failures.saturating_add(1);
                flight.state = FlightState::Grounded;
                flight.due = now.after(Span(wait));
                flight.reserved = None;
            } else {
                flight.state = FlightState::Spent;
                flight.due = Moment::NEVER;
                // Tenants that wait for room look again: this target may be tried again.
                self.version = self.version.wrapping_add(1);
            }
            self.flights.insert(target, flight);
        }
        self.due_next = self.flights.values().map(|flight| flight.due).min();
    }

    fn reserve(&mut self, view: &ClusterView, action: Action) -> Option<Reservation> {
        let reservation = match action {
            Action::Place { tenant, node } | Action::Move { tenant, node, .. } => {
                Reservation { node, footprint: view.need(tenant), tenants: 1 }
            }
            Action::Wake { tenant } => {
                let row = view.tenant(tenant);
                Reservation { node: row.node?, footprint: row.missing(), tenants: 0 }
            }
            Action::Resize { unit, from, to, .. } => {
                let row = view.units()[unit.index()];
                let more =
                    if row.state.is_promised() { to.minus(from) } else { Footprint::default() };
                Reservation { node: row.node?, footprint: more, tenants: 0 }
            }
            Action::Evict { .. }
            | Action::Abandon { .. }
            | Action::Hibernate { .. }
            | Action::AddNodes { .. }
            | Action::Cordon { .. }
            | Action::Uncordon { .. }
            | Action::Drain { .. }
            | Action::RemoveNode { .. }
            | Action::LimitConnections { .. }
            | Action::Scale { .. }
            | Action::RevertRelease { .. }
            | Action::BackUp { .. }
            | Action::Restore { .. }
            | Action::FailOver { .. } => return None,
        };
        if self.reserved.len() <= reservation.node.index() {
            self.reserved.resize(reservation.node.index() + 1, Reserved::default());
        }
        self.touched.now.push(reservation.node);
        let slot = &mut self.reserved[reservation.node.index()];
        slot.footprint = slot.footprint.plus(reservation.footprint);
        slot.tenants = slot.tenants.saturating_add(reservation.tenants);
        Some(reservation)
    }

    fn release(&mut self, flight: &Flight) {
        if flight.state != FlightState::Flying {
            return;
        }
        self.version = self.version.wrapping_add(1);
        self.moving =
            self.moving.saturating_sub(u32::from(matches!(flight.action, Action::Move { .. })));
        let Some(reservation) = flight.reserved else { return };
        self.touched.now.push(reservation.node);
        if let Some(slot) = self.reserved.get_mut(reservation.node.index()) {
            slot.footprint = slot.footprint.minus(reservation.footprint);
            slot.tenants = slot.tenants.saturating_sub(reservation.tenants);
        }
    }
}
