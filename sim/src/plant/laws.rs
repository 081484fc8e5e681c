//! What must be true of every world at all times. A broken law is a bug of ours: it stops the run
//! and says where.

use super::World;
use super::tenants::Phase;
use core::fmt;
use seatrial_contract::units::Moment;
use seatrial_contract::{Footprint, NodeId};

/// A law that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenLaw {
    /// The seed that repeats it.
    pub seed: u64,
    /// When it was noticed.
    pub at: Moment,
    /// When its voyage started.
    pub started: Moment,
    /// What was found.
    pub message: String,
}

impl fmt::Display for BrokenLaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let into = self.at.since(self.started);
        write!(f, "a law was broken {into} into the run with seed {}: {}", self.seed, self.message)
    }
}

impl std::error::Error for BrokenLaw {}

impl World {
    /// Checks all laws.
    pub(crate) fn check_laws(&self) -> Result<(), BrokenLaw> {
        let broken = self
            .resources_add_up()
            .or_else(|| self.everyone_is_somewhere())
            .or_else(|| self.stations.broken())
            .or_else(|| self.broken_replicas());
        match broken {
            Some(message) => Err(BrokenLaw {
                seed: self.dice.seed(),
                at: self.now(),
                started: self.design.starts,
                message,
            }),
            None => Ok(()),
        }
    }

    /// What a machine is asked for is what those aboard ask for, and never more memory than it has; and
    /// what is promised to all was counted.
    fn resources_add_up(&self) -> Option<String> {
        for (index, node) in self.nodes.iter().enumerate() {
            let mut asked = node.crew;
            for (berth, id) in node.aboard.iter().enumerate() {
                let tenant = &self.tenants[id.index()];
                asked = asked.plus(tenant.draws.footprint);
                if tenant.node != Some(NodeId::at(index)) || tenant.berth as usize != berth {
                    return Some(format!("tenant {} is aboard {index} and elsewhere", id.0));
                }
            }
            if asked != node.asked {
                return Some(format!("node {index} is asked for {:?}, not {asked:?}", node.asked));
            }
            if node.asked.memory > node.capacity.memory {
                return Some(format!("node {index} uses more memory than it has"));
            }
            if node.gone && !node.aboard.is_empty() {
                return Some(format!("node {index} is gone with tenants aboard"));
            }
        }
        let sum = |one: fn(Footprint) -> u64| -> u64 {
            self.tenants.iter().map(|tenant| one(tenant.draws.requested)).sum()
        };
        let promised = (sum(|of| of.cpu.0), sum(|of| of.memory.0));
        let counted = (self.measures.requested_cpu.value(), self.measures.requested_memory.value());
        (promised != counted).then(|| format!("{promised:?} is promised, {counted:?} was counted"))
    }

    /// A tenant is on one machine, on none, or gone; and who was counted present is there.
    fn everyone_is_somewhere(&self) -> Option<String> {
        let aboard: usize = self.nodes.iter().map(|node| node.aboard.len()).sum();
        let housed = self.tenants.iter().filter(|tenant| tenant.node.is_some()).count();
        if aboard != housed {
            return Some(format!("{housed} tenants have a machine, {aboard} are aboard"));
        }
        let present: u64 = self.measures.tiers.iter().map(|tier| tier.present.value()).sum();
        let here = self.tenants.iter().filter(|tenant| tenant.phase != Phase::Gone).count();
        if present != here as u64 {
            return Some(format!("{here} tenants are there, {present} were counted"));
        }
        None
    }
}
