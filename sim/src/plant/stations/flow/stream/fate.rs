//! What becomes of attempts: whether they fail and why, and how long the others take. A call that takes
//! long takes long again when it is made again, so attempts are told apart by their number.

use super::Stream;
use crate::plant::stations::endings::Failure;
use crate::plant::stations::flow::bins::Bins;
use crate::plant::stations::flow::line::{Passage, Tools};
use crate::plant::stations::flow::source::takes;
use crate::plant::stations::flow::spread::Spread;
use seatrial_format::scenario::{Scenario, Traffic};

/// Attempts of one number.
pub(super) struct Level {
    pub(super) own: Spread,
    pub(super) found: Attempted,
}

/// What becomes of an attempt.
#[derive(Clone, Debug)]
pub(super) struct Attempted {
    /// Shares by why they failed, as [`Failure`] has them.
    pub(super) failures: [f64; Failure::ALL.len()],
    /// Of those answered in time.
    pub(super) takes: Spread,
}

impl Attempted {
    pub(super) fn failed(&self) -> f64 {
        self.failures.iter().sum::<f64>().min(1.0)
    }
}

impl Level {
    /// As many as attempts differ: all are alike where nobody tries again after a time-out.
    pub(super) fn all(traffic: &Traffic, scenario: &Scenario) -> Vec<Self> {
        let own = takes(traffic, scenario);
        let most = traffic.retry.as_ref().map_or(0, |retry| retry.most.get());
        // Beyond that they differ no more.
        let most = if traffic.time_out.is_some() { most.min(8) } else { 0 };
        let found = Attempted { failures: [0.0; Failure::ALL.len()], takes: Spread::NONE };
        (0..=most).map(|_| Self { own: own.clone(), found: found.clone() }).collect()
    }
}

impl Stream {
    /// What its service does for all attempts of the step taken together.
    pub(super) fn own(&self, bins: &mut Bins) -> Spread {
        let later: f64 = self.again.rates[1..].iter().sum();
        if self.levels.len() == 1 || later <= 1e-6 * self.rate {
            return self.levels[0].own.clone();
        }
        bins.clear();
        for (level, rate) in self.levels.iter().zip(&self.again.rates) {
            for (value, share) in level.own.points() {
                bins.add(*value, share * rate);
            }
        }
        bins.spread()
    }

    /// Finds out what becomes of attempts.
    pub(super) fn attempted(&mut self, passage: Option<&Passage>, missed: f64, tools: &mut Tools) {
        let bins = &mut tools.bins;
        // Of all but the service itself: the line before it and the databases after.
        let rest = passage.map_or(Spread::NONE, |of| of.wait.clone()).and(&self.passed.takes, bins);
        for number in 0..self.levels.len() {
            let served = match passage {
                None => self.passed.takes.clone(),
                Some(of) if number == 0 && !of.is_shared && self.levels.len() > 1 => {
                    rest.and(&self.levels[0].own, bins)
                }
                Some(of) if self.holds && self.passed.failed > 1e-6 && !of.is_shared => {
                    rest.and(&self.levels[number].own, bins)
                }
                Some(of) if number == 0 && (self.holds || self.path.legs.is_empty()) => {
                    of.sojourn.clone()
                }
                Some(of) if number == 0 => of.sojourn.and(&self.passed.takes, bins),
                Some(_) => rest.and(&self.levels[number].own, bins),
            };
            let late = self.time_out.map(|time_out| {
                let is_apart = self.asks.is_none() && passage.is_some_and(|of| !of.is_shared);
                if !is_apart {
                    return served.smoothly_above(time_out);
                }
                // By the parts of the sum, which are known more finely than the sum.
                let own = &self.levels[number].own;
                let late =
                    |(value, share): &(f64, f64)| share * own.smoothly_above(time_out - value);
                rest.points().iter().map(late).sum::<f64>()
            });
            self.find_fate(number, (served, late), passage, missed, bins);
            if number + 1 < self.levels.len() {
                let time_out = self.time_out.unwrap_or(f64::INFINITY);
                let found = &self.levels[number].found;
                let late = found.failures[Failure::TimedOut as usize];
                let other = (found.failed() - late).clamp(0.0, 1.0);
                let points = self.levels[number].own.points().iter().map(|(value, share)| {
                    let late = rest.smoothly_above(time_out - value);
                    (*value, share * (other + (1.0 - other) * late))
                });
                let points: Vec<(f64, f64)> = points.collect();
                let whole: f64 = points.iter().map(|(_, share)| share).sum();
                self.levels[number + 1].own = if whole > 1e-9 {
                    Spread::new(points.iter().map(|(at, share)| (*at, share / whole)).collect())
                } else {
                    self.levels[number].own.clone()
                };
            }
        }
    }

    /// What becomes of the attempts of one number that would be served after so long.
    fn find_fate(
        &mut self,
        number: usize,
        (served, late): (Spread, Option<f64>),
        passage: Option<&Passage>,
        missed: f64,
        bins: &mut Bins,
    ) {
        let (refused, abandoned) = passage.map_or((0.0, 0.0), |of| (of.refused, of.abandoned));
        let let_in = missed * (1.0 - refused - abandoned).max(0.0);
        let served = match &mut self.asks {
            None => served,
            Some(asks) => {
                asks.lag = served.mean();
                let whole = asks.takes.and(&served, bins);
                bins.clear();
                for (value, share) in asks.takes.points() {
                    bins.add(*value, share * (1.0 - missed));
                }
                for (value, share) in whole.points() {
                    bins.add(*value, share * let_in * (1.0 - self.passed.failed));
                }
                bins.spread()
            }
        };
        let found = &mut self.levels[number].found;
        found.failures = [0.0; Failure::ALL.len()];
        // Who stops where nobody waits any more leaves the line when its time is out.
        let word = if passage.is_some_and(|of| of.timed_out) {
            Failure::TimedOut
        } else {
            Failure::Impatient
        };
        found.failures[word as usize] = missed * abandoned;
        found.failures[Failure::Refused as usize] = missed * refused;
        // Whoever would wait for a connection for longer than that does not.
        let waits = self.time_out.is_none_or(|time_out| self.passed.failed_after < time_out);
        let word = if waits { Failure::Unconnected } else { Failure::TimedOut };
        found.failures[word as usize] += let_in * self.passed.failed;
        let answered = (1.0 - found.failures.iter().sum::<f64>()).max(0.0);
        found.takes = match self.time_out {
            Some(time_out) => {
                let late = match late {
                    Some(late) if self.asks.is_none() => late,
                    _ => served.smoothly_above(time_out),
                };
                found.failures[Failure::TimedOut as usize] += answered * late;
                served.below(time_out)
            }
            None => served,
        };
    }

    /// Whether a single call is answered, and after how long; by two draws of chance.
    pub(in super::super) fn fate(&self, first: f64, second: f64) -> (bool, f64) {
        let (mut waited, mut chance, mut is_answered) = (0.0, first, false);
        let mut at = 0;
        for (number, before) in self.again.waited.iter().enumerate() {
            at = number.min(self.levels.len() - 1);
            let failed = self.levels[at].found.failed();
            waited = before.mean();
            is_answered = chance >= failed;
            if is_answered {
                break;
            }
            chance /= failed.max(1e-12);
        }
        let mut passed = 0.0;
        let points = self.levels[at].found.takes.points();
        let at = points.iter().find(|(_, share)| {
            passed += share;
            passed >= second
        });
        let takes = if is_answered {
            at.or(points.last()).map_or(0.0, |(value, _)| *value)
        } else {
            self.time_out.unwrap_or(0.0)
        };
        (is_answered, waited + takes)
    }
}
