//! Places tenants where the fewest are: first the zone, then the machine.
//! Knows no use and no tier, only how many live where: it keeps zones and machines equally full, not each
//! tier equally spread.

use crate::kind::Kind;
use crate::placing::{Asked, Chosen, Machine, Need, Place, Placing, Zone};
use alloc::boxed::Box;
use alloc::vec::Vec;
use seatrial_contract::{Input, Policy, Reason, element};

element! {
    /// Spread over zones and machines.
    pub struct Spread {
        /// How many tenants may be on the move off machines that are emptied.
        moves_at_once: u32 = 4,
    }
}

impl Kind for Spread {
    const ABOUT: &'static str = "Places tenants where the fewest are, zone by zone.";

    fn start(&self) -> Box<dyn Policy> {
        Box::new(Placing::new(self.clone()))
    }

    fn inputs(&self) -> Vec<Input> {
        [Input::Waiting].into()
    }
}

impl Place for Spread {
    fn moves_at_once(&self) -> u32 {
        self.moves_at_once
    }

    fn zone(&self, zone: &Zone, _: &Asked) -> Result<u32, Reason> {
        Ok(zone.tenants)
    }

    fn rank(&self, machine: &Machine, _: &Need) -> u32 {
        machine.tenants
    }

    fn reason(&self, chosen: &Chosen<'_>) -> Reason {
        Reason::FewestTenants { in_zone: chosen.zone, on_node: chosen.rank, of: chosen.of }
    }
}
