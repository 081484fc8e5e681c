//! What replications allow to be said of a mean. Knows nothing of how they were run.

use super::student::student_quantile;
use seatrial_contract::units::Ppm;

/// A mean with its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The mean of the samples.
    pub mean: f64,
    /// How far the interval reaches to either side.
    pub half_width: f64,
    /// How often intervals made so hold the true mean.
    pub level: Ppm,
    /// How many samples it rests on.
    pub samples: usize,
}

impl Interval {
    /// The lower end.
    #[must_use]
    pub fn low(&self) -> f64 {
        self.mean - self.half_width
    }

    /// The upper end.
    #[must_use]
    pub fn high(&self) -> f64 {
        self.mean + self.half_width
    }

    /// Whether the interval holds a value.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        (value - self.mean).abs() <= self.half_width
    }

    /// Whether the interval rests on one side of a value: then the mean differs from it.
    #[must_use]
    pub fn excludes(&self, value: f64) -> bool {
        !self.holds(value)
    }
}

/// The interval of independent samples of one mean, by Student's t; `None` of fewer than two
/// samples, and for a level that is none or the whole.
///
/// The same samples in the same order give the same bytes.
#[must_use]
pub fn confidence_interval(samples: &[f64], level: Ppm) -> Option<Interval> {
    if samples.len() < 2 || level == Ppm::ZERO || level >= Ppm::WHOLE {
        return None;
    }
    let count = super::float(samples.len() as u64);
    let mean = samples.iter().sum::<f64>() / count;
    let squares: f64 = samples.iter().map(|x| (x - mean) * (x - mean)).sum();
    let deviation = (squares / (count - 1.0) / count).sqrt();
    let probability = 0.5 + f64::from(level.0) / 2e6;
    let half_width = student_quantile(probability, count - 1.0) * deviation;
    Some(Interval { mean, half_width, level, samples: samples.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Distribution;
    use seatrial_contract::units::{Span, percent};
    use seatrial_contract::{Dice, Purpose};

    #[test]
    fn ten_samples_make_the_textbook_s_interval() {
        // Law and Kelton, example 4.26: mean 1.34, variance 0.17, 90% interval 1.34 ± 0.24.
        let samples = [1.20, 1.50, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.50, 1.09];
        let interval = confidence_interval(&samples, percent(90)).unwrap();
        assert!((interval.mean - 1.343).abs() < 1e-9);
        assert!((interval.half_width - 0.24).abs() < 0.005, "{interval:?}");
        assert!(interval.holds(1.5) && interval.excludes(1.6) && interval.low() > 1.0);
    }

    #[test]
    fn too_little_gives_no_interval() {
        assert_eq!(confidence_interval(&[1.0], percent(95)), None);
        assert_eq!(confidence_interval(&[1.0, 2.0], percent(100)), None);
        let same = confidence_interval(&[2.0, 2.0, 2.0], percent(95)).unwrap();
        assert!(same.half_width.abs() < 1e-12);
    }

    #[test]
    fn nineteen_of_twenty_intervals_hold_the_truth() {
        let distribution = Distribution::gamma(Span::seconds(1), 0.1).unwrap();
        let held = (0..2_000).filter(|trial| {
            let mut stream = Dice::new(5).stream(*trial, Purpose::new("coverage"));
            let samples: [f64; 8] =
                std::array::from_fn(|_| distribution.sample(&mut stream).as_seconds());
            confidence_interval(&samples, percent(95)).unwrap().holds(1.0)
        });
        // 1,900 expected with a deviation of 10; the slight skew of the distribution costs a little.
        let held = held.count();
        assert!((1_850..1_940).contains(&held), "seed 5: {held}");
    }
}
