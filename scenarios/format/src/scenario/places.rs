//! Where tenants live, and what else must be paid for.

use super::LawFile;
use core::num::NonZeroU32;
use seatrial_contract::config::{Located, Name, element};
use seatrial_contract::units::{Bytes, MilliCores, Ppm, Price, Span};

element! {
    /// A pool of equal machines.
    pub struct Pool {
        /// The pool's name.
        name: Name,
        /// How many machines it has at the start.
        count: u32,
        /// The fewest that a policy may leave; the number at the start where left out.
        least: Option<u32> = None,
        /// The most that a policy may order; the number at the start where left out.
        most: Option<u32> = None,
        /// One machine.
        machine: Machine,
        /// What one machine costs while it is kept.
        price: Price,
        /// From the order to a machine that takes tenants.
        boot: LawFile = LawFile::Fixed(Span::minutes(3)),
        /// The tiers it takes; all of them where left out.
        tiers: Option<Vec<Located<String>>> = None,
        /// The most tenants that one machine takes, sleepers included.
        tenants_most: NonZeroU32 = NonZeroU32::MAX,
        /// How much may be promised of what is there.
        overcommit: Overcommit = Overcommit::default(),
        /// How many tenants one machine can start at the same time; others queue.
        starts_at_once: NonZeroU32 = NonZeroU32::new(8).unwrap_or(NonZeroU32::MIN),
        /// The zones its machines are dealt to, in turn.
        zones: Vec<Name> = Vec::from_iter(Name::new("zone-a")),
    }
}

element! {
    /// The size of one machine.
    pub struct Machine {
        /// Processors.
        cpu: MilliCores,
        /// Memory.
        memory: Bytes,
    }
}

element! {
    /// Promised over present: 400 % of cpu lets 128 cores be requested of 32.
    pub struct Overcommit {
        /// Of processors; what is used beyond what is there slows everyone down.
        cpu: Ppm = Ppm::WHOLE,
        /// Of memory; what is used beyond what is there gets someone killed.
        memory: Ppm = Ppm::WHOLE,
    }
}

element! {
    /// A server beside the pools: it costs money and holds no tenants.
    pub struct Server {
        /// Its name.
        name: Name,
        /// How many of them.
        count: u32 = 1,
        /// What one costs.
        price: Price,
    }
}

impl Default for Overcommit {
    fn default() -> Self {
        Self { cpu: Ppm::WHOLE, memory: Ppm::WHOLE }
    }
}
