//! Places tenants where the least room stays unused, so that whole machines stay free.
//! Knows no use, only what is promised.

use crate::placing::{Choose, Waiting};
use seatrial_contract::{Footprint, Memory, MemoryError, NodeId, Policy, Reason, Tick, element};

element! {
    /// Best fit on the scarcer of cpu and memory.
    pub struct BestFit {
        /// How many tenants may be on the move off machines that are emptied.
        moves_at_once: u32 = 4,
    }
}

pub(crate) struct BestFitPolicy {
    config: BestFit,
    waiting: Waiting,
}

impl BestFitPolicy {
    pub(crate) fn new(config: BestFit) -> Self {
        Self { config, waiting: Waiting::default() }
    }
}

impl Choose for BestFit {
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

impl Policy for BestFitPolicy {
    fn decide(&mut self, tick: &mut Tick<'_>) {
        self.waiting.round(tick, self.config.moves_at_once, &self.config);
    }
    fn save(&self) -> Memory {
        Memory::of(&self.waiting)
    }
    fn restore(&mut self, memory: &Memory) -> Result<(), MemoryError> {
        self.waiting = memory.read()?;
        Ok(())
    }
}
