//! One pool as rates: how many come and leave where so many are there, and how long connections are
//! kept.

use crate::plant::stations::flow::chain::Rates;
use crate::plant::stations::flow::lay_out::{Base, Down};
use crate::plant::stations::flow::patience::Patience;

/// One pool's rates.
pub(super) struct Pace<'a> {
    pub(super) rate: f64,
    pub(super) size: f64,
    pub(super) most: f64,
    pub(super) slot: f64,
    pub(super) waits: Option<&'a Patience>,
    pub(super) load: Load<'a>,
}

/// How long connections are kept, where so many are at work.
pub(super) struct Load<'a> {
    pub(super) base: &'a Base,
    /// Seconds alone, and seconds beside.
    pub(super) alone: f64,
    pub(super) beside: f64,
    /// Queries at work elsewhere.
    pub(super) others: f64,
    pub(super) out: Option<Out>,
}

/// A database that cannot be reached.
#[derive(Clone, Copy)]
pub(super) struct Out {
    pub(super) down: Down,
    /// How long callers wait in the line of a pool; nobody waits where there is none.
    pub(super) waits: Option<f64>,
}

impl Out {
    /// Whoever comes now has waited long enough before it is over.
    pub(super) fn is_hopeless(&self) -> bool {
        self.waits.is_none_or(|waits| waits < self.down.left)
    }
}

/// Seconds in which all who were connected are gone.
const AT_ONCE: f64 = 1e-3;

impl Load<'_> {
    /// By how much queries are slowed down where so many connections are in use here.
    pub(super) fn slowed(&self, used: f64) -> f64 {
        let mut active = used;
        if self.beside > 0.0 {
            // Some are kept without work: the fewer, the slower those at work are.
            for _ in 0..4 {
                let works = self.alone * self.base.slowed(active + self.others);
                active = used * works / (works + self.beside);
            }
        }
        self.base.slowed(active + self.others)
    }

    pub(super) fn kept(&self, used: f64) -> f64 {
        self.alone * self.slowed(used) + self.beside
    }
}

impl Rates for Pace<'_> {
    fn births(&self, present: f64) -> f64 {
        if present > self.most - 0.5 * self.slot.min(1.0) {
            return 0.0;
        }
        if let Some(out) = &self.load.out {
            return if out.waits.is_some() { self.rate } else { 0.0 };
        }
        let line = present - self.size;
        match self.waits {
            Some(patience) if line > -1e-9 => self.rate * patience.accepts(line / self.slot),
            _ => self.rate,
        }
    }

    fn deaths(&self, present: f64) -> f64 {
        if let Some(out) = &self.load.out {
            return match out.waits {
                None => present / AT_ONCE,
                // As many leave as came so long ago.
                Some(waits) if out.down.since >= waits => present.min(1.0) * self.rate,
                Some(_) => 0.0,
            };
        }
        let used = present.min(self.size);
        used / self.load.kept(used.max(1.0)).max(1e-9)
    }
}
