//! What can be known of a cluster: kept in place, with a list of what changed.
//!
//! Hosts change rows through the `update_…` functions, which keep sums by pool and machine right
//! and note what changed; policies read. Knows nothing of what is true, only what was seen.

mod columns;
mod databases;
mod delta;
mod document;
mod opening;
mod poolers;
mod rows;
mod seen;
mod services;
mod sums;
mod unseen;
mod written;

pub use columns::Column;
pub use databases::{Database, Health, Heir};
pub use delta::{Delta, Misfit};
pub use document::{
    ConnectionsRow, DatabaseRow, DocumentError, Names, NodeRow, PoolRow, PoolerRow, ReplicaRow,
    ServiceRow, TenantRow, TierRow, UnitRow, ViewDocument,
};
pub use poolers::{Connections, Pooler};
pub use rows::{Conflict, Node, NodeState, Phase, Pool, PoolSums, Tenant, Tier, Unit, UnitState};
pub use services::{Answers, Release, Replica, ReplicaState, Service};

use crate::units::{Bytes, Frequency, MilliCores, Moment, Ppm};
use crate::{Gauge, NodeId, PoolId, Stage, Stages, TenantId, TierId, UnitId};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use written::Written;

/// Cpu and memory together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Footprint {
    /// Processors.
    pub cpu: MilliCores,
    /// Memory.
    pub memory: Bytes,
}

/// A cluster as it is seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClusterView {
    /// When this view was taken.
    pub taken_at: Moment,
    stages: Stages,
    tiers: Vec<Tier>,
    pools: Vec<Pool>,
    nodes: Vec<Node>,
    node_cpu: Gauge<MilliCores>,
    node_memory: Gauge<Bytes>,
    tenants: Vec<Tenant>,
    last_active: Gauge<Moment>,
    sessions: Gauge<bool>,
    /// As of when it is known who waits for tenants.
    wanted_seen_at: Moment,
    units: Vec<Unit>,
    unit_cpu: Gauge<MilliCores>,
    unit_memory: Gauge<Bytes>,
    changes: Changes,
    room_version: u64,
    requests: Gauge<Frequency>,
    poolers: Vec<Pooler>,
    connections: Gauge<Connections>,
    databases: Vec<String>,
    database_states: Gauge<Database>,
    services: Vec<Service>,
    service_calls: Gauge<Frequency>,
    service_waiting: Gauge<u32>,
    replicas: Vec<Replica>,
    replica_cpu: Gauge<MilliCores>,
    replica_memory: Gauge<Bytes>,
    replica_answers: Gauge<Answers>,
    tenants_present: u32,
    tenants_missing: u32,
    starting: u32,
    written: Written,
}

/// What changed since the last tick, each once, in the order of change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    nodes: Vec<NodeId>,
    tenants: Vec<TenantId>,
}

impl Changes {
    /// Machines whose row changed; their use is not among it.
    #[must_use]
    pub fn nodes(&self) -> &[NodeId] {
        &self.nodes
    }
    /// Tenants whose row, units or activity changed.
    #[must_use]
    pub fn tenants(&self) -> &[TenantId] {
        &self.tenants
    }
}

impl ClusterView {
    /// What its stages of sleep are called.
    #[must_use]
    pub fn stages(&self) -> &Stages {
        &self.stages
    }
    /// Says what its stages of sleep are called.
    pub fn name_stages(&mut self, stages: Stages) {
        self.stages = stages;
    }
    /// The tiers.
    #[must_use]
    pub fn tiers(&self) -> &[Tier] {
        &self.tiers
    }
    /// The pools.
    #[must_use]
    pub fn pools(&self) -> &[Pool] {
        &self.pools
    }
    /// The machines, those gone included.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }
    /// The tenants, those gone included.
    #[must_use]
    pub fn tenants(&self) -> &[Tenant] {
        &self.tenants
    }
    /// The containers.
    #[must_use]
    pub fn units(&self) -> &[Unit] {
        &self.units
    }
    /// One machine.
    #[must_use]
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }
    /// One tenant.
    #[must_use]
    pub fn tenant(&self, id: TenantId) -> &Tenant {
        &self.tenants[id.index()]
    }
    /// One pool.
    #[must_use]
    pub fn pool(&self, id: PoolId) -> &Pool {
        &self.pools[id.index()]
    }
    /// Cpu used on machines.
    #[must_use]
    pub fn node_cpu(&self) -> &Gauge<MilliCores> {
        &self.node_cpu
    }
    /// Memory used on machines.
    #[must_use]
    pub fn node_memory(&self) -> &Gauge<Bytes> {
        &self.node_memory
    }
    /// When somebody was last seen at a tenant.
    #[must_use]
    pub fn last_active(&self) -> &Gauge<Moment> {
        &self.last_active
    }
    /// Whether somebody is at a tenant now.
    #[must_use]
    pub fn sessions(&self) -> &Gauge<bool> {
        &self.sessions
    }
    /// As of when it is known who waits for tenants; a tenant for which nobody was known to wait
    /// then has no [`Tenant::wanted_since`]. The start of time where nobody can tell.
    #[must_use]
    pub fn wanted_seen_at(&self) -> Moment {
        self.wanted_seen_at
    }
    /// How often tenants are asked for something.
    #[must_use]
    pub fn requests(&self) -> &Gauge<Frequency> {
        &self.requests
    }
    /// Cpu used by containers.
    #[must_use]
    pub fn unit_cpu(&self) -> &Gauge<MilliCores> {
        &self.unit_cpu
    }
    /// Memory used by containers.
    #[must_use]
    pub fn unit_memory(&self) -> &Gauge<Bytes> {
        &self.unit_memory
    }
    /// What changed since the last tick.
    #[must_use]
    pub fn changes(&self) -> &Changes {
        &self.changes
    }
    /// Grows whenever a machine may have got room that it had not.
    #[must_use]
    pub fn room_version(&self) -> u64 {
        self.room_version
    }
    /// Tenants that are neither gone nor missing.
    #[must_use]
    pub fn tenants_present(&self) -> u32 {
        self.tenants_present
    }

    /// Tenants whose machine no longer knows them.
    #[must_use]
    pub fn tenants_missing(&self) -> u32 {
        self.tenants_missing
    }

    /// Tenants out of sight: those missing, and those on machines that no longer answer.
    #[must_use]
    pub fn tenants_unseen(&self) -> u32 {
        let lost: u32 = self.pools.iter().map(|pool| pool.sums.tenants_lost).sum();
        self.tenants_missing + lost
    }

    /// Tenants whose stack is on the way up.
    #[must_use]
    pub fn starting(&self) -> u32 {
        self.starting
    }

    /// The units of a tenant.
    pub fn units_of(&self, tenant: TenantId) -> impl Iterator<Item = UnitId> + '_ {
        let mut next = self.tenant(tenant).first_unit;
        core::iter::from_fn(move || {
            let unit = next?;
            next = self.units[unit.index()].next_of_tenant;
            Some(unit)
        })
    }

    /// What a machine must promise to take a tenant: all of its units where somebody waits for it,
    /// otherwise those that run at its stage.
    #[must_use]
    pub fn need(&self, id: TenantId) -> Footprint {
        let row = self.tenant(id);
        if row.wanted_since.is_some() || row.stage == Stage::AWAKE {
            return row.whole;
        }
        let units = self.units_of(id).map(|unit| &self.units[unit.index()]);
        let running = units.filter(|unit| unit.stops_at.is_none_or(|at| row.stage < at));
        running.fold(Footprint::default(), |sum, unit| sum.plus(unit.requested))
    }

    /// What a machine may still promise, if nothing is on its way to it.
    #[must_use]
    pub fn room(&self, id: NodeId) -> Footprint {
        let node = self.node(id);
        let pool = self.pool(node.pool);
        let promisable = Footprint {
            cpu: node.capacity.cpu.part(pool.overcommit_cpu),
            memory: node.capacity.memory.part(pool.overcommit_memory),
        };
        promisable.minus(node.taken())
    }

    /// Whether machines of the pool take tenants of the tier.
    #[must_use]
    pub fn takes(&self, pool: PoolId, tier: TierId) -> bool {
        let tiers = &self.pool(pool).tiers;
        tiers.is_empty() || tiers.contains(&tier)
    }
}

impl Footprint {
    /// Whether it is nothing at all.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
    /// Whether `other` fits into this.
    #[must_use]
    pub fn fits(&self, other: Footprint) -> bool {
        other.cpu <= self.cpu && other.memory <= self.memory
    }
    /// The sum.
    #[must_use]
    pub fn plus(self, other: Footprint) -> Self {
        Self {
            cpu: self.cpu.saturating_add(other.cpu),
            memory: self.memory.saturating_add(other.memory),
        }
    }
    /// What is left after `other`, or nothing.
    #[must_use]
    pub fn minus(self, other: Footprint) -> Self {
        Self {
            cpu: self.cpu.saturating_sub(other.cpu),
            memory: self.memory.saturating_sub(other.memory),
        }
    }
    /// The larger of the two shares of a whole.
    #[must_use]
    pub fn share_of(self, whole: Footprint) -> Ppm {
        self.cpu.share_of(whole.cpu).max(self.memory.share_of(whole.memory))
    }
}
