//! Changes rows and keeps the sums over them.

use super::{ClusterView, Footprint, Node, NodeState, Phase, Pool, Tenant, Tier, Unit};
use crate::units::{Bytes, MilliCores, Moment};
use crate::{NodeId, PoolId, Reading, TenantId, TierId, UnitId};

impl ClusterView {
    /// One more tier.
    pub fn add_tier(&mut self, tier: Tier) -> TierId {
        self.tiers.push(tier);
        TierId::at(self.tiers.len() - 1)
    }

    /// One more pool.
    pub fn add_pool(&mut self, pool: Pool) -> PoolId {
        self.pools.push(pool);
        PoolId::at(self.pools.len() - 1)
    }

    /// Makes room for so many tenants and containers at once.
    pub fn reserve(&mut self, tenants: usize, units: usize) {
        self.tenants.reserve_exact(tenants);
        self.last_active.reserve(tenants);
        self.sessions.reserve(tenants);
        self.requests.reserve(tenants);
        self.units.reserve_exact(units);
        self.unit_cpu.reserve(units);
        self.unit_memory.reserve(units);
    }

    /// One more machine.
    pub fn add_node(&mut self, node: Node) -> NodeId {
        let id = NodeId::at(self.nodes.len());
        self.nodes.push(Node { others: node.beside, ..node });
        self.node_cpu.push();
        self.node_memory.push();
        self.weigh(id, Sign::Add);
        self.touch_node(id);
        self.room_version += 1;
        id
    }

    /// One more tenant.
    pub fn add_tenant(&mut self, tenant: Tenant) -> TenantId {
        let id = TenantId::at(self.tenants.len());
        self.tenants.push(Tenant { node: None, ..tenant });
        self.push_tenant_columns();
        self.count(tenant.phase, Sign::Add);
        if tenant.node.is_some() {
            self.update_tenant(id, |row| row.node = tenant.node);
        }
        self.touch_tenant(id);
        id
    }

    /// One more container of a tenant.
    pub fn add_unit(&mut self, unit: Unit) -> UnitId {
        let id = UnitId::at(self.units.len());
        self.units.push(unit);
        self.unit_cpu.push();
        self.unit_memory.push();
        let owner = &mut self.tenants[unit.tenant.index()];
        owner.whole = owner.whole.plus(unit.requested);
        // At the end of the owner's list, so that units are met in the order added.
        let mut last = owner.first_unit;
        if last.is_none() {
            owner.first_unit = Some(id);
        }
        self.written.unit(id);
        while let Some(unit) = last {
            last = self.units[unit.index()].next_of_tenant;
            if last.is_none() {
                self.written.unit(unit);
                self.units[unit.index()].next_of_tenant = Some(id);
            }
        }
        self.promise(id, Sign::Add);
        self.touch_tenant(unit.tenant);
        id
    }

    /// Changes a machine's row.
    pub fn update_node(&mut self, id: NodeId, change: impl FnOnce(&mut Node)) {
        let before = self.nodes[id.index()];
        let mut after = before;
        change(&mut after);
        (after.promised, after.tenants) = (before.promised, before.tenants);
        after.others = before.others.minus(before.beside).plus(after.beside);
        if before == after {
            return;
        }
        self.weigh(id, Sign::Subtract);
        self.nodes[id.index()] = after;
        self.weigh(id, Sign::Add);
        self.touch_node(id);
        self.room_version += 1;
    }

    /// Changes a tenant's row.
    pub fn update_tenant(&mut self, id: TenantId, change: impl FnOnce(&mut Tenant)) {
        let before = self.tenants[id.index()];
        change(&mut self.tenants[id.index()]);
        let row = &mut self.tenants[id.index()];
        (row.whole, row.promised) = (before.whole, before.promised);
        let after = *row;
        if before == after {
            return;
        }
        self.touch_tenant(id);
        if before.node != after.node {
            self.settle_in(before.node, Sign::Subtract);
            self.settle_in(after.node, Sign::Add);
        }
        self.count(before.phase, Sign::Subtract);
        self.count(after.phase, Sign::Add);
    }

    /// Changes a container's row.
    pub fn update_unit(&mut self, id: UnitId, change: impl FnOnce(&mut Unit)) {
        let before = self.units[id.index()];
        let mut after = before;
        change(&mut after);
        if before == after {
            return;
        }
        self.promise(id, Sign::Subtract);
        self.written.unit(id);
        self.units[id.index()] = after;
        self.promise(id, Sign::Add);
        let owner = &mut self.tenants[after.tenant.index()];
        owner.whole = owner.whole.minus(before.requested).plus(after.requested);
        self.touch_tenant(after.tenant);
    }

    /// What a sweep saw in use on a machine.
    pub fn see_node(&mut self, id: NodeId, cpu: MilliCores, memory: Bytes) {
        self.weigh(id, Sign::Subtract);
        self.node_cpu.cover(id.index(), cpu);
        self.node_memory.cover(id.index(), memory);
        self.weigh(id, Sign::Add);
    }

    /// What was seen in use on a machine at a moment of its own.
    pub fn read_node(&mut self, id: NodeId, cpu: Reading<MilliCores>, memory: Reading<Bytes>) {
        self.weigh(id, Sign::Subtract);
        self.node_cpu.set(id.index(), cpu);
        self.node_memory.set(id.index(), memory);
        self.weigh(id, Sign::Add);
    }

    /// A machine's use can no longer be read.
    pub fn lose_node(&mut self, id: NodeId) {
        self.weigh(id, Sign::Subtract);
        self.node_cpu.lose(id.index());
        self.node_memory.lose(id.index());
        self.weigh(id, Sign::Add);
    }

    /// What was seen in use by a container at a moment of its own.
    pub fn read_unit(&mut self, id: UnitId, cpu: Reading<MilliCores>, memory: Reading<Bytes>) {
        self.written.unit(id);
        self.unit_cpu.set(id.index(), cpu);
        self.unit_memory.set(id.index(), memory);
    }

    /// A container's use can no longer be read.
    pub fn lose_unit(&mut self, id: UnitId) {
        self.written.unit(id);
        self.unit_cpu.lose(id.index());
        self.unit_memory.lose(id.index());
    }

    /// What a sweep saw in use by a container.
    pub fn see_unit(&mut self, id: UnitId, cpu: MilliCores, memory: Bytes) {
        self.written.unit(id);
        self.unit_cpu.cover(id.index(), cpu);
        self.unit_memory.cover(id.index(), memory);
    }

    /// A sweep over machines and containers found the covered ones as they stand.
    pub fn sweep_machines(&mut self, at: Moment) {
        self.node_cpu.sweep(at);
        self.node_memory.sweep(at);
        self.unit_cpu.sweep(at);
        self.unit_memory.sweep(at);
    }

    /// Forgets what changed: the pilot has seen it.
    pub fn settle(&mut self) {
        self.written.settle();
        for id in self.changes.nodes.drain(..) {
            self.nodes[id.index()].changed = false;
        }
        for id in self.changes.tenants.drain(..) {
            self.tenants[id.index()].changed = false;
        }
    }

    /// Lists everything as changed, for a pilot that has seen nothing yet.
    pub fn touch_all(&mut self) {
        for index in 0..self.nodes.len() {
            self.touch_node(NodeId::at(index));
        }
        for index in 0..self.tenants.len() {
            self.touch_tenant(TenantId::at(index));
        }
        self.room_version += 1;
    }

    pub(super) fn touch_node(&mut self, id: NodeId) {
        if !core::mem::replace(&mut self.nodes[id.index()].changed, true) {
            self.changes.nodes.push(id);
        }
    }

    pub(super) fn touch_tenant(&mut self, id: TenantId) {
        self.written.tenant(id);
        if !core::mem::replace(&mut self.tenants[id.index()].changed, true) {
            self.changes.tenants.push(id);
        }
    }

    /// Counts a tenant of this phase, or no longer.
    pub(super) fn count(&mut self, phase: Phase, sign: Sign) {
        sign.apply(&mut self.tenants_present, u32::from(phase.is_present()));
        sign.apply(&mut self.tenants_missing, u32::from(phase == Phase::Missing));
        sign.apply(&mut self.starting, u32::from(phase == Phase::Starting));
    }

    fn settle_in(&mut self, node: Option<NodeId>, sign: Sign) {
        let Some(id) = node else { return };
        self.weigh(id, Sign::Subtract);
        sign.apply(&mut self.nodes[id.index()].tenants, 1);
        self.weigh(id, Sign::Add);
        self.touch_node(id);
        self.room_version += u64::from(matches!(sign, Sign::Subtract));
    }

    fn promise(&mut self, id: UnitId, sign: Sign) {
        let unit = self.units[id.index()];
        if !unit.state.is_promised() {
            return;
        }
        let owner = &mut self.tenants[unit.tenant.index()];
        sign.weigh(&mut owner.promised, unit.requested);
        let Some(node) = unit.node else { return };
        self.weigh(node, Sign::Subtract);
        sign.weigh(&mut self.nodes[node.index()].promised, unit.requested);
        self.weigh(node, Sign::Add);
        self.touch_node(node);
        self.room_version += u64::from(matches!(sign, Sign::Subtract));
    }

    /// Counts what somebody who is no tenant requests on a machine, or no longer.
    pub(super) fn take_beside(&mut self, node: NodeId, requested: Footprint, sign: Sign) {
        self.weigh(node, Sign::Subtract);
        sign.weigh(&mut self.nodes[node.index()].others, requested);
        self.weigh(node, Sign::Add);
        self.touch_node(node);
        self.room_version += u64::from(matches!(sign, Sign::Subtract));
    }

    /// Adds a machine to its pool's sums, or takes it out of them.
    pub(super) fn weigh(&mut self, id: NodeId, sign: Sign) {
        // Whatever changes of a machine is weighed before and after.
        self.written.node(id);
        let node = &self.nodes[id.index()];
        let sums = &mut self.pools[node.pool.index()].sums;
        match node.state {
            NodeState::Booting => sign.apply(&mut sums.booting, 1),
            NodeState::Ready => {
                sign.apply(&mut sums.ready, 1);
                sign.apply(&mut sums.closed, u32::from(!node.is_open()));
                sign.apply(&mut sums.tenants, node.tenants);
                sign.weigh(&mut sums.capacity, node.capacity);
                sign.weigh(&mut sums.promised, node.taken());
                let confirmed = self.node_cpu.covered(id.index());
                sign.apply(&mut sums.unconfirmed, u32::from(!confirmed));
                let used = Footprint {
                    cpu: self.node_cpu.last(id.index()),
                    memory: self.node_memory.last(id.index()),
                };
                sign.weigh(&mut sums.used, used);
            }
            NodeState::Lost => {
                sign.apply(&mut sums.lost, 1);
                sign.apply(&mut sums.tenants_lost, node.tenants);
            }
            NodeState::Gone => {}
        }
    }
}

/// Into a sum or out of it. What a logbook says that somebody made up may sum up to more than there is
/// room for: then the sum is wrong, as its parts are.
#[derive(Clone, Copy)]
pub(super) enum Sign {
    Add,
    Subtract,
}

impl Sign {
    fn apply(self, sum: &mut u32, one: u32) {
        match self {
            Self::Add => *sum = sum.saturating_add(one),
            Self::Subtract => *sum = sum.saturating_sub(one),
        }
    }
    fn weigh(self, sum: &mut Footprint, one: Footprint) {
        match self {
            Self::Add => *sum = sum.plus(one),
            Self::Subtract => *sum = sum.minus(one),
        }
    }
}
