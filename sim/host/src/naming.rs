//! What the rows of a simulated view are called. Tenants are called by their number.

use seatrial_contract::view::Names;
use seatrial_contract::{ClusterView, PoolId, TenantId};
use seatrial_fleet::design::Design;

/// What the next machine of a pool is called, of which so many have a name.
pub(crate) fn machine(design: &Design, pool: PoolId, number: &mut u32) -> String {
    loop {
        *number += 1;
        let name = format!("{}-{number}", design.pools[pool.index()].name);
        // One that was there before the run may be called so.
        if !design.names.nodes.contains(&name) {
            return name;
        }
    }
}

/// Names rows as they are added.
#[derive(Default)]
pub(crate) struct Naming {
    names: Names,
    /// How many machines of each pool have a name.
    of_pool: Vec<u32>,
    /// Whose container was named last, and how many of it.
    units: Option<(TenantId, usize)>,
}

impl Naming {
    /// The names of all rows of the view.
    pub(crate) fn of(&mut self, view: &ClusterView, design: &Design) -> &Names {
        if self.names.zones.is_empty() {
            self.names.zones.clone_from(&design.names.zones);
            self.names.nodes.clone_from(&design.names.nodes);
            self.names.tenants.clone_from(&design.names.tenants);
            self.of_pool = vec![0; design.pools.len()];
        }
        for node in view.nodes().iter().skip(self.names.nodes.len()) {
            let number = &mut self.of_pool[node.pool.index()];
            self.names.nodes.push(machine(design, node.pool, number));
        }
        for unit in view.units().iter().skip(self.names.units.len()) {
            // Containers of a tenant are added one after the other, in the order of its stack.
            let part = match self.units {
                Some((owner, part)) if owner == unit.tenant => part + 1,
                _ => 0,
            };
            self.units = Some((unit.tenant, part));
            let tier = view.tenant(unit.tenant).tier;
            self.names.units.push(design.tiers[tier.index()].parts[part].name.clone());
        }
        &self.names
    }
}
