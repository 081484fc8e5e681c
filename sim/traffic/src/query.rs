//! What a source asks of databases: whom, how often, for how long. Asks nobody.

use super::poolers::Pooler;
use crate::distributions::distribution;
use seatrial_contract::Purpose;
use seatrial_contract::units::Span;
use seatrial_format::scenario::{Query as QueryFile, Scenario};
use seatrial_kernel::chance::Distribution;

/// One kind of query of a source.
pub(super) struct Query {
    pub(super) target: Target,
    pub(super) takes: Distribution,
    pub(super) purpose: Purpose,
    pub(super) count: u32,
    pub(super) writes: u64,
}

/// Who is asked for a connection, by its place among the stations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    Database(u16),
    Pooler(u16),
}

impl Query {
    /// How long all queries of this kind take of one call, on the mean and if nobody else asks.
    pub(super) fn takes_in_all(&self) -> Span {
        Span(self.takes.mean().0.saturating_mul(u64::from(self.count)))
    }

    pub(super) fn asks_pooler(&self, at: usize) -> bool {
        matches!(self.target, Target::Pooler(of) if usize::from(of) == at)
    }

    /// Whether it comes to that database, by a pooler or not.
    pub(super) fn reaches(&self, at: usize, poolers: &[Pooler]) -> bool {
        match self.target {
            Target::Database(of) => usize::from(of) == at,
            Target::Pooler(of) => usize::from(poolers[usize::from(of)].database) == at,
        }
    }

    /// None where nobody has the name; the format tells of that.
    pub(super) fn new(
        file: &QueryFile,
        at: usize,
        name: &str,
        scenario: &Scenario,
    ) -> Option<Self> {
        let place = |place: usize| u16::try_from(place).ok();
        let asked = file.at.value.as_str();
        let pooler = scenario.poolers.iter().position(|of| of.name.as_str() == asked);
        let target = match pooler {
            Some(pooler) => Target::Pooler(place(pooler)?),
            None => {
                let found = scenario.databases.iter().position(|of| of.name.as_str() == asked);
                Target::Database(place(found?)?)
            }
        };
        Some(Self {
            target,
            takes: distribution(&file.service_time),
            purpose: Purpose::new(&format!("traffic {name}: query {at}")),
            count: file.count.get(),
            writes: file.writes.value.0,
        })
    }
}
