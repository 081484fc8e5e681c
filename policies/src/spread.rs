//! Places tenants where the fewest are: first the zone, then the machine.
//! Knows no use and no tier, only how many live where: it keeps zones and machines equally full, not each
//! tier equally spread.

use crate::placing::Choose;
use alloc::collections::BTreeMap;
use seatrial_contract::{Footprint, NodeId, Reason, Tick, ZoneId, element};

element! {
    /// Spread over zones and machines.
    pub struct Spread {
        /// How many tenants may be on the move off machines that are emptied.
        moves_at_once: u32 = 4,
    }
}

impl Choose for Spread {
    fn moves_at_once(&self) -> u32 {
        self.moves_at_once
    }

    fn choose(&self, tick: &Tick<'_>, candidates: &[NodeId], _: Footprint) -> (NodeId, Reason) {
        let mut zones: BTreeMap<ZoneId, u32> = BTreeMap::new();
        for (index, node) in tick.view.nodes().iter().enumerate() {
            let coming = tick.book().reserved(NodeId::at(index)).1;
            *zones.entry(node.zone).or_default() += node.tenants + coming;
        }
        let crowd = |id: &NodeId| {
            let node = tick.view.node(*id);
            let in_zone = zones.get(&node.zone).copied().unwrap_or_default();
            (in_zone, node.tenants + tick.book().reserved(*id).1, *id)
        };
        let (in_zone, on_node, node) = candidates.iter().map(crowd).min().unwrap_or_default();
        let of = u32::try_from(candidates.len()).unwrap_or(u32::MAX);
        (node, Reason::FewestTenants { in_zone, on_node, of })
    }
}
