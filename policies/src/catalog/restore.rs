//! Restores databases that nobody takes over from: at once where no server has the data any more, and after a while
//! where one that has may come back. So many at a time, those that are worth most first, so that they have the link to
//! themselves. Knows no tenant.

use crate::databases::{known_backed_up, meant};
use crate::kind::{ActsOn, Kind};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroU32;
use seatrial_contract::config::Located;
use seatrial_contract::units::Span;
use seatrial_contract::view::{Database, Health};
use seatrial_contract::{
    Action, ClusterView, DatabaseId, Declared, Memory, MemoryError, Policy, Target, Tick, element,
    reasons,
};

element! {
    /// When databases are restored, and in which order.
    pub struct Restore {
        /// Which, those that are worth most first; all where left out.
        databases: Option<Vec<Located<String>>> = None,
        /// How long a server that has the data may take to come back. What is written there and in no archive is lost
        /// by a restore. J.
        patience: Span = Span::minutes(30),
        /// How many are restored at the same time. J.
        at_once: NonZeroU32 = NonZeroU32::MIN,
    }
}

reasons! {
    /// Nothing is left of a database's data but its backups.
    pub DataIsGone = "data-is-gone": "no server has its data any more" {}
    /// Nobody took over for so long, and what has the data did not come back.
    pub NobodyTakesOver = "nobody-takes-over": "nobody took over for {since}" {
        since: Span,
    }
    /// There is nothing to restore it from.
    pub NoBackup = "no-backup": "there is no backup of it" {}
    /// Others are restored first.
    pub WaitsItsTurn = "waits-its-turn": "{before} are restored before it" {
        before: u32,
    }
}

impl Kind for Restore {
    const ABOUT: &'static str = "Restores databases that nobody takes over from.";
    const REASONS: &'static [&'static Declared] = REASONS;

    fn start(&self) -> Box<dyn Policy> {
        Box::new(RestorePolicy { config: self.clone() })
    }

    fn acts_on(&self) -> ActsOn {
        ActsOn::Databases
    }

    fn databases(&self) -> Vec<&Located<String>> {
        self.databases.iter().flatten().collect()
    }
}

struct RestorePolicy {
    config: Restore,
}

impl RestorePolicy {
    /// Whether it is restored now, or is to be.
    fn database(&self, tick: &mut Tick<'_>, id: DatabaseId, of: Database, before: u32) -> bool {
        let since = tick.now().since(of.since);
        let waits = match of.health {
            Health::Gone => false,
            Health::Lost => since < self.config.patience,
            Health::Serves | Health::TakesOver => true,
        };
        if waits {
            return false;
        }
        let flight = tick.book().flight(Target::Database(id));
        let is_begun = |action| matches!(action, Action::Restore { is_aside: false, .. });
        if of.restoring || flight.is_some_and(|flight| is_begun(flight.action)) {
            return true;
        }
        if of.newest.is_none() {
            tick.hold(Target::Database(id), NoBackup {});
            return false;
        }
        if before >= self.config.at_once.get() {
            tick.hold(Target::Database(id), WaitsItsTurn { before });
            return false;
        }
        let action = Action::Restore { database: id, is_aside: false, from: of.restores };
        if of.health == Health::Gone {
            tick.act(action, DataIsGone {})
        } else {
            tick.act(action, NobodyTakesOver { since })
        }
    }
}

impl Policy for RestorePolicy {
    fn decide(&mut self, tick: &mut Tick<'_>) {
        let all = meant(tick.view, self.config.databases.as_deref());
        let all: Vec<_> =
            all.into_iter().filter_map(|id| Some((id, known_backed_up(tick, id)?))).collect();
        // Those that are being restored already count before any other.
        let is_restored = |of: &Database| of.is_lost() && of.restoring;
        let mut before = all.iter().filter(|(_, of)| is_restored(of)).count();
        for (id, of) in all {
            let count = u32::try_from(before).unwrap_or(u32::MAX);
            let begins = self.database(tick, id, of, count) && !is_restored(&of);
            before += usize::from(begins);
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
