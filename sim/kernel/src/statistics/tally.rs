//! Observations as numbers: how many, how large, how varied. Keeps none of them.

use super::wide::Wide;
use super::{float, float_wide};

/// Count, sum, sum of squares and extremes of values within ±2⁶⁴, all exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    count: u64,
    sum: i128,
    squares: Wide,
    extremes: Option<(i128, i128)>,
}

impl Tally {
    /// One observation; signed and unsigned 64-bit numbers and smaller ones fit.
    #[inline]
    pub fn add(&mut self, value: impl Into<i128>) {
        let value = value.into();
        let size = u64::try_from(value.unsigned_abs()).expect("a value beyond 64 bits");
        self.count += 1;
        self.sum += value;
        self.squares.add(u128::from(size) * u128::from(size));
        let (least, most) = self.extremes.unwrap_or((value, value));
        self.extremes = Some((least.min(value), most.max(value)));
    }

    /// With another part's.
    pub fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.squares.merge(other.squares);
        self.extremes = match (self.extremes, other.extremes) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
            (a, b) => a.or(b),
        };
    }

    /// Forgets the warm-up.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// How many.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// All added up.
    #[must_use]
    pub const fn sum(&self) -> i128 {
        self.sum
    }

    /// The least.
    #[must_use]
    pub fn minimum(&self) -> Option<i128> {
        self.extremes.map(|(least, _)| least)
    }

    /// The largest.
    #[must_use]
    pub fn maximum(&self) -> Option<i128> {
        self.extremes.map(|(_, most)| most)
    }

    /// The mean; `None` of nothing.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        let size = float_wide(self.sum.unsigned_abs()) / float(self.count);
        (self.count > 0).then_some(if self.sum < 0 { -size } else { size })
    }

    /// The sample variance (n - 1 below); `None` of fewer than two. No digits cancel: the squares
    /// are first taken about the whole number below the mean, exactly.
    #[must_use]
    pub fn variance(&self) -> Option<f64> {
        if self.count < 2 {
            return None;
        }
        let count = i128::from(self.count);
        let size = self.sum.div_euclid(count).unsigned_abs();
        let rest = self.sum.rem_euclid(count).unsigned_abs();
        let size = u64::try_from(size).expect("a mean lies among its values");
        // Σ(x - m)² = Σx² - 2mΣx + nm², and mΣx = nm² + m·rest; the mean is m + rest ÷ n.
        let mut about = self.squares;
        about.subtract(Wide::product(u128::from(size) * u128::from(size), self.count));
        let cross = Wide::product(2 * rest, size);
        if self.sum < 0 {
            about.merge(cross);
        } else {
            about.subtract(cross);
        }
        let rest = float_wide(rest);
        let about = about.as_float() - rest * rest / float(self.count);
        Some(about.max(0.0) / float(self.count - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tally(values: &[i64]) -> Tally {
        let mut tally = Tally::default();
        values.iter().for_each(|value| tally.add(*value));
        tally
    }

    #[test]
    fn small_sums_read_right() {
        let tally = tally(&[2, -4, 4, 4, 5, 5, 7, 9]);
        // Sum 32, squares 232; 232 - 32²/8 = 104 over 7.
        assert_eq!((tally.count(), tally.sum()), (8, 32));
        assert_eq!((tally.minimum(), tally.maximum()), (Some(-4), Some(9)));
        assert!((tally.mean().unwrap() - 4.0).abs() < 1e-12);
        assert!((tally.variance().unwrap() - 104.0 / 7.0).abs() < 1e-12);
        assert_eq!((Tally::default().mean(), Tally::default().variance()), (None, None));
    }

    #[test]
    fn a_tiny_spread_far_from_nothing_is_seen() {
        // Nanoseconds since the epoch that differ by one: floats alone would see no variance.
        let far = 1_800_000_000_000_000_000;
        for sign in [1, -1] {
            let tally = tally(&[sign * far, sign * (far + 1), sign * (far + 2)]);
            assert!((tally.variance().unwrap() - 1.0).abs() < 1e-12);
        }
        let mut most = Tally::default();
        [u64::MAX, 0, u64::MAX, 0].into_iter().for_each(|value| most.add(value));
        // (2⁶⁴)² ÷ 3
        assert!((most.variance().unwrap() / 1.134_274_556_403_128_2e38 - 1.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn parts_merge_to_the_whole(
            values in prop::collection::vec(any::<i64>(), 0..80),
            cut in 0usize..80,
        ) {
            let (first, second) = values.split_at(cut.min(values.len()));
            let mut merged = tally(second);
            merged.merge(&tally(first));
            prop_assert_eq!(merged, tally(&values));
        }

        #[test]
        fn variance_is_that_of_two_passes(values in prop::collection::vec(-999i32..999, 2..60)) {
            let mut all = Tally::default();
            values.iter().for_each(|value| all.add(*value));
            let count = float(values.len() as u64);
            let mean = values.iter().map(|x| f64::from(*x)).sum::<f64>() / count;
            let away = |x: &i32| f64::from(*x) - mean;
            let squares: f64 = values.iter().map(|x| away(x) * away(x)).sum();
            let expected = squares / (count - 1.0);
            let variance = all.variance().unwrap();
            prop_assert!((variance - expected).abs() <= 1e-9 * (1.0 + expected));
        }
    }
}
