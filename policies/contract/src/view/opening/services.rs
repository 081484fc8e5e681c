//! Services and replicas of a document, with what they name found.

use super::Opening;
use crate::view::document::{ReplicaRow, ServiceRow};
use crate::view::{Footprint, Replica, ReplicaState, Service};
use crate::{NodeId, PoolId, ServiceId};
use alloc::string::String;

impl Opening {
    pub(super) fn service(&mut self, index: usize, row: &ServiceRow) {
        let path = |key: &str| alloc::format!("services[{index}].{key}");
        if self.view.services().iter().any(|service| service.name == row.name) {
            let message = alloc::format!("there is a service `{}` already", row.name);
            self.fault(path("name"), message);
        }
        let known = |name: &String| self.view.pools().iter().position(|pool| pool.name == *name);
        let pool = match row.pool.as_ref().map(|name| (name, known(name))) {
            Some((name, None)) => {
                let message = alloc::format!("no pool `{name}`");
                return self.fault(path("pool"), message);
            }
            Some((_, Some(pool))) => Some(PoolId::at(pool)),
            None => None,
        };
        let there = |replica: &&ReplicaRow| {
            !matches!(
                replica.state,
                ReplicaState::Stopping | ReplicaState::Failed | ReplicaState::Gone
            )
        };
        let there = row.replicas.iter().filter(there).count();
        let wanted = row.wanted.unwrap_or(u32::try_from(there).unwrap_or(u32::MAX));
        let requested = Footprint { cpu: row.cpu, memory: row.memory };
        let mut service = Service::new(row.name.clone(), pool, wanted, requested);
        service.release = row.release;
        let id = self.view.add_service(service);
        self.view.read_calls(id, row.calls);
        self.view.read_waiting(id, row.waiting);
        for (number, replica) in row.replicas.iter().enumerate() {
            self.replica(alloc::format!("services[{index}].replicas[{number}].node"), id, replica);
        }
    }

    fn replica(&mut self, path: String, service: ServiceId, row: &ReplicaRow) {
        let mut node = None;
        if let Some(name) = &row.node {
            let Some(found) = self.names.nodes.iter().position(|node| node == name) else {
                return self.fault(path, alloc::format!("no node `{name}`"));
            };
            node = Some(NodeId::at(found));
        }
        let mut replica = Replica::new(service, node, row.state, row.since);
        replica.started_at = row.started_at;
        let id = self.view.add_replica(replica);
        if let (Some(cpu), Some(memory)) = (row.cpu_used, row.memory_used) {
            self.view.read_replica(id, cpu, memory);
        }
        if let Some(answers) = row.answers {
            self.view.read_answers(id, answers);
        }
    }
}
