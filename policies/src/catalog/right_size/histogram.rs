//! How often a value was seen, bucket by bucket, with what is old counting for less.
//!
//! Weights are whole numbers that share one exponent, so that a histogram restored from what was
//! saved is the very same, and one with few values takes little: 32 bytes and 8 for each bucket that
//! was ever hit. Knows no value, only buckets, and no clock.

use super::buckets::Buckets;
use alloc::vec::Vec;
use seatrial_contract::units::{Moment, Span};
use serde::{Deserialize, Serialize};

/// Weights by bucket. A weight is its number times two to the power of the exponent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Histogram {
    exponent: i32,
    /// By bucket, the lowest first; none is nothing.
    weights: Vec<(u16, u32)>,
}

/// What the first weight becomes: 24 bits, so that those after it have 256 times as much before all
/// are halved, and a millionth of it still counts.
const FIRST: i32 = 24;
/// No weight grows beyond this.
const MOST: f64 = 2_147_483_648.0;
/// What has aged by more halvings than this is nothing.
const LEAST: i32 = 100_000;
/// Beside a number this large, numbers of 31 bits are nothing.
const ALL: f64 = 9.2e18;

impl Histogram {
    /// Adds a weight to a bucket.
    pub fn add(&mut self, bucket: u16, weight: f64) {
        let grown = weight * power_of_two(-self.exponent);
        let entry = self.weights.iter_mut().find(|entry| entry.0 == bucket);
        let sum = entry.as_ref().map_or(0.0, |entry| f64::from(entry.1)) + grown;
        match entry {
            Some(entry) if grown > 0.0 && sum < MOST => entry.1 = rounded(sum),
            _ if weight > 0.0 => self.make_room(bucket, weight, sum),
            _ => {}
        }
    }

    /// The same for a bucket that was not hit before, or where a number becomes too large.
    fn make_room(&mut self, bucket: u16, weight: f64, sum: f64) {
        if self.weights.is_empty() || sum > ALL {
            // The first, or what went before counts for nothing beside it.
            self.weights.clear();
            self.exponent = libm::ilogb(weight) - FIRST;
            return self.put(bucket, rounded(weight * power_of_two(-self.exponent)));
        }
        if sum < MOST {
            return self.put(bucket, rounded(sum));
        }
        let halvings = libm::ilogb(sum) - 30;
        self.halve(halvings);
        self.put(bucket, rounded(sum * power_of_two(-halvings)));
    }

    /// All weights count for this many halvings less; exact.
    pub fn age(&mut self, halvings: i32) {
        self.exponent = self.exponent.saturating_sub(halvings).max(-LEAST);
    }

    /// The end of the bucket below or in which this share of the weight lies; nothing where nothing
    /// was seen.
    #[must_use]
    pub fn percentile(&self, buckets: &Buckets, share: f64) -> f64 {
        let [end] = self.percentiles(buckets, [share]);
        end
    }

    /// The same for several shares, the lowest first.
    #[must_use]
    pub fn percentiles<const N: usize>(&self, buckets: &Buckets, shares: [f64; N]) -> [f64; N] {
        let Some(last) = self.weights.last() else { return [0.0; N] };
        let total: f64 = self.weights.iter().map(|entry| f64::from(entry.1)).sum();
        let mut entries = self.weights.iter();
        let (mut sum, mut bucket) = (0.0, last.0);
        shares.map(|share| {
            while sum < share * total || sum == 0.0 {
                let Some(entry) = entries.next() else { break };
                (sum, bucket) = (sum + f64::from(entry.1), entry.0);
            }
            buckets.end(bucket)
        })
    }

    /// How many buckets were hit and still count.
    #[must_use]
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// Whether nothing was seen that still counts.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    fn put(&mut self, bucket: u16, weight: u32) {
        match self.weights.binary_search_by_key(&bucket, |entry| entry.0) {
            Ok(at) => self.weights[at].1 = weight,
            Err(at) if weight > 0 => self.weights.insert(at, (bucket, weight)),
            Err(_) => {}
        }
    }

    /// Makes all numbers smaller and the exponent larger; what becomes nothing is forgotten.
    fn halve(&mut self, times: i32) {
        self.exponent += times;
        let times = u32::try_from(times).unwrap_or_default();
        for entry in &mut self.weights {
            entry.1 = entry.1.checked_shr(times).unwrap_or_default();
        }
        self.weights.retain(|entry| entry.1 > 0);
    }
}

/// Exact, and quicker than the general function where the result has all its bits.
fn power_of_two(exponent: i32) -> f64 {
    match u64::try_from(exponent + 1_023) {
        Ok(bits @ 1..=2_046) => f64::from_bits(bits << 52),
        _ => libm::ldexp(1.0, exponent),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "below 2^31 by the check before, and not negative"
)]
fn rounded(weight: f64) -> u32 {
    (weight + 0.5) as u32
}

/// How much more what is seen now counts than what was seen at a moment of reference: twice as much
/// with each half-life since (pkg/recommender/util/decaying_histogram.go).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decay {
    half_life: Span,
    reference: Moment,
}

/// After so many half-lives the moment of reference is moved. VPA's `maxDecayExponent`.
const HALF_LIVES_MOST: u64 = 100;

impl Decay {
    /// What is seen counts half as much after each such span.
    #[must_use]
    pub fn new(half_life: Span) -> Self {
        Self { half_life: half_life.max(Span::nanos(1)), reference: Moment::START }
    }

    /// The factor for what is seen at that moment, and how many halvings everything that was weighed
    /// before must age by: the reference moves so that factors stay small.
    pub fn factor(&mut self, at: Moment) -> (f64, i32) {
        let half_life = self.half_life.0;
        let mut halvings = 0;
        if at.since(self.reference).0 > half_life.saturating_mul(HALF_LIVES_MOST) {
            let moves = (at.since(self.reference).0 + half_life / 2) / half_life;
            self.reference = Moment(self.reference.0 + moves * half_life);
            halvings = i32::try_from(moves).unwrap_or(i32::MAX);
        }
        let since = at.since(self.reference).as_seconds() - self.reference.since(at).as_seconds();
        (libm::exp2(since / self.half_life.as_seconds()), halvings)
    }
}
