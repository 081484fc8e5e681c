//! A view becomes what its delta says. Decides nothing.

use super::{Delta, Misfit};
use crate::view::sums::Sign;
use crate::view::{ClusterView, Node, Tenant};
use crate::{NodeId, TenantId};

impl ClusterView {
    /// Becomes what another view became, by its delta.
    pub fn apply(&mut self, delta: &Delta) -> Result<(), Misfit> {
        if !delta.fits(self) {
            return Err(Misfit::Rows);
        }
        if !delta.ends(self) {
            return Err(Misfit::Endless);
        }
        self.settle();
        if let Some(stages) = &delta.stages {
            self.stages.clone_from(stages);
        }
        self.tiers.extend(delta.tiers.iter().cloned());
        self.pools.extend(delta.pools.iter().cloned());
        for (id, row) in &delta.nodes {
            self.put_node(*id, *row);
        }
        for (id, cpu, memory) in &delta.node_use {
            self.weigh(*id, Sign::Subtract);
            self.node_cpu.stand(id.index(), *cpu);
            self.node_memory.stand(id.index(), *memory);
            self.weigh(*id, Sign::Add);
        }
        for (id, row) in &delta.tenants {
            self.put_tenant(*id, *row);
        }
        for (id, standing) in &delta.activity {
            self.last_active.stand(id.index(), *standing);
        }
        for (id, standing) in &delta.sessions {
            self.sessions.stand(id.index(), *standing);
        }
        for (id, standing) in &delta.requests {
            self.requests.stand(id.index(), *standing);
        }
        for pooler in &delta.poolers {
            self.add_pooler(pooler.clone());
        }
        for (row, standing) in &delta.connections {
            self.connections.stand(*row, *standing);
        }
        self.put_services(delta);
        for (id, row) in &delta.units {
            if id.index() == self.units.len() {
                self.units.push(*row);
                self.unit_cpu.push();
                self.unit_memory.push();
            }
            self.units[id.index()] = *row;
        }
        for (id, cpu, memory) in &delta.unit_use {
            self.unit_cpu.stand(id.index(), *cpu);
            self.unit_memory.stand(id.index(), *memory);
        }
        self.sweep_machines(delta.machines_swept_at.unwrap_or(delta.taken_at));
        self.sweep_activity(delta.activity_swept_at.unwrap_or(delta.taken_at));
        self.sweep_sessions(delta.sessions_swept_at.unwrap_or(delta.taken_at));
        self.sweep_wanted(delta.wanted_seen_at.unwrap_or(delta.taken_at));
        self.sweep_requests(delta.requests_swept_at);
        self.sweep_connections(delta.connections_swept_at);
        self.put_databases(delta);
        delta.changed_nodes.iter().for_each(|id| self.touch_node(*id));
        delta.changed_tenants.iter().for_each(|id| self.touch_tenant(*id));
        (self.taken_at, self.room_version) = (delta.taken_at, delta.room_version);
        Ok(())
    }

    /// Lists every row as changed: for a pilot that is shown a rebuilt view first. The version of
    /// its room stays that of the host.
    pub fn touch_rows(&mut self) {
        (0..self.nodes.len()).for_each(|index| self.touch_node(NodeId::at(index)));
        (0..self.tenants.len()).for_each(|index| self.touch_tenant(TenantId::at(index)));
    }

    fn put_databases(&mut self, delta: &Delta) {
        for name in &delta.databases {
            self.add_database(name.clone());
        }
        for (id, standing) in &delta.database_states {
            self.database_states.stand(id.index(), *standing);
        }
        self.sweep_databases(delta.databases_swept_at);
    }

    fn put_services(&mut self, delta: &Delta) {
        for (id, row) in &delta.services {
            if id.index() == self.services.len() {
                self.services.push(row.clone());
                self.service_calls.push();
                self.service_waiting.push();
            }
            self.services[id.index()] = row.clone();
        }
        for (id, row) in &delta.replicas {
            if id.index() == self.replicas.len() {
                self.replicas.push(*row);
                self.replica_cpu.push();
                self.replica_memory.push();
                self.replica_answers.push();
            }
            self.replicas[id.index()] = *row;
        }
        for (id, standing) in &delta.calls {
            self.service_calls.stand(id.index(), *standing);
        }
        for (id, standing) in &delta.waiting {
            self.service_waiting.stand(id.index(), *standing);
        }
        for (id, cpu, memory) in &delta.replica_use {
            self.replica_cpu.stand(id.index(), *cpu);
            self.replica_memory.stand(id.index(), *memory);
        }
        self.sweep_calls(delta.calls_swept_at);
        self.sweep_waiting(delta.waiting_swept_at);
        for (id, standing) in &delta.answers {
            self.replica_answers.stand(id.index(), *standing);
        }
        self.sweep_replicas(delta.replicas_swept_at);
        self.sweep_answers(delta.answers_swept_at);
    }

    fn put_node(&mut self, id: NodeId, row: Node) {
        if id.index() == self.nodes.len() {
            self.nodes.push(row);
            self.node_cpu.push();
            self.node_memory.push();
        } else {
            self.weigh(id, Sign::Subtract);
            self.nodes[id.index()] = row;
        }
        self.weigh(id, Sign::Add);
    }

    fn put_tenant(&mut self, id: TenantId, row: Tenant) {
        if id.index() == self.tenants.len() {
            self.tenants.push(row);
            self.push_tenant_columns();
        } else {
            let before = core::mem::replace(&mut self.tenants[id.index()], row);
            self.count(before.phase, Sign::Subtract);
        }
        self.count(row.phase, Sign::Add);
    }
}
