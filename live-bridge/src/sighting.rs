//! What drivers say they saw, in words that no real system owns. Knows no driver and no view.

use crate::clock::Dated;
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
#[derive(Clone, Debug, Default, PartialEq)]
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
    /// Whose containers are there and could not be looked at: tenant and unit. They stay as they
    /// were last seen.
    pub unclear: Vec<(String, String)>,
    /// Something runs there whose use could not be read.
    pub unmeasured: bool,
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
    /// What the engine calls it: labels of one container never change.
    pub container: String,
    /// When it was made, where that is known.
    pub created: Option<Moment>,
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
    /// What tells moments of the source as moments of ours.
    pub(crate) clock: Option<Dated>,
    /// What could not be understood, for people.
    pub complaints: Vec<String>,
}

impl ColumnSeen {
    /// A value in Unix seconds as a moment of ours; one ahead of its source's clock is now.
    pub(crate) fn moment(&self, value: f64) -> Option<Moment> {
        let moment = crate::clock::of_unix(value)?;
        match &self.clock {
            None => Some(moment),
            Some(clock) => clock.ours(moment.min(clock.theirs())),
        }
    }
}

/// One tenant's value.
#[derive(Clone, Debug, PartialEq)]
pub struct RowSeen {
    /// Whose.
    pub tenant: String,
    /// What was measured; finite.
    pub value: f64,
    /// When it was measured, by the server that measured it.
    pub seen_at: Moment,
}
