//! The policy file: the same for the simulator and the bridge.

use crate::PolicyConfig;
use alloc::vec::Vec;
use seatrial_contract::units::Span;
use seatrial_contract::{Guard, element};

element! {
    /// A set of policies, and the rails they all run on.
    pub struct PolicyFile {
        /// How often the policies look at the cluster.
        tick: Span = Span::seconds(15),
        /// When no destructive action is taken, whatever a policy wants.
        guard: Guard = Guard::default(),
        /// The policies. Where two want the same target, the one that stands first has it.
        policies: Vec<PolicyConfig> = Vec::new(),
    }
}
