//! One pool as rates: how many come and leave where so many are there, and how long connections are
//! kept.

use crate::plant::stations::flow::chain::Rates;
use crate::plant::stations::flow::lay_out::Base;
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
    pub(super) is_down: bool,
}

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
        let line = present - self.size;
        match self.waits {
            Some(patience) if line > -1e-9 => self.rate * patience.accepts(line / self.slot),
            _ => self.rate,
        }
    }

    fn deaths(&self, present: f64) -> f64 {
        if self.load.is_down {
            return 0.0;
        }
        let used = present.min(self.size);
        used / self.load.kept(used.max(1.0)).max(1e-9)
    }
}
