//! When one looks: declared before the first run, never chosen by what was seen.

use super::FALSE_MOST;

/// The looks of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Looks {
    /// After so many pairs each.
    pub at: Vec<u32>,
    /// So likely one interval at one look misses, at the most.
    pub alpha: f64,
    /// One looks after each pair, by the test that allows that.
    pub until_decided: bool,
}

/// More pairs are not judged: half to the power of so many is as small as a number can be.
pub const PAIRS_MOST: u32 = 1_000;
/// How many looks there are where there is room for them.
const LOOKS: u32 = 6;
/// Each step to the next look is so many times as long as the one before.
const STEP: f64 = 1.5;

impl Looks {
    /// The looks at so many metrics, the last after `most` pairs; nothing where these are too few to decide anything.
    #[must_use]
    pub fn planned(metrics: usize, most: u32) -> Option<Self> {
        let metrics = u32::try_from(metrics.max(1)).unwrap_or(u32::MAX);
        // Fewer looks where there is no room for all.
        (1..=LOOKS).rev().find_map(|count| {
            let alpha = FALSE_MOST / (f64::from(metrics) * f64::from(count));
            let first = first(alpha);
            let has_room = first.checked_add(count - 1)? <= most;
            (has_room || count == 1 && first <= most).then(|| Self {
                at: spread(first, most, count),
                alpha,
                until_decided: false,
            })
        })
    }

    /// One after each pair, for so many metrics.
    #[must_use]
    pub fn until_decided(metrics: usize, most: u32) -> Self {
        let metrics = u32::try_from(metrics.max(1)).unwrap_or(u32::MAX);
        let alpha = FALSE_MOST / f64::from(metrics);
        Self { at: (2..=most.max(2)).collect(), alpha, until_decided: true }
    }

    /// The last.
    #[must_use]
    pub fn last(&self) -> u32 {
        self.at.last().copied().unwrap_or_default()
    }
}

/// With fewer pairs the median has no interval at that level, and what never differed may yet.
pub(super) fn first(alpha: f64) -> u32 {
    let least = (1.0 - libm::log2(alpha)).ceil();
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few dozen")]
    let least = least as u32;
    least
}

fn spread(first: u32, last: u32, count: u32) -> Vec<u32> {
    if count == 1 {
        return vec![last];
    }
    let parts = (libm::pow(STEP, f64::from(count - 1)) - 1.0) / (STEP - 1.0);
    let step = f64::from(last - first) / parts;
    let all = (0..count).map(|number| {
        let passed = step * (libm::pow(STEP, f64::from(number)) - 1.0) / (STEP - 1.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most last")]
        let at = (f64::from(first) + passed).round() as u32;
        at
    });
    let mut all: Vec<u32> = all.collect();
    all.dedup();
    all
}

/// What strikes a smaller share of runs may not have been seen in so many, 19 times in 20.
#[must_use]
pub fn exposure(pairs: u32) -> f64 {
    1.0 - libm::pow(0.05, 1.0 / f64::from(pairs.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_those_that_were_worked_out_beforehand() {
        let thirty = Looks::planned(30, 50).unwrap();
        assert_eq!(thirty.at, [13, 16, 20, 26, 36, 50]);
        assert!((thirty.alpha - 2.777_8e-4).abs() < 1e-8);
        assert_eq!(Looks::planned(8, 50).unwrap().at, [11, 14, 18, 25, 35, 50]);
        assert_eq!(Looks::planned(1, 50).unwrap().at[0], 8);
    }

    #[test]
    fn where_there_is_little_room_there_are_fewer() {
        assert_eq!(Looks::planned(30, 12).unwrap().at, [12]);
        assert_eq!(Looks::planned(30, 10), None);
        let few = Looks::planned(8, 12).unwrap();
        assert_eq!(*few.at.last().unwrap(), 12);
        assert!(few.at.len() < 6 && few.at.is_sorted());
        assert!((few.alpha - 0.05 / (8.0 * few.at.len() as f64)).abs() < 1e-12);
        assert_eq!(Looks::until_decided(3, 5).at, [2, 3, 4, 5]);
    }

    #[test]
    fn fifty_runs_may_miss_what_strikes_one_in_seventeen() {
        assert!((exposure(50) - 0.058).abs() < 5e-4);
    }
}
