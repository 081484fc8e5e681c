//! Starts of tenants whose calls come while calls stand still: they take as long as others took that were
//! lived through, as long as no more of them are under way at once than were then. Knows no tenant.

use crate::plant::stations::Conditions;
use seatrial_contract::Stream;
use seatrial_contract::units::{Moment, Span};
use std::collections::{BTreeMap, VecDeque};

/// So many are kept, the newest.
const KEPT: usize = 256;
/// With fewer than this under like conditions a start is lived through.
const LEAST: usize = 12;
/// A start takes as long as one of so many others, those with the nearest load.
const NEAREST: usize = 8;
/// One in so many is lived through all the same.
const LIVED: u64 = 10;

/// Starts that were lived through, and those that are not.
#[derive(Debug, Default)]
pub(super) struct Starts {
    known: VecDeque<(Conditions, Span)>,
    /// Since when those are under way that are lived through.
    under_way: BTreeMap<u32, (Moment, Conditions)>,
    /// The most that were under way at once.
    most: usize,
    /// Those under way that are not lived through.
    drawn: usize,
}

impl Starts {
    /// One begins that is lived through.
    pub(super) fn begins(&mut self, tenant: u32, now: Moment, conditions: Conditions) {
        self.under_way.insert(tenant, (now, conditions));
        self.most = self.most.max(self.under_way.len());
    }

    /// It is answered, or has failed: then nothing is known any more.
    pub(super) fn ends(&mut self, tenant: u32, now: Moment, is_answered: bool) {
        let Some((begun, conditions)) = self.under_way.remove(&tenant) else { return };
        if !is_answered {
            return self.known.clear();
        }
        self.known.push_back((conditions, now.since(begun)));
        self.known.truncate(KEPT);
        if self.known.len() == KEPT {
            self.known.pop_front();
        }
    }

    /// How long one takes that need not be lived through; none where it has to be.
    pub(super) fn draw(
        &mut self,
        conditions: &Conditions,
        away: impl Fn(&Conditions) -> f64,
        stream: &mut Stream,
    ) -> Option<Span> {
        if !self.under_way.is_empty() || self.drawn >= self.most || stream.below(LIVED) == 0 {
            return None;
        }
        let alike = self.known.iter().filter(|(of, _)| of.shape == conditions.shape);
        let mut alike: Vec<(f64, Span)> = alike.map(|(of, took)| (away(of), *took)).collect();
        if alike.len() < LEAST {
            return None;
        }
        alike.sort_by(|one, other| one.0.total_cmp(&other.0));
        let pick = stream.below(u64::try_from(NEAREST).unwrap_or(1));
        self.drawn += 1;
        alike.get(usize::try_from(pick).unwrap_or_default()).map(|(_, took)| *took)
    }

    /// One that was not lived through is over.
    pub(super) fn drawn_ends(&mut self) {
        self.drawn = self.drawn.saturating_sub(1);
    }
}
