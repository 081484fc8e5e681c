//! Intervals of the mean and of the median of differences. Knows no verdict.

use seatrial_kernel::statistics::student_quantile;

/// From there to there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    pub low: f64,
    pub high: f64,
}

impl Range {
    /// Nothing is known.
    pub const ALL: Self = Self { low: f64::NEG_INFINITY, high: f64::INFINITY };

    /// What is in both.
    pub fn and(self, other: Self) -> Self {
        Self { low: self.low.max(other.low), high: self.high.min(other.high) }
    }

    /// What reaches over both.
    pub fn hull(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    pub fn is_empty(self) -> bool {
        self.low > self.high
    }
}

/// The mean and the deviation of samples.
pub fn moments(samples: &[f64]) -> (f64, f64) {
    let count = samples.len() as f64;
    let mean = samples.iter().sum::<f64>() / count;
    let squares: f64 = samples.iter().map(|x| (x - mean) * (x - mean)).sum();
    (mean, (squares / (count - 1.0)).sqrt())
}

/// The interval of the mean that misses it with such a chance.
pub fn of_mean(samples: &[f64], alpha: f64) -> Range {
    if samples.len() < 2 || samples.iter().any(|x| !x.is_finite()) {
        return Range::ALL;
    }
    let (mean, deviation) = moments(samples);
    let count = samples.len() as f64;
    let half = student_quantile(1.0 - alpha / 2.0, count - 1.0) * deviation / count.sqrt();
    Range { low: mean - half, high: mean + half }
}

/// The interval of the median that misses it with such a chance, whatever the distribution.
pub fn of_median(samples: &[f64], alpha: f64) -> Range {
    let rank = rank(samples.len(), alpha);
    let mut sorted = samples.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    match rank.checked_sub(1) {
        Some(at) => Range { low: sorted[at], high: sorted[sorted.len() - 1 - at] },
        None => Range::ALL,
    }
}

/// The largest rank from either end between which the median is but for such a chance; nothing where there is none.
pub fn rank(count: usize, alpha: f64) -> usize {
    let mut below = 0.0;
    // So likely exactly that many of all are below the median.
    let mut exactly = 0.5_f64.powi(i32::try_from(count).unwrap_or(i32::MAX));
    for rank in 0..count / 2 {
        below += exactly;
        if 2.0 * below > alpha {
            return rank;
        }
        exactly *= (count - rank) as f64 / (rank + 1) as f64;
    }
    count / 2
}

#[cfg(test)]
mod tests {
    use super::super::PAIRS_MOST;
    use super::*;

    #[test]
    fn quantiles_and_ranks_are_those_that_were_worked_out_beforehand() {
        let thirty = 0.05 / 180.0;
        for (pairs, quantile, at) in [
            (13, 5.06, 1),
            (16, 4.71, 1),
            (20, 4.45, 2),
            (26, 4.22, 4),
            (36, 4.04, 7),
            (50, 3.92, 12),
        ] {
            let found = student_quantile(1.0 - thirty / 2.0, f64::from(pairs) - 1.0);
            assert!((found - quantile).abs() < 0.006, "{pairs}: {found}");
            assert_eq!(rank(pairs as usize, thirty), at, "{pairs}");
        }
        let eight = 0.05 / 48.0;
        for (pairs, at) in [(11, 1), (14, 1), (18, 2), (25, 5), (35, 8), (50, 14)] {
            assert_eq!(rank(pairs, eight), at, "{pairs}");
        }
        let ends = [11.0, 50.0].map(|pairs: f64| student_quantile(1.0 - eight / 2.0, pairs - 1.0));
        assert!((ends[0] - 4.56).abs() < 0.006 && (ends[1] - 3.49).abs() < 0.006, "{ends:?}");
    }

    #[test]
    fn with_the_most_pairs_there_may_be_the_median_keeps_its_interval() {
        // Half of a thousand less 3.29 deviations of 15.8: 448.
        let found = rank(PAIRS_MOST as usize, 1e-3);
        assert!((440..=452).contains(&found), "{found}");
    }

    #[test]
    fn what_is_infinite_leaves_the_mean_open_and_the_median_known() {
        let mut samples = [0.0; 20];
        samples[0] = f64::INFINITY;
        assert_eq!(of_mean(&samples, 1e-3), Range::ALL);
        assert_eq!(of_median(&samples, 1e-3), Range { low: 0.0, high: 0.0 });
        assert_eq!(of_median(&samples[..5], 1e-3), Range::ALL);
    }
}
