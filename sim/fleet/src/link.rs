//! A link that several share: each gets as much as every other, up to what it can take by itself. Knows nobody on it.

use seatrial_contract::units::{Moment, Span};
use std::collections::BTreeMap;

/// The link, and who is on it.
pub(crate) struct Link<K> {
    /// Bytes a second.
    carries: u64,
    /// To what part of that it is slowed, in millionths, by each reason.
    slowed: Vec<u64>,
    moving: BTreeMap<K, Load>,
    settled_at: Moment,
    turn: u16,
}

/// What is left of one, in bytes × 10⁹, and how fast it goes in bytes a second.
struct Load {
    left: u128,
    most: u64,
    to: Option<End>,
    rate: u64,
}

/// Where several go, and what it takes a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    /// Which it is.
    pub(crate) number: u32,
    /// So much.
    pub(crate) takes: u64,
}

impl<K: Ord + Copy> Link<K> {
    pub(crate) fn new(carries: u64) -> Self {
        Self {
            carries: carries.max(1),
            slowed: Vec::new(),
            moving: BTreeMap::new(),
            settled_at: Moment::default(),
            turn: 0,
        }
    }

    /// Comes onto it with so many bytes, and takes no more than that a second; all that go to the same end take no more
    /// than it does together. Time must have been settled.
    pub(crate) fn put(&mut self, key: K, bytes: u64, most: u64, to: Option<End>) {
        let left = u128::from(bytes) * 1_000_000_000;
        self.moving.insert(key, Load { left, most: most.max(1), to, rate: 0 });
    }

    /// Leaves it; whether it was there. Time must have been settled.
    pub(crate) fn take(&mut self, key: K) -> bool {
        self.moving.remove(&key).is_some()
    }

    /// Time has passed.
    pub(crate) fn settle(&mut self, now: Moment) {
        let span = u128::from(now.since(self.settled_at).0);
        self.settled_at = now;
        for load in self.moving.values_mut() {
            load.left = load.left.saturating_sub(u128::from(load.rate) * span);
        }
    }

    /// Those who are through leave it.
    pub(crate) fn through(&mut self) -> Vec<K> {
        let through = self.moving.iter().filter(|(_, load)| load.left == 0);
        let through: Vec<K> = through.map(|(key, _)| *key).collect();
        self.moving.retain(|_, load| load.left > 0);
        through
    }

    /// Shares it out anew; how long until the next one is through, and at which turn, so that one that is overtaken is
    /// known.
    pub(crate) fn share(&mut self) -> Option<(Span, u16)> {
        let carries = self
            .slowed
            .iter()
            .fold(u128::from(self.carries), |carries, to| carries * u128::from(*to) / 1_000_000);
        let mut left = u64::try_from(carries).unwrap_or(u64::MAX);
        let mut at_end: BTreeMap<u32, u64> = BTreeMap::new();
        for end in self.moving.values().filter_map(|load| load.to) {
            *at_end.entry(end.number).or_default() += 1;
        }
        // Those who go to the same end have the same part of what it takes.
        let most = |load: &Load| {
            let end = load.to.map_or(u64::MAX, |to| to.takes / at_end[&to.number]);
            load.most.min(end)
        };
        let mut all: Vec<(u64, &mut Load)> =
            self.moving.values_mut().map(|load| (most(load), load)).collect();
        // Those who take little first: what they leave is for the others.
        all.sort_by_key(|of| of.0);
        let mut count = all.len() as u64;
        for (most, load) in all {
            load.rate = (left / count).min(most).max(1);
            left = left.saturating_sub(load.rate);
            count -= 1;
        }
        let after = self.moving.values().map(|load| load.left.div_ceil(u128::from(load.rate)));
        let after = Span(u64::try_from(after.min()?).unwrap_or(u64::MAX));
        self.turn = self.turn.wrapping_add(1);
        Some((after, self.turn))
    }

    /// Whether that is the turn at which the next one is through.
    pub(crate) const fn is_turn(&self, turn: u16) -> bool {
        self.turn == turn
    }

    /// How fast one goes, in bytes a second; nothing where it is not there.
    pub(crate) fn rate(&self, key: K) -> u64 {
        self.moving.get(&key).map_or(0, |load| load.rate)
    }

    /// Some take so much a second at the most from now on. Time must have been settled.
    pub(crate) fn limit(&mut self, of: impl Fn(&K) -> bool, most: u64) {
        let some = self.moving.iter_mut().filter(|(key, _)| of(key));
        some.for_each(|(_, load)| load.most = most.max(1));
    }

    /// An end takes so much a second from now on. Time must have been settled.
    pub(crate) fn end_takes(&mut self, end: End) {
        let there = self.moving.values_mut().filter_map(|load| load.to.as_mut());
        there.filter(|of| of.number == end.number).for_each(|of| *of = end);
    }

    /// How many there are of some.
    pub(crate) fn count(&self, of: impl Fn(&K) -> bool) -> usize {
        self.moving.keys().filter(|key| of(key)).count()
    }

    /// It carries only so many millionths of what it could, or no longer so few. Time must have been settled.
    pub(crate) fn slow(&mut self, to: u64, so: bool) {
        if so {
            self.slowed.push(to);
        } else if let Some(at) = self.slowed.iter().position(|of| *of == to) {
            self.slowed.swap_remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How long until the next one is through.
    fn millis(link: &mut Link<u8>) -> u64 {
        link.share().map_or(u64::MAX, |(span, _)| span.0 / 1_000_000)
    }

    #[test]
    fn those_who_go_to_one_end_share_what_it_takes() {
        let mut link = Link::new(1_000);
        let end = |number, takes| Some(End { number, takes });
        link.put(0, 1_000, u64::MAX, end(1, 100));
        link.put(1, 1_000, u64::MAX, end(1, 100));
        link.put(2, 1_000, u64::MAX, end(2, 300));
        link.put(3, 1_000, u64::MAX, None);
        millis(&mut link);
        assert_eq!([0, 1, 2, 3].map(|key| link.rate(key)), [50, 50, 300, 600]);
        // It takes less of a sudden, and it alone.
        link.end_takes(End { number: 1, takes: 10 });
        millis(&mut link);
        assert_eq!([0, 1, 2, 3].map(|key| link.rate(key)), [5, 5, 300, 690]);
    }

    #[test]
    fn each_gets_its_share_and_what_others_leave() {
        let mut link = Link::new(1_000);
        link.put(0, 1_000, u64::MAX, None);
        assert_eq!((millis(&mut link), link.rate(0)), (1_000, 1_000));
        // Two take twice as long as one.
        link.put(1, 1_000, u64::MAX, None);
        assert_eq!((millis(&mut link), link.rate(0), link.rate(1)), (2_000, 500, 500));
        // One that takes little leaves the rest.
        link.put(2, 1_000, 100, None);
        assert_eq!(millis(&mut link), 2_222);
        assert_eq!([0, 1, 2].map(|key| link.rate(key)), [450, 450, 100]);
        assert_eq!(link.rate(3), 0);
    }

    #[test]
    fn what_has_passed_stays_passed() {
        let mut link = Link::new(1_000);
        link.put(0, 1_000, u64::MAX, None);
        millis(&mut link);
        link.settle(Moment::START.after(Span::millis(500)));
        link.put(1, 1_000, u64::MAX, None);
        assert_eq!(millis(&mut link), 1_000);
        link.settle(Moment::START.after(Span::millis(1_500)));
        assert_eq!(link.through(), [0]);
        assert_eq!(millis(&mut link), 500);
        // At a tenth of what it carries the rest takes ten times as long; and not when that is over.
        link.slow(100_000, true);
        assert_eq!(millis(&mut link), 5_000);
        link.slow(100_000, false);
        assert_eq!(millis(&mut link), 500);
        assert!(link.take(1) && !link.take(1) && link.share().is_none());
    }

    #[test]
    fn nobody_stands_still_though_it_carries_nothing() {
        let mut link = Link::new(1);
        (0..3).for_each(|key| link.put(key, 10, u64::MAX, None));
        assert_eq!(millis(&mut link), 10_000);
    }
}
