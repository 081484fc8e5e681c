//! Truth → what a policy may see: scrapes at intervals, which arrive late or are lost.
//!
//! A scrape writes only what changed since the last one and confirms the rest. Knows no policy.

use crate::World;
use crate::event::Event;
use crate::sensing::Scrape;
use seatrial_contract::units::{Bytes, MilliCores, Moment, Span};
use seatrial_contract::view::{
    Health, Node as NodeRow, NodeState, Phase as Seen, Tenant as TenantRow, Unit, UnitState,
};
use seatrial_contract::{
    ClusterView, DatabaseId, Footprint, NodeId, PoolerId, Purpose, TenantId, TierId, UnitId,
};
use seatrial_faults::{Control, Step};
use seatrial_fleet::nodes::{Node, State};
use seatrial_fleet::places::Stands;
use seatrial_fleet::tenants::{Behind, Phase, Tenant};
use seatrial_fleet::{Fleet, cuts, databases};
use seatrial_traffic::OBSERVE;
use seatrial_traffic::limits;

const LOSS: Purpose = Purpose::new("lost scrape");

impl World {
    /// A scrape; the next one is planned.
    pub(crate) fn scrape(&mut self) {
        let next = self.fleet.now().after(self.sensing.every);
        self.fleet.schedule.agenda.schedule(next, OBSERVE, Event::Scrape);
        self.sensing.scrapes += 1;
        if self.faults.control.blind > 0 {
            return;
        }
        if self.faults.control.stale > 0 {
            // What was seen last is seen again, as if it were so now.
            let frozen = Scrape { at: self.fleet.now(), ..Scrape::default() };
            return self.write(&frozen);
        }
        let lost = self.sensing.loss.0 > 0 && {
            let mut stream = self.fleet.dice.turn(0, LOSS, self.sensing.scrapes);
            stream.below(1_000_000) < u64::from(self.sensing.loss.0)
        };
        if lost {
            return; // What changed stays to be seen by the next one.
        }
        if self.sensing.delay == Span::ZERO {
            return self.observe_now();
        }
        let scrape = self.look();
        self.sensing.late.push_back(scrape);
        let arrives = self.fleet.now().after(self.sensing.delay);
        self.fleet.schedule.agenda.schedule(arrives, OBSERVE, Event::Seen);
    }

    /// The oldest scrape on its way arrives.
    pub(crate) fn seen(&mut self) {
        if let Some(scrape) = self.sensing.late.pop_front() {
            self.write(&scrape);
        }
    }

    /// Looks, and sees at once.
    pub(crate) fn observe_now(&mut self) {
        let scrape = self.look();
        self.write(&scrape);
        self.sensing.buffer = scrape;
    }

    fn look(&mut self) -> Scrape {
        self.fleet.read_calls();
        let mut scrape = core::mem::take(&mut self.sensing.buffer);
        scrape.nodes.clear();
        scrape.tenants.clear();
        scrape.connections.clear();
        scrape.at = self.fleet.now();
        scrape.missed = self.sensing.missed.draw(&mut self.fleet, self.sensing.scrapes);
        let misses = |id: NodeId| scrape.missed.binary_search(&id).is_ok();
        let Fleet { changed, nodes, tenants, .. } = &mut self.fleet;
        changed.nodes.retain(|id| {
            let node = &mut nodes[id.index()];
            node.dirty = misses(*id);
            if !node.dirty {
                scrape.nodes.push((*id, node.seen()));
            }
            node.dirty
        });
        changed.tenants.retain(|id| {
            let tenant = &mut tenants[id.index()];
            if tenant.node.is_some_and(misses) {
                return true;
            }
            scrape.tenants.push((*id, tenant.clone()));
            tenant.behind = Behind::Nothing;
            tenant.visits.is_news = false;
            false
        });
        for (index, place) in self.sensing.poolers.iter().enumerate() {
            let pools = (0..self.fleet.design.tiers.len()).map(TierId::at).map(|tier| {
                (
                    PoolerId::at(index),
                    tier,
                    limits::connections(&self.fleet.traffic.stations, *place, tier),
                )
            });
            scrape.connections.extend(pools);
        }
        scrape.services.look(&mut self.fleet.replicas);
        let databases = (0..self.view.databases().len()).map(DatabaseId::at);
        let is_hidden = |id| cuts::hides_database(&self.fleet, Stands::Sensing, id);
        let seen = databases.filter_map(|id| Some((id, databases::look(&self.fleet, id)?)));
        let seen = seen.map(|(id, seen)| (id, (!is_hidden(id)).then_some(seen)));
        scrape.databases.clear();
        scrape.databases.extend(seen);
        scrape
    }

    fn write(&mut self, scrape: &Scrape) {
        self.sensing.missed.arrives(&scrape.missed, scrape.at);
        let seen = scrape.nodes.iter().map(|of| of.0);
        if let Some(last) = scrape.missed.iter().copied().chain(seen).max() {
            know_machines(self, last);
        }
        scrape.missed.iter().for_each(|id| self.not_seen(*id));
        for (id, node) in &scrape.nodes {
            write_node(&mut self.view, *id, node, &self.faults.control);
        }
        for (id, tenant) in &scrape.tenants {
            self.write_tenant(*id, tenant, scrape.at);
        }
        self.view.sweep_machines(scrape.at);
        self.view.sweep_activity(scrape.at);
        self.view.sweep_sessions(scrape.at);
        self.view.sweep_wanted(scrape.at);
        for (pooler, tier, seen) in &scrape.connections {
            self.view.see_connections(*pooler, *tier, *seen);
        }
        if !scrape.connections.is_empty() {
            self.view.sweep_connections(scrape.at);
        }
        scrape.services.write(&mut self.view, scrape.at);
        for (id, seen) in &scrape.databases {
            let Some(seen) = seen else {
                let last = self.view.database(*id);
                self.view.read_database(*id, last);
                continue;
            };
            self.view.see_database(*id, *seen);
            if seen.health != Health::Serves {
                let (now, lost) = (self.fleet.now(), seen.since);
                if let Some(place) = databases::place(&self.fleet, *id) {
                    self.faults.incidents.database(place, lost, Step::Detected, now);
                }
            }
        }
        if !scrape.databases.is_empty() {
            self.view.sweep_databases(scrape.at);
        }
        self.look_at_alerts(scrape.nodes.iter().map(|(id, _)| *id));
    }

    /// Tenants that are there when the run starts are known, and may have been there for long.
    pub(crate) fn know_all_tenants(&mut self) {
        for index in self.view.tenants().len()..self.fleet.tenants.len() {
            self.know_tenant(TenantId::at(index), None);
        }
    }

    /// A tenant is known from now on, and its containers.
    fn know_tenant(&mut self, id: TenantId, since: Option<Moment>) {
        let tenant = &self.fleet.tenants[id.index()];
        let mut row = TenantRow::new(tenant.tier);
        row.since = since;
        self.view.add_tenant(row);
        for part in self.fleet.design.parts(tenant) {
            let unit = Unit::new(id, None, UnitState::Stopped, part.stops_at, part.requested);
            self.view.add_unit(unit);
        }
    }

    fn write_tenant(&mut self, id: TenantId, tenant: &Tenant, at: Moment) {
        if id.index() >= self.view.tenants().len() {
            // Tenants are seen in the order in which they have signed up.
            self.know_tenant(id, Some(at));
        }
        let (view, parts) = (&mut self.view, self.fleet.design.parts(tenant).iter().enumerate());
        let unit = |index: usize| UnitId::at(tenant.parts.first.index() + index);
        if tenant.behind == Behind::Load {
            for (index, part) in parts.filter(|(_, part)| part.bots > 0) {
                let uses = read(&self.faults.control, tenant.part_uses(index, part));
                view.see_unit(unit(index), uses.cpu, uses.memory);
            }
            return;
        }
        let waited = view.tenant(id).wanted_since.is_some();
        self.alerts.waits(waited, tenant.visits.wanted);
        if tenant.visits.is_news {
            view.see_activity(id, tenant.visits.last_active);
        }
        view.see_session(id, tenant.visits.in_session);
        view.update_tenant(id, |row| {
            row.node = tenant.node;
            row.stage = tenant.stage;
            row.wanted_since = tenant.visits.wanted.then_some(tenant.visits.wanted_since);
            row.phase = match tenant.phase {
                Phase::Homeless => Seen::Homeless,
                Phase::Queued | Phase::Starting | Phase::Restoring => Seen::Starting,
                Phase::Settled => Seen::Settled,
                // A scrape seldom meets one: its machine does not answer.
                Phase::Down => Seen::Broken,
                Phase::Gone => Seen::Gone,
            };
        });
        let rises = matches!(tenant.phase, Phase::Queued | Phase::Starting | Phase::Restoring);
        for (index, part) in parts {
            // What is told to run holds its room from then on, started or not.
            let told = part.stops_at.is_none_or(|at| tenant.stage < at);
            let (killed, restarts) = (tenant.parts.killed, tenant.parts.restarting);
            let state = match (told && tenant.node.is_some(), killed & (1 << index) != 0) {
                (false, _) => UnitState::Stopped,
                (true, true) => UnitState::Killed,
                (true, false) if rises || restarts & (1 << index) != 0 => UnitState::Starting,
                (true, false) => UnitState::Running,
            };
            view.update_unit(unit(index), |row| {
                if row.state != state {
                    row.since = at;
                }
                (row.node, row.state) = (tenant.node, state);
                row.requested = tenant.requested(index, part);
            });
            let uses = read(&self.faults.control, tenant.part_uses(index, part));
            view.see_unit(unit(index), uses.cpu, uses.memory);
        }
    }

    /// Machines count as lost that were seen too long ago.
    pub(crate) fn lose_the_unseen(&mut self) {
        let now = self.fleet.now();
        for id in self.sensing.missed.lost(now, self.view.nodes().len()) {
            if self.view.node(id).state == NodeState::Ready {
                self.not_seen(id);
                self.view.update_node(id, |row| (row.state, row.since) = (NodeState::Lost, now));
                self.faults.incidents.machine(id, Step::Detected, now);
                self.fleet.touch_machine(id);
            }
        }
    }

    /// What a machine and its containers use could not be read.
    pub(crate) fn not_seen(&mut self, id: NodeId) {
        self.view.lose_node(id);
        let tenants = self.fleet.nodes[id.index()].tenants.iter();
        let tenants = tenants.map(|id| &self.fleet.tenants[id.index()]);
        for tenant in tenants {
            let first = tenant.parts.first.index();
            for part in 0..self.fleet.design.parts(tenant).len() {
                self.view.lose_unit(UnitId::at(first + part));
            }
        }
    }

    /// The alerts look at what a scrape brought.
    pub(crate) fn look_at_alerts(&mut self, changed: impl Iterator<Item = NodeId>) {
        let killed = self.fleet.changed.killed.drain(..);
        if !self.alerts.is_empty() {
            self.alerts.kills_unseen.extend(killed);
            self.alerts.people_take(self.faults.control.people());
            let beside = (&self.fleet.traffic.stations, self.fleet.dice);
            self.alerts.look(self.fleet.schedule.agenda.now(), &self.view, changed, beside);
        }
    }
}

/// Machines up to this one are known: that they were ordered is, whether they can be looked at or not.
fn know_machines(world: &mut World, last: NodeId) {
    for node in &world.fleet.nodes[world.view.nodes().len().min(last.index() + 1)..=last.index()] {
        let state = NodeState::Booting;
        world.view.add_node(NodeRow::new(node.pool, node.spot.zone, state, node.capacity));
    }
}

/// What is used, as it is read.
fn read(control: &Control, uses: Footprint) -> Footprint {
    if control.wrong.is_empty() {
        return uses;
    }
    let (MilliCores(cpu), Bytes(memory)) = (uses.cpu, uses.memory);
    Footprint { cpu: MilliCores(control.seen_as(cpu)), memory: Bytes(control.seen_as(memory)) }
}

fn write_node(view: &mut ClusterView, id: NodeId, node: &Node, control: &Control) {
    let state = match node.state {
        State::Booting => NodeState::Booting,
        State::Ready => NodeState::Ready,
        State::Down(_) => NodeState::Lost,
        State::Gone => NodeState::Gone,
    };
    view.update_node(id, |row| {
        (row.state, row.since) = (state, node.since);
        (row.cordoned, row.draining) = (node.closed.cordoned, node.closed.draining);
    });
    let uses =
        read(control, Footprint { cpu: node.asked.cpu.min(node.capacity.cpu), ..node.asked });
    view.see_node(id, uses.cpu, uses.memory);
}
