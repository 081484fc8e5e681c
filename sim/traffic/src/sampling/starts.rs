//! Starts of tenants whose calls come while calls stand still: they take as long as others took that were
//! lived through, as long as no more of them are under way at once than were then. Knows no tenant.

use crate::Conditions;
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
        if self.known.len() > KEPT {
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

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_contract::{Dice, Purpose};

    const MOMENT: Moment = Moment(1_000);

    fn conditions() -> Conditions {
        Conditions { shape: vec![1], paces: vec![5.0] }
    }

    /// So many starts of ten seconds that were lived through.
    fn starts(count: u32) -> Starts {
        let mut starts = Starts::default();
        for tenant in 0..count {
            starts.begins(tenant, MOMENT, conditions());
            starts.ends(tenant, MOMENT.after(Span::seconds(10)), true);
        }
        starts
    }

    fn drawn(starts: &mut Starts, seed: u64) -> Option<Span> {
        let mut stream = Dice::new(seed).stream(0, Purpose::new("test"));
        starts.draw(&conditions(), |_| 0.0, &mut stream)
    }

    #[test]
    fn a_start_takes_as_long_as_others_did_once_enough_are_known() {
        assert_eq!(drawn(&mut starts(5), 1), None);
        let found: Vec<Option<Span>> = (0..100).map(|seed| drawn(&mut starts(40), seed)).collect();
        let drawn = found.iter().flatten().count();
        assert!(found.iter().flatten().all(|takes| *takes == Span::seconds(10)));
        // One in ten is lived through all the same.
        assert!((80..100).contains(&drawn), "{drawn}");
    }

    #[test]
    fn more_at_once_than_were_known_and_one_that_failed_are_lived_through() {
        let mut one_by_one = starts(40);
        let first = (0..20).find_map(|seed| drawn(&mut one_by_one, seed));
        assert!(first.is_some());
        assert_eq!((0..20).find_map(|seed| drawn(&mut one_by_one, seed)), None);
        one_by_one.drawn_ends();
        assert!((0..20).find_map(|seed| drawn(&mut one_by_one, seed)).is_some());
        one_by_one.drawn_ends();
        one_by_one.begins(99, MOMENT, conditions());
        one_by_one.ends(99, MOMENT, false);
        assert_eq!((0..20).find_map(|seed| drawn(&mut one_by_one, seed)), None);
    }
}
