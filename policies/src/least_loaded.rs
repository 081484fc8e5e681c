//! Places tenants on the machine with the lowest weighted load: cpu, memory and tenants.
//! Knows no zone.

use crate::placing::Choose;
use seatrial_contract::units::{Ppm, percent};
use seatrial_contract::{Footprint, NodeId, Reason, Tick, element};

element! {
    /// The weights of the load score. Only their proportions count.
    pub struct LeastLoaded {
        /// The weight of cpu in use over the cpu of the machine.
        cpu: Ppm = percent(40),
        /// The weight of memory in use over the memory of the machine.
        memory: Ppm = percent(40),
        /// The weight of tenants on the machine over tenants that it may hold.
        tenants: Ppm = percent(20),
        /// How many tenants may be on the move off machines that are emptied.
        moves_at_once: u32 = 4,
    }
}

impl Choose for LeastLoaded {
    fn moves_at_once(&self) -> u32 {
        self.moves_at_once
    }

    fn choose(&self, tick: &Tick<'_>, candidates: &[NodeId], _: Footprint) -> (NodeId, Reason) {
        let scored = candidates.iter().map(|id| (self.score(tick, *id), *id));
        let (score, node) = scored.min().unwrap_or_default();
        let of = u32::try_from(candidates.len()).unwrap_or(u32::MAX);
        (node, Reason::LowestLoad { score, of })
    }
}

impl LeastLoaded {
    /// The load of a machine, those on their way to it counted in full. Where its use cannot be
    /// read, what it has promised stands for it.
    fn score(&self, tick: &Tick<'_>, id: NodeId) -> Ppm {
        let (view, limit) = (tick.view, tick.guard.stale_after);
        let node = view.node(id);
        let cpu = view.node_cpu().fresh(id.index(), tick.now(), limit);
        let memory = view.node_memory().fresh(id.index(), tick.now(), limit);
        let used = Footprint {
            cpu: cpu.unwrap_or(node.taken().cpu),
            memory: memory.unwrap_or(node.taken().memory),
        };
        let (coming, tenants_coming) = tick.book().reserved(id);
        let load = used.plus(coming);
        let tenants = u64::from(node.tenants + tenants_coming) * 1_000_000;
        let held = tenants / u64::from(view.pool(node.pool).tenants_most.max(1));
        let weighted = u64::from(self.cpu.0) * u64::from(load.cpu.share_of(node.capacity.cpu).0)
            + u64::from(self.memory.0) * u64::from(load.memory.share_of(node.capacity.memory).0)
            + u64::from(self.tenants.0) * held;
        Ppm(u32::try_from(weighted / 1_000_000).unwrap_or(u32::MAX))
    }
}
