//! What callers have behind them who make an attempt: how often they waited in vain, and how long it has
//! been. Who was refused at once and who waited for the whole of a time-out come to the next attempt at
//! different moments, and with different work. Knows no station.

use super::Stream;
use super::fate::{Attempted, Fate};
use crate::plant::stations::endings::Failure;
use crate::plant::stations::flow::again::Failing;
use crate::plant::stations::flow::bins::Bins;
use crate::plant::stations::flow::source::takes;
use crate::plant::stations::flow::spread::Spread;
use seatrial_format::scenario::{Scenario, Traffic};

/// Attempts of one number.
pub(super) struct Level {
    /// By how often they waited in vain, the last for as often and more.
    pub(super) pasts: Vec<Past>,
}

/// Attempts of one number by callers with the same past.
#[derive(Clone, Debug)]
pub(super) struct Past {
    /// Of the attempts of this number.
    pub(super) share: f64,
    /// What its service does for them.
    pub(super) own: Spread,
    /// Since the first attempt was made.
    pub(super) waited: Spread,
    pub(super) found: Attempted,
    /// Of those answered, from the first attempt on.
    pub(super) response: Spread,
}

/// Beyond so many attempts they differ no more.
const NUMBERS: u32 = 24;
/// Nor beyond so many times that somebody waited in vain.
const IN_VAIN: usize = 3;
/// A past of fewer callers than this is not told apart.
const FEW: f64 = 1e-4;

impl Level {
    pub(super) fn all(traffic: &Traffic, scenario: &Scenario) -> Vec<Self> {
        let own = takes(traffic, scenario);
        let most = traffic.retry.as_ref().map_or(0, |retry| retry.most.get()).min(NUMBERS);
        let past = || Past::new(own.clone(), Spread::NONE, 1.0);
        (0..=most).map(|_| Self { pasts: vec![past()] }).collect()
    }

    /// What a first attempt asks of its service.
    pub(super) fn first(&self) -> &Spread {
        &self.pasts[0].own
    }

    /// The share that fails.
    pub(super) fn failed(&self) -> f64 {
        self.pasts.iter().map(|past| past.share * past.found.failed()).sum()
    }

    /// How they fail, and when.
    pub(super) fn failing(&self, of: &Stream) -> Failing {
        let mut failing = Failing::default();
        for past in &self.pasts {
            let fate = past.found.fate;
            failing.at_once += past.share * fate.at_once;
            failing.lost += past.share * fate.lost;
            failing.late += past.share * (fate.gave_up + fate.late);
        }
        let time_out = of.time_out.unwrap_or(f64::INFINITY);
        (failing.lost_after, failing.late_after) = (of.passed.failed_after.min(time_out), time_out);
        failing
    }
}

impl Past {
    fn new(own: Spread, waited: Spread, share: f64) -> Self {
        let found = Attempted {
            fate: Fate::default(),
            failures: [0.0; Failure::ALL.len()],
            takes: Spread::NONE,
        };
        Self { share, own, waited, found, response: Spread::NONE }
    }
}

/// Callers on their way to the next attempt.
#[derive(Default)]
struct Next {
    /// What each asks of its service, with how many do, and since when they wait.
    own: Vec<(f64, f64)>,
    waited: Vec<(f64, f64)>,
    count: f64,
}

impl Next {
    fn add(&mut self, count: f64, own: &[(f64, f64)], past: &Past, after: f64) {
        if count <= 1e-12 {
            return;
        }
        let whole: f64 = own.iter().map(|(_, share)| share).sum();
        self.own.extend(own.iter().map(|(value, share)| (*value, count * share / whole)));
        let waited = past.waited.points().iter();
        self.waited.extend(waited.map(|(value, share)| (value + after, count * share)));
        self.count += count;
    }

    fn join(&mut self, other: Self) {
        self.own.extend(other.own);
        self.waited.extend(other.waited);
        self.count += other.count;
    }
}

impl Stream {
    /// What callers have behind them who try again after the attempts of one number; `late` tells how many
    /// come too late of those whose service takes so long.
    pub(super) fn go_on(&mut self, number: usize, late: impl Fn(f64) -> f64, bins: &mut Bins) {
        let (first, others) = self.allowed;
        let at_once = if number == 0 { first } else { others };
        let time_out = self.time_out.unwrap_or(f64::INFINITY);
        let lost_after = self.passed.failed_after.min(time_out);
        let mut next: Vec<Next> = (0..=IN_VAIN).map(|_| Next::default()).collect();
        for (vain, past) in self.levels[number].pasts.iter().enumerate() {
            let (fate, own) = (past.found.fate, past.own.points());
            let again = (vain + 1).min(IN_VAIN);
            next[vain].add(past.share * fate.at_once * at_once, own, past, 0.0);
            next[vain].add(past.share * fate.lost * others, own, past, lost_after);
            next[again].add(past.share * fate.gave_up * others, own, past, time_out);
            let slow: Vec<(f64, f64)> =
                own.iter().map(|(value, share)| (*value, share * late(*value))).collect();
            if slow.iter().any(|(_, share)| *share > 0.0) {
                next[again].add(past.share * fate.late * others, &slow, past, time_out);
            }
        }
        let whole: f64 = next.iter().map(|next| next.count).sum();
        if whole <= 1e-9 {
            let own = self.levels[0].first().clone();
            let wait = self.again.wait_before(number + 1);
            self.levels[number + 1].pasts = vec![Past::new(own, wait, 1.0)];
            return;
        }
        // Few are not worth their own: they go with those who come before or after them.
        let mut kept: Vec<Next> = Vec::new();
        let mut few = Next::default();
        for next in next {
            if next.count < FEW * whole {
                few.join(next);
            } else {
                kept.push(next);
            }
        }
        if let Some(last) = kept.last_mut() {
            last.join(few);
        }
        let wait = self.again.wait_before(number + 1);
        let pasts = kept.into_iter().map(|next| {
            let own = joined(next.own);
            let waited = gathered(next.waited, bins).and(&wait, bins);
            Past::new(own, waited, next.count / whole)
        });
        self.levels[number + 1].pasts = pasts.collect();
    }
}

/// What services do, each with for how many: the points are those of one law, and stay so.
fn joined(mut points: Vec<(f64, f64)>) -> Spread {
    points.sort_by(|one, other| one.0.total_cmp(&other.0));
    points.dedup_by(|next, kept| {
        let is_same = next.0 <= kept.0;
        kept.1 += if is_same { next.1 } else { 0.0 };
        is_same
    });
    points.retain(|(_, share)| *share > 0.0);
    let whole: f64 = points.iter().map(|(_, share)| share).sum();
    points.iter_mut().for_each(|(_, share)| *share /= whole);
    Spread::new(points)
}

/// Durations, each with how many take it, as a spread.
fn gathered(points: Vec<(f64, f64)>, bins: &mut Bins) -> Spread {
    bins.clear();
    points.into_iter().for_each(|(value, count)| bins.add(value, count));
    bins.take_spread()
}
