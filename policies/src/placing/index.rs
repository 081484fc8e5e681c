//! The best machine for a tenant without looking at all of them: what placement sees of machines is kept by
//! what changed, and for each need the machines that have room for it are kept in the order of their ranks.
//!
//! Knows no policy but through [`Place`], and is no memory: it is worked out anew from the view and the book
//! where a policy goes on after a restart. Debug builds compare each choice with that of [`scan`].

use super::choice::{Asked, Machine, Need, Place, Zone};
use super::tree::{NONE, Tree};
use alloc::vec::Vec;
use seatrial_contract::{
    Action, FlightState, NodeId, PoolId, Reading, Reason, Tick, TierId, ZoneId,
};

/// Keys kept for all needs together, at the most: 16 MiB.
const KEYS_MOST: usize = 1 << 21;

/// What is kept of machines.
#[derive(Default)]
pub(super) struct Index {
    machines: Vec<Machine>,
    /// The place of each among those of its zone.
    places: Vec<usize>,
    zones: Vec<OfZone>,
    /// Machines written since what is kept was last brought up to date.
    behind: Vec<NodeId>,
    /// All are to be looked at again.
    is_stale: bool,
    /// Whether readings of cpu and of memory are fresh that sweeps confirm.
    is_fresh: (bool, bool),
    /// Machines that changed, for needs that have not heard of it yet.
    changed: Vec<NodeId>,
    needs: Vec<Kept>,
    /// Where tenants live, as the view shows it.
    homes: Vec<Option<NodeId>>,
}

/// The machines of a zone.
#[derive(Default)]
struct OfZone {
    machines: Vec<NodeId>,
    /// More than can be told, where a memory was made up.
    tenants: u64,
    /// By tier: those that are seen there, and those on their way.
    seen: Vec<u32>,
    coming: Vec<u32>,
}

/// What is kept for one need.
struct Kept {
    need: Need,
    /// Pools that take the tier.
    pools: Vec<bool>,
    /// By zone: ranks of machines with room, and how many they are.
    zones: Vec<(Tree, u32)>,
    /// So much of `changed` it has heard of.
    heard: usize,
    asked: u64,
}

/// What came of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A machine, its rank, its zone's, and how many had room.
    Node { node: NodeId, rank: u32, zone: u32, of: u32 },
    /// The policy wants none of those that have room.
    Refused(Reason),
    /// None has room.
    None,
}

impl Index {
    /// Notes what was written, at each tick, whether somebody asks or not.
    pub(super) fn note(&mut self, tick: &Tick<'_>) {
        let nodes = tick.view.nodes().len();
        if self.behind.len() > nodes {
            self.is_stale = true;
        }
        if self.is_stale {
            self.behind.clear();
        } else {
            self.behind.extend_from_slice(tick.view.nodes_written());
            self.behind.extend_from_slice(tick.view.changes().nodes());
            self.behind.extend(tick.book().reservations_changed());
        }
        self.note_homes(tick);
    }

    fn note_homes(&mut self, tick: &Tick<'_>) {
        let view = tick.view;
        let zone_of = |node: Option<NodeId>| node.map(|node| view.node(node).zone);
        let from = self.homes.len();
        self.homes.resize(view.tenants().len(), None);
        let known = view.changes().tenants().iter().map(|id| id.index());
        for index in known.filter(|index| *index < from).chain(from..view.tenants().len()) {
            let row = &view.tenants()[index];
            let before = core::mem::replace(&mut self.homes[index], row.node);
            if before == row.node {
                continue;
            }
            if let Some(zone) = zone_of(before) {
                let seen = self.seen(zone, row.tier);
                *seen = seen.saturating_sub(1);
            }
            if let Some(zone) = zone_of(row.node) {
                *self.seen(zone, row.tier) += 1;
            }
        }
    }

    fn zone(&mut self, zone: ZoneId) -> &mut OfZone {
        if self.zones.len() <= zone.index() {
            self.zones.resize_with(zone.index() + 1, OfZone::default);
        }
        &mut self.zones[zone.index()]
    }

    fn seen(&mut self, zone: ZoneId, tier: TierId) -> &mut u32 {
        at(&mut self.zone(zone).seen, tier)
    }

    /// Brings what is kept up to date, before the first search of a tick.
    pub(super) fn refresh(&mut self, tick: &Tick<'_>) {
        let (view, nodes) = (tick.view, tick.view.nodes().len());
        let is_fresh = is_fresh(tick);
        let moved = self.machines.iter().zip(view.nodes()).any(|(was, is)| was.zone != is.zone);
        if moved {
            self.homes.clear();
            self.zones.clear();
            self.note_homes(tick);
        }
        if self.is_stale || nodes != self.machines.len() || moved || is_fresh != self.is_fresh {
            self.rebuild(tick);
        } else {
            for id in core::mem::take(&mut self.behind) {
                self.update(tick, id);
            }
            // Those with a reading of their own grow old by themselves.
            for index in 0..nodes {
                if !(view.node_cpu().covered(index) && view.node_memory().covered(index)) {
                    self.update(tick, NodeId::at(index));
                }
            }
        }
        self.is_fresh = is_fresh;
        self.count_coming(tick);
        if self.changed.len() > 2 * nodes.max(64) {
            self.changed.clear();
            self.needs.clear();
        }
    }

    fn rebuild(&mut self, tick: &Tick<'_>) {
        self.machines =
            (0..tick.view.nodes().len()).map(|at| machine(tick, NodeId::at(at))).collect();
        self.places.clear();
        for zone in &mut self.zones {
            zone.machines.clear();
            zone.tenants = 0;
        }
        for index in 0..self.machines.len() {
            let Machine { zone, tenants, .. } = self.machines[index];
            let zone = self.zone(zone);
            zone.tenants += u64::from(tenants);
            zone.machines.push(NodeId::at(index));
            let place = zone.machines.len() - 1;
            self.places.push(place);
        }
        self.behind.clear();
        self.changed.clear();
        self.needs.clear();
        self.is_stale = false;
    }

    /// What placement sees of a machine may have changed.
    fn update(&mut self, tick: &Tick<'_>, id: NodeId) {
        let is = machine(tick, id);
        let was = core::mem::replace(&mut self.machines[id.index()], is);
        if was != is {
            let zone = &mut self.zones[is.zone.index()];
            zone.tenants = zone.tenants - u64::from(was.tenants) + u64::from(is.tenants);
            self.changed.push(id);
        }
    }

    /// Counts those on their way by zone and tier.
    fn count_coming(&mut self, tick: &Tick<'_>) {
        self.zones.iter_mut().for_each(|zone| zone.coming.clear());
        for flight in tick.book().flights().filter(|of| of.state == FlightState::Flying) {
            if let Action::Place { tenant, node } | Action::Move { tenant, node, .. } =
                flight.action
            {
                self.comes(tick, node, tick.view.tenant(tenant).tier);
            }
        }
    }

    fn comes(&mut self, tick: &Tick<'_>, node: NodeId, tier: TierId) {
        let zone = self.zone(tick.view.node(node).zone);
        *at(&mut zone.coming, tier) += 1;
    }

    /// An action of this policy was taken: somebody is on the way there.
    pub(super) fn placed(&mut self, tick: &Tick<'_>, asked: &Asked, node: NodeId) {
        self.update(tick, node);
        self.comes(tick, node, asked.need.tier);
    }

    /// The machine as it is kept.
    pub(super) fn machine(&self, id: NodeId) -> &Machine {
        &self.machines[id.index()]
    }

    /// The best machine for who asks.
    pub(super) fn search<P: Place>(&mut self, policy: &P, tick: &Tick<'_>, asked: &Asked) -> Found {
        let at = self.kept(policy, tick, asked.need);
        let home = asked.home.map(|home| {
            let zone = self.machines[home.index()].zone.index();
            (home, zone, self.places[home.index()])
        });
        // Nobody moves to where it lives.
        let aside = home.map(|(_, zone, place)| self.needs[at].zones[zone].0.get(place));
        if let (Some((_, zone, place)), Some(key)) = (home, aside) {
            self.needs[at].zones[zone].put(place, NONE, key);
        }
        let ranked = self.ranked(policy, at, asked);
        if let (Some((_, zone, place)), Some(key)) = (home, aside) {
            self.needs[at].zones[zone].put(place, key, NONE);
        }
        ranked
    }

    fn ranked<P: Place>(&self, policy: &P, at: usize, asked: &Asked) -> Found {
        let (mut best, mut of, mut refusal) = (None, 0, Found::None);
        for (zone, (tree, count)) in self.needs[at].zones.iter().enumerate() {
            if *count == 0 {
                continue;
            }
            match policy.zone(&self.zone_as_seen(zone, asked.need.tier), asked) {
                Ok(rank) => {
                    of += count;
                    let (own, place) = tree.least();
                    let key = (rank, own, self.zones[zone].machines[place]);
                    best = Some(best.map_or(key, |best: (u32, u32, NodeId)| best.min(key)));
                }
                Err(reason) if refusal == Found::None => refusal = Found::Refused(reason),
                Err(_) => {}
            }
        }
        let Some((zone, rank, node)) = best else { return refusal };
        Found::Node { node, rank, zone, of }
    }

    fn zone_as_seen(&self, zone: usize, tier: TierId) -> Zone {
        let of = &self.zones[zone];
        let count = |list: &[u32]| list.get(tier.index()).copied().unwrap_or_default();
        Zone {
            id: ZoneId::at(zone),
            tenants: u32::try_from(of.tenants).unwrap_or(u32::MAX),
            of_tier: count(&of.seen) + count(&of.coming),
        }
    }

    /// What is kept for a need, brought up to date; where nothing is, it is worked out.
    fn kept<P: Place>(&mut self, policy: &P, tick: &Tick<'_>, need: Need) -> usize {
        let asked = self.needs.iter().map(|kept| kept.asked).max().unwrap_or_default() + 1;
        let known = self.needs.iter().position(|kept| kept.need == need);
        let at = known.unwrap_or_else(|| {
            let most = (KEYS_MOST / (2 * self.machines.len().max(1))).clamp(4, 256);
            if self.needs.len() >= most {
                let eldest = self.needs.iter().enumerate().min_by_key(|(_, kept)| kept.asked);
                let eldest = eldest.map_or(0, |(at, _)| at);
                self.needs.swap_remove(eldest);
            }
            self.needs.push(self.work_out(policy, tick, need));
            self.needs.len() - 1
        });
        let kept = &mut self.needs[at];
        kept.asked = asked;
        for id in &self.changed[kept.heard..] {
            let machine = &self.machines[id.index()];
            let (zone, place) = (machine.zone.index(), self.places[id.index()]);
            let is = rank(policy, machine, &need, &kept.pools);
            let was = kept.zones[zone].0.get(place);
            kept.zones[zone].put(place, is, was);
        }
        kept.heard = self.changed.len();
        at
    }

    fn work_out<P: Place>(&self, policy: &P, tick: &Tick<'_>, need: Need) -> Kept {
        let pools = pools(tick, need.tier);
        let zones = self.zones.iter().map(|zone| {
            let machines = zone.machines.iter().map(|id| &self.machines[id.index()]);
            let ranks: Vec<u32> =
                machines.map(|machine| rank(policy, machine, &need, &pools)).collect();
            let count = ranks.iter().filter(|rank| **rank != NONE).count();
            (Tree::new(ranks), u32::try_from(count).unwrap_or(u32::MAX))
        });
        let zones = zones.collect();
        Kept { need, pools, zones, heard: self.changed.len(), asked: 0 }
    }
}

/// One zone of a need.
trait Put {
    fn put(&mut self, place: usize, is: u32, was: u32);
}

impl Put for (Tree, u32) {
    fn put(&mut self, place: usize, is: u32, was: u32) {
        if is != was {
            self.0.set(place, is);
            self.1 = self.1 + u32::from(is != NONE) - u32::from(was != NONE);
        }
    }
}

fn at(list: &mut Vec<u32>, tier: TierId) -> &mut u32 {
    if list.len() <= tier.index() {
        list.resize(tier.index() + 1, 0);
    }
    &mut list[tier.index()]
}

/// Whether what the last sweeps confirmed of the use of machines is fresh: of cpu, and of memory.
fn is_fresh(tick: &Tick<'_>) -> (bool, bool) {
    let (view, limit) = (tick.view, tick.guard.stale_after);
    let fresh = |swept_at| Reading { value: (), seen_at: swept_at }.age(tick.now()) <= limit;
    (fresh(view.node_cpu().swept_at()), fresh(view.node_memory().swept_at()))
}

/// What placement sees of a machine.
fn machine(tick: &Tick<'_>, id: NodeId) -> Machine {
    let (view, limit) = (tick.view, tick.guard.stale_after);
    let node = view.node(id);
    let (coming, tenants_coming) = tick.book().reserved(id);
    let mut load = node.taken();
    if let Some(cpu) = view.node_cpu().fresh(id.index(), tick.now(), limit) {
        load.cpu = cpu;
    }
    if let Some(memory) = view.node_memory().fresh(id.index(), tick.now(), limit) {
        load.memory = memory;
    }
    Machine {
        pool: node.pool,
        zone: node.zone,
        capacity: node.capacity,
        room: tick.room(id),
        load: load.plus(coming),
        tenants: node.tenants.saturating_add(tenants_coming),
        tenants_most: view.pool(node.pool).tenants_most,
        is_open: node.is_open(),
    }
}

/// The pools that take a tier.
fn pools(tick: &Tick<'_>, tier: TierId) -> Vec<bool> {
    (0..tick.view.pools().len()).map(|pool| tick.view.takes(PoolId::at(pool), tier)).collect()
}

/// The rank of a machine, if it takes one more.
fn rank<P: Place>(policy: &P, machine: &Machine, need: &Need, pools: &[bool]) -> u32 {
    let takes = machine.takes(need.footprint) && pools[machine.pool.index()];
    if takes { policy.rank(machine, need).min(NONE - 1) } else { NONE }
}

/// Up to so many tenants debug builds compare each choice.
pub(super) const COMPARED_MOST: usize = 2_000;

/// The slow way: looks at all machines. What [`Index::search`] finds is the same.
pub(super) fn scan<P: Place>(policy: &P, tick: &Tick<'_>, asked: &Asked) -> Found {
    let view = tick.view;
    let nodes = || (0..view.nodes().len()).map(NodeId::at);
    let machines: Vec<Machine> = nodes().map(|id| machine(tick, id)).collect();
    let zone_of = |zone: ZoneId| {
        let here = |node: NodeId| view.node(node).zone == zone;
        let here_now = nodes().filter(|id| here(*id)).map(|id| machines[id.index()].tenants);
        let tenants: u64 = here_now.map(u64::from).sum();
        let tenants = u32::try_from(tenants).unwrap_or(u32::MAX);
        let tier = asked.need.tier;
        let seen = view.tenants().iter().filter(|row| row.tier == tier);
        let seen = seen.filter(|row| row.node.is_some_and(here)).count();
        let flying = tick.book().flights().filter(|of| of.state == FlightState::Flying);
        let coming = flying.filter(|flight| match flight.action {
            Action::Place { tenant, node } | Action::Move { tenant, node, .. } => {
                here(node) && view.tenant(tenant).tier == tier
            }
            Action::Evict { .. }
            | Action::Abandon { .. }
            | Action::Hibernate { .. }
            | Action::Wake { .. }
            | Action::Resize { .. }
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
            | Action::FailOver { .. } => false,
        });
        let of_tier = u32::try_from(seen + coming.count()).unwrap_or(u32::MAX);
        Zone { id: zone, tenants, of_tier }
    };
    let mut zones: Vec<ZoneId> = view.nodes().iter().map(|node| node.zone).collect();
    zones.sort_unstable();
    zones.dedup();
    let pools = pools(tick, asked.need.tier);
    let (mut best, mut of, mut refusal) = (None, 0, Found::None);
    for zone in zones {
        let here = nodes().filter(|id| view.node(*id).zone == zone && asked.home != Some(*id));
        let ranks = here.map(|id| (rank(policy, &machines[id.index()], &asked.need, &pools), id));
        let ranks: Vec<(u32, NodeId)> = ranks.filter(|rank| rank.0 != NONE).collect();
        let Some((own, node)) = ranks.iter().min().copied() else { continue };
        match policy.zone(&zone_of(zone), asked) {
            Ok(rank) => {
                of += u32::try_from(ranks.len()).unwrap_or(u32::MAX);
                let key = (rank, own, node);
                best = Some(best.map_or(key, |best: (u32, u32, NodeId)| best.min(key)));
            }
            Err(reason) if refusal == Found::None => refusal = Found::Refused(reason),
            Err(_) => {}
        }
    }
    let Some((zone, rank, node)) = best else { return refusal };
    Found::Node { node, rank, zone, of }
}
