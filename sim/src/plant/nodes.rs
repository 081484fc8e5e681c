//! Machines: what is used on them, when cpu slows and when memory kills.

use super::{Event, Phase, World};
use crate::plant::design::PoolDesign;
use crate::plant::measures::NodeLoad;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{Dice, Footprint, NodeId, PoolId, Purpose, TenantId, ZoneId};
use std::collections::VecDeque;

const BOOT: Purpose = Purpose::new("node boot");

/// A machine as it truly is.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) pool: PoolId,
    pub(crate) zone: ZoneId,
    pub(crate) ready: bool,
    pub(crate) gone: bool,
    pub(crate) cordoned: bool,
    pub(crate) draining: bool,
    pub(crate) dirty: bool,
    pub(crate) capacity: Footprint,
    /// What its tenants and replicas ask for; cpu beyond capacity is asked for in vain.
    pub(crate) asked: Footprint,
    /// What of that its replicas ask for, and what is promised to them.
    pub(crate) crew: Footprint,
    pub(crate) kept: Footprint,
    pub(crate) aboard: Vec<TenantId>,
    pub(crate) starting: u32,
    pub(crate) queue: VecDeque<TenantId>,
    pub(crate) since: Moment,
    /// Up to then it is paid for.
    pub(crate) billed_until: Moment,
    pub(crate) load: NodeLoad,
}

impl Node {
    pub(crate) fn order(pool: PoolId, number: usize, design: &PoolDesign, now: Moment) -> Self {
        Self {
            pool,
            zone: design.zones[number % design.zones.len().max(1)],
            ready: false,
            gone: false,
            cordoned: false,
            draining: false,
            dirty: false,
            capacity: design.machine,
            asked: Footprint::default(),
            crew: Footprint::default(),
            kept: Footprint::default(),
            aboard: Vec::new(),
            starting: 0,
            queue: VecDeque::new(),
            since: now,
            billed_until: now,
            load: NodeLoad::new(now),
        }
    }
}

/// How long a machine takes to boot: its own chance, whatever else is ordered.
pub(crate) fn boot_time(dice: Dice, id: NodeId, design: &PoolDesign) -> Span {
    design.boot.sample(&mut dice.stream(u64::from(id.0), BOOT))
}

impl World {
    /// Orders a machine.
    pub(crate) fn order_node(&mut self, pool: PoolId) -> NodeId {
        let (id, now) = (NodeId::at(self.nodes.len()), self.now());
        let in_pool = self.nodes.iter().filter(|node| node.pool == pool).count();
        let design = &self.design.pools[pool.index()];
        self.nodes.push(Node::order(pool, in_pool, design, now));
        self.touch_node(id);
        self.measures.count_node(now, pool, 0, 1);
        id
    }

    /// A machine takes tenants from now on.
    pub(crate) fn node_ready(&mut self, id: NodeId) {
        let now = self.now();
        let node = &mut self.nodes[id.index()];
        if node.gone {
            return;
        }
        node.ready = true;
        node.since = now;
        node.load = NodeLoad::new(now);
        let pool = node.pool;
        self.measures.count_node(now, pool, 1, -1);
        self.touch_node(id);
        if self.launched {
            self.keep_all_replicas();
        }
    }

    /// A machine is given back.
    pub(crate) fn retire_node(&mut self, id: NodeId) {
        let now = self.now();
        self.settle_load(id);
        self.bill_node(id);
        let node = &mut self.nodes[id.index()];
        let (ready, booting) = if node.ready { (-1, 0) } else { (0, -1) };
        (node.ready, node.gone) = (false, true);
        let pool = node.pool;
        self.measures.count_node(now, pool, ready, booting);
        self.touch_node(id);
    }

    pub(crate) fn touch_node(&mut self, id: NodeId) {
        if !core::mem::replace(&mut self.nodes[id.index()].dirty, true) {
            self.sensing.dirty_nodes.push(id);
        }
    }

    /// A tenant on the machine asks for more or less.
    pub(crate) fn reload(&mut self, id: NodeId, before: Footprint, after: Footprint) {
        self.settle_load(id);
        let node = &mut self.nodes[id.index()];
        node.asked = Footprint {
            cpu: node.asked.cpu - before.cpu + after.cpu,
            memory: node.asked.memory - before.memory + after.memory,
        };
        self.touch_node(id);
    }

    /// Adds up the machine's load since the last time.
    pub(crate) fn settle_load(&mut self, id: NodeId) {
        let now = self.now();
        let node = &mut self.nodes[id.index()];
        if node.ready {
            node.load.settle(now, node.asked, node.capacity);
        }
    }

    /// A part over its memory limit is killed.
    pub(crate) fn check_limits(&mut self, id: TenantId) {
        let tenant = &self.tenants[id.index()];
        let parts = self.design.parts(tenant);
        let over = parts.iter().enumerate().position(|(index, part)| {
            let limit = tenant.limit(index, part).map(|limit| limit.memory);
            tenant.part_runs(index, part)
                && limit.is_some_and(|limit| tenant.part_wants(part).memory > limit)
        });
        if let Some(part) = over {
            self.kill(id, part);
        }
    }

    /// Kills as long as the machine has less memory than is asked for: of the least urgent tenants
    /// the one that uses most, and of its parts the largest.
    pub(crate) fn check_memory(&mut self, node: NodeId) {
        while self.nodes[node.index()].asked.memory > self.nodes[node.index()].capacity.memory {
            let Some((tenant, part)) = self.victim(node) else { return };
            self.kill(tenant, part);
        }
    }

    fn victim(&self, node: NodeId) -> Option<(TenantId, usize)> {
        let aboard = self.nodes[node.index()].aboard.iter();
        let rank = |id: &TenantId| {
            let tenant = &self.tenants[id.index()];
            let priority = self.design.tier(tenant.tier).priority;
            let memory = tenant.draws.footprint.memory;
            (core::cmp::Reverse(priority), memory, core::cmp::Reverse(*id))
        };
        let using = |id: &&TenantId| self.tenants[id.index()].draws.footprint.memory.0 > 0;
        let id = aboard.filter(using).copied().max_by_key(rank)?;
        let tenant = &self.tenants[id.index()];
        let parts = self.design.parts(tenant).iter().enumerate();
        let sizes = parts.map(|(index, part)| (tenant.part_uses(index, part).memory, index));
        sizes.max_by_key(|size| (size.0, core::cmp::Reverse(size.1))).map(|size| (id, size.1))
    }

    fn kill(&mut self, id: TenantId, part: usize) {
        let now = self.now();
        let tenant = &mut self.tenants[id.index()];
        tenant.killed |= 1 << part;
        tenant.starts += 1;
        let (tier, turn) = (tenant.tier, tenant.starts);
        self.measures.tiers[tier.index()].kills += 1;
        self.alerts.killed(id);
        let takes = self.start_takes(id, turn);
        let part = u16::try_from(part).unwrap_or(u16::MAX);
        let at = now.after(takes.max(Span::seconds(1)));
        if at <= self.design.ends_at {
            self.agenda.schedule(at, super::WORLD, Event::Revived(super::Turn(id, part)));
        }
        self.refresh(id);
    }

    /// A part that was killed, or restarts, comes back.
    pub(crate) fn revive(&mut self, id: TenantId, part: u16) {
        let tenant = &mut self.tenants[id.index()];
        tenant.killed &= !(1u32 << part);
        tenant.restarting &= !(1u32 << part);
        if tenant.phase != Phase::Gone {
            self.refresh(id);
        }
    }
}
