//! The columns of a view by name, so that none is added without it being said what its absence means:
//! `docs/columns.md` tells that of each, and an invariant of the policies' tests holds it.

use super::{ClusterView, Node, Replica, Service, Tenant, Unit};
use crate::words;

words! {
    /// What is known of a cluster, column by column.
    pub enum Column {
        /// Cpu in use on machines.
        NodeCpu = "node-cpu",
        /// Memory in use on machines.
        NodeMemory = "node-memory",
        /// How machines are.
        NodeState = "node-state",
        /// When somebody was last at a tenant.
        LastActive = "last-active",
        /// Whether somebody is at a tenant now.
        Sessions = "sessions",
        /// Since when somebody waits for a tenant.
        Wanted = "wanted",
        /// How often a tenant is asked for something.
        Requests = "requests",
        /// What a tenant is going through.
        Phase = "phase",
        /// How deeply a tenant sleeps.
        Stage = "stage",
        /// What a tenant pays for.
        Tier = "tier",
        /// Where a tenant lives.
        Home = "home",
        /// Since when a tenant is there.
        TenantSince = "tenant-since",
        /// Cpu in use by containers.
        UnitCpu = "unit-cpu",
        /// Memory in use by containers.
        UnitMemory = "unit-memory",
        /// How containers are.
        UnitState = "unit-state",
        /// What containers request.
        Requested = "requested",
        /// Connections of a tier at a pooler.
        Connections = "connections",
        /// How databases are, and which backups there are of them.
        Databases = "databases",
        /// How often a service is called.
        ServiceCalls = "service-calls",
        /// How many calls wait at a service.
        ServiceWaiting = "service-waiting",
        /// Cpu in use by replicas.
        ReplicaCpu = "replica-cpu",
        /// Memory in use by replicas.
        ReplicaMemory = "replica-memory",
        /// What replicas answered of late, and how much of it was failures.
        ReplicaAnswers = "replica-answers",
        /// Which release a service runs, and which it ran before.
        Release = "release",
        /// How replicas are, and how many there should be.
        ReplicaState = "replica-state",
    }
}

/// Every field of a view and of its rows that changes with what is seen. A new one does not compile here
/// until it is named; then it belongs to a [`Column`], and a new column to the table and the invariant.
#[expect(dead_code, reason = "compiled, never called")]
fn all_of_the_view_named(view: &ClusterView) {
    let ClusterView {
        taken_at: _,
        stages: _,
        tiers: _,
        pools: _,
        nodes: _,
        node_cpu: _,
        node_memory: _,
        tenants: _,
        last_active: _,
        sessions: _,
        wanted_seen_at: _,
        units: _,
        unit_cpu: _,
        unit_memory: _,
        changes: _,
        room_version: _,
        requests: _,
        poolers: _,
        connections: _,
        databases: _,
        database_states: _,
        services: _,
        service_calls: _,
        service_waiting: _,
        replicas: _,
        replica_cpu: _,
        replica_memory: _,
        replica_answers: _,
        tenants_present: _,
        tenants_missing: _,
        starting: _,
        // What a logbook looks at; no part of what is seen.
        written: _,
    } = view;
}

/// The same of rows.
#[expect(dead_code, reason = "compiled, never called")]
fn all_of_rows_named(rows: (&Node, &Tenant, &Unit, &Service, &Replica)) {
    let (node, tenant, unit, service, replica) = rows;
    let Node {
        pool: _,
        zone: _,
        state: _,
        cordoned: _,
        draining: _,
        capacity: _,
        since: _,
        promised: _,
        tenants: _,
        beside: _,
        others: _,
        changed: _,
    } = node;
    let Tenant {
        tier: _,
        node: _,
        stage: _,
        phase: _,
        wanted_since: _,
        since: _,
        conflict: _,
        whole: _,
        promised: _,
        first_unit: _,
        changed: _,
    } = tenant;
    let Unit {
        tenant: _,
        node: _,
        state: _,
        stops_at: _,
        requested: _,
        since: _,
        next_of_tenant: _,
    } = unit;
    let Service {
        name: _,
        pool: _,
        wanted: _,
        requested: _,
        release: _,
        replicas: _,
        first_replica: _,
    } = service;
    let Replica { service: _, node: _, state: _, since: _, started_at: _, next_of_service: _ } =
        replica;
}
