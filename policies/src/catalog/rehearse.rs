//! Has backups tried by the calendar: each database is restored beside the one that serves, one at a time, so that it is
//! known how old what could be restored is. Knows no tenant.

use crate::calendar::last_due;
use crate::databases::{known_backed_up, meant};
use crate::kind::{ActsOn, Kind};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use seatrial_contract::config::Located;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::{Database, Health};
use seatrial_contract::{
    Action, ClusterView, Declared, Memory, MemoryError, Policy, Tick, element, reasons,
};

element! {
    /// How often backups are tried.
    pub struct Rehearse {
        /// Of which databases; all where left out.
        databases: Option<Vec<Located<String>>> = None,
        /// How often each is.
        every: Span = Span::days(28),
        /// When, counted from the midnight UTC that begins a Monday.
        at: Span = Span::hours(10),
    }
}

reasons! {
    /// It was not tried for long enough.
    pub DrillDue = "drill-due": "a restore is to be tried since {due}" {
        due: Moment,
    }
}

impl Kind for Rehearse {
    const ABOUT: &'static str = "Has backups tried by the calendar: restores beside what serves.";
    const REASONS: &'static [&'static Declared] = REASONS;

    fn start(&self) -> Box<dyn Policy> {
        Box::new(RehearsePolicy { config: self.clone() })
    }

    fn acts_on(&self) -> ActsOn {
        ActsOn::Databases
    }

    fn databases(&self) -> Vec<&Located<String>> {
        self.databases.iter().flatten().collect()
    }
}

struct RehearsePolicy {
    config: Rehearse,
}

impl Policy for RehearsePolicy {
    fn decide(&mut self, tick: &mut Tick<'_>) {
        let all = meant(tick.view, self.config.databases.as_deref());
        let all: Vec<_> =
            all.into_iter().filter_map(|id| Some((id, known_backed_up(tick, id)?))).collect();
        // What is lost has the link first, and so has a drill that has begun.
        let is_taken = |of: &Database| of.backing_up || of.restoring || of.rehearsing;
        if all.iter().any(|(_, of)| of.health != Health::Serves || is_taken(of)) {
            return;
        }
        let due = last_due(tick.now(), self.config.every, self.config.at);
        let is_due = |of: &Database| of.newest.is_some() && of.tried.is_none_or(|at| at < due);
        for (id, of) in all {
            let action = Action::Restore { database: id, is_aside: true, from: of.restores };
            if is_due(&of) && tick.act(action, DrillDue { due }) {
                return;
            }
        }
    }

    fn save(&self) -> Memory {
        Memory::of(&())
    }

    fn restore(&mut self, memory: &Memory) -> Result<(), MemoryError> {
        memory.read::<()>()
    }

    fn fits(&self, _: &ClusterView) -> bool {
        true
    }
}
