//! Where a replica may stand: J, as Kubernetes' scheduler spreads them, on the machine of its pool with
//! the fewest of its service, and of those on the one with the smallest share promised. Decides
//! nothing about tenants, and counts what they are promised.

use super::super::World;
use seatrial_contract::units::Ppm;
use seatrial_contract::{Footprint, NodeId};

impl World {
    /// The machine for one more replica of a service.
    pub(super) fn room_for(&self, service: usize) -> Option<NodeId> {
        let of = &self.replicas.services[service];
        let mut here = vec![0_u32; self.nodes.len()];
        for node in self.replicas.of(service).filter_map(|(_, replica)| replica.node) {
            here[node.index()] += 1;
        }
        let nodes = self.nodes.iter().enumerate().filter(|(_, node)| {
            let takes = node.ready && !node.gone && !node.cordoned && !node.draining;
            node.pool == of.pool && takes
        });
        let nodes = nodes.filter_map(|(index, node)| {
            let id = NodeId::at(index);
            let room = self.design.pools[of.pool.index()].promises(node.capacity);
            let promised = self.promised_on(id).plus(of.requested);
            // Replicas are not killed for want of memory: never more is promised than is there.
            let fits = room.fits(promised)
                && node.kept.memory.0.saturating_add(of.requested.memory.0)
                    <= node.capacity.memory.0;
            fits.then(|| (here[index], promised.share_of(room), id))
        });
        nodes.min().map(|(_, _, id): (u32, Ppm, NodeId)| id)
    }

    /// What is promised on a machine, to tenants that live there and to replicas.
    fn promised_on(&self, id: NodeId) -> Footprint {
        let node = &self.nodes[id.index()];
        let tenants = node.aboard.iter().map(|id| self.tenants[id.index()].draws.requested);
        tenants.fold(node.kept, Footprint::plus)
    }
}
