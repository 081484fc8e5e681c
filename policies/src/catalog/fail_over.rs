//! Makes a standby the primary of a database whose primary is lost, where nothing else does: once that has lasted, the
//! standby lacks little enough, and who decides sees enough of the cluster not to be the one that is cut off. May only
//! say what it would do. Knows no tenant.

use crate::databases::{known, meant};
use crate::kind::{ActsOn, Kind};
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use seatrial_contract::config::Located;
use seatrial_contract::units::{Bytes, Ppm, Span, mib, percent};
use seatrial_contract::view::{Database, Heir};
use seatrial_contract::{
    Action, ClusterView, DatabaseId, Declared, Memory, MemoryError, Policy, Target, Tick, element,
    reasons,
};

element! {
    /// When a standby is made the primary. It acts on databases whose `failover` is `by-policy`.
    pub struct FailOver {
        /// Of which databases; all where left out.
        databases: Option<Vec<Located<String>>> = None,
        /// How long its primary must have been lost. J.
        lost_for: Span = Span::seconds(30),
        /// How much the standby may lack; what it lacks is lost (Patroni: maximum_lag_on_failover).
        lag_most: Bytes = mib(1),
        /// What share of all machines must be seen, where there are machines: who sees fewer may be cut off.
        quorum: Ppm = percent(50),
        /// Whether it only says what it would do.
        advises: bool = false,
    }
}

reasons! {
    /// Its primary was lost for long enough.
    pub PrimaryLost = "primary-lost": "its primary has been lost for {since}, and the standby lacks {lag}" {
        since: Span,
        lag: Bytes,
    }
    /// No standby follows it.
    pub NoStandby = "no-standby": "no standby could take over" {}
    /// What would be lost is too much.
    pub LagsTooFar = "lags-too-far": "the standby lacks {lag}, of {most} that may be lost" {
        lag: Bytes,
        most: Bytes,
    }
    /// Too few machines are seen.
    pub NoQuorum = "no-quorum": "{seen} of {of} machines are seen: it may be us who are cut off" {
        seen: u32,
        of: u32,
    }
    /// It would, and only says so.
    pub Advised = "advised": "it would be failed over: lost for {since}, the standby lacks {lag}" {
        since: Span,
        lag: Bytes,
    }
}

impl Kind for FailOver {
    const ABOUT: &'static str = "Makes a standby the primary of a database whose primary is lost.";
    const REASONS: &'static [&'static Declared] = REASONS;

    fn start(&self) -> Box<dyn Policy> {
        Box::new(FailOverPolicy { config: self.clone() })
    }

    fn acts_on(&self) -> ActsOn {
        ActsOn::Standbys
    }

    fn databases(&self) -> Vec<&Located<String>> {
        self.databases.iter().flatten().collect()
    }
}

struct FailOverPolicy {
    config: FailOver,
}

impl FailOverPolicy {
    fn database(&self, tick: &mut Tick<'_>, id: DatabaseId, of: Database) {
        let (target, since) = (Target::Database(id), tick.now().since(of.since));
        if since < self.config.lost_for || of.restoring {
            return;
        }
        let Some(Heir { lag, .. }) = of.heir else { return tick.hold(target, NoStandby {}) };
        let most = self.config.lag_most;
        if lag > most {
            return tick.hold(target, LagsTooFar { lag, most });
        }
        if let Some((seen, all)) = self.without_quorum(tick) {
            return tick.hold(target, NoQuorum { seen, of: all });
        }
        if self.config.advises {
            return tick.hold(target, Advised { since, lag });
        }
        let action = Action::FailOver { database: id, is_drill: false, from: of.failovers };
        tick.act(action, PrimaryLost { since, lag });
    }

    /// How many machines are seen, and of how many, where those are too few.
    fn without_quorum(&self, tick: &Tick<'_>) -> Option<(u32, u32)> {
        let sums = tick.view.pools().iter().map(|pool| pool.sums);
        let (seen, all) = sums.fold((0, 0), |all: (u32, u32), sums| {
            (all.0 + sums.ready, all.1 + sums.ready + sums.lost)
        });
        let is_enough =
            u64::from(seen) * 1_000_000 >= u64::from(all) * u64::from(self.config.quorum.0);
        (!is_enough).then_some((seen, all))
    }
}

impl Policy for FailOverPolicy {
    fn decide(&mut self, tick: &mut Tick<'_>) {
        for id in meant(tick.view, self.config.databases.as_deref()) {
            if let Some(of) = known(tick, id).filter(Database::is_lost) {
                self.database(tick, id, of);
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
