//! Keeps the levels of pools up to date as machines come, go, slow down, and are asked for more or less.

use crate::pool_levels::Part;
use crate::{Fleet, Hosts};
use seatrial_contract::{Footprint, NodeId, PoolId};

/// What a machine adds to its pool's levels now.
fn part<E: Hosts>(fleet: &Fleet<E>, id: NodeId) -> Part {
    let node = &fleet.nodes[id.index()];
    if !node.is_ready() {
        return Part::default();
    }
    let capacity = node.capacity;
    let used = Footprint { cpu: node.asked.cpu.min(capacity.cpu), ..node.asked };
    let promisable = fleet.design.pools[node.pool.index()].promises(capacity);
    Part { capacity, promisable, used }
}

/// Something about a machine may have changed.
pub fn recount<E: Hosts>(fleet: &mut Fleet<E>, id: NodeId) {
    let now = fleet.now();
    let after = part(fleet, id);
    let node = &mut fleet.nodes[id.index()];
    let before = core::mem::replace(&mut node.metered.part, after);
    let levels = &mut fleet.measures.machines.pools[node.pool.index()].levels;
    levels.used.change(now, before.used, after.used);
    levels.capacity.change(now, before.capacity, after.capacity);
    levels.promisable.change(now, before.promisable, after.promisable);
}

/// Another footprint is promised on a machine than before.
pub fn promised<E: Hosts>(fleet: &mut Fleet<E>, id: NodeId, before: Footprint, after: Footprint) {
    let now = fleet.now();
    let pool = fleet.nodes[id.index()].pool;
    fleet.measures.machines.pools[pool.index()].levels.requested.change(now, before, after);
}

/// What is wrong with the levels, if anything.
pub(crate) fn broken<E: Hosts>(fleet: &Fleet<E>) -> Option<String> {
    for (index, pool) in fleet.measures.machines.pools.iter().enumerate() {
        let all = (0..fleet.nodes.len()).map(NodeId::at);
        let here = all.filter(|id| fleet.nodes[id.index()].pool == PoolId::at(index));
        let here: Vec<NodeId> = here.collect();
        let sum = |pick: &dyn Fn(NodeId) -> Footprint| {
            here.iter().map(|id| pick(*id)).fold(Footprint::default(), Footprint::plus)
        };
        let on = |id: NodeId| {
            let node = &fleet.nodes[id.index()];
            let tenants = node.tenants.iter().map(|id| &fleet.tenants[id.index()].usage.draws);
            tenants.map(|draws| draws.requested).fold(node.replicas.requested, Footprint::plus)
        };
        let levels = &pool.levels;
        let pairs = [
            ("capacity", sum(&|id| part(fleet, id).capacity), &levels.capacity),
            ("promisable", sum(&|id| part(fleet, id).promisable), &levels.promisable),
            ("requested", sum(&on), &levels.requested),
            ("used", sum(&|id| part(fleet, id).used), &levels.used),
        ];
        if let Some((what, is, told)) = pairs.iter().find(|(_, is, told)| *is != told.value()) {
            return Some(format!(
                "{what} of pool {} is {is:?}, {:?} was counted",
                pool.name,
                told.value()
            ));
        }
    }
    None
}
