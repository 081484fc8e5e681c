//! What drivers say they saw, in words that no real system owns. Knows no driver and no view.

use seatrial_contract::units::{Bytes, MilliCores, Moment};
use seatrial_contract::view::UnitState;
use seatrial_contract::{Footprint, Stage, words};

/// What one source saw when it was looked at once.
#[derive(Clone, Debug, PartialEq)]
pub enum Sighting {
    /// A machine and everything on it.
    Machine(MachineSeen),
    /// A measured column over all tenants.
    Column(ColumnSeen),
}

/// A machine that answered.
#[derive(Clone, Debug, PartialEq)]
pub struct MachineSeen {
    /// What it is called.
    pub name: String,
    /// Its pool, where it says so.
    pub pool: Option<String>,
    /// Its tier, where it says that instead.
    pub tier: Option<String>,
    /// Its zone.
    pub zone: String,
    /// What it has.
    pub capacity: Footprint,
    /// What is used on it beside the units.
    pub used_beside: Footprint,
    /// The containers on it that belong to tenants.
    pub units: Vec<UnitSeen>,
    /// When the looking began: nothing of this is older.
    pub at: Moment,
    /// What could not be understood, for people.
    pub complaints: Vec<String>,
}

/// A tenant's container.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitSeen {
    /// Whose it is.
    pub tenant: String,
    /// What that tenant pays for.
    pub tier: String,
    /// Its name within the tenant.
    pub unit: String,
    /// From which stage of sleep on it stands still.
    pub stops_at: Option<Stage>,
    /// How it is.
    pub state: UnitState,
    /// Since when.
    pub since: Moment,
    /// What it may take.
    pub requested: Footprint,
    /// What it uses, where that could be read.
    pub used: Option<Use>,
}

/// What a container uses. Cpu is a rate: it takes two looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// Since the look before.
    pub cpu: MilliCores,
    /// Now.
    pub memory: Bytes,
}

words! {
    /// A column that a metrics system fills.
    pub enum Column {
        /// When somebody was last at a tenant, in Unix seconds.
        LastActive = "last_active",
        /// How many are at a tenant now.
        Sessions = "sessions",
        /// Since when somebody waits for a tenant, in Unix seconds.
        Waiting = "waiting",
        /// How often a tenant is asked for something, per second.
        Requests = "requests",
    }
}

/// A column that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnSeen {
    /// Which.
    pub column: Column,
    /// A row for each tenant that has one.
    pub rows: Vec<RowSeen>,
    /// What could not be understood, for people.
    pub complaints: Vec<String>,
}

/// One tenant's value.
#[derive(Clone, Debug, PartialEq)]
pub struct RowSeen {
    /// Whose.
    pub tenant: String,
    /// What was measured; finite.
    pub value: f64,
    /// When it was measured, by whoever measured it.
    pub seen_at: Moment,
}
