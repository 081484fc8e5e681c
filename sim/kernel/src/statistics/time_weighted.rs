//! A value held over time: its integral, mean and extremes. Knows no clock; `now` is handed in.

use super::float_wide;
use seatrial_contract::units::{Moment, Span};

/// A value that changes at moments and is held between them (a queue, replicas, busy cores).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeWeighted {
    value: u64,
    changed: Moment,
    start: Moment,
    /// Value × nanoseconds from the start to the last change.
    integral: u128,
    /// Since somebody looked last.
    least: u64,
    most: u64,
    /// Before that.
    minimum: u64,
    maximum: u64,
}

/// What a finished stretch of one or more values amounted to; stretches merge exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Nanoseconds observed, of all values together.
    pub time: u128,
    /// Value × nanoseconds.
    pub integral: u128,
    /// The least value, though held for no time.
    pub minimum: u64,
    /// The largest value, though held for no time.
    pub maximum: u64,
}

impl TimeWeighted {
    /// Observed from `start` on.
    #[must_use]
    pub const fn new(start: Moment, value: u64) -> Self {
        Self {
            value,
            changed: start,
            start,
            integral: 0,
            least: value,
            most: value,
            minimum: value,
            maximum: value,
        }
    }

    /// What it is now.
    #[must_use]
    pub const fn value(&self) -> u64 {
        self.value
    }

    /// It is `value` from now on.
    #[inline]
    pub fn set(&mut self, now: Moment, value: u64) {
        self.integral = self.integral(now);
        self.changed = now;
        self.value = value;
        self.least = self.least.min(value);
        self.most = self.most.max(value);
    }

    /// The least and the largest value since somebody looked last, though held for no time; from now on they
    /// begin anew with the value that it has.
    pub fn look(&mut self) -> (u64, u64) {
        let seen = (self.least, self.most);
        (self.minimum, self.maximum) = (self.minimum(), self.maximum());
        (self.least, self.most) = (self.value, self.value);
        seen
    }

    /// It is more or less by `delta` from now on; it never falls below nothing.
    #[inline]
    pub fn add(&mut self, now: Moment, delta: i64) {
        let value = self.value.checked_add_signed(delta).expect("a held value fell below nothing");
        self.set(now, value);
    }

    /// It came to so much in all until now, counted elsewhere; the value itself stays as it was.
    pub fn restate(&mut self, now: Moment, integral: u128) {
        self.integral = integral;
        self.changed = now;
    }

    /// Forgets the warm-up; the value stays.
    pub fn reset(&mut self, now: Moment) {
        assert!(now >= self.changed, "statistics in the past");
        *self = Self::new(now, self.value);
    }

    /// Value × nanoseconds from the start until now.
    #[inline]
    #[must_use]
    pub fn integral(&self, now: Moment) -> u128 {
        assert!(now >= self.changed, "statistics in the past");
        self.integral + u128::from(self.value) * u128::from(now.0 - self.changed.0)
    }

    /// The mean from the start until now; the value itself where no time has passed.
    #[must_use]
    pub fn mean(&self, now: Moment) -> f64 {
        self.held(now).mean().unwrap_or_else(|| super::float(self.value))
    }

    /// The least value since the start, though held for no time.
    #[must_use]
    pub const fn minimum(&self) -> u64 {
        if self.least < self.minimum { self.least } else { self.minimum }
    }

    /// The largest value since the start, though held for no time.
    #[must_use]
    pub const fn maximum(&self) -> u64 {
        if self.most > self.maximum { self.most } else { self.maximum }
    }

    /// The stretch from the start until now.
    #[must_use]
    pub fn held(&self, now: Moment) -> Held {
        let integral = self.integral(now);
        let time = u128::from(now.0 - self.start.0);
        Held { time, integral, minimum: self.minimum(), maximum: self.maximum() }
    }
}

impl Held {
    /// With another stretch: of the same value at another time, or of another value.
    pub fn merge(&mut self, other: Self) {
        self.time += other.time;
        self.integral += other.integral;
        self.minimum = self.minimum.min(other.minimum);
        self.maximum = self.maximum.max(other.maximum);
    }

    /// The mean over all time observed; `None` over none.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.time > 0).then(|| float_wide(self.integral) / float_wide(self.time))
    }

    /// All time observed, capped at [`Span::MAX`].
    #[must_use]
    pub fn observed(&self) -> Span {
        u64::try_from(self.time).map_or(Span::MAX, Span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_mean_weighs_by_time() {
        let mut queue = TimeWeighted::new(Moment(100), 2);
        queue.set(Moment(200), 5);
        queue.add(Moment(250), -4);
        // 2 × 100 + 5 × 50 + 1 × 50 = 500 over 200.
        assert_eq!(queue.integral(Moment(300)), 500);
        assert!((queue.mean(Moment(300)) - 2.5).abs() < 1e-12);
        assert_eq!((queue.minimum(), queue.maximum()), (1, 5));
        queue.reset(Moment(300));
        assert_eq!(queue, TimeWeighted::new(Moment(300), 1));
        assert!((queue.mean(Moment(300)) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn looks_see_each_peak_once_and_take_nothing_from_the_whole() {
        let mut queue = TimeWeighted::new(Moment(0), 2);
        queue.set(Moment(10), 9);
        queue.set(Moment(11), 3);
        assert_eq!(queue.look(), (2, 9));
        assert_eq!(queue.look(), (3, 3));
        queue.set(Moment(20), 1);
        assert_eq!(queue.look(), (1, 3));
        assert_eq!((queue.minimum(), queue.maximum()), (1, 9));
        assert_eq!(queue.held(Moment(20)).maximum, 9);
    }

    #[test]
    fn centuries_of_the_largest_value_fit() {
        let held = TimeWeighted::new(Moment::START, u64::MAX);
        assert_eq!(held.integral(Moment::NEVER), u128::from(u64::MAX) * u128::from(u64::MAX));
    }

    #[test]
    #[should_panic(expected = "in the past")]
    fn time_does_not_run_backwards() {
        TimeWeighted::new(Moment(5), 0).set(Moment(4), 1);
    }

    proptest! {
        #[test]
        fn stretches_merge_to_the_whole(
            steps in prop::collection::vec((0u64..1_000, 0u64..50), 1..60),
            cut in 0usize..60,
        ) {
            let mut whole = TimeWeighted::new(Moment(7), 3);
            let (mut part, mut first) = (whole, None);
            let mut now = Moment(7);
            for (at, (wait, value)) in steps.iter().enumerate() {
                now = now.after(Span(*wait));
                if at == cut {
                    first = Some(part.held(now));
                    part.reset(now);
                }
                whole.set(now, *value);
                part.set(now, *value);
            }
            let mut merged = part.held(now);
            if let Some(first) = first {
                merged.merge(first);
            }
            prop_assert_eq!(merged, whole.held(now));
        }
    }
}
