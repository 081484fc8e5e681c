//! Has databases backed up by the calendar: in full, and in between what was written since. What was missed is made up
//! for as soon as it can be. Knows no tenant.

use crate::calendar::last_due;
use crate::databases::{known_backed_up, meant};
use crate::kind::{ActsOn, Kind};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use seatrial_contract::config::Located;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::Health;
use seatrial_contract::{
    Action, ClusterView, DatabaseId, Declared, Memory, MemoryError, Policy, Tick, element, reasons,
};

element! {
    /// How often databases are backed up.
    pub struct BackUp {
        /// Which; all that can be where left out. One policy for each cadence.
        databases: Option<Vec<Located<String>>> = None,
        /// How often all of it is backed up.
        full: Span = Span::days(1),
        /// How often what was written since the last backup is; not at all where left out.
        incremental: Option<Span> = None,
        /// When, counted from midnight UTC; of what comes once a week, from the midnight that begins Monday.
        at: Span = Span::hours(2),
    }
}

reasons! {
    /// A backup of all is due.
    pub FullDue = "full-due": "a full backup is due since {due}" {
        due: Moment,
    }
    /// A backup of what was written since the last one is due.
    pub IncrementalDue = "incremental-due": "an incremental backup is due since {due}" {
        due: Moment,
    }
}

impl Kind for BackUp {
    const ABOUT: &'static str = "Has databases backed up by the calendar.";
    const REASONS: &'static [&'static Declared] = REASONS;

    fn start(&self) -> Box<dyn Policy> {
        Box::new(BackUpPolicy { config: self.clone() })
    }

    fn acts_on(&self) -> ActsOn {
        ActsOn::Databases
    }

    fn databases(&self) -> Vec<&Located<String>> {
        self.databases.iter().flatten().collect()
    }
}

struct BackUpPolicy {
    config: BackUp,
}

impl BackUpPolicy {
    fn database(&self, tick: &mut Tick<'_>, id: DatabaseId) {
        let Some(of) = known_backed_up(tick, id) else { return };
        if of.health != Health::Serves || of.backing_up {
            return;
        }
        let (now, at) = (tick.now(), self.config.at);
        let is_behind = |of: Option<Moment>, due: Moment| of.is_none_or(|begun| begun < due);
        let due = last_due(now, self.config.full, at);
        let action = |is_full| Action::BackUp { database: id, is_full, from: of.backups };
        if is_behind(of.full, due) {
            tick.act(action(true), FullDue { due });
        } else if let Some(every) = self.config.incremental {
            let due = last_due(now, every, at);
            if is_behind(of.newest, due) {
                tick.act(action(false), IncrementalDue { due });
            }
        }
    }
}

impl Policy for BackUpPolicy {
    fn decide(&mut self, tick: &mut Tick<'_>) {
        for id in meant(tick.view, self.config.databases.as_deref()) {
            self.database(tick, id);
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
