//! Metrics that nobody gates: which of them moved, told and never counted. Of those that are named at most one in ten is
//! expected to be named by chance (Benjamini and Hochberg).

use super::intervals::moments;
use super::{Measure, Scale};
use seatrial_kernel::statistics::student_quantile;

const FALSE_SHARE: f64 = 0.1;

/// One that moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Watched {
    /// Its place among those that were given.
    pub place: usize,
    /// Its mean in the first world, and in the second.
    pub means: (f64, f64),
    /// How likely so much is by chance alone.
    pub chance: f64,
}

/// Those that moved, the surest first.
#[must_use]
pub fn watched(pairs: &[Vec<(Option<f64>, Option<f64>)>]) -> Vec<Watched> {
    let mut all: Vec<Watched> = pairs
        .iter()
        .enumerate()
        .filter_map(|(place, pairs)| {
            let both: Vec<(f64, f64)> =
                pairs.iter().filter_map(|(first, second)| first.zip(*second)).collect();
            let differences: Vec<f64> = both.iter().map(|(a, b)| b - a).collect();
            let chance = chance(&differences)?;
            let mean =
                |of: fn(&(f64, f64)) -> f64| both.iter().map(of).sum::<f64>() / both.len() as f64;
            Some(Watched { place, means: (mean(|of| of.0), mean(|of| of.1)), chance })
        })
        .collect();
    all.sort_by(|a, b| a.chance.total_cmp(&b.chance).then(a.place.cmp(&b.place)));
    let tested = all.len() as f64;
    let is_kept = |at: usize| all[at].chance <= FALSE_SHARE * (at as f64 + 1.0) / tested;
    let kept = (0..all.len()).rev().find(|at| is_kept(*at)).map(|at| at + 1);
    all.truncate(kept.unwrap_or_default());
    all
}

/// How likely differences with such a mean are where it is nothing; nothing where all are none, or too few.
fn chance(differences: &[f64]) -> Option<f64> {
    if differences.len() < 2 || differences.iter().any(|of| !of.is_finite()) {
        return None;
    }
    if differences.iter().all(|of| of.abs() <= 0.0) {
        return Some(1.0);
    }
    let (mean, deviation) = moments(differences);
    if deviation <= 0.0 {
        return Some(0.0);
    }
    let count = differences.len() as f64;
    let t = (mean / deviation * count.sqrt()).abs();
    // The quantile grows with its probability.
    let (mut low, mut high) = (0.5, 1.0);
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if middle < 1.0 && student_quantile(middle, count - 1.0) < t {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(2.0 * (1.0 - low))
}

impl Measure {
    /// A metric as it is told where nobody gates it.
    #[must_use]
    pub fn plain(name: String) -> Self {
        Self { name, scale: Scale::Difference, margin: 0.0, better: super::Better::Neither }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moved_is_named_and_what_stands_still_is_not() {
        let pair = |a: f64, b: f64| (Some(a), Some(b));
        let moved: Vec<_> =
            (0..20).map(|n| pair(f64::from(n), f64::from(n) + 3.0 + f64::from(n % 3))).collect();
        let still: Vec<_> = (0..20).map(|n| pair(f64::from(n), f64::from(n))).collect();
        let wobbles: Vec<_> =
            (0..20).map(|n| pair(1.0, 1.0 + if n % 2 == 0 { 0.5 } else { -0.5 })).collect();
        let found = watched(&[still.clone(), moved, wobbles, still]);
        assert_eq!(found.iter().map(|of| of.place).collect::<Vec<_>>(), [1]);
        assert!((found[0].means.1 - found[0].means.0 - 3.95).abs() < 0.01, "{found:?}");
    }

    #[test]
    fn the_chance_is_that_of_the_table() {
        // t of 2.262 at 9 degrees: 5 % on both sides.
        let mut ten = [0.0; 10];
        (0..10).for_each(|n| ten[n] = n as f64);
        let (mean, deviation) = moments(&ten);
        let shift = 2.262 * deviation / 10_f64.sqrt() - mean;
        let shifted: Vec<f64> = ten.iter().map(|x| x + shift).collect();
        assert!((chance(&shifted).unwrap() - 0.05).abs() < 1e-4);
    }
}
