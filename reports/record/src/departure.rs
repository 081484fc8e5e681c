//! What a run began with, where that was not its scenario's but a logbook's.

use serde::{Deserialize, Serialize};

/// The state that a run departed from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Departure {
    /// What the logbook observed.
    pub of: String,
    /// When its view was taken, as people read it.
    pub taken_at: String,
    /// The logbook's check of the frame that holds the view: it covers all that was written before.
    pub check: String,
    /// Machines by pool, in the scenario's order.
    pub pools: Vec<DeparturePool>,
    /// Tenants by tier, in the scenario's order.
    pub tiers: Vec<DepartureTier>,
    /// What could not be taken over as it was.
    pub notes: Vec<String>,
}

/// Machines of one pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeparturePool {
    /// The pool.
    pub pool: String,
    /// Those that are there.
    pub ready: u32,
    /// Of them, those that take no tenants.
    pub closed: u32,
    /// Those on their way.
    pub booting: u32,
}

/// Tenants of one tier.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepartureTier {
    /// The tier.
    pub tier: String,
    /// All of them.
    pub tenants: u32,
    /// Those that do not run in full.
    pub asleep: u32,
    /// Those at whom somebody is.
    pub active: u32,
    /// Those for whom somebody waits.
    pub wanted: u32,
    /// Those without a machine.
    pub homeless: u32,
}
