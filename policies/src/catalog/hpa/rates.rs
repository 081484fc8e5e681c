//! How far a service may go at once: by rates where there are rules, otherwise by a plain factor. Knows
//! no measure and no window.

use super::replicas::float;
use super::rules::{Rate, Select};
use alloc::vec::Vec;
use seatrial_contract::Limited;
use seatrial_contract::units::{Moment, Ppm, Span};
use serde::{Deserialize, Serialize};

/// So many came or went then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// When.
    pub at: Moment,
    /// How many.
    pub by: u32,
}

/// The bounds of a service, and what came and went of late.
#[derive(Clone, Copy, Debug)]
pub struct Rates<'a> {
    /// The moment of looking.
    pub now: Moment,
    /// So many there should be now.
    pub current: u32,
    /// The fewest that there may be.
    pub least: u32,
    /// The most.
    pub most: u32,
    /// What came.
    pub ups: &'a [Change],
    /// What went.
    pub downs: &'a [Change],
}

impl Rates<'_> {
    /// What may be had of what is wanted, by the rules for either way, and what stands against it.
    #[must_use]
    pub fn limit(
        &self,
        wants: u32,
        up: (Select, &[Rate]),
        down: (Select, &[Rate]),
    ) -> (u32, Limited) {
        if wants > self.current {
            let limit = self.highest(up.0, up.1).max(self.current);
            at_most(wants, self.most, limit)
        } else if wants < self.current {
            let limit = self.lowest(down.0, down.1).min(self.current);
            let (least, limited) = match self.least < limit {
                true => (limit, Limited::Rate),
                false => (self.least, Limited::Least),
            };
            if wants < least { (least, limited) } else { (wants, Limited::Nothing) }
        } else {
            (wants, Limited::Nothing)
        }
    }

    /// The same where there are no rules: growth is bounded by a factor, or by a count where that is
    /// more.
    #[must_use]
    pub fn limit_plainly(&self, wants: u32, factor: Ppm, at_least: u32) -> (u32, Limited) {
        if wants < self.least {
            return (self.least, Limited::Least);
        }
        let grown = f64::from(factor.0) / 1e6 * f64::from(self.current);
        let limit = whole(grown.max(f64::from(at_least)));
        at_most(wants, self.most, u32::try_from(limit.max(0)).unwrap_or(u32::MAX))
    }

    /// As many as there may be at the most.
    #[must_use]
    pub fn highest(&self, select: Select, rates: &[Rate]) -> u32 {
        let limits = rates.iter().map(|rate| {
            let start = self.before(rate.per());
            match rate {
                Rate::Replicas(of) => start + i64::from(of.count),
                Rate::Share(of) => {
                    whole(libm::ceil(signed(start) * (1.0 + f64::from(of.share.0) / 1e6)))
                }
            }
        });
        let limit = match select {
            Select::Most => limits.max(),
            Select::Least => limits.min(),
            Select::Off => None,
        };
        self.counted(limit)
    }

    /// As few as there may be at the least.
    #[must_use]
    pub fn lowest(&self, select: Select, rates: &[Rate]) -> u32 {
        let limits = rates.iter().map(|rate| {
            let start = self.before(rate.per());
            match rate {
                Rate::Replicas(of) => start - i64::from(of.count),
                // Cut, not rounded up: one more may go than the share says.
                Rate::Share(of) => whole(signed(start) * (1.0 - f64::from(of.share.0) / 1e6)),
            }
        });
        let limit = match select {
            Select::Most => limits.min(),
            Select::Least => limits.max(),
            Select::Off => None,
        };
        self.counted(limit)
    }

    fn counted(&self, limit: Option<i64>) -> u32 {
        limit.map_or(self.current, |limit| u32::try_from(limit.max(0)).unwrap_or(u32::MAX))
    }

    /// How many there were when the period began.
    fn before(&self, period: Span) -> i64 {
        let within = |changes: &[Change]| -> i64 {
            let recent = changes.iter().filter(|change| self.now.since(change.at) < period);
            recent.map(|change| i64::from(change.by)).sum()
        };
        i64::from(self.current) - within(self.ups) + within(self.downs)
    }
}

fn at_most(wants: u32, most: u32, limit: u32) -> (u32, Limited) {
    let (most, limited) = if most > limit { (limit, Limited::Rate) } else { (most, Limited::Most) };
    if wants > most { (most, limited) } else { (wants, Limited::Nothing) }
}

/// Drops what is older than any period asks for.
pub(super) fn forget(changes: &mut Vec<Change>, now: Moment, longest: Span) {
    changes.retain(|change| now.since(change.at) <= longest);
}

fn signed(count: i64) -> f64 {
    let size = float(count.unsigned_abs());
    if count < 0 { -size } else { size }
}

/// Cut towards nothing.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a float cast cuts and saturates, which is what is promised"
)]
fn whole(count: f64) -> i64 {
    count as i64
}
