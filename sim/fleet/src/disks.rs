//! Disks and networks of machines that are full or slow. Knows no fault.

use seatrial_contract::NodeId;
use seatrial_contract::units::Ppm;
use std::collections::BTreeMap;

/// Those with which something is wrong.
#[derive(Default)]
pub(crate) struct Disks {
    /// Machines whose disk is full, each for so many reasons.
    full: BTreeMap<NodeId, u32>,
    /// Those that are slow, and for each reason to what part of their disk and network.
    slow: Vec<(NodeId, Slow)>,
}

/// What is left of a machine's disk and of its network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slow {
    /// Of its disk.
    pub disk: Ppm,
    /// Of its network.
    pub network: Ppm,
}

impl Disks {
    /// Whether nothing can be written on a machine.
    pub(crate) fn is_full(&self, id: NodeId) -> bool {
        self.full.contains_key(&id)
    }

    /// How much of what a machine's disk and network take it takes together.
    pub(crate) fn takes_in(&self, id: NodeId, (mut disk, mut network): (u64, u64)) -> u64 {
        let part = |of: u64, to: Ppm| u128::from(of) * u128::from(to.0) / 1_000_000;
        for (_, slow) in self.slow.iter().filter(|of| of.0 == id) {
            disk = u64::try_from(part(disk, slow.disk)).unwrap_or(u64::MAX);
            network = u64::try_from(part(network, slow.network)).unwrap_or(u64::MAX);
        }
        disk.min(network).max(1)
    }

    /// A machine's disk is full, or there is one reason less why; whether that changes anything.
    pub(crate) fn fill(&mut self, id: NodeId, so: bool) -> bool {
        let reasons = self.full.entry(id).or_default();
        let were = *reasons;
        *reasons = if so { were + 1 } else { were.saturating_sub(1) };
        if *reasons == 0 {
            self.full.remove(&id);
        }
        were == u32::from(!so)
    }

    /// A machine's disk and network are slow, or there is that reason less why.
    pub(crate) fn slow_down(&mut self, id: NodeId, slow: Slow, so: bool) {
        if so {
            self.slow.push((id, slow));
        } else if let Some(at) = self.slow.iter().position(|of| *of == (id, slow)) {
            self.slow.swap_remove(at);
        }
    }
}
