//! An interval of the mean at which one may look after every pair: the t mixture, always valid. It is wider than that of
//! declared looks, and infinite with few pairs.

use super::intervals::{Range, moments};

/// What it is best at: about twenty pairs.
const TUNED: f64 = 1.0;

/// The interval that misses the mean at any time with such a chance.
pub fn interval(samples: &[f64], alpha: f64) -> Range {
    if samples.len() < 2 || samples.iter().any(|x| !x.is_finite()) {
        return Range::ALL;
    }
    let (mean, deviation) = moments(samples);
    let count = samples.len() as f64;
    let (r, degrees) = (TUNED / (TUNED + count), count - 1.0);
    let k = libm::pow(1.0 / (alpha * r.sqrt()), 2.0 / (degrees + 1.0));
    if k * r >= 1.0 {
        return if deviation > 0.0 { Range::ALL } else { Range { low: mean, high: mean } };
    }
    let half = (degrees * (k - 1.0) / (1.0 - k * r)).sqrt() * deviation / count.sqrt();
    Range { low: mean - half, high: mean + half }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_contract::{Dice, Purpose};
    use seatrial_kernel::statistics::normal_quantile;

    /// The evidence against a mean of nothing.
    fn evidence(samples: &[f64]) -> f64 {
        let (mean, deviation) = moments(samples);
        let count = samples.len() as f64;
        let (t, r, degrees) =
            (mean / deviation * count.sqrt(), TUNED / (TUNED + count), count - 1.0);
        let ln = 0.5 * r.ln()
            + 0.5
                * (degrees + 1.0)
                * ((1.0 + t * t / degrees).ln() - (1.0 + r * t * t / degrees).ln());
        ln.exp()
    }

    fn normal(trial: u64, count: usize, mean: f64) -> Vec<f64> {
        let mut stream = Dice::new(11).stream(trial, Purpose::new("anytime"));
        let draw = || mean + normal_quantile((stream.below(1 << 40) as f64 + 0.5) / 2_f64.powi(40));
        std::iter::repeat_with(draw).take(count).collect()
    }

    #[test]
    fn it_excludes_nothing_where_the_evidence_is_one_in_alpha() {
        for trial in 0..200 {
            let samples = normal(trial, 30, 0.8);
            let found = interval(&samples, 0.01);
            assert_eq!(found.low > 0.0 || found.high < 0.0, evidence(&samples) > 100.0);
        }
    }

    #[test]
    fn looked_at_after_every_pair_it_seldom_misses() {
        let misses = (0..1_000_u64).filter(|trial| {
            let samples = normal(*trial, 60, 0.0);
            (2..=60).any(|count| {
                let found = interval(&samples[..count], 0.05);
                found.low > 0.0 || found.high < 0.0
            })
        });
        let misses = misses.count();
        assert!(misses <= 50, "{misses} of 1,000, by seed 11");
    }
}
