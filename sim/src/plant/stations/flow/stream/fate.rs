//! What becomes of attempts: whether they fail and why, and how long the others take. A call that takes
//! long takes long again when it is made again, so attempts are told apart by their number.

use super::Stream;
use super::past::Past;
use crate::plant::stations::endings::Failure;
use crate::plant::stations::flow::bins::Bins;
use crate::plant::stations::flow::line::{Passage, Tools};
use crate::plant::stations::flow::spread::Spread;

/// What becomes of an attempt.
#[derive(Clone, Debug)]
pub(super) struct Attempted {
    pub(super) fate: Fate,
    /// Shares by why they failed, as [`Failure`] has them.
    pub(super) failures: [f64; Failure::ALL.len()],
    /// Of those answered in time.
    pub(super) takes: Spread,
}

/// The shares of attempts that fail, by when they do.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fate {
    /// Turned away where they came.
    pub(super) at_once: f64,
    /// They got no connection, or stood in a service's line for too long.
    pub(super) lost: f64,
    /// Their callers had waited long enough before the service had begun, whatever it would have done.
    pub(super) gave_up: f64,
    /// And those after that: the more the service does for them, the likelier.
    pub(super) late: f64,
}

impl Attempted {
    pub(super) fn failed(&self) -> f64 {
        self.failures.iter().sum::<f64>().min(1.0)
    }
}

impl Stream {
    /// What its service does for all attempts of the step taken together.
    pub(super) fn own(&self, bins: &mut Bins) -> Spread {
        let later: f64 = self.again.rates[1..].iter().sum();
        if self.time_out.is_none() || self.levels.len() == 1 || later <= 1e-6 * self.rate {
            return self.levels[0].first().clone();
        }
        bins.clear();
        for (number, rate) in self.again.rates.iter().enumerate() {
            for past in &self.levels[number.min(self.levels.len() - 1)].pasts {
                for (value, share) in past.own.points() {
                    bins.add(*value, share * past.share * rate);
                }
            }
        }
        bins.take_spread()
    }

    /// Finds out what becomes of attempts.
    pub(super) fn attempted(&mut self, passage: Option<&Passage>, missed: f64, tools: &mut Tools) {
        let bins = &mut tools.bins;
        // Of all but the service itself: the line before it and the databases after.
        let rest = passage.map_or(Spread::NONE, |of| of.wait.clone()).and(&self.passed.takes, bins);
        let time_out = self.time_out.unwrap_or(f64::INFINITY);
        let last = self.levels.len() - 1;
        for number in 0..=last {
            for vain in 0..self.levels[number].pasts.len() {
                let past = self.levels[number].pasts[vain].clone();
                let served = self.would_take(number, &past, passage, &rest, bins);
                let late = self.time_out.map(|time_out| {
                    let is_apart = self.asks.is_none() && passage.is_some_and(|of| !of.is_shared);
                    if !is_apart {
                        return served.smoothly_above(time_out);
                    }
                    // By the parts of the sum, which are known more finely than the sum.
                    let late = |(value, share): &(f64, f64)| {
                        share * past.own.smoothly_above(time_out - value)
                    };
                    rest.points().iter().map(late).sum::<f64>()
                });
                let found = self.find_fate((served, late), passage, missed, bins);
                let past = &mut self.levels[number].pasts[vain];
                past.response = past.waited.and(&found.takes, bins);
                past.found = found;
            }
            if number < last {
                self.go_on(number, |own| rest.smoothly_above(time_out - own), bins);
            }
        }
    }

    /// How long attempts would take that nobody gives up.
    fn would_take(
        &self,
        number: usize,
        past: &Past,
        passage: Option<&Passage>,
        rest: &Spread,
        bins: &mut Bins,
    ) -> Spread {
        let differ = self.time_out.is_some() && self.levels.len() > 1;
        match passage {
            None => self.passed.takes.clone(),
            Some(of) if number == 0 && !of.is_shared && differ => rest.and(&past.own, bins),
            // What a server waits for is known better now than when its line was looked at.
            Some(of) if self.holds && !self.path.legs.is_empty() && !of.is_shared => {
                rest.and(&past.own, bins)
            }
            Some(of) if (number == 0 || !differ) && (self.holds || self.path.legs.is_empty()) => {
                of.sojourn.clone()
            }
            Some(of) if number == 0 || !differ => of.sojourn.and(&self.passed.takes, bins),
            Some(_) => rest.and(&past.own, bins),
        }
    }

    /// What becomes of attempts that would be served after so long.
    fn find_fate(
        &mut self,
        (served, late): (Spread, Option<f64>),
        passage: Option<&Passage>,
        missed: f64,
        bins: &mut Bins,
    ) -> Attempted {
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
                bins.take_spread()
            }
        };
        let mut failures = [0.0; Failure::ALL.len()];
        let mut fate = Fate { at_once: missed * refused, ..Fate::default() };
        failures[Failure::Refused as usize] = fate.at_once;
        // Who stops where nobody waits any more leaves the line when its time is out.
        let word = if passage.is_some_and(|of| of.timed_out) {
            fate.gave_up = missed * abandoned;
            Failure::TimedOut
        } else {
            fate.lost = missed * abandoned;
            Failure::Impatient
        };
        failures[word as usize] = missed * abandoned;
        // Whoever would wait for a connection for longer than that does not.
        let waits = self.time_out.is_none_or(|time_out| self.passed.failed_after < time_out);
        let lost = let_in * self.passed.failed;
        let (word, kind) = match (waits, self.passed.failed_after > 0.0 || passage.is_some()) {
            (true, true) => (Failure::Unconnected, &mut fate.lost),
            (true, false) => (Failure::Unconnected, &mut fate.at_once),
            (false, _) => (Failure::TimedOut, &mut fate.gave_up),
        };
        *kind += lost;
        failures[word as usize] += lost;
        let answered = (1.0 - failures.iter().sum::<f64>()).max(0.0);
        let takes = match self.time_out {
            Some(time_out) => {
                let late = match late {
                    Some(late) if self.asks.is_none() => late,
                    _ => served.smoothly_above(time_out),
                };
                fate.late = answered * late;
                failures[Failure::TimedOut as usize] += fate.late;
                served.below(time_out)
            }
            None => served,
        };
        Attempted { fate, failures, takes }
    }

    /// Whether a single call is answered, and after how long; by two draws of chance.
    pub(in super::super) fn fate(&self, first: f64, second: f64) -> (bool, f64) {
        let (mut waited, mut chance, mut is_answered) = (0.0, first, false);
        let mut level = &self.levels[0];
        for next in &self.levels {
            level = next;
            waited = level.pasts.iter().map(|past| past.share * past.waited.mean()).sum();
            let failed = level.failed();
            is_answered = chance >= failed;
            if is_answered {
                break;
            }
            chance /= failed.max(1e-12);
        }
        if !is_answered {
            return (false, waited + self.time_out.unwrap_or(0.0));
        }
        // Most have the same past.
        let most = level.pasts.iter().max_by(|one, other| one.share.total_cmp(&other.share));
        let points = most.map_or(&[][..], |past| past.found.takes.points());
        let mut passed = 0.0;
        let at = points.iter().find(|(_, share)| {
            passed += share;
            passed >= second
        });
        (true, waited + at.or(points.last()).map_or(0.0, |(value, _)| *value))
    }
}
