//! What a view became since another: enough to rebuild it and to decide on it again.
//!
//! A host that keeps a logbook writes one delta a tick. A reader applies each to the
//! view before it, and has the very view that the pilot saw, with what had changed in the same
//! order. Knows no file.

mod apply;

use super::{
    Answers, ClusterView, Connections, Database, Node, Pool, Pooler, Replica, Service, Tenant,
    Tier, Unit,
};
use crate::reading::Standing;
use crate::units::{Bytes, Frequency, MilliCores, Moment};
use crate::{DatabaseId, Gauge, NodeId, ReplicaId, ServiceId, Stages, TenantId, UnitId};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

type Rows<I, R> = Vec<(I, R)>;
type Use<I> = Vec<(I, Standing<MilliCores>, Standing<Bytes>)>;

/// The difference between two views of one cluster, the later one of which has not been settled.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Delta {
    taken_at: Moment,
    room_version: u64,
    /// Where they are called otherwise than before.
    #[serde(skip_serializing_if = "Option::is_none")]
    stages: Option<Stages>,
    /// Where it is not when the view was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    machines_swept_at: Option<Moment>,
    /// Where it is not when the view was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    activity_swept_at: Option<Moment>,
    /// Where it is not when the view was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    sessions_swept_at: Option<Moment>,
    /// Where it is not when the view was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    wanted_seen_at: Option<Moment>,
    #[serde(skip_serializing_if = "is_start")]
    requests_swept_at: Moment,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tiers: Vec<Tier>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pools: Vec<Pool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    nodes: Rows<NodeId, Node>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    node_use: Use<NodeId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tenants: Rows<TenantId, Tenant>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    activity: Rows<TenantId, Standing<Moment>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sessions: Rows<TenantId, Standing<bool>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    requests: Rows<TenantId, Standing<Frequency>>,
    #[serde(skip_serializing_if = "is_start")]
    connections_swept_at: Moment,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    poolers: Vec<Pooler>,
    /// By row: the pools of all poolers, one after the other.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    connections: Rows<usize, Standing<Connections>>,
    #[serde(skip_serializing_if = "is_start")]
    databases_swept_at: Moment,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    databases: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    database_states: Rows<DatabaseId, Standing<Database>>,
    #[serde(skip_serializing_if = "is_start")]
    calls_swept_at: Moment,
    #[serde(skip_serializing_if = "is_start")]
    waiting_swept_at: Moment,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    services: Rows<ServiceId, Service>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    calls: Rows<ServiceId, Standing<Frequency>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waiting: Rows<ServiceId, Standing<u32>>,
    #[serde(skip_serializing_if = "is_start")]
    replicas_swept_at: Moment,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    replicas: Rows<ReplicaId, Replica>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    replica_use: Use<ReplicaId>,
    #[serde(skip_serializing_if = "is_start")]
    answers_swept_at: Moment,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    answers: Rows<ReplicaId, Standing<Answers>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    units: Rows<UnitId, Unit>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unit_use: Use<UnitId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changed_nodes: Vec<NodeId>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changed_tenants: Vec<TenantId>,
}

/// What does not fit a view: it belongs to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// A delta names rows that are not there.
    Rows,
    /// Rows that name one another as the next never end.
    Endless,
    /// A memory names rows that are not there, or contradicts itself.
    Memory,
}

impl core::fmt::Display for Misfit {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Rows => "this change belongs to another view: it names rows that are not there",
            Self::Endless => "this change has a list of containers or replicas that never ends",
            Self::Memory => {
                "what the policies remember belongs to another view: it names rows that are not \
                 there, or contradicts itself"
            }
        })
    }
}

impl core::error::Error for Misfit {}

impl Delta {
    /// What `after` became since `before`.
    #[must_use]
    pub fn between(before: &ClusterView, after: &ClusterView) -> Self {
        let nodes = rows_of(&after.nodes);
        let tenants = (0..after.tenants.len()).collect();
        let units = (0..after.units.len()).collect();
        Self::of_rows(before, after, &Looked { nodes, tenants, units })
    }

    /// The same, where `before` is what `after` was when it was settled last, or later: then it is
    /// enough to look at the rows that were written.
    #[must_use]
    pub(crate) fn since_settled(before: &ClusterView, after: &ClusterView) -> Self {
        let (tenants, units) = (after.tenants_written(), after.units_written());
        let nodes = after.nodes_of_late().into_iter().map(NodeId::index);
        let tenants = tenants.into_iter().map(TenantId::index);
        let units = units.into_iter().map(UnitId::index);
        let looked = Looked {
            nodes: old_and_new(nodes, before.nodes.len(), after.nodes.len()),
            tenants: old_and_new(tenants, before.tenants.len(), after.tenants.len()),
            units: old_and_new(units, before.units.len(), after.units.len()),
        };
        Self::of_rows(before, after, &looked)
    }

    fn of_rows(before: &ClusterView, after: &ClusterView, looked: &Looked) -> Self {
        let plain = |mut pool: Pool| {
            pool.sums = super::PoolSums::default();
            pool
        };
        let sweep = |at: Moment| (at != after.taken_at).then_some(at);
        let mut delta = Self {
            taken_at: after.taken_at,
            room_version: after.room_version,
            stages: (before.stages != after.stages).then(|| after.stages.clone()),
            machines_swept_at: sweep(after.node_cpu.swept_at()),
            activity_swept_at: sweep(after.last_active.swept_at()),
            sessions_swept_at: sweep(after.sessions.swept_at()),
            wanted_seen_at: sweep(after.wanted_seen_at),
            requests_swept_at: after.requests.swept_at(),
            tiers: after.tiers.iter().skip(before.tiers.len()).cloned().collect(),
            pools: after.pools.iter().skip(before.pools.len()).cloned().map(plain).collect(),
            connections_swept_at: after.connections.swept_at(),
            poolers: after.poolers.iter().skip(before.poolers.len()).cloned().collect(),
            connections: after.pools_since(before),
            databases_swept_at: after.database_states.swept_at(),
            databases: after.databases.iter().skip(before.databases.len()).cloned().collect(),
            database_states: after.databases_since(before),
            calls_swept_at: after.service_calls.swept_at(),
            waiting_swept_at: after.service_waiting.swept_at(),
            replicas_swept_at: after.replica_cpu.swept_at(),
            answers_swept_at: after.replica_answers.swept_at(),
            changed_nodes: after.changes.nodes.clone(),
            changed_tenants: after.changes.tenants.clone(),
            ..Self::default()
        };
        delta.add_machines(before, after, &looked.nodes);
        delta.add_tenants(before, after, &looked.tenants);
        delta.add_units(before, after, &looked.units);
        delta.add_services(before, after);
        delta
    }

    fn add_machines(&mut self, before: &ClusterView, after: &ClusterView, looked: &[usize]) {
        let plain = |row: &Node| Node { changed: false, ..*row };
        self.nodes = rows(looked, &before.nodes, &after.nodes, NodeId::at, plain);
        self.node_use = uses(
            looked,
            (&before.node_cpu, &before.node_memory, before.nodes.len()),
            (&after.node_cpu, &after.node_memory, after.nodes.len()),
            NodeId::at,
        );
    }

    fn add_tenants(&mut self, before: &ClusterView, after: &ClusterView, looked: &[usize]) {
        let plain = |row: &Tenant| Tenant { changed: false, ..*row };
        self.tenants = rows(looked, &before.tenants, &after.tenants, TenantId::at, plain);
        let (were, are) = (before.tenants.len(), after.tenants.len());
        self.activity =
            standings(looked, (&before.last_active, were), (&after.last_active, are), TenantId::at);
        self.sessions =
            standings(looked, (&before.sessions, were), (&after.sessions, are), TenantId::at);
        self.requests =
            standings(looked, (&before.requests, were), (&after.requests, are), TenantId::at);
    }

    fn add_units(&mut self, before: &ClusterView, after: &ClusterView, looked: &[usize]) {
        self.units = rows(looked, &before.units, &after.units, UnitId::at, |row| *row);
        self.unit_use = uses(
            looked,
            (&before.unit_cpu, &before.unit_memory, before.units.len()),
            (&after.unit_cpu, &after.unit_memory, after.units.len()),
            UnitId::at,
        );
    }

    fn add_services(&mut self, before: &ClusterView, after: &ClusterView) {
        let (services, replicas) = (rows_of(&after.services), rows_of(&after.replicas));
        self.services =
            rows(&services, &before.services, &after.services, ServiceId::at, Service::clone);
        let (were, are) = (before.services.len(), after.services.len());
        self.calls = standings(
            &services,
            (&before.service_calls, were),
            (&after.service_calls, are),
            ServiceId::at,
        );
        self.waiting = standings(
            &services,
            (&before.service_waiting, were),
            (&after.service_waiting, are),
            ServiceId::at,
        );
        self.replicas =
            rows(&replicas, &before.replicas, &after.replicas, ReplicaId::at, |row| *row);
        self.replica_use = uses(
            &replicas,
            (&before.replica_cpu, &before.replica_memory, before.replicas.len()),
            (&after.replica_cpu, &after.replica_memory, after.replicas.len()),
            ReplicaId::at,
        );
        self.answers = standings(
            &replicas,
            (&before.replica_answers, before.replicas.len()),
            (&after.replica_answers, after.replicas.len()),
            ReplicaId::at,
        );
    }

    /// When the later view was taken.
    #[must_use]
    pub fn taken_at(&self) -> Moment {
        self.taken_at
    }

    /// Whether every row that it names is there, or is the next one.
    fn fits(&self, view: &ClusterView) -> bool {
        let nodes = grows(view.nodes.len(), self.nodes.iter().map(|row| row.0.index()));
        let tenants = grows(view.tenants.len(), self.tenants.iter().map(|row| row.0.index()));
        let units = grows(view.units.len(), self.units.iter().map(|row| row.0.index()));
        let (Some(nodes), Some(tenants), Some(units)) = (nodes, tenants, units) else {
            return false;
        };
        let (pools, tiers) =
            (view.pools.len() + self.pools.len(), view.tiers.len() + self.tiers.len());
        let all_poolers = view.poolers.iter().chain(&self.poolers);
        let connections: usize = all_poolers.map(|pooler| pooler.tiers.len()).sum();
        self.nodes.iter().all(|(_, row)| row.pool.index() < pools)
            && self.tenants.iter().all(|(_, row)| {
                row.tier.index() < tiers
                    && row.node.is_none_or(|node| node.index() < nodes)
                    && row.first_unit.is_none_or(|unit| unit.index() < units)
            })
            && self.units.iter().all(|(_, row)| {
                row.tenant.index() < tenants
                    && row.node.is_none_or(|node| node.index() < nodes)
                    && row.next_of_tenant.is_none_or(|unit| unit.index() < units)
            })
            && self.node_use.iter().all(|row| row.0.index() < nodes)
            && self.unit_use.iter().all(|row| row.0.index() < units)
            && self.activity.iter().all(|row| row.0.index() < tenants)
            && self.sessions.iter().all(|row| row.0.index() < tenants)
            && self.requests.iter().all(|row| row.0.index() < tenants)
            && self.pools.iter().flat_map(|row| &row.tiers).all(|tier| tier.index() < tiers)
            && self.poolers.iter().flat_map(|row| &row.tiers).all(|tier| tier.index() < tiers)
            && self.connections.iter().all(|row| row.0 < connections)
            && {
                let databases = view.databases.len() + self.databases.len();
                self.database_states.iter().all(|row| row.0.index() < databases)
            }
            && self.services_fit(view, pools, nodes)
            && self.changed_nodes.iter().all(|id| id.index() < nodes)
            && self.changed_tenants.iter().all(|id| id.index() < tenants)
    }

    /// The same of services and their replicas.
    fn services_fit(&self, view: &ClusterView, pools: usize, nodes: usize) -> bool {
        let services = grows(view.services.len(), self.services.iter().map(|row| row.0.index()));
        let replicas = grows(view.replicas.len(), self.replicas.iter().map(|row| row.0.index()));
        let (Some(services), Some(replicas)) = (services, replicas) else { return false };
        self.services.iter().all(|(_, row)| {
            row.pool.is_none_or(|pool| pool.index() < pools)
                && row.first_replica.is_none_or(|replica| replica.index() < replicas)
        }) && self.replicas.iter().all(|(_, row)| {
            row.service.index() < services
                && row.node.is_none_or(|node| node.index() < nodes)
                && row.next_of_service.is_none_or(|next| next.index() < replicas)
        }) && self.calls.iter().all(|row| row.0.index() < services)
            && self.waiting.iter().all(|row| row.0.index() < services)
            && self.replica_use.iter().all(|row| row.0.index() < replicas)
            && self.answers.iter().all(|row| row.0.index() < replicas)
    }
}

impl Delta {
    /// Whether the lists of a tenant's containers and of a service's replicas come to an end.
    fn ends(&self, view: &ClusterView) -> bool {
        // Containers are listed in the order in which they were added.
        let units =
            self.units.iter().all(|(id, row)| row.next_of_tenant.is_none_or(|next| next > *id));
        if self.services.is_empty() && self.replicas.is_empty() {
            return units;
        }
        let mut next: Vec<_> = view.replicas.iter().map(|row| row.next_of_service).collect();
        for (id, row) in &self.replicas {
            next.resize(next.len().max(id.index() + 1), None);
            next[id.index()] = row.next_of_service;
        }
        let mut first: Vec<_> = view.services.iter().map(|row| row.first_replica).collect();
        for (id, row) in &self.services {
            first.resize(first.len().max(id.index() + 1), None);
            first[id.index()] = row.first_replica;
        }
        // No replica is in two lists, nor twice in one.
        let mut left = next.len();
        let mut ends = |first: Option<ReplicaId>| {
            let mut at = first;
            while let Some(id) = at {
                if left == 0 {
                    return false;
                }
                left -= 1;
                at = next[id.index()];
            }
            true
        };
        units && first.into_iter().all(&mut ends)
    }
}

/// How many rows there are once these were changed or added one by one; none where one is missing.
fn grows(mut count: usize, ids: impl Iterator<Item = usize>) -> Option<usize> {
    for id in ids {
        if id > count {
            return None;
        }
        count += usize::from(id == count);
    }
    Some(count)
}

/// The rows to look at.
struct Looked {
    nodes: Vec<usize>,
    tenants: Vec<usize>,
    units: Vec<usize>,
}

/// Those of the rows there were, and all that are new.
fn old_and_new(written: impl Iterator<Item = usize>, old: usize, all: usize) -> Vec<usize> {
    written.filter(|row| *row < old).chain(old..all).collect()
}

fn rows_of<R>(all: &[R]) -> Vec<usize> {
    (0..all.len()).collect()
}

fn rows<I, R: PartialEq>(
    looked: &[usize],
    before: &[R],
    after: &[R],
    id: fn(usize) -> I,
    plain: impl Fn(&R) -> R,
) -> Rows<I, R> {
    let changed = |row: &usize| before.get(*row).map(&plain) != Some(plain(&after[*row]));
    let looked = looked.iter().copied();
    looked.filter(changed).map(|row| (id(row), plain(&after[row]))).collect()
}

/// The rows of a gauge with so many that stand otherwise than before.
fn standings<I, T: Copy + Default + PartialEq>(
    looked: &[usize],
    before: (&Gauge<T>, usize),
    after: (&Gauge<T>, usize),
    id: fn(usize) -> I,
) -> Rows<I, Standing<T>> {
    let is = |row: usize| after.0.standing(row);
    let was = |row: usize| match row < before.1 {
        true => before.0.standing(row),
        false => Standing::Absent,
    };
    let changed = looked.iter().copied().filter(|row| was(*row) != is(*row));
    changed.map(|row| (id(row), is(row))).collect()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
fn is_start(moment: &Moment) -> bool {
    *moment == Moment::START
}

type Gauges<'a> = (&'a Gauge<MilliCores>, &'a Gauge<Bytes>, usize);

fn uses<I>(looked: &[usize], before: Gauges<'_>, after: Gauges<'_>, id: fn(usize) -> I) -> Use<I> {
    let both = |gauges: Gauges<'_>, row: usize| (gauges.0.standing(row), gauges.1.standing(row));
    let absent = (Standing::Absent, Standing::Absent);
    let was = |row: usize| if row < before.2 { both(before, row) } else { absent };
    let changed = looked.iter().copied().filter(|row| was(*row) != both(after, *row));
    changed.map(|row| (id(row), after.0.standing(row), after.1.standing(row))).collect()
}
