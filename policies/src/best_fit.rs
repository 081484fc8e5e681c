//! Places tenants where the least room stays unused, so that whole machines stay free.
//! Knows no use, only what is promised.

use crate::placing::Choose;
use seatrial_contract::{Footprint, NodeId, Reason, Tick, element};

element! {
    /// Best fit on the scarcer of cpu and memory.
    pub struct BestFit {
        /// How many tenants may be on the move off machines that are emptied.
        moves_at_once: u32 = 4,
    }
}

impl Choose for BestFit {
    fn moves_at_once(&self) -> u32 {
        self.moves_at_once
    }

    fn choose(&self, tick: &Tick<'_>, candidates: &[NodeId], need: Footprint) -> (NodeId, Reason) {
        let left = |id: &NodeId| {
            let capacity = tick.view.node(*id).capacity;
            (tick.room(*id).minus(need).share_of(capacity), *id)
        };
        let (left, node) = candidates.iter().map(left).min().unwrap_or_default();
        let of = u32::try_from(candidates.len()).unwrap_or(u32::MAX);
        (node, Reason::TightestFit { left, of })
    }
}
