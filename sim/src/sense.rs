//! Truth → what a policy may see: scrapes at intervals, which arrive late or are lost.
//!
//! A scrape writes only what changed since the last one and confirms the rest. Knows no policy.

use crate::plant::{Event, Node, Phase, Sight, Tenant, World};
use seatrial_contract::units::{Moment, Ppm, Span};
use seatrial_contract::view::{Connections, Node as NodeRow, NodeState, Phase as Seen, UnitState};
use seatrial_contract::{ClusterView, NodeId, PoolerId, Purpose, TenantId, TierId, UnitId};
use seatrial_format::scenario::Sensing as File;
use seatrial_traffic::OBSERVE;
use std::collections::VecDeque;

const LOSS: Purpose = Purpose::new("lost scrape");

/// How the cluster is observed, and what is to be written at the next scrape.
pub(crate) struct Sensing {
    pub(crate) every: Span,
    delay: Span,
    loss: Ppm,
    scrapes: u64,
    pub(crate) dirty_tenants: Vec<TenantId>,
    pub(crate) dirty_nodes: Vec<NodeId>,
    /// Scrapes on their way.
    late: VecDeque<Scrape>,
    /// Those with a pool for each tier, by their places in the scenario.
    poolers: Vec<usize>,
    buffer: Scrape,
}

/// What one scrape saw.
#[derive(Clone, Default)]
struct Scrape {
    at: Moment,
    nodes: Vec<(NodeId, Node)>,
    tenants: Vec<(TenantId, Tenant)>,
    connections: Vec<(PoolerId, TierId, Connections)>,
    services: Sight,
}

impl Sensing {
    pub(crate) fn new(file: &File, poolers: Vec<usize>) -> Self {
        Self {
            every: file.every.value.max(Span::millis(1)),
            delay: file.delay.value,
            loss: file.loss.value,
            scrapes: 0,
            dirty_tenants: Vec::new(),
            dirty_nodes: Vec::new(),
            late: VecDeque::new(),
            poolers,
            buffer: Scrape::default(),
        }
    }
}

impl World {
    /// A scrape; the next one is planned.
    pub(crate) fn scrape(&mut self) {
        let next = self.now().after(self.sensing.every);
        self.agenda.schedule(next, OBSERVE, Event::Scrape);
        self.sensing.scrapes += 1;
        let lost = self.sensing.loss.0 > 0 && {
            let mut stream = self.dice.turn(0, LOSS, self.sensing.scrapes);
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
        let arrives = self.now().after(self.sensing.delay);
        self.agenda.schedule(arrives, OBSERVE, Event::Seen);
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
        self.read_calls();
        let mut scrape = core::mem::take(&mut self.sensing.buffer);
        scrape.nodes.clear();
        scrape.tenants.clear();
        scrape.connections.clear();
        scrape.at = self.now();
        for id in self.sensing.dirty_nodes.drain(..) {
            let node = &mut self.nodes[id.index()];
            node.dirty = false;
            let (aboard, queue) = (Vec::new(), VecDeque::new());
            scrape.nodes.push((id, Node { aboard, queue, ..*node }));
        }
        for id in self.sensing.dirty_tenants.drain(..) {
            let tenant = &mut self.tenants[id.index()];
            tenant.dirty = false;
            scrape.tenants.push((id, tenant.clone()));
            tenant.activity_dirty = false;
        }
        for (index, place) in self.sensing.poolers.iter().enumerate() {
            let pools = (0..self.design.tiers.len())
                .map(TierId::at)
                .map(|tier| (PoolerId::at(index), tier, self.stations.connections(*place, tier)));
            scrape.connections.extend(pools);
        }
        self.look_at_replicas(&mut scrape.services);
        scrape
    }

    fn write(&mut self, scrape: &Scrape) {
        for (id, node) in &scrape.nodes {
            write_node(&mut self.view, *id, node);
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
        self.look_at_alerts(scrape.nodes.iter().map(|(id, _)| *id));
    }

    fn write_tenant(&mut self, id: TenantId, tenant: &Tenant, at: Moment) {
        let view = &mut self.view;
        let waited = view.tenant(id).wanted_since.is_some();
        self.alerts.waits(waited, tenant.wanted);
        if tenant.activity_dirty {
            view.see_activity(id, tenant.last_active);
        }
        view.see_session(id, tenant.in_session);
        view.update_tenant(id, |row| {
            row.node = tenant.node;
            row.stage = tenant.stage;
            row.wanted_since = tenant.wanted.then_some(tenant.wanted_since);
            row.phase = match tenant.phase {
                Phase::Homeless => Seen::Homeless,
                Phase::Queued | Phase::Starting => Seen::Starting,
                Phase::Settled => Seen::Settled,
                Phase::Gone => Seen::Gone,
            };
        });
        let rises = matches!(tenant.phase, Phase::Queued | Phase::Starting);
        let parts = self.design.parts(tenant);
        for (index, part) in parts.iter().enumerate() {
            let unit = UnitId::at(tenant.first_unit.index() + index);
            // What is told to run holds its room from then on, started or not.
            let told = part.stops_at.is_none_or(|at| tenant.stage < at);
            let (killed, restarts) = (tenant.killed, tenant.restarting);
            let state = match (told && tenant.node.is_some(), killed & (1 << index) != 0) {
                (false, _) => UnitState::Stopped,
                (true, true) => UnitState::Killed,
                (true, false) if rises || restarts & (1 << index) != 0 => UnitState::Starting,
                (true, false) => UnitState::Running,
            };
            view.update_unit(unit, |row| {
                if row.state != state {
                    row.since = at;
                }
                (row.node, row.state) = (tenant.node, state);
                row.requested = tenant.requested(index, part);
            });
            let uses = tenant.part_uses(index, part);
            view.see_unit(unit, uses.cpu, uses.memory);
        }
    }
}

fn write_node(view: &mut ClusterView, id: NodeId, node: &Node) {
    let state = match (node.gone, node.ready) {
        (true, _) => NodeState::Gone,
        (false, true) => NodeState::Ready,
        (false, false) => NodeState::Booting,
    };
    if id.index() >= view.nodes().len() {
        // Machines are seen in the order they were ordered.
        view.add_node(NodeRow::new(node.pool, node.zone, state, node.capacity));
    }
    view.update_node(id, |row| {
        (row.state, row.since) = (state, node.since);
        (row.cordoned, row.draining) = (node.cordoned, node.draining);
    });
    view.see_node(id, node.asked.cpu.min(node.capacity.cpu), node.asked.memory);
}
