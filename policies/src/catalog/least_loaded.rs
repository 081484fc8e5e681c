//! Places tenants on the machine with the lowest weighted load: cpu, memory and tenants.
//! Knows no zone.

use crate::kind::Kind;
use crate::placing::{Chosen, Machine, Need, Place, Placing};
use alloc::boxed::Box;
use alloc::vec::Vec;
use seatrial_contract::units::{Ppm, percent};
use seatrial_contract::{Input, Policy, Reason, element};

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

impl Kind for LeastLoaded {
    const ABOUT: &'static str = "Places tenants on the machine with the lowest weighted load.";

    fn start(&self) -> Box<dyn Policy> {
        Box::new(Placing::new(self.clone()))
    }

    fn inputs(&self) -> Vec<Input> {
        [Input::MachineUse, Input::Waiting].into()
    }
}

impl Place for LeastLoaded {
    fn moves_at_once(&self) -> u32 {
        self.moves_at_once
    }

    fn rank(&self, machine: &Machine, _: &Need) -> u32 {
        let Machine { load, capacity, .. } = machine;
        let tenants = u64::from(machine.tenants) * 1_000_000;
        let held = tenants / u64::from(machine.tenants_most.max(1));
        let weighted = u64::from(self.cpu.0) * u64::from(load.cpu.share_of(capacity.cpu).0)
            + u64::from(self.memory.0) * u64::from(load.memory.share_of(capacity.memory).0)
            + u64::from(self.tenants.0) * held;
        u32::try_from(weighted / 1_000_000).unwrap_or(u32::MAX)
    }

    fn reason(&self, chosen: &Chosen<'_>) -> Reason {
        Reason::LowestLoad { score: Ppm(chosen.rank), of: chosen.of }
    }
}
