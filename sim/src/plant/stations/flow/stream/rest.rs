//! Calls that an interval of single calls leaves under way: what becomes of them is what becomes of those
//! who come after it, given how long they have been there already. Knows no station.

use super::Stream;
use crate::plant::stations::endings::Failure;
use crate::plant::stations::flow::deposit::Counted;
use crate::plant::stations::flow::line::Passage;
use seatrial_contract::units::Moment;

/// Those that are left.
pub(in super::super) struct Rest {
    /// At the service.
    pub(in super::super) served: f64,
    /// Attempts by their number, with the seconds since they were made.
    pub(in super::super) attempts: Vec<(usize, f64)>,
}

/// So many are taken together at the most.
const GROUPS: usize = 48;

impl Stream {
    /// An interval of single calls has left so many under way.
    pub(in super::super) fn leaves(&mut self, mut rest: Rest) {
        rest.attempts.sort_by(|one, other| one.0.cmp(&other.0).then(one.1.total_cmp(&other.1)));
        self.rest = Some(rest);
    }

    /// Now that it is known what those find who come after them.
    pub(super) fn settle_rest(&mut self, passage: Option<&Passage>, counted: Counted, now: Moment) {
        let Some(rest) = self.rest.take() else { return };
        if let Some(passage) = passage {
            self.counts.under_way(rest.served, passage);
        }
        let together = rest.attempts.len().div_ceil(GROUPS).max(1);
        for group in rest.attempts.chunk_by(|one, other| one.0 == other.0) {
            for group in group.chunks(together) {
                let count = group.len() as f64;
                let age = group.iter().map(|(_, age)| age).sum::<f64>() / count;
                self.settle_group((group[0].0, age), count, counted, now);
            }
        }
    }

    fn settle_group(
        &mut self,
        (number, age): (usize, f64),
        count: f64,
        counted: Counted,
        now: Moment,
    ) {
        let level = &self.levels[number.min(self.levels.len() - 1)];
        let time_out = self.time_out.unwrap_or(f64::INFINITY);
        let (mut late, mut lost, mut waited) = (0.0, 0.0, 0.0);
        // Seconds from the attempt on, with how many take so long.
        let mut takes: Vec<(f64, f64)> = Vec::new();
        for past in &level.pasts {
            let (fate, answered) = (past.found.fate, 1.0 - past.found.failed());
            late += past.share * (fate.gave_up + fate.late);
            lost += past.share * fate.lost;
            waited += past.share * past.waited.mean();
            let points = past.found.takes.points().iter();
            let later = points.filter(|(value, _)| *value >= age);
            takes.extend(later.map(|(value, share)| (*value, share * answered * past.share)));
        }
        let lost_after = self.passed.failed_after.min(time_out);
        late = if age < time_out { late } else { 0.0 };
        lost = if age < lost_after { lost } else { 0.0 };
        let answered: f64 = takes.iter().map(|(_, share)| share).sum();
        let whole = late + lost + answered;
        if whole <= 1e-12 {
            (takes, late, lost) = (vec![(age, 1.0)], 0.0, 0.0);
        }
        let whole = if whole <= 1e-12 { 1.0 } else { whole };
        for (value, share) in takes {
            let weight = count * share / whole;
            if counted.in_time(value - age) > 0.0 {
                self.told.response.add(waited + value, weight);
                self.told.owed.0 += weight;
            }
        }
        let failures =
            [(late, time_out, Failure::TimedOut), (lost, lost_after, Failure::Unconnected)];
        for (share, after, word) in failures {
            let failed = count * share / whole;
            if failed <= 0.0 {
                continue;
            }
            self.told.failures[word as usize] += failed;
            let next = self.again.fail_later((number, failed), after - age, now);
            self.told.retries += next.retries;
            self.told.unbudgeted += next.unbudgeted;
            self.told.failed += next.given_up;
            self.told.owed.1 += next.given_up;
        }
    }

    /// Of attempts that are under way since so many seconds, the share that comes too late, whoever has
    /// counted them.
    pub(in super::super) fn comes_late(&self, age: f64) -> f64 {
        let (Some(time_out), past) = (self.time_out, &self.levels[0].pasts[0]) else { return 0.0 };
        if age >= time_out {
            return 1.0;
        }
        let (found, fate) = (&past.found, past.found.fate);
        let late = fate.gave_up + fate.late;
        let answered = (1.0 - found.failed()) * found.takes.smoothly_above(age);
        if late > 0.0 { late / (late + answered) } else { 0.0 }
    }

    /// What the service does for one attempt of this number, where attempts differ, and how long it has been
    /// since the first; by two numbers below one.
    pub(in super::super) fn past_of(
        &self,
        number: usize,
        first: f64,
        second: f64,
    ) -> (Option<f64>, f64) {
        let level = &self.levels[number.min(self.levels.len() - 1)];
        let mut passed = 0.0;
        let past = level.pasts.iter().find(|past| {
            passed += past.share;
            passed >= first
        });
        let Some(past) = past.or(level.pasts.last()) else { return (None, 0.0) };
        let at = |points: &[(f64, f64)]| {
            let mut passed = 0.0;
            let found = points.iter().find(|(_, share)| {
                passed += share;
                passed >= second
            });
            found.or(points.last()).map_or(0.0, |(value, _)| *value)
        };
        let own = self.time_out.map(|_| at(past.own.points()));
        (own, past.waited.mean())
    }
}
