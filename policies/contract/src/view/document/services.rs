//! Services and replicas as rows of a document.

use super::{Names, named};
use crate::units::{Bytes, Frequency, MilliCores, Moment};
use crate::view::{Answers, ClusterView, Release, ReplicaState};
use crate::{Reading, ReplicaId, ServiceId};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// A service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceRow {
    /// Its name.
    pub name: String,
    /// The machines that its replicas run on; any where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// So many replicas it should have; as many as are listed and there where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wanted: Option<u32>,
    /// What it runs.
    #[serde(default, skip_serializing_if = "is_first")]
    pub release: Release,
    /// Cpu that a replica may take.
    #[serde(default)]
    pub cpu: MilliCores,
    /// Memory that a replica may take.
    #[serde(default)]
    pub memory: Bytes,
    /// How often it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calls: Option<Reading<Frequency>>,
    /// How many calls wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Reading<u32>>,
    /// Its replicas.
    #[serde(default)]
    pub replicas: Vec<ReplicaRow>,
}

/// A replica.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplicaRow {
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// How it is.
    #[serde(default = "ready")]
    pub state: ReplicaState,
    /// In this state since.
    #[serde(default)]
    pub since: Moment,
    /// When its machine began to start it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Moment>,
    /// Cpu in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpu_used: Option<Reading<MilliCores>>,
    /// Memory in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory_used: Option<Reading<Bytes>>,
    /// How it answered of late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answers: Option<Reading<Answers>>,
}

fn is_first(release: &Release) -> bool {
    *release == Release::default()
}

fn ready() -> ReplicaState {
    ReplicaState::Ready
}

/// The services of a view, replicas that are gone left out.
pub(super) fn rows(view: &ClusterView, names: &Names) -> Vec<ServiceRow> {
    (0..view.services().len()).map(|index| row(view, names, ServiceId::at(index))).collect()
}

fn row(view: &ClusterView, names: &Names, id: ServiceId) -> ServiceRow {
    let service = view.service(id);
    ServiceRow {
        name: service.name.clone(),
        pool: service.pool.map(|pool| view.pool(pool).name.clone()),
        wanted: Some(service.wanted),
        release: service.release,
        cpu: service.requested.cpu,
        memory: service.requested.memory,
        calls: view.service_calls().get(id.index()),
        waiting: view.service_waiting().get(id.index()),
        replicas: view.replicas_of(id).map(|replica| replica_row(view, names, replica)).collect(),
    }
}

fn replica_row(view: &ClusterView, names: &Names, id: ReplicaId) -> ReplicaRow {
    let replica = view.replica(id);
    ReplicaRow {
        node: replica.node.map(|node| named(&names.nodes, node.index(), "node")),
        state: replica.state,
        since: replica.since,
        started_at: replica.started_at,
        cpu_used: view.replica_cpu().get(id.index()),
        memory_used: view.replica_memory().get(id.index()),
        answers: view.replica_answers().get(id.index()),
    }
}
