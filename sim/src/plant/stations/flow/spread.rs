//! How long something takes, as few weighted durations: strata of given shares with the mean of
//! each, finer towards the longest. Means stay exact under every operation. Draws nothing.

use super::bins::Bins;
use crate::kernel::chance::{Law, normal_quantile};

/// The shares of the strata: fine where percentiles are asked for.
pub(super) const STRATA: [f64; 35] = {
    let mut strata = [0.05; 35];
    let finer = [(16, 20, 0.025), (20, 27, 0.01), (27, 31, 0.005), (31, 34, 0.003)];
    let mut number = 0;
    while number < finer.len() {
        let (mut at, end, share) = finer[number];
        while at < end {
            strata[at] = share;
            at += 1;
        }
        number += 1;
    }
    strata[34] = 0.001;
    strata
};

/// Looks at a law so often in each stratum.
const LOOKS: u32 = 8;

/// Durations in seconds with their shares, the shortest first.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spread {
    points: Vec<(f64, f64)>,
    mean: f64,
    /// Variance ÷ mean².
    scv: f64,
}

impl Spread {
    /// No time at all.
    pub(super) const NONE: Self = Self { points: Vec::new(), mean: 0.0, scv: 0.0 };

    /// From durations in order and their shares, which add up to one.
    pub(super) fn new(points: Vec<(f64, f64)>) -> Self {
        let mean: f64 = points.iter().map(|(value, share)| value * share).sum();
        let squares: f64 = points.iter().map(|(value, share)| value * value * share).sum();
        let scv = if mean > 0.0 { (squares / (mean * mean) - 1.0).max(0.0) } else { 0.0 };
        Self { points, mean, scv }
    }

    /// A law's; its mean and variation are exact.
    pub(super) fn of(law: &Law) -> Self {
        if let Law::Fixed(always) = law {
            return Self::fixed(always.as_seconds());
        }
        let mut passed = 0.0;
        let looks = f64::from(LOOKS);
        let points = STRATA.iter().map(|share| {
            let within = (0..LOOKS).map(|look| (f64::from(look) + 0.5) / looks * share + passed);
            let mean = within.map(|share| law.quantile(share)).sum::<f64>() / looks / 1e9;
            passed += share;
            (mean, *share)
        });
        let rough = Self::new(points.collect());
        if rough.mean <= 0.0 {
            return Self::NONE;
        }
        let mut exact = rough.times(law.mean_seconds() / rough.mean);
        exact.scv = law.scv();
        exact
    }

    pub(super) fn fixed(seconds: f64) -> Self {
        if seconds <= 0.0 { Self::NONE } else { Self::new(vec![(seconds, 1.0)]) }
    }

    /// Exponential, by its mean.
    pub(super) fn exponential(mean: f64) -> Self {
        Self::of(&Law::Exponential { mean: mean * 1e9 })
    }

    pub(super) const fn mean(&self) -> f64 {
        self.mean
    }

    pub(super) const fn scv(&self) -> f64 {
        self.scv
    }

    /// The durations with their shares; of no time at all, one of nothing.
    pub(super) fn points(&self) -> &[(f64, f64)] {
        if self.points.is_empty() { &[(0.0, 1.0)] } else { &self.points }
    }

    /// Each duration so many times as long.
    pub(super) fn times(&self, factor: f64) -> Self {
        let points = self.points.iter().map(|(value, share)| (value * factor, *share)).collect();
        Self { points, mean: self.mean * factor, scv: self.scv }
    }

    /// One after the other, independent of one another.
    pub(super) fn and(&self, other: &Self, bins: &mut Bins) -> Self {
        match (self.points.len(), other.points.len()) {
            (_, 0) => return self.clone(),
            (0, _) => return other.clone(),
            (_, 1) => return self.shifted(other.mean),
            (1, _) => return other.shifted(self.mean),
            _ => {}
        }
        bins.clear();
        self.add_and(other, 1.0, bins);
        let mut sum = bins.take_spread();
        let variance = self.mean * self.mean * self.scv + other.mean * other.mean * other.scv;
        sum.scv = variance / (sum.mean * sum.mean);
        sum
    }

    /// Adds one after the other to bins, of so much weight together.
    pub(super) fn add_and(&self, other: &Self, weight: f64, bins: &mut Bins) {
        for (one, share) in self.points() {
            for (then, of_that) in other.points() {
                bins.add(one + then, weight * share * of_that);
            }
        }
    }

    /// So many of them one after another.
    pub(super) fn repeated(&self, times: u32, bins: &mut Bins) -> Self {
        let (mut whole, mut power, mut left) = (Self::NONE, self.clone(), times);
        while left > 0 {
            if left % 2 == 1 {
                whole = whole.and(&power, bins);
            }
            left /= 2;
            if left > 0 {
                power = power.and(&power, bins);
            }
        }
        whole
    }

    fn shifted(&self, by: f64) -> Self {
        let points: Vec<_> =
            self.points.iter().map(|(value, share)| (value + by, *share)).collect();
        let variance = self.mean * self.mean * self.scv;
        let mean = self.mean + by;
        Self { points, mean, scv: variance / (mean * mean) }
    }

    /// The share of durations that are longer than this.
    pub(super) fn above(&self, seconds: f64) -> f64 {
        let longer = self.points().iter().filter(|(value, _)| *value > seconds);
        longer.map(|(_, share)| share).sum()
    }

    /// The share of durations above this, with what lies between two points filled in.
    pub(super) fn smoothly_above(&self, seconds: f64) -> f64 {
        let points = self.points();
        let mut above = 1.0;
        for (number, (value, share)) in points.iter().enumerate() {
            let before = number.checked_sub(1).map_or(*value, |at| points[at].0);
            let after = points.get(number + 1).map_or(*value, |next| next.0);
            let (low, high) = (0.5 * (before + value), 0.5 * (value + after));
            let passed = if seconds >= high {
                1.0
            } else if seconds <= low {
                0.0
            } else {
                (seconds - low) / (high - low)
            };
            above -= share * passed;
        }
        above.max(0.0)
    }

    /// Those that are no longer than this.
    pub(super) fn below(&self, seconds: f64) -> Self {
        if self.points.last().is_none_or(|(longest, _)| *longest <= seconds) {
            return self.clone();
        }
        let kept = self.points.iter().filter(|(value, _)| *value <= seconds);
        let whole: f64 = kept.clone().map(|(_, share)| share).sum();
        if whole <= 0.0 {
            return Self::fixed(seconds);
        }
        Self::new(kept.map(|(value, share)| (*value, share / whole)).collect())
    }

    /// The mean of the shorter of each and this.
    pub(super) fn capped(&self, seconds: f64) -> f64 {
        self.points().iter().map(|(value, share)| value.min(seconds) * share).sum()
    }
}

/// Where gamma laws are looked at: the middles of equal shares, as normal quantiles.
pub(super) struct Looks {
    few: [f64; 4],
    some: [f64; 12],
}

impl Looks {
    pub(super) fn new() -> Self {
        Self {
            few: std::array::from_fn(|at| normal_quantile((at as f64 + 0.5) / 4.0)),
            some: std::array::from_fn(|at| normal_quantile((at as f64 + 0.5) / 12.0)),
        }
    }

    /// Adds a gamma law of this mean and squared coefficient of variation to bins (Wilson and
    /// Hilferty 1931: its cube root is nearly normal), with its mean kept exactly.
    pub(super) fn add_gamma(&self, mean: f64, scv: f64, weight: f64, bins: &mut Bins) {
        // A law as narrow as 3 % is as good as one of four points.
        let looks: &[f64] = if scv < 1e-3 { &self.few } else { &self.some };
        let (middle, slope) = (1.0 - scv / 9.0, scv.sqrt() / 3.0);
        let cube = |look: &f64| {
            let root = (middle + slope * look).max(0.0);
            root * root * root
        };
        let sum: f64 = looks.iter().map(cube).sum();
        let (each, scale) = (weight / looks.len() as f64, mean * looks.len() as f64 / sum);
        looks.iter().for_each(|look| bins.add(scale * cube(look), each));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_contract::units::Span;

    fn exponential(seconds: u64) -> Spread {
        Spread::of(&Law::exponential(Span::seconds(seconds)).unwrap())
    }

    #[test]
    fn strata_are_all_there_is() {
        assert!((STRATA.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn two_exponential_laws_make_one_of_erlang() {
        let mut bins = Bins::default();
        let two = exponential(1).and(&exponential(1), &mut bins);
        assert!((two.mean() - 2.0).abs() < 1e-9 && (two.scv() - 0.5).abs() < 1e-9);
        let twice = exponential(1).repeated(2, &mut bins);
        for at in [0.5, 2.0, 4.744] {
            let exact = libm::exp(-at) * (1.0 + at);
            assert!((two.smoothly_above(at) - exact).abs() < 0.01, "{at}: {exact}");
            assert!((twice.smoothly_above(at) - exact).abs() < 0.01, "{at}: {exact}");
        }
    }

    #[test]
    fn a_gamma_law_has_its_mean_and_its_tail() {
        let mut bins = Bins::default();
        Looks::new().add_gamma(3.0, 1.0 / 3.0, 1.0, &mut bins);
        let spread = bins.take_spread();
        assert!((spread.mean() - 3.0).abs() < 1e-9);
        // Erlang of three phases of 1 s: 5.3 % of them take longer than 6.2 s.
        assert!((spread.above(6.2) - 0.053).abs() < 0.04, "{}", spread.above(6.2));
    }
}
