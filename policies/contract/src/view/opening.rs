//! From a document to a view: finds each name, and tells all that name nothing.

mod services;

use super::document::{
    DatabaseRow, DocumentError, Names, NodeRow, PoolRow, PoolerRow, TenantRow, ViewDocument,
};
use super::{
    ClusterView, Footprint, Node, Phase, Pool, PoolSums, Pooler, Tenant, Tier, Unit, UnitState,
};
use crate::{NodeId, PoolId, Stage, TierId, ZoneId};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

impl ViewDocument {
    /// The view and the names of its rows, or all that is wrong.
    pub fn open(&self) -> Result<(ClusterView, Names), Vec<DocumentError>> {
        let mut opening =
            Opening { view: ClusterView::default(), names: Names::default(), wrong: Vec::new() };
        opening.view.taken_at = self.taken_at;
        opening.view.name_stages(self.stages.clone());
        opening.view.sweep_wanted(self.wanted_seen_at.unwrap_or(self.taken_at));
        for row in &self.tiers {
            opening.view.add_tier(Tier { name: row.name.clone(), priority: row.priority });
        }
        for (index, row) in self.pools.iter().enumerate() {
            opening.pool(index, row);
        }
        for (index, row) in self.nodes.iter().enumerate() {
            opening.node(index, row);
        }
        for (index, row) in self.databases.iter().enumerate() {
            opening.database(index, row);
        }
        for (index, row) in self.poolers.iter().enumerate() {
            opening.pooler(index, row);
        }
        for (index, row) in self.services.iter().enumerate() {
            opening.service(index, row);
        }
        for (index, row) in self.tenants.iter().enumerate() {
            opening.tenant(index, row);
        }
        if opening.wrong.is_empty() {
            Ok((opening.view, opening.names))
        } else {
            Err(opening.wrong)
        }
    }
}

struct Opening {
    view: ClusterView,
    names: Names,
    wrong: Vec<DocumentError>,
}

impl Opening {
    fn fault(&mut self, path: String, message: String) {
        self.wrong.push(DocumentError { path, message });
    }

    fn tier(&mut self, path: String, name: &str) -> Option<TierId> {
        let found = self.view.tiers().iter().position(|tier| tier.name == name);
        if found.is_none() {
            let have: Vec<&str> = self.view.tiers().iter().map(|t| t.name.as_str()).collect();
            let message = alloc::format!("no tier `{name}`; have {}", have.join(", "));
            self.fault(path, message);
        }
        found.map(TierId::at)
    }

    fn stage(&mut self, path: String, name: &str) -> Option<Stage> {
        let found = self.view.stages().find(name);
        if found.is_none() {
            let have = self.view.stages().names().join(", ");
            self.fault(path, alloc::format!("no stage of sleep `{name}`; have {have}"));
        }
        found
    }

    fn pool(&mut self, index: usize, row: &PoolRow) {
        let tiers = row
            .tiers
            .iter()
            .filter_map(|name| self.tier(alloc::format!("pools[{index}].tiers"), name))
            .collect();
        self.view.add_pool(Pool {
            name: row.name.clone(),
            tiers,
            least: row.least,
            most: row.most,
            tenants_most: row.tenants_most,
            overcommit_cpu: row.overcommit_cpu,
            overcommit_memory: row.overcommit_memory,
            sums: PoolSums::default(),
        });
    }

    fn database(&mut self, index: usize, row: &DatabaseRow) {
        if self.view.databases().contains(&row.name) {
            let message = alloc::format!("there is a database `{}` already", row.name);
            self.fault(alloc::format!("databases[{index}].name"), message);
        }
        let id = self.view.add_database(row.name.clone());
        self.view.read_database(id, row.seen);
    }

    fn pooler(&mut self, index: usize, row: &PoolerRow) {
        if self.view.poolers().iter().any(|pooler| pooler.name == row.name) {
            let path = alloc::format!("poolers[{index}].name");
            self.fault(path, alloc::format!("there is a pooler `{}` already", row.name));
        }
        let mut pools = Vec::new();
        for of in &row.tiers {
            let path = alloc::format!("poolers[{index}].tiers");
            let Some(tier) = self.tier(path.clone(), &of.tier) else { continue };
            if pools.iter().any(|(known, _)| *known == tier) {
                self.fault(path, alloc::format!("`{}` is in this list twice", of.tier));
            }
            pools.push((tier, of.connections));
        }
        let tiers = pools.iter().map(|(tier, _)| *tier).collect();
        let id = self.view.add_pooler(Pooler::new(row.name.clone(), row.most, tiers));
        for (tier, reading) in pools {
            self.view.read_connections(id, tier, reading);
        }
    }

    fn node(&mut self, index: usize, row: &NodeRow) {
        let path = |key: &str| alloc::format!("nodes[{index}].{key}");
        if self.names.nodes.contains(&row.name) {
            self.fault(path("name"), alloc::format!("there is a node `{}` already", row.name));
        }
        let Some(pool) = self.view.pools().iter().position(|pool| pool.name == row.pool) else {
            let have: Vec<&str> = self.view.pools().iter().map(|p| p.name.as_str()).collect();
            let message = alloc::format!("no pool `{}`; have {}", row.pool, have.join(", "));
            return self.fault(path("pool"), message);
        };
        let zone =
            self.names.zones.iter().position(|zone| *zone == row.zone).unwrap_or_else(|| {
                self.names.zones.push(row.zone.clone());
                self.names.zones.len() - 1
            });
        let capacity = Footprint { cpu: row.cpu, memory: row.memory };
        let mut node = Node::new(PoolId::at(pool), ZoneId::at(zone), row.state, capacity);
        (node.cordoned, node.draining, node.since) = (row.cordoned, row.draining, row.since);
        node.beside = row.beside;
        let id = self.view.add_node(node);
        if let (Some(cpu), Some(memory)) = (row.cpu_used, row.memory_used) {
            self.view.read_node(id, cpu, memory);
        }
        self.names.nodes.push(row.name.clone());
    }

    fn tenant(&mut self, index: usize, row: &TenantRow) {
        let path = |key: &str| alloc::format!("tenants[{index}].{key}");
        if self.names.tenants.contains(&row.name) {
            self.fault(path("name"), alloc::format!("there is a tenant `{}` already", row.name));
        }
        let Some(tier) = self.tier(path("tier"), &row.tier) else { return };
        let Some(stage) = self.stage(path("stage"), &row.stage) else { return };
        let mut tenant = Tenant::new(tier);
        if let Some(name) = &row.node {
            let Some(node) = self.names.nodes.iter().position(|node| node == name) else {
                return self.fault(path("node"), alloc::format!("no node `{name}`"));
            };
            tenant.node = Some(NodeId::at(node));
            tenant.phase = Phase::Settled;
        }
        tenant.phase = row.phase.unwrap_or(tenant.phase);
        tenant.stage = stage;
        (tenant.conflict, tenant.wanted_since) = (row.conflict, row.wanted_since);
        tenant.since = row.since;
        let id = self.view.add_tenant(tenant);
        self.view.read_activity(id, row.last_active);
        self.view.read_session(id, row.session);
        self.view.read_requests(id, row.requests);
        self.names.tenants.push(row.name.clone());
        for unit in &row.units {
            let at = unit.stops_at.as_ref();
            let stops_at = at.and_then(|at| self.stage(path("units.stops_at"), at));
            let runs = tenant.node.is_some() && stops_at.is_none_or(|at| stage < at);
            let usual = if runs { UnitState::Running } else { UnitState::Stopped };
            let requested = Footprint { cpu: unit.cpu, memory: unit.memory };
            let state = unit.state.unwrap_or(usual);
            let mut row = Unit::new(id, tenant.node, state, stops_at, requested);
            row.since = unit.since;
            let added = self.view.add_unit(row);
            if let (Some(cpu), Some(memory)) = (unit.cpu_used, unit.memory_used) {
                self.view.read_unit(added, cpu, memory);
            }
            self.names.units.push(unit.name.to_string());
        }
    }
}
