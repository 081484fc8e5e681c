//! Sketches that stand for more or fewer values than they have seen.

use super::super::{float, float_wide};
use super::Sketch;

/// A sketch whose values count for more or less than one each.
#[derive(Clone, Debug, Default)]
pub struct Scaled {
    buckets: Vec<f64>,
    first: usize,
    sum: f64,
}

impl Scaled {
    /// Values that count so often each; less than nothing takes away.
    pub fn add(&mut self, sketch: &Sketch, times: f64) {
        if sketch.buckets.is_empty() {
            return;
        }
        if self.buckets.is_empty() {
            self.first = sketch.first;
        }
        if sketch.first < self.first {
            let missing = self.first - sketch.first;
            self.buckets.splice(0..0, std::iter::repeat_n(0.0, missing));
            self.first = sketch.first;
        }
        let offset = sketch.first - self.first;
        let end = offset + sketch.buckets.len();
        if end > self.buckets.len() {
            self.buckets.resize(end, 0.0);
        }
        for (kept, more) in self.buckets[offset..].iter_mut().zip(&sketch.buckets) {
            *kept += times * float(*more);
        }
        self.sum += times * float_wide(sketch.sum);
    }

    /// The sketch of as many values, to the nearest whole number of them at every place.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    pub fn rounded(&self) -> Sketch {
        let mut sketch = Sketch { first: self.first, ..Sketch::default() };
        let (mut running, mut given) = (0.0, 0_u64);
        sketch.buckets = vec![0; self.buckets.len()];
        for (place, kept) in self.buckets.iter().enumerate() {
            running += kept;
            // Rounding the running sum makes the whole right, however little is at each place.
            let due = ((running + 0.5) as u64).max(given);
            if due > given {
                sketch.buckets[place] = due - given;
                given = due;
            }
        }
        sketch.count = given;
        sketch.sum = (self.sum + 0.5) as u128;
        sketch.trim();
        sketch
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_contract::units::Ppm;

    #[test]
    fn what_counts_ten_times_is_ten_times_as_much_and_as_long() {
        let mut sketch = Sketch::default();
        (0..1_000_u64).for_each(|value| sketch.add(value * 1_000));
        let mut scaled = Scaled::default();
        scaled.add(&sketch, 10.0);
        let tenfold = scaled.rounded();
        assert_eq!((tenfold.count(), tenfold.sum()), (10_000, sketch.sum() * 10));
        let median = |of: &Sketch| of.quantile(Ppm(500_000));
        assert_eq!(median(&tenfold), median(&sketch));
    }

    #[test]
    fn parts_of_values_add_up_to_whole_ones() {
        let mut sketch = Sketch::default();
        (0..1_000_u64).for_each(|value| sketch.add(value * 1_000));
        let mut scaled = Scaled::default();
        scaled.add(&sketch, 0.25);
        assert_eq!(scaled.rounded().count(), 250);
        scaled.add(&sketch, -0.25);
        assert_eq!(scaled.rounded(), Sketch::default());
    }

    #[test]
    fn smaller_and_larger_values_find_their_places() {
        let mut scaled = Scaled::default();
        for value in [5_000_000_u64, 7, 900_000_000_000] {
            let mut sketch = Sketch::default();
            sketch.add(value);
            scaled.add(&sketch, 3.0);
        }
        let found = scaled.rounded();
        assert_eq!((found.count(), found.minimum()), (9, Some(7)));
        assert_eq!(found.at_most(7), 3);
    }
}
