//! The interval of a mean from one long run: means of long batches are nearly independent.

use super::float;
use super::interval::{Interval, confidence_interval};
use seatrial_contract::units::Ppm;

/// Observations in order, summed in batches of a fixed size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchMeans {
    size: u64,
    /// Sums of the full batches.
    sums: Vec<i128>,
    open: i128,
    open_count: u64,
}

impl BatchMeans {
    /// With so many observations a batch, one at least.
    #[must_use]
    pub fn new(size: u64) -> Self {
        Self { size: size.max(1), sums: Vec::new(), open: 0, open_count: 0 }
    }

    /// One observation.
    #[inline]
    pub fn add(&mut self, value: impl Into<i128>) {
        self.open += value.into();
        self.open_count += 1;
        if self.open_count == self.size {
            self.sums.push(self.open);
            (self.open, self.open_count) = (0, 0);
        }
    }

    /// With the observations that came after: exactly the whole, where this part ended with a full
    /// batch. Otherwise its open batch is given up, as it cannot be completed.
    ///
    /// # Panics
    /// If the batches differ in size.
    pub fn append(&mut self, later: &Self) {
        assert_eq!(self.size, later.size, "batches of different sizes");
        self.sums.extend_from_slice(&later.sums);
        (self.open, self.open_count) = (later.open, later.open_count);
    }

    /// Forgets the warm-up.
    pub fn reset(&mut self) {
        *self = Self::new(self.size);
    }

    /// How many batches are full.
    #[must_use]
    pub fn batches(&self) -> usize {
        self.sums.len()
    }

    /// The mean of the full batches and its interval; `None` of fewer than two.
    #[must_use]
    pub fn interval(&self, level: Ppm) -> Option<Interval> {
        confidence_interval(&self.means(), level)
    }

    /// How far neighbouring batches still depend on each other, from -1 to 1: above 0.2 or so the
    /// interval is too narrow and batches should be longer. `None` of fewer than three, or where
    /// all are equal.
    #[must_use]
    pub fn correlation(&self) -> Option<f64> {
        let means = self.means();
        if means.len() < 3 {
            return None;
        }
        let mean = means.iter().sum::<f64>() / float(means.len() as u64);
        let squares: f64 = means.iter().map(|x| (x - mean) * (x - mean)).sum();
        let products: f64 = means.windows(2).map(|two| (two[0] - mean) * (two[1] - mean)).sum();
        (squares > 0.0).then(|| products / squares)
    }

    fn means(&self) -> Vec<f64> {
        let size = float(self.size);
        let mean = |sum: &i128| {
            let mean = super::float_wide(sum.unsigned_abs()) / size;
            if *sum < 0 { -mean } else { mean }
        };
        self.sums.iter().map(mean).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::normal;
    use proptest::prelude::*;
    use seatrial_contract::units::percent;
    use seatrial_contract::{Dice, Purpose};

    #[test]
    fn the_interval_is_that_of_the_batches_means() {
        let mut batches = BatchMeans::new(2);
        [1, 3, 4, 6, -10, 0, 99].into_iter().for_each(|value| batches.add(value));
        let expected = confidence_interval(&[2.0, 5.0, -5.0], percent(95));
        assert_eq!(batches.batches(), 3);
        assert_eq!(batches.interval(percent(95)), expected);
    }

    #[test]
    fn long_batches_hold_the_truth_where_observations_depend() {
        // x' = 0.9x + noise: neighbours correlate by 0.9, batches of 500 hardly.
        let (mut held, mut correlation) = (0, 0.0);
        for trial in 0..200 {
            let mut stream = Dice::new(6).stream(trial, Purpose::new("batch"));
            let (mut batches, mut x) = (BatchMeans::new(500), 0.0_f64);
            for _ in 0..500 * 20 {
                x = 0.9 * x + normal(&mut stream);
                #[expect(clippy::cast_possible_truncation, reason = "a few millions")]
                batches.add((x * 1e6) as i64);
            }
            held += u32::from(batches.interval(percent(95)).unwrap().holds(0.0));
            correlation += batches.correlation().unwrap() / 200.0;
        }
        // 190 expected with a deviation of 3.
        assert!((178..=199).contains(&held), "seed 6: {held}");
        assert!(correlation.abs() < 0.1, "{correlation}");
    }

    proptest! {
        #[test]
        fn parts_append_to_the_whole(
            values in prop::collection::vec(any::<i64>(), 0..60),
            size in 1usize..7,
            cut in 0usize..9,
        ) {
            let mut parts = [BatchMeans::new(size as u64), BatchMeans::new(size as u64)];
            let mut whole = parts[0].clone();
            for (at, value) in values.iter().enumerate() {
                whole.add(*value);
                parts[usize::from(at >= cut * size)].add(*value);
            }
            let [mut first, second] = parts;
            // The cut lies between batches, unless the second part is empty.
            if values.len() > cut * size {
                first.append(&second);
            }
            prop_assert_eq!(first, whole);
        }
    }
}
