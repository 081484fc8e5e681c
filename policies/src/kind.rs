//! What the catalog asks of each kind of policy. Knows none.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use seatrial_contract::config::{Element, Located};
use seatrial_contract::{Declared, Input, Policy};

/// A kind of policy, which is its configuration.
pub trait Kind: Element {
    /// What it does, in a sentence for the reference.
    const ABOUT: &'static str;
    /// The reasons that it declares for itself.
    const REASONS: &'static [&'static Declared] = &[];
    /// The policy, with nothing remembered yet.
    fn start(&self) -> Box<dyn Policy>;
    /// What it measures by; what it acts on where nothing else is said.
    fn inputs(&self) -> Vec<Input> {
        match self.acts_on() {
            ActsOn::Databases | ActsOn::Standbys => Vec::from([Input::Databases]),
            ActsOn::Tenants
            | ActsOn::Pools
            | ActsOn::Connections
            | ActsOn::Services
            | ActsOn::Replicas => Vec::new(),
        }
    }
    /// What it acts on: where there is none of it, the policy has nothing to do.
    fn acts_on(&self) -> ActsOn {
        ActsOn::Tenants
    }
    /// The tiers it names, so that a host can say which do not exist.
    fn tiers(&self) -> Vec<&Located<String>> {
        Vec::new()
    }
    /// The stages of sleep it names.
    fn stages(&self) -> Vec<&Located<String>> {
        Vec::new()
    }
    /// The services it names.
    fn services(&self) -> Vec<&Located<String>> {
        Vec::new()
    }
    /// The databases it names.
    fn databases(&self) -> Vec<&Located<String>> {
        Vec::new()
    }
    /// The pools it names.
    fn pools(&self) -> Vec<&Located<String>> {
        Vec::new()
    }
}

/// What a policy acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActsOn {
    /// Tenants.
    Tenants,
    /// Pools of machines.
    Pools,
    /// Connections of poolers that keep tiers apart.
    Connections,
    /// Replicas of the services that it names.
    Services,
    /// Services on machines, all that there are.
    Replicas,
    /// Databases that can be backed up.
    Databases,
    /// Databases whose standbys take over when a policy says so.
    Standbys,
}
