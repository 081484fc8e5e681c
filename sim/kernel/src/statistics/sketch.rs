//! Quantiles of whole numbers in bounded memory: buckets as wide as 1/128 of their octave.
//!
//! A quantile is off by at most 1/256 (0.390625%) of itself; below 256 it is exact, as are the
//! minimum, the maximum, the count and the sum. Merging adds the buckets, so a merged sketch equals
//! that of all values together. A bucket costs eight bytes, an octave at most 1 KiB, all of `u64`
//! 58 KiB. No float inside.

mod scaled;

pub use scaled::Scaled;

use super::{float, float_wide};
use seatrial_contract::units::Ppm;

/// Buckets an octave, as a power of two.
const FINENESS: u32 = 7;
/// Buckets are kept in blocks of so many, so that growing is rare and the layout depends on the
/// values alone, not on their order.
const BLOCK: usize = 16;

/// A histogram of log-linear buckets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sketch {
    /// From the block of the least value to that of the largest.
    buckets: Vec<u64>,
    first: usize,
    count: u64,
    sum: u128,
    extremes: Option<(u64, u64)>,
}

impl Sketch {
    /// One observation.
    #[inline]
    pub fn add(&mut self, value: u64) {
        let bucket = bucket(value);
        if let Some(kept) = self.buckets.get_mut(bucket.wrapping_sub(self.first)) {
            *kept += 1;
        } else {
            self.grow(bucket, bucket);
            self.buckets[bucket - self.first] += 1;
        }
        self.count += 1;
        self.sum += u128::from(value);
        let (least, most) = self.extremes.unwrap_or((value, value));
        self.extremes = Some((least.min(value), most.max(value)));
    }

    /// With another part's.
    pub fn merge(&mut self, other: &Self) {
        let Some((least, most)) = other.extremes else { return };
        self.grow(bucket(least), bucket(most));
        let offset = other.first - self.first;
        for (kept, more) in self.buckets[offset..].iter_mut().zip(&other.buckets) {
            *kept += more;
        }
        self.count += other.count;
        self.sum += other.sum;
        let (low, high) = self.extremes.unwrap_or((least, most));
        self.extremes = Some((low.min(least), high.max(most)));
    }

    /// What came since that mark, which is an earlier state of this sketch and is brought up to now. The least
    /// and the largest of what came are known to the width of a bucket.
    #[must_use]
    pub fn since(&self, mark: &mut Self) -> Self {
        let Some((least, most)) = self.extremes else { return Self::default() };
        if self.count == mark.count {
            return Self::default();
        }
        // Now both have the same layout.
        mark.grow(bucket(least), bucket(most));
        let differs = |(now, before): (&u64, &u64)| now != before;
        let pairs = || self.buckets.iter().zip(&mark.buckets);
        let low = pairs().position(differs).unwrap_or_default();
        let high = pairs().rposition(differs).unwrap_or_default();
        let (begins, ends) = (low / BLOCK * BLOCK, (high / BLOCK + 1) * BLOCK);
        let within = |place: usize| middle(self.first + place).clamp(least, most);
        let came = Self {
            buckets: self.buckets[begins..ends]
                .iter()
                .zip(&mark.buckets[begins..ends])
                .map(|(now, before)| now.saturating_sub(*before))
                .collect(),
            first: self.first + begins,
            count: self.count - mark.count,
            sum: self.sum.saturating_sub(mark.sum),
            extremes: Some((within(low), within(high))),
        };
        mark.buckets[begins..ends].copy_from_slice(&self.buckets[begins..ends]);
        (mark.count, mark.sum, mark.extremes) = (self.count, self.sum, self.extremes);
        came
    }

    /// Is brought up to a later state of the same sketch.
    pub fn mark(&mut self, now: &Self) {
        if self.count == now.count {
            return;
        }
        self.buckets.clone_from(&now.buckets);
        (self.first, self.count, self.sum) = (now.first, now.count, now.sum);
        self.extremes = now.extremes;
    }

    /// Has no room beyond the blocks of its least and its largest value, as far as those are known.
    fn trim(&mut self) {
        let used = |kept: &u64| *kept > 0;
        let low = self.buckets.iter().position(used);
        let high = self.buckets.iter().rposition(used);
        let Some((low, high)) = low.zip(high) else { return *self = Self::default() };
        self.extremes = Some((middle(self.first + low), middle(self.first + high)));
        self.buckets.truncate((high / BLOCK + 1) * BLOCK);
        self.buckets.drain(..low / BLOCK * BLOCK);
        self.first += low / BLOCK * BLOCK;
    }

    /// Forgets the warm-up.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// The least value that at least this share of all values do not exceed, within 1/256 of it;
    /// `None` of nothing.
    #[must_use]
    pub fn quantile(&self, share: Ppm) -> Option<u64> {
        let (least, most) = self.extremes?;
        let rank = (u128::from(self.count) * u128::from(share.0)).div_ceil(1_000_000);
        if rank <= 1 {
            return Some(least);
        }
        let mut passed = 0;
        for (place, kept) in self.buckets.iter().enumerate() {
            passed += u128::from(*kept);
            if passed >= rank {
                return Some(middle(self.first + place).clamp(least, most));
            }
        }
        Some(most)
    }

    /// How many values were at most this one, counting its whole bucket.
    #[must_use]
    pub fn at_most(&self, value: u64) -> u64 {
        let Some(places) = (bucket(value) + 1).checked_sub(self.first) else { return 0 };
        // The shorter way: values that are watched are mostly among the largest.
        let places = places.min(self.buckets.len());
        let (below, above) = self.buckets.split_at(places);
        if below.len() < above.len() {
            below.iter().sum()
        } else {
            self.count - above.iter().sum::<u64>()
        }
    }

    /// How many.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// All added up, exactly.
    #[must_use]
    pub const fn sum(&self) -> u128 {
        self.sum
    }

    /// The mean, of the exact sum; `None` of nothing.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| float_wide(self.sum) / float(self.count))
    }

    /// The least, exactly.
    #[must_use]
    pub fn minimum(&self) -> Option<u64> {
        self.extremes.map(|(least, _)| least)
    }

    /// The largest, exactly.
    #[must_use]
    pub fn maximum(&self) -> Option<u64> {
        self.extremes.map(|(_, most)| most)
    }

    /// Makes room for the buckets from `low` to `high`.
    #[cold]
    fn grow(&mut self, low: usize, high: usize) {
        let (low, end) = (low / BLOCK * BLOCK, (high / BLOCK + 1) * BLOCK);
        if self.buckets.is_empty() {
            self.first = low;
        }
        if low < self.first {
            let missing = self.first - low;
            self.buckets.splice(0..0, std::iter::repeat_n(0, missing));
            self.first = low;
        }
        if end > self.first + self.buckets.len() {
            self.buckets.resize(end - self.first, 0);
        }
    }
}

/// The bucket of a value: the value itself below 256, then 128 to an octave.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "at most 7,424 buckets")]
fn bucket(value: u64) -> usize {
    let octave = (value >> FINENESS).checked_ilog2().unwrap_or(0);
    (u64::from(octave) << FINENESS) as usize + (value >> octave) as usize
}

/// The middle of a bucket.
fn middle(bucket: usize) -> u64 {
    // The first octave counts from nothing, so every later one is one ahead.
    let octave = (bucket >> FINENESS).saturating_sub(1);
    let start = (bucket - (octave << FINENESS)) as u64;
    (start << octave) + ((1_u64 << octave) >> 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sketch(values: &[u64]) -> Sketch {
        let mut sketch = Sketch::default();
        values.iter().for_each(|value| sketch.add(*value));
        sketch
    }

    /// By sorting all values.
    fn exact(values: &[u64], share: Ppm) -> u64 {
        let mut sorted = values.to_vec();
        sorted.sort_unstable();
        let rank = (sorted.len() as u64 * u64::from(share.0)).div_ceil(1_000_000).max(1);
        sorted[usize::try_from(rank).unwrap() - 1]
    }

    #[test]
    fn buckets_follow_one_another_without_gap() {
        assert_eq!(bucket(0), 0);
        assert_eq!(bucket(u64::MAX), 58 * 128 - 1);
        let mut last = 0;
        for octave in 0..64 {
            for value in [1_u64 << octave, (1 << octave) + (1 << octave) / 3] {
                assert!(bucket(value) - bucket(value - 1) <= 1, "{value}");
                assert!(bucket(value) >= last);
                last = bucket(value);
                assert_eq!(bucket(middle(last)), last);
            }
        }
    }

    #[test]
    fn small_numbers_are_exact() {
        let sketch = sketch(&(0..256).collect::<Vec<_>>());
        // Half of 256 values are at most 127.
        assert_eq!(sketch.quantile(Ppm(500_000)), Some(127));
        assert_eq!(sketch.quantile(Ppm::ZERO), Some(0));
        assert_eq!(sketch.quantile(Ppm::WHOLE), Some(255));
        assert_eq!(sketch.mean(), Some(127.5));
        assert_eq!(sketch.at_most(99), 100);
        assert_eq!(sketch.at_most(100_000), 256);
    }

    #[test]
    fn nothing_has_no_quantile() {
        let empty = Sketch::default();
        assert_eq!(
            (empty.quantile(Ppm(500_000)), empty.mean(), empty.maximum()),
            (None, None, None)
        );
        assert_eq!(empty.at_most(u64::MAX), 0);
        let mut merged = sketch(&[9]);
        merged.merge(&empty);
        assert_eq!(merged, sketch(&[9]));
    }

    #[test]
    fn memory_grows_with_the_range_alone() {
        let narrow = sketch(&(0..100_000).map(|n| 1_000_000_000 + n).collect::<Vec<_>>());
        assert_eq!(narrow.buckets.len(), BLOCK);
        assert_eq!(sketch(&[0, u64::MAX]).buckets.len(), 58 * 128);
    }

    proptest! {
        #[test]
        fn quantiles_are_within_a_256th(
            values in prop::collection::vec((any::<u64>(), 0u32..64).prop_map(|(v, s)| v >> s), 1..200),
            share in 0u32..=1_000_000,
        ) {
            let (found, exact) =
                (sketch(&values).quantile(Ppm(share)).unwrap(), exact(&values, Ppm(share)));
            let error = u128::from(found.abs_diff(exact)) * 256;
            prop_assert!(error <= u128::from(exact), "{found} against {exact}");
            let at_most = values.iter().filter(|value| bucket(**value) <= bucket(exact)).count();
            prop_assert_eq!(sketch(&values).at_most(exact), at_most as u64);
        }

        #[test]
        fn what_came_since_is_the_whole_less_what_was_before(
            values in prop::collection::vec((any::<u64>(), 0u32..64).prop_map(|(v, s)| v >> s), 0..200),
            cut in 0usize..200,
        ) {
            let (first, second) = values.split_at(cut.min(values.len()));
            let (whole, mut mark) = (sketch(&values), sketch(first));
            let since = whole.since(&mut mark);
            prop_assert_eq!(&mark, &whole);
            let mut mark = sketch(first);
            mark.mark(&whole);
            prop_assert_eq!(&mark, &whole);
            let came = sketch(second);
            prop_assert_eq!((since.count(), since.sum()), (came.count(), came.sum()));
            prop_assert_eq!(&since.buckets, &came.buckets);
            // And it can be told together with others.
            let mut merged = sketch(first);
            merged.merge(&since);
            prop_assert_eq!(&merged.buckets, &sketch(&values).buckets);
        }

        #[test]
        fn parts_merge_to_the_whole_in_any_order(
            values in prop::collection::vec((any::<u64>(), 0u32..64).prop_map(|(v, s)| v >> s), 0..200),
            cut in 0usize..200,
        ) {
            let whole = sketch(&values);
            let (first, second) = values.split_at(cut.min(values.len()));
            let mut merged = sketch(second);
            merged.merge(&sketch(first));
            prop_assert_eq!(&merged, &whole);
            let backwards: Vec<u64> = values.iter().rev().copied().collect();
            prop_assert_eq!(sketch(&backwards), whole);
        }
    }
}
