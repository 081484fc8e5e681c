//! Where a replica may stand: J, as Kubernetes' scheduler spreads them, on the machine of its pool with
//! the fewest of its service, and of those on the one with the smallest share promised. Decides
//! nothing about tenants, and counts what they are promised.

use crate::{Fleet, Hosts};
use seatrial_contract::units::Ppm;
use seatrial_contract::{Footprint, NodeId};

/// The machine for one more replica of a service.
pub fn room_for<E: Hosts>(fleet: &Fleet<E>, service: usize) -> Option<NodeId> {
    let of = &fleet.replicas.services[service];
    let mut here = vec![0_u32; fleet.nodes.len()];
    for node in fleet.replicas.of(service).filter_map(|(_, replica)| replica.node) {
        here[node.index()] += 1;
    }
    let nodes = fleet.nodes.iter().enumerate().filter(|(_, node)| {
        let takes =
            node.is_ready() && !node.is_gone() && !node.closed.cordoned && !node.closed.draining;
        node.pool == of.pool && takes
    });
    let nodes = nodes.filter_map(|(index, node)| {
        let id = NodeId::at(index);
        let room = fleet.design.pools[of.pool.index()].promises(node.capacity);
        let promised = promised_on(fleet, id).plus(of.requested);
        // Replicas are not killed for want of memory: never more is promised than is there.
        let fits = room.fits(promised)
            && node.replicas.requested.memory.0.saturating_add(of.requested.memory.0)
                <= node.capacity.memory.0;
        fits.then(|| (here[index], promised.share_of(room), id))
    });
    nodes.min().map(|(_, _, id): (u32, Ppm, NodeId)| id)
}

/// What is promised on a machine, to tenants that live there and to replicas.
fn promised_on<E: Hosts>(fleet: &Fleet<E>, id: NodeId) -> Footprint {
    let node = &fleet.nodes[id.index()];
    let tenants = node.tenants.iter().map(|id| fleet.tenants[id.index()].usage.draws.requested);
    tenants.fold(node.replicas.requested, Footprint::plus)
}
