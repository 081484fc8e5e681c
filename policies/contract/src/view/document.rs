//! A view as a document: rows with names, typed by hand in a test or an editor.

mod services;

pub use services::{ReplicaRow, ServiceRow};

use super::{
    ClusterView, Conflict, Connections, Database, Footprint, NodeState, Phase, Pool, UnitState,
};
use crate::units::{Bytes, Frequency, MilliCores, Moment, Ppm};
use crate::{DatabaseId, NodeId, PoolerId, Priority, Reading, Stages, TenantId, TierId, UnitId};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use serde::{Deserialize, Serialize};

/// A whole view.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewDocument {
    /// When it was taken.
    pub taken_at: Moment,
    /// As of when it is known who waits for tenants; when it was taken where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted_seen_at: Option<Moment>,
    /// What the stages of sleep are called, the lightest first.
    #[serde(default)]
    pub stages: Stages,
    /// The tiers.
    pub tiers: Vec<TierRow>,
    /// The pools.
    pub pools: Vec<PoolRow>,
    /// The machines.
    #[serde(default)]
    pub nodes: Vec<NodeRow>,
    /// The poolers that keep tiers apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub poolers: Vec<PoolerRow>,
    /// The databases that are not tenants' own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub databases: Vec<DatabaseRow>,
    /// The services with their replicas.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<ServiceRow>,
    /// The tenants.
    #[serde(default)]
    pub tenants: Vec<TenantRow>,
}

/// A tier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierRow {
    /// Its name.
    pub name: String,
    /// Who goes first.
    #[serde(default = "medium")]
    pub priority: Priority,
}

/// A pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolRow {
    /// Its name.
    pub name: String,
    /// The tiers it takes, all where left out.
    #[serde(default)]
    pub tiers: Vec<String>,
    /// The fewest machines it may have.
    #[serde(default)]
    pub least: u32,
    /// The most machines it may have.
    #[serde(default = "no_limit")]
    pub most: u32,
    /// The most tenants one of its machines holds.
    #[serde(default = "no_limit")]
    pub tenants_most: u32,
    /// Cpu that may be promised over cpu that is there.
    #[serde(default = "whole")]
    pub overcommit_cpu: Ppm,
    /// Memory that may be promised over memory that is there.
    #[serde(default = "whole")]
    pub overcommit_memory: Ppm,
}

/// A database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseRow {
    /// Its name.
    pub name: String,
    /// How it is, and which backups there are of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Reading<Database>>,
}

/// A machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeRow {
    /// Its name.
    pub name: String,
    /// Its pool.
    pub pool: String,
    /// Its zone.
    #[serde(default)]
    pub zone: String,
    /// How it is.
    #[serde(default = "ready")]
    pub state: NodeState,
    /// It takes no new tenants.
    #[serde(default)]
    pub cordoned: bool,
    /// Those it holds are to be moved away.
    #[serde(default)]
    pub draining: bool,
    /// Its processors.
    pub cpu: MilliCores,
    /// Its memory.
    pub memory: Bytes,
    /// Cpu in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_used: Option<Reading<MilliCores>>,
    /// Memory in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_used: Option<Reading<Bytes>>,
    /// In this state since.
    #[serde(default)]
    pub since: Moment,
    /// What containers request there that are neither a tenant's nor a replica's.
    #[serde(default, skip_serializing_if = "Footprint::is_nothing")]
    pub beside: Footprint,
}

/// A pooler that keeps tiers apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PoolerRow {
    /// Its name.
    pub name: String,
    /// Connections of all its pools at the most.
    pub most: u32,
    /// Its pools.
    pub tiers: Vec<ConnectionsRow>,
}

/// The connections of one tier at one pooler.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionsRow {
    /// Whose.
    pub tier: String,
    /// What was seen of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connections: Option<Reading<Connections>>,
}

/// A tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TenantRow {
    /// Its name.
    pub name: String,
    /// Its tier.
    pub tier: String,
    /// Where it lives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// How deeply it sleeps: `awake`, or one of the view's stages.
    #[serde(default = "awake")]
    pub stage: String,
    /// What it is going through; settled where it has a machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Phase>,
    /// Whether somebody is there now; nobody knows where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<Reading<bool>>,
    /// It was there by then and not before; not known where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Moment>,
    /// What is seen of it contradicts itself.
    #[serde(default, skip_serializing_if = "Conflict::is_none")]
    pub conflict: Conflict,
    /// Somebody waits for it since then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted_since: Option<Moment>,
    /// When somebody was last there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_active: Option<Reading<Moment>>,
    /// How often it is asked for something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests: Option<Reading<Frequency>>,
    /// Its containers.
    #[serde(default)]
    pub units: Vec<UnitRow>,
}

/// A container.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitRow {
    /// Its name within the tenant.
    pub name: String,
    /// How it is; running where its tenant has a machine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<UnitState>,
    /// From which stage of sleep on it stands still.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stops_at: Option<String>,
    /// Cpu it may take.
    pub cpu: MilliCores,
    /// Memory it may take.
    pub memory: Bytes,
    /// In this state since.
    #[serde(default)]
    pub since: Moment,
    /// Cpu in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_used: Option<Reading<MilliCores>>,
    /// Memory in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_used: Option<Reading<Bytes>>,
}

fn medium() -> Priority {
    Priority::Medium
}
fn no_limit() -> u32 {
    u32::MAX
}
fn whole() -> Ppm {
    Ppm::WHOLE
}
fn ready() -> NodeState {
    NodeState::Ready
}
fn awake() -> String {
    Stages::AWAKE.to_string()
}

/// What the ids of a view are called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Names {
    /// Zones by id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<String>,
    /// Machines by id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<String>,
    /// Tenants by id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tenants: Vec<String>,
    /// Containers by id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<String>,
}

impl Names {
    /// Whether nothing has a name.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { zones, nodes, tenants, units } = self;
        [zones, nodes, tenants, units].iter().all(|all| all.is_empty())
    }

    /// The names of the rows that follow.
    pub fn extend(&mut self, more: &Self) {
        self.zones.extend_from_slice(&more.zones);
        self.nodes.extend_from_slice(&more.nodes);
        self.tenants.extend_from_slice(&more.tenants);
        self.units.extend_from_slice(&more.units);
    }

    /// What a machine is called.
    #[must_use]
    pub fn node(&self, id: NodeId) -> String {
        named(&self.nodes, id.index(), "node")
    }

    /// What a tenant is called.
    #[must_use]
    pub fn tenant(&self, id: TenantId) -> String {
        named(&self.tenants, id.index(), "tenant")
    }
}

/// A row's name, or its kind and number where nobody named it.
fn named(all: &[String], index: usize, kind: &str) -> String {
    all.get(index).cloned().unwrap_or_else(|| alloc::format!("{kind}-{index}"))
}

/// A row names something that is not there, or something that is there already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentError {
    /// The way to the row.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

impl core::error::Error for DocumentError {}

impl ViewDocument {
    /// A view as a document, rows that are gone left out.
    #[must_use]
    pub fn of(view: &ClusterView, names: &Names) -> Self {
        let tier = |id: TierId| view.tiers()[id.index()].name.clone();
        Self {
            taken_at: view.taken_at,
            wanted_seen_at: Some(view.wanted_seen_at()).filter(|at| *at != view.taken_at),
            stages: view.stages().clone(),
            tiers: view
                .tiers()
                .iter()
                .map(|t| TierRow { name: t.name.clone(), priority: t.priority })
                .collect(),
            pools: view.pools().iter().map(|pool| pool_row(pool, tier)).collect(),
            nodes: (0..view.nodes().len())
                .filter(|index| view.nodes()[*index].state != NodeState::Gone)
                .map(|index| {
                    node_row(
                        view,
                        NodeId::at(index),
                        |i| named(&names.nodes, i, "node"),
                        |i| named(&names.zones, i, "zone"),
                    )
                })
                .collect(),
            poolers: (0..view.poolers().len())
                .map(|index| pooler_row(view, PoolerId::at(index), tier))
                .collect(),
            databases: (0..view.databases().len())
                .map(|index| DatabaseRow {
                    name: view.databases()[index].clone(),
                    seen: view.database(DatabaseId::at(index)),
                })
                .collect(),
            services: services::rows(view, names),
            tenants: (0..view.tenants().len())
                .filter(|index| view.tenants()[*index].phase != Phase::Gone)
                .map(|index| {
                    let id = TenantId::at(index);
                    let mut row = tenant_row(view, id, |i| named(&names.nodes, i, "node"));
                    row.name = named(&names.tenants, index, "tenant");
                    for (unit, id) in row.units.iter_mut().zip(units_there(view, id)) {
                        unit.name = named(&names.units, id.index(), "unit");
                    }
                    row
                })
                .collect(),
        }
    }
}

fn pool_row(pool: &Pool, tier: impl Fn(TierId) -> String) -> PoolRow {
    PoolRow {
        name: pool.name.clone(),
        tiers: pool.tiers.iter().map(|id| tier(*id)).collect(),
        least: pool.least,
        most: pool.most,
        tenants_most: pool.tenants_most,
        overcommit_cpu: pool.overcommit_cpu,
        overcommit_memory: pool.overcommit_memory,
    }
}

fn pooler_row(view: &ClusterView, id: PoolerId, tier: impl Fn(TierId) -> String) -> PoolerRow {
    let pooler = view.pooler(id);
    let pool =
        |of: &TierId| ConnectionsRow { tier: tier(*of), connections: view.connections(id, *of) };
    PoolerRow {
        name: pooler.name.clone(),
        most: pooler.most,
        tiers: pooler.tiers.iter().map(pool).collect(),
    }
}

fn node_row(
    view: &ClusterView,
    id: NodeId,
    node_name: impl Fn(usize) -> String,
    zone_name: impl Fn(usize) -> String,
) -> NodeRow {
    let node = view.node(id);
    NodeRow {
        name: node_name(id.index()),
        pool: view.pool(node.pool).name.clone(),
        zone: zone_name(node.zone.index()),
        state: node.state,
        cordoned: node.cordoned,
        draining: node.draining,
        cpu: node.capacity.cpu,
        memory: node.capacity.memory,
        cpu_used: view.node_cpu().get(id.index()),
        memory_used: view.node_memory().get(id.index()),
        since: node.since,
        beside: node.beside,
    }
}

/// The tenant's units, those removed left out.
fn units_there(view: &ClusterView, id: TenantId) -> impl Iterator<Item = UnitId> + '_ {
    view.units_of(id).filter(|unit| view.units()[unit.index()].state != UnitState::Gone)
}

fn tenant_row(view: &ClusterView, id: TenantId, node_name: impl Fn(usize) -> String) -> TenantRow {
    let tenant = view.tenant(id);
    TenantRow {
        name: String::new(),
        tier: view.tiers()[tenant.tier.index()].name.clone(),
        node: tenant.node.map(|node| node_name(node.index())),
        stage: view.stages().name(tenant.stage).to_string(),
        phase: Some(tenant.phase),
        session: view.sessions().get(id.index()),
        since: tenant.since,
        conflict: tenant.conflict,
        wanted_since: tenant.wanted_since,
        last_active: view.last_active().get(id.index()),
        requests: view.requests().get(id.index()),
        units: units_there(view, id)
            .map(|id: UnitId| {
                let unit = view.units()[id.index()];
                UnitRow {
                    name: String::new(),
                    state: Some(unit.state),
                    stops_at: unit.stops_at.map(|at| view.stages().name(at).to_string()),
                    cpu: unit.requested.cpu,
                    memory: unit.requested.memory,
                    since: unit.since,
                    cpu_used: view.unit_cpu().get(id.index()),
                    memory_used: view.unit_memory().get(id.index()),
                }
            })
            .collect(),
    }
}
