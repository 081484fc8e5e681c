//! Durations with weights, gathered in bins of 64 to an octave; each bin knows the mean of what is
//! in it, so sums stay exact. Knows no law.

use super::spread::{STRATA, Spread};
use crate::kernel::statistics::Sketch;

/// Bits of the fraction that tell bins apart.
const FINENESS: u32 = 6;
/// Below a nanosecond all is nothing.
const LEAST: f64 = 1e-9;
/// 2⁻³⁰ s, about a nanosecond: the bits of its exponent.
const FIRST: u64 = (1023 - 30) << FINENESS;

/// Weights by duration.
#[derive(Clone, Debug, Default)]
pub(super) struct Bins {
    /// Weight, and weight × seconds, of what takes no time at all. It lies far from all else.
    none: (f64, f64),
    /// The same by bins.
    kept: Vec<(f64, f64)>,
    /// From the first bin in use to the last, that one included.
    range: Option<(usize, usize)>,
    /// All weight together.
    whole: f64,
}

impl Bins {
    /// So much weight at a duration in seconds.
    #[inline]
    pub(super) fn add(&mut self, seconds: f64, weight: f64) {
        self.whole += weight;
        if seconds < LEAST {
            self.none.0 += weight;
            self.none.1 += weight * seconds;
            return;
        }
        let at = bin(seconds);
        if at >= self.kept.len() {
            self.kept.resize(at + 64, (0.0, 0.0));
        }
        let kept = &mut self.kept[at];
        kept.0 += weight;
        kept.1 += weight * seconds;
        let (first, last) = self.range.unwrap_or((at, at));
        self.range = Some((first.min(at), last.max(at)));
    }

    /// A spread of durations, of so much weight together. What lies between two of its points is
    /// filled in, so that quantiles do not jump from point to point.
    pub(super) fn add_spread(&mut self, spread: &Spread, weight: f64) {
        let points = spread.points();
        for (number, (value, share)) in points.iter().enumerate() {
            let before = number.checked_sub(1).map_or(*value, |at| points[at].0);
            let after = points.get(number + 1).map_or(*value, |next| next.0);
            // As far to either side, so that the mean stays; nothing stays nothing.
            let reach = 0.5 * (value - before).min(after - value).max(0.0);
            if reach < 0.01 * value {
                self.add(*value, weight * share);
                continue;
            }
            for place in [-0.75, -0.25, 0.25, 0.75] {
                self.add(value + place * reach, weight * share * 0.25);
            }
        }
    }

    pub(super) fn clear(&mut self) {
        if let Some((first, last)) = self.range.take() {
            self.kept[first..=last].fill((0.0, 0.0));
        }
        (self.none, self.whole) = ((0.0, 0.0), 0.0);
    }

    /// Weight and mean seconds of each bin in use, the shortest first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let used = self.range.map_or(&[][..], |(first, last)| &self.kept[first..=last]);
        let used = core::iter::once(&self.none).chain(used);
        let used = used.filter(|(weight, _)| *weight > 0.0);
        used.map(|(weight, sum)| (*weight, sum / weight))
    }

    pub(super) const fn weight(&self) -> f64 {
        self.whole
    }

    /// The same in few points: strata of given shares, with the mean of each. Nothing is left.
    pub(super) fn take_spread(&mut self) -> Spread {
        let mut cut = Cut::new(core::mem::take(&mut self.whole));
        let (none, none_sum) = core::mem::take(&mut self.none);
        if none > 0.0 {
            cut.add(none, none_sum);
        }
        let used = self.range.take();
        for kept in used.map_or(&mut [][..], |(first, last)| &mut self.kept[first..=last]) {
            if kept.0 > 0.0 {
                cut.add(kept.0, kept.1);
                *kept = (0.0, 0.0);
            }
        }
        if cut.whole > 0.0 { cut.finish() } else { Spread::NONE }
    }

    /// Moves all of it into a sketch, in whole numbers: each is rounded so that no more than half a
    /// call is ever missing below any duration.
    pub(super) fn pour(&mut self, sketch: &mut Sketch) {
        let (mut passed, mut given) = (0.0, 0);
        for (weight, value) in self.iter() {
            passed += weight;
            let due = whole(passed);
            sketch.add_many(nanos(value), due - given);
            given = due;
        }
        self.clear();
    }
}

/// Cuts weights that come in order into strata.
struct Cut {
    whole: f64,
    points: Vec<(f64, f64)>,
    /// Which stratum is being filled, how much it takes, and what it has: its weight, and weight × value.
    stratum: usize,
    full: f64,
    weight: f64,
    sum: f64,
}

impl Cut {
    fn new(whole: f64) -> Self {
        let points = Vec::with_capacity(STRATA.len());
        Self { whole, points, stratum: 0, full: STRATA[0] * whole, weight: 0.0, sum: 0.0 }
    }

    /// So much weight, and weight × value.
    #[inline]
    fn add(&mut self, mut weight: f64, mut sum: f64) {
        while self.weight + weight >= self.full && self.stratum + 1 < STRATA.len() {
            let room = self.full - self.weight;
            let part = sum * (room / weight).min(1.0);
            self.weight += room;
            self.sum += part;
            (weight, sum) = ((weight - room).max(0.0), sum - part);
            self.close();
            if weight <= 0.0 {
                return;
            }
        }
        self.weight += weight;
        self.sum += sum;
    }

    fn close(&mut self) {
        if self.weight > 0.0 {
            let (value, share) = (self.sum / self.weight, self.weight / self.whole);
            match self.points.last_mut() {
                // Strata at one and the same value become one.
                Some((last, kept)) if value <= *last => *kept += share,
                _ => self.points.push((value, share)),
            }
        }
        (self.weight, self.sum) = (0.0, 0.0);
        self.stratum += 1;
        self.full = STRATA.get(self.stratum).map_or(0.0, |share| share * self.whole);
    }

    fn finish(mut self) -> Spread {
        self.close();
        Spread::new(self.points)
    }
}

#[inline]
fn bin(seconds: f64) -> usize {
    let bits = seconds.to_bits() >> (52 - FINENESS);
    usize::try_from(bits.saturating_sub(FIRST)).unwrap_or(0)
}

/// The nearest whole number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
pub(super) fn whole(number: f64) -> u64 {
    (number + 0.5) as u64
}

/// Seconds as the nearest whole nanoseconds.
pub(super) fn nanos(seconds: f64) -> u64 {
    whole(seconds * 1e9)
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_contract::units::Ppm;

    #[test]
    fn what_is_poured_has_the_weights_and_the_mean() {
        let mut bins = Bins::default();
        bins.add(0.0, 30.0);
        (1..=700_u32).for_each(|n| bins.add(f64::from(n) / 1e3, 0.1));
        let (mean, whole) = (bins.clone().take_spread().mean(), bins.weight());
        // 0.1 × 0.3505 × 700 ÷ 100
        assert!((whole - 100.0).abs() < 1e-9 && (mean - 0.245_35).abs() < 1e-9, "{whole} {mean}");
        let mut sketch = Sketch::default();
        bins.pour(&mut sketch);
        assert_eq!((sketch.count(), sketch.minimum()), (100, Some(0)));
        // The 65th of 100 is the half of the 70 that are above nothing.
        let median = sketch.quantile(Ppm(650_000)).unwrap();
        assert!(median.abs_diff(350_000_000) < 6_000_000, "{median}");
        assert!(bins.weight() <= 0.0, "nothing is left");
    }
}
