//! Who changed since somebody last asked, for whoever tells what tenants, machines and replicas go through. Keeps no
//! state of theirs.

use seatrial_contract::{NodeId, TenantId};

/// Who changed; some may not have, and some may be there twice.
#[derive(Default)]
pub struct Noted {
    /// Tenants.
    pub tenants: Vec<TenantId>,
    /// Machines.
    pub nodes: Vec<NodeId>,
    /// Replicas, by their places among all.
    pub replicas: Vec<usize>,
}

impl Noted {
    /// Whether anybody is among them.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tenants.is_empty() && self.nodes.is_empty() && self.replicas.is_empty()
    }
}
