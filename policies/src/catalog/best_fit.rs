//! Places tenants where the least room stays unused, so that whole machines stay free.
//! Knows no use, only what is promised.

use crate::kind::Kind;
use crate::placing::{Chosen, Machine, Need, Place, Placing};
use alloc::boxed::Box;
use alloc::vec::Vec;
use seatrial_contract::units::Ppm;
use seatrial_contract::{Input, Policy, Reason, element};

element! {
    /// Best fit on the scarcer of cpu and memory.
    pub struct BestFit {
        /// How many tenants may be on the move off machines that are emptied.
        moves_at_once: u32 = 4,
    }
}

impl Kind for BestFit {
    const ABOUT: &'static str = "Places tenants where the least room stays unused.";

    fn start(&self) -> Box<dyn Policy> {
        Box::new(Placing::new(self.clone()))
    }

    fn inputs(&self) -> Vec<Input> {
        [Input::Waiting].into()
    }
}

impl Place for BestFit {
    fn moves_at_once(&self) -> u32 {
        self.moves_at_once
    }

    fn rank(&self, machine: &Machine, need: &Need) -> u32 {
        machine.left(need.footprint).0
    }

    fn reason(&self, chosen: &Chosen<'_>) -> Reason {
        Reason::TightestFit { left: Ppm(chosen.rank), of: chosen.of }
    }
}
