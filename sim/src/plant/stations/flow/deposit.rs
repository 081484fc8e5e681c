//! What a flow amounts to, in the same statistics as requests one by one: fractions of calls are
//! gathered here and poured out in whole numbers at the end. Decides nothing.

use super::bins::{Bins, whole};
use super::line::Passage;
use super::spread::Spread;
use crate::plant::stations::measures::Seen;
use seatrial_contract::units::{Moment, Span};

/// The seconds from now between which whatever ends is counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted {
    pub(super) from: f64,
    pub(super) to: f64,
    /// Now is so long before and after the middle of a step, evenly.
    half: f64,
}

impl Counted {
    /// Of what begins in a step, in a run that counts from one moment to another.
    pub(super) fn new((starts, ends): (Moment, Moment), from: Moment, to: Moment) -> Self {
        let half = Span(ends.since(starts).0 / 2);
        let middle = starts.after(half);
        let seconds = |of: Moment| of.since(middle).as_seconds();
        Self { from: seconds(from), to: seconds(to), half: half.as_seconds() }
    }

    /// The share of what takes so long that ends in time.
    pub(super) fn in_time(&self, takes: f64) -> f64 {
        let width = (2.0 * self.half).max(1e-12);
        let passed = |at: f64| ((at - takes + self.half) / width).clamp(0.0, 1.0);
        let early = if self.from > 0.0 { passed(self.from) } else { 0.0 };
        (passed(self.to) - early).max(0.0)
    }

    fn is_all(&self, longest: f64) -> bool {
        self.from <= 0.0 && longest + self.half <= self.to
    }

    /// The share of durations that end in time.
    pub(super) fn share(&self, spread: &Spread) -> f64 {
        let points = spread.points();
        if self.is_all(points.last().map_or(0.0, |(value, _)| *value)) {
            return 1.0;
        }
        points.iter().map(|(value, share)| share * self.in_time(*value)).sum()
    }

    /// Adds those of a spread that end in time, of so much weight together; `more` is what they
    /// take beside.
    pub(super) fn add(&self, spread: &Spread, more: f64, weight: f64, bins: &mut Bins) {
        let longest = spread.points().last().map_or(0.0, |(value, _)| *value);
        if self.is_all(longest + more) {
            return bins.add_spread(spread, weight);
        }
        for (value, share) in spread.points() {
            let in_time = self.in_time(value + more);
            if in_time > 0.0 {
                bins.add(*value, weight * share * in_time);
            }
        }
    }
}

/// Fractions of calls at a service.
#[derive(Default)]
pub(super) struct Fractions {
    arrivals: f64,
    refused: f64,
    abandoned: f64,
    delayed: f64,
    slowed: f64,
    wait: Bins,
    sojourn: Bins,
}

impl Fractions {
    /// So many seconds of a passage.
    pub(super) fn add(&mut self, seconds: f64, passage: &Passage, counted: Counted) {
        if counted.to < 0.0 {
            return;
        }
        let calls = passage.offered * seconds;
        if counted.from <= 0.0 {
            self.arrivals += calls;
            self.refused += calls * passage.refused;
            self.abandoned += calls * passage.abandoned;
            self.delayed += calls * passage.abandoned;
        }
        let served = calls * (1.0 - passage.refused - passage.abandoned).max(0.0);
        let in_time = served * counted.share(&passage.sojourn);
        self.delayed += in_time * passage.delayed;
        self.slowed += in_time * passage.slowed;
        let own = passage.sojourn.mean() - passage.wait.mean();
        counted.add(&passage.wait, own, served, &mut self.wait);
        counted.add(&passage.sojourn, 0.0, served, &mut self.sojourn);
    }

    /// So many single calls are there, and will be served as those are who come now.
    pub(super) fn under_way(&mut self, calls: f64, passage: &Passage) {
        self.wait.add_spread(&passage.wait, calls);
        self.sojourn.add_spread(&passage.sojourn, calls);
        self.delayed += calls * passage.delayed;
    }

    pub(super) fn clear(&mut self) {
        self.wait.clear();
        self.sojourn.clear();
        *self = Self {
            wait: core::mem::take(&mut self.wait),
            sojourn: core::mem::take(&mut self.sojourn),
            ..Self::default()
        };
    }

    /// Into the statistics of requests.
    pub(super) fn pour(&mut self, seen: &mut Seen, is_shared: bool) {
        let served = self.sojourn.weight();
        seen.arrivals += whole(self.arrivals);
        seen.refused += whole(self.refused);
        seen.abandoned += whole(self.abandoned);
        self.wait.pour(&mut seen.wait);
        let before = seen.sojourn.count();
        self.sojourn.pour(&mut seen.sojourn);
        let now = seen.sojourn.count() - before;
        let most = now + whole(self.abandoned);
        seen.delayed += whole(self.delayed).min(most);
        if is_shared && served > 0.0 {
            seen.slowdown.add_many(whole(self.slowed / served * 1e6), now);
        }
        self.clear();
    }
}

/// A count as a factor.
#[expect(clippy::cast_precision_loss, reason = "within 2⁻⁵³ of itself")]
pub(super) const fn float(count: u64) -> f64 {
    count as f64
}
