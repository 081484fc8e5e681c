//! Keeps the one view of the cluster from what drivers say they saw.
//!
//! What could not be read stays as it was last seen and grows old; nothing becomes zero for want of
//! an answer. Knows no driver, no clock and no policy: time comes with what was seen.

mod claims;
mod column;
#[cfg(test)]
mod doubts;
mod machine;
#[cfg(test)]
mod tests;
mod visits;

use crate::config::Bridge;
use crate::sighting::{Sighting, UnitSeen};
use crate::stack;
use claims::Claims;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::{Names, NodeState, Phase, Pool, Tenant, Tier, UnitState};
use seatrial_contract::{
    ClusterView, NodeId, PoolId, Stage, Stages, TenantId, TierId, UnitId, ZoneId,
};
use std::collections::{BTreeMap, BTreeSet};

use visits::Visits;

/// So many complaints about one source are told, and kept so that they are told once.
const COMPLAINTS_MAX: usize = 100;
/// A row of the view is never used again: policies remember it by its number. So many tenants and
/// containers are known in the life of a logbook: `large_fleet 25 2000` has as many, and takes 171 MiB.
const TENANTS_MAX: usize = 50_000;
const UNITS_MAX: usize = 100_000;

/// The view, and what is needed to keep it.
pub struct Registry {
    view: ClusterView,
    names: Names,
    nodes: BTreeMap<String, NodeId>,
    tenants: BTreeMap<String, TenantId>,
    units: BTreeMap<(TenantId, String), UnitId>,
    /// A container may be seen on several machines while it moves.
    instances: BTreeMap<(UnitId, NodeId), UnitSeen>,
    /// By machine: when it was last seen.
    seen_at: Vec<Moment>,
    /// By machine: the containers on it.
    units_on: Vec<BTreeSet<UnitId>>,
    /// Containers on a machine that could not be looked at.
    unclear: BTreeSet<(UnitId, NodeId)>,
    claims: Claims,
    /// By tenant: what the columns say.
    visits: Vec<Visits>,
    /// A column says who waits.
    waiting_is_told: bool,
    /// By source: what was complained of last, so that it is said once.
    complaints: BTreeMap<String, BTreeSet<String>>,
    lost_after: Span,
    forget_after: Span,
}

/// Something that people want to know, said once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// When.
    pub at: Moment,
    /// What.
    pub text: String,
}

impl Registry {
    /// One for what a bridge's file says.
    #[must_use]
    pub fn of(bridge: &Bridge) -> Self {
        let Bridge { labels, tiers, pools, lost_after, forget_after, .. } = bridge;
        Self::new(&labels.stages, tiers, pools, *lost_after, *forget_after)
    }

    /// A registry that has seen nothing.
    #[must_use]
    pub fn new(
        stages: &Stages,
        tiers: &[Tier],
        pools: &[Pool],
        lost_after: Span,
        forget_after: Span,
    ) -> Self {
        let mut view = ClusterView::default();
        view.name_stages(stages.clone());
        tiers.iter().for_each(|tier| {
            view.add_tier(tier.clone());
        });
        pools.iter().for_each(|pool| {
            view.add_pool(pool.clone());
        });
        Self {
            view,
            names: Names::default(),
            nodes: BTreeMap::new(),
            tenants: BTreeMap::new(),
            units: BTreeMap::new(),
            instances: BTreeMap::new(),
            seen_at: Vec::new(),
            units_on: Vec::new(),
            unclear: BTreeSet::new(),
            claims: Claims::default(),
            visits: Vec::new(),
            waiting_is_told: false,
            complaints: BTreeMap::new(),
            lost_after,
            forget_after,
        }
    }

    /// Goes on from a view that an earlier registry kept; none where the tiers, pools or
    /// stages of sleep are others.
    #[must_use]
    pub fn resume(mut self, view: ClusterView, names: Names) -> Option<Self> {
        let plain = |pool: &Pool| Pool { sums: Default::default(), ..pool.clone() };
        let pools = |view: &ClusterView| view.pools().iter().map(plain).collect::<Vec<_>>();
        let same = view.tiers() == self.view.tiers() && view.stages() == self.view.stages();
        if !same || pools(&view) != pools(&self.view) {
            return None;
        }
        let named = |names: &[String]| names.iter().cloned().enumerate().collect::<Vec<_>>();
        self.nodes = named(&names.nodes).into_iter().map(|(i, n)| (n, NodeId::at(i))).collect();
        self.tenants =
            named(&names.tenants).into_iter().map(|(i, n)| (n, TenantId::at(i))).collect();
        self.units_on = vec![BTreeSet::new(); view.nodes().len()];
        for (index, unit) in view.units().iter().enumerate() {
            let id = UnitId::at(index);
            let name = names.units.get(index)?.clone();
            self.units.insert((unit.tenant, name.clone()), id);
            let (Some(node), true) = (unit.node, unit.state != UnitState::Gone) else { continue };
            let tenant = view.tenant(unit.tenant);
            let seen = UnitSeen {
                tenant: names.tenants.get(unit.tenant.index())?.clone(),
                tier: view.tiers()[tenant.tier.index()].name.clone(),
                unit: name,
                container: String::new(),
                created: None,
                stops_at: unit.stops_at,
                state: unit.state,
                since: unit.since,
                requested: unit.requested,
                used: None,
            };
            self.instances.insert((id, node), seen);
            self.units_on[node.index()].insert(id);
        }
        // Each machine has until it would be lost to answer again.
        self.seen_at = vec![view.taken_at; view.nodes().len()];
        let visits = view.tenants().iter().enumerate().map(|(row, tenant)| {
            let last = view.last_active().get(row).map(|reading| reading.value);
            Visits {
                login: last,
                known_since: last,
                there_at: last,
                waiting: tenant.wanted_since,
                missing_since: (tenant.phase == Phase::Missing).then_some(view.taken_at),
                ..Visits::default()
            }
        });
        self.visits = visits.collect();
        (self.view, self.names) = (view, names);
        Some(self)
    }

    /// How old what was read is can no longer be told: nothing of it counts as seen until it is
    /// seen again. Sweeps are put back by at least `old`, which is older than anything may be.
    pub fn trust_nothing(&mut self, now: Moment, old: Span) {
        let swept_at = Moment(now.0.saturating_sub(old.0));
        self.view.forget_readings(swept_at);
    }

    /// What is seen of the cluster.
    #[must_use]
    pub fn view(&self) -> &ClusterView {
        &self.view
    }

    /// What its rows are called.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Takes machines out of the view that nobody looks at any more; who lived on them is missing.
    pub fn keep_only(&mut self, looked_at: &[String], now: Moment) -> Vec<Note> {
        let mut notes = Notes { at: now, all: Vec::new() };
        for index in 0..self.view.nodes().len() {
            let (id, name) = (NodeId::at(index), &self.names.nodes[index]);
            if looked_at.contains(name) || self.view.node(id).state == NodeState::Gone {
                continue;
            }
            notes.say(format!("{name} is no longer looked at"));
            self.lose(id);
            self.view.update_node(id, |row| (row.state, row.since) = (NodeState::Gone, now));
            for unit in core::mem::take(&mut self.units_on[index]) {
                self.instances.remove(&(unit, id));
                self.unclear.remove(&(unit, id));
            }
            for index in 0..self.visits.len() {
                let tenant = TenantId::at(index);
                let row = self.view.tenant(tenant);
                if row.node == Some(id) && row.phase.is_present() {
                    self.view.update_tenant(tenant, |row| row.phase = Phase::Missing);
                    self.visits[index].missing_since = Some(now);
                }
            }
        }
        notes.all
    }

    /// The same, for a pilot that has seen nothing of it.
    #[must_use]
    pub fn looked_at_anew(mut self) -> Self {
        self.view.touch_all();
        self
    }

    /// The pilot has seen the view.
    pub fn settle(&mut self) {
        self.view.settle();
    }

    /// Takes in what a source saw; says what people want to know of it.
    pub fn take(&mut self, source: &str, sighting: Sighting, at: Moment) -> Vec<Note> {
        let mut notes = Notes { at, all: Vec::new() };
        let mut complaints = match sighting {
            Sighting::Machine(seen) => self.machine(seen, &mut notes),
            Sighting::Column(seen) => self.column(seen, at),
        };
        let mut now: BTreeSet<String> = complaints.drain(..).collect();
        if now.len() > COMPLAINTS_MAX {
            let more = now.len() - COMPLAINTS_MAX;
            now = now.into_iter().take(COMPLAINTS_MAX).collect();
            now.insert(format!("… and more than {} complaints more", more / 100 * 100));
        }
        let told = self.complaints.entry(source.to_owned()).or_default();
        for complaint in now.difference(told) {
            notes.say(format!("{source}: {complaint}"));
        }
        *told = now;
        notes.all
    }

    /// Makes the view ready to be decided on: finds machines that no longer answer and tenants that
    /// are gone, and says as of when the rest is known.
    pub fn ready(&mut self, now: Moment) -> Vec<Note> {
        let mut notes = Notes { at: now, all: Vec::new() };
        let mut swept_at = now;
        for index in 0..self.view.nodes().len() {
            let (id, seen_at) = (NodeId::at(index), self.seen_at[index]);
            if self.view.node(id).state != NodeState::Ready {
                continue;
            }
            if now.since(seen_at) <= self.lost_after {
                swept_at = swept_at.min(seen_at);
                continue;
            }
            self.lose(id);
            self.view.update_node(id, |row| (row.state, row.since) = (NodeState::Lost, now));
            let tenants = self.view.node(id).tenants;
            notes.say(format!(
                "{} no longer answers; {tenants} tenants are on it",
                self.names.nodes[index]
            ));
        }
        self.view.sweep_machines(swept_at);
        self.forget(now, &mut notes);
        self.view.taken_at = now;
        notes.all
    }

    /// What a machine and its containers use can no longer be read.
    fn lose(&mut self, node: NodeId) {
        self.view.lose_node(node);
        for unit in &self.units_on[node.index()] {
            if self.view.units()[unit.index()].node == Some(node) {
                self.view.lose_unit(*unit);
            }
        }
    }

    fn forget(&mut self, now: Moment, notes: &mut Notes) {
        if self.view.tenants_missing() == 0 {
            return;
        }
        for index in 0..self.visits.len() {
            let id = TenantId::at(index);
            let Some(since) = self.visits[index].missing_since else { continue };
            if self.view.tenant(id).phase != Phase::Missing || now.since(since) < self.forget_after
            {
                continue;
            }
            for unit in self.view.units_of(id).collect::<Vec<_>>() {
                self.retire(unit, now);
            }
            self.view.update_tenant(id, |row| (row.phase, row.node) = (Phase::Gone, None));
            notes.say(format!("{} is gone for good", self.names.tenants[index]));
        }
    }

    fn retire(&mut self, unit: UnitId, now: Moment) {
        self.view.update_unit(unit, |row| {
            row.node = None;
            row.requested = Default::default();
            if row.state != UnitState::Gone {
                (row.state, row.since) = (UnitState::Gone, now);
            }
        });
        self.view.lose_unit(unit);
    }

    fn pool_of(&self, pool: Option<&str>, tier: Option<&str>) -> Result<PoolId, String> {
        let pools = self.view.pools();
        let found = match (pool, tier) {
            (Some(name), _) => pools.iter().position(|pool| pool.name == name),
            (None, Some(tier)) => {
                let tier = self.tier_of(tier);
                pools.iter().position(|pool| tier.is_some_and(|tier| pool.tiers.contains(&tier)))
            }
            (None, None) if pools.len() == 1 => Some(0),
            (None, None) => None,
        };
        found.map(PoolId::at).ok_or_else(|| {
            let have: Vec<&str> = pools.iter().map(|pool| pool.name.as_str()).collect();
            let said = match (pool, tier) {
                (Some(name), _) => format!("there is no pool `{name}`"),
                (None, Some(tier)) => format!("no pool takes the tier `{tier}` by name"),
                (None, None) => "nothing says to which pool it belongs".to_owned(),
            };
            format!("{said}; have {}: it is left out", have.join(", "))
        })
    }

    fn tier_of(&self, name: &str) -> Option<TierId> {
        self.view.tiers().iter().position(|tier| tier.name == name).map(TierId::at)
    }

    fn zone_of(&mut self, name: &str) -> ZoneId {
        let known = self.names.zones.iter().position(|zone| zone == name);
        ZoneId::at(known.unwrap_or_else(|| {
            self.names.zones.push(name.to_owned());
            self.names.zones.len() - 1
        }))
    }

    /// Works a tenant's row out again from its containers and its visits.
    fn judge(&mut self, id: TenantId) {
        let units: Vec<_> =
            self.view.units_of(id).map(|unit| self.view.units()[unit.index()]).collect();
        let there = || units.iter().filter(|unit| unit.state != UnitState::Gone);
        let states: Vec<_> = there().map(|unit| (unit.stops_at, unit.state)).collect();
        let (stage, phase) = stack::judge(&states, self.view.stages());
        // It lives where most of it is, and rather where it runs.
        let mut weights: BTreeMap<NodeId, u32> = BTreeMap::new();
        for unit in there() {
            let Some(node) = unit.node else { continue };
            *weights.entry(node).or_default() += if stack::is_up(unit.state) { 1_000 } else { 1 };
        }
        let most =
            weights.iter().max_by_key(|(node, weight)| (**weight, core::cmp::Reverse(**node)));
        let node = most.map(|(node, _)| *node);
        let asleep = there().filter(|unit| unit.stops_at.is_some_and(|at| at <= stage));
        let asleep_since = asleep.map(|unit| unit.since).max();
        let wanted = self.wanted(id, stage, asleep_since);
        let conflict = self.conflict(id);
        self.view.update_tenant(id, |row: &mut Tenant| {
            (row.stage, row.phase, row.node) = (stage, phase, node);
            (row.wanted_since, row.conflict) = (wanted, conflict);
        });
    }

    /// Since when somebody waits for it: as the column says; without one, a user who came after it
    /// fell asleep does.
    fn wanted(&self, id: TenantId, stage: Stage, asleep_since: Option<Moment>) -> Option<Moment> {
        let visits = self.visits[id.index()];
        if self.waiting_is_told {
            return visits.waiting;
        }
        let came = visits.login.filter(|_| stage != Stage::AWAKE)?;
        (came > asleep_since?).then_some(came)
    }
}

/// Collects what people want to know.
struct Notes {
    at: Moment,
    all: Vec<Note>,
}

impl Notes {
    fn say(&mut self, text: String) {
        self.all.push(Note { at: self.at, text });
    }
}
