//! Has standbys take over by the calendar while their primaries serve, so that it is known that they can: a drill. One
//! database at a time. Knows no tenant.

use crate::calendar::last_due;
use crate::databases::{known, meant};
use crate::kind::{ActsOn, Kind};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use seatrial_contract::config::Located;
use seatrial_contract::units::{Bytes, Moment, Span, mib};
use seatrial_contract::view::{Database, Health};
use seatrial_contract::{
    Action, ClusterView, DatabaseId, Declared, Memory, MemoryError, Policy, Target, Tick, element,
    reasons,
};
use serde::{Deserialize, Serialize};

element! {
    /// How often standbys take over. It acts on databases whose `failover` is `by-policy`.
    pub struct SwitchOver {
        /// Of which databases; all where left out.
        databases: Option<Vec<Located<String>>> = None,
        /// How often each does.
        every: Span = Span::days(28),
        /// When, counted from the midnight UTC that begins a Monday.
        at: Span = Span::hours(10),
        /// How much the standby may lack then: nothing is lost, and callers wait until it has that.
        lag_most: Bytes = mib(1),
    }
}

reasons! {
    /// It was not tried for long enough.
    pub SwitchDue = "switch-due": "a standby is to take over since {due}" {
        due: Moment,
    }
    /// There is none that could.
    pub NothingToSwitchTo = "nothing-to-switch-to": "no standby follows closely enough" {}
}

impl Kind for SwitchOver {
    const ABOUT: &'static str =
        "Has standbys take over by the calendar while their primaries serve.";
    const REASONS: &'static [&'static Declared] = REASONS;

    fn start(&self) -> Box<dyn Policy> {
        Box::new(SwitchOverPolicy { config: self.clone(), state: State::default() })
    }

    fn acts_on(&self) -> ActsOn {
        ActsOn::Standbys
    }

    fn databases(&self) -> Vec<&Located<String>> {
        self.databases.iter().flatten().collect()
    }
}

struct SwitchOverPolicy {
    config: SwitchOver,
    state: State,
}

/// What it remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct State {
    /// By database, how many failovers it had when it was looked at last, and when the last one was seen.
    seen: Vec<(u32, Moment)>,
}

impl SwitchOverPolicy {
    /// When a database was failed over last, as far as that was seen, whoever did it: a failover in earnest is no
    /// worse than a drill. What was never looked at counts as tried now, so that a new fleet is left alone at first.
    fn tried(&mut self, id: DatabaseId, of: &Database, now: Moment) -> Moment {
        if self.state.seen.len() <= id.index() {
            self.state.seen.resize(id.index() + 1, (of.failovers, now));
        }
        let seen = &mut self.state.seen[id.index()];
        if seen.0 != of.failovers {
            *seen = (of.failovers, now);
        }
        seen.1
    }
}

impl Policy for SwitchOverPolicy {
    fn decide(&mut self, tick: &mut Tick<'_>) {
        let now = tick.now();
        let all = meant(tick.view, self.config.databases.as_deref());
        let all: Vec<_> = all.into_iter().filter_map(|id| Some((id, known(tick, id)?))).collect();
        let due = last_due(now, self.config.every, self.config.at);
        let mut is_due = Vec::new();
        for (id, of) in &all {
            if self.tried(*id, of, now) < due {
                is_due.push((*id, *of));
            }
        }
        // Whoever is in trouble is left alone, and all others meanwhile.
        if all.iter().any(|(_, of)| of.health != Health::Serves || of.backing_up) {
            return;
        }
        for (id, of) in is_due {
            if of.heir.is_none_or(|heir| heir.lag > self.config.lag_most) {
                tick.hold(Target::Database(id), NothingToSwitchTo {});
                continue;
            }
            let action = Action::FailOver { database: id, is_drill: true, from: of.failovers };
            if tick.act(action, SwitchDue { due }) {
                return;
            }
        }
    }

    fn save(&self) -> Memory {
        Memory::of(&self.state)
    }

    fn restore(&mut self, memory: &Memory) -> Result<(), MemoryError> {
        self.state = memory.read()?;
        Ok(())
    }

    fn fits(&self, view: &ClusterView) -> bool {
        self.state.seen.len() <= view.databases().len()
    }
}
