//! What a call asks of databases, one after another: how long it takes, and how often it fails. Knows
//! no service.

use super::bins::Bins;
use super::gate::{Asking, Gate};
use super::spread::Spread;

/// Queries at one gate.
#[derive(Clone, Debug)]
pub(super) struct Leg {
    pub(super) gate: usize,
    /// How often a connection is asked for.
    pub(super) times: u32,
    /// What the database does for one of them, alone.
    pub(super) alone: Spread,
    /// Queries each time, and of how many kinds.
    pub(super) queries: f64,
    pub(super) kinds: usize,
    /// Bytes each time, and how long the commit waits.
    pub(super) writes: f64,
    pub(super) commit: Spread,
}

/// All that a call asks, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Path {
    pub(super) legs: Vec<Leg>,
}

/// What calls find on their way.
#[derive(Clone, Debug)]
pub(super) struct Passed {
    /// From the first query to the last answer, of those who get them all.
    pub(super) takes: Spread,
    /// The share that gets no connection, and how long those were on their way.
    pub(super) failed: f64,
    pub(super) failed_after: f64,
}

impl Passed {
    /// How long all are on their way, those who fail too.
    pub(super) fn all(&self) -> Spread {
        if self.failed <= 1e-9 {
            return self.takes.clone();
        }
        let points = self.takes.points().iter();
        let mut points: Vec<(f64, f64)> =
            points.map(|(value, share)| (*value, share * (1.0 - self.failed))).collect();
        points.push((self.failed_after, self.failed));
        points.sort_by(|one, other| one.0.total_cmp(&other.0));
        Spread::new(points)
    }
}

impl Path {
    /// How long it takes, as gates are.
    pub(super) fn pass(&self, gates: &[Gate], bins: &mut Bins) -> Passed {
        let mut passed = Passed { takes: Spread::NONE, failed: 0.0, failed_after: 0.0 };
        for leg in &self.legs {
            let gate = &gates[leg.gate];
            let found = &gate.found;
            let query = found.slowed.whole(&leg.alone, bins);
            let once = found.wait.and(&query, bins).and(&leg.commit, bins);
            let once = once.and(gate.connecting(), bins);
            let fails = (found.refused + found.timed_out).min(1.0);
            for _ in 0..leg.times.min(if fails > 1e-9 { 64 } else { 0 }) {
                let now = (1.0 - passed.failed) * fails;
                let waited = gate.waits_for() * found.timed_out / fails.max(1e-12);
                passed.failed_after += now * (passed.takes.mean() + waited);
                passed.failed += now;
            }
            let all = if leg.times > 1 {
                let rest = query.and(&leg.commit, bins).and(gate.connecting(), bins);
                let waits = in_a_row(&found.wait, leg.times, once.mean() / found.slowed.memory());
                waits.and(&rest.repeated(leg.times, bins), bins)
            } else {
                once
            };
            passed.takes = passed.takes.and(&all, bins);
        }
        if passed.failed > 0.0 {
            passed.failed_after /= passed.failed;
        }
        passed
    }

    /// Adds what so many calls a second ask of gates.
    pub(super) fn ask(&self, calls: f64, callers: f64, gates: &[Gate], asking: &mut [Vec<Asking>]) {
        let mut left = calls;
        for leg in &self.legs {
            let found = &gates[leg.gate].found;
            let fails = (found.refused + found.timed_out).min(1.0);
            let mut rate = 0.0;
            if fails > 1e-9 {
                for _ in 0..leg.times {
                    rate += left;
                    left *= 1.0 - fails;
                }
            } else {
                rate = left * f64::from(leg.times);
            }
            asking[leg.gate].push(Asking {
                rate,
                alone: leg.alone.clone(),
                beside: leg.commit.mean(),
                queries: leg.queries,
                writes: leg.writes,
                callers,
            });
        }
    }
}

/// So many waits one after another, so many memories of the line apart: whoever has waited long once
/// will again, as long as the line is the same.
fn in_a_row(wait: &Spread, times: u32, apart: f64) -> Spread {
    let (times, alike) = (f64::from(times), libm::exp(-apart.max(1e-6)));
    // The variance of a sum of equally varied terms whose correlation falls by this from one to the
    // next: n + 2 × the sum of (n - k) × alikeᵏ.
    let tail = alike * (times - (1.0 - libm::pow(alike, times)) / (1.0 - alike));
    let varied = times + 2.0 * tail / (1.0 - alike);
    let (mean, spread) = (wait.mean(), varied.max(times).sqrt());
    let points = wait.points().iter();
    let points =
        points.map(|(value, share)| ((times * mean + (value - mean) * spread).max(0.0), *share));
    let rough = Spread::new(points.collect());
    if rough.mean() > 0.0 { rough.times(times * mean / rough.mean()) } else { Spread::NONE }
}
