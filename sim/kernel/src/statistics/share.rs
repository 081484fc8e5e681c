//! The share of time that a condition held (up, within its objective, asleep).

use super::time_weighted::{Held, TimeWeighted};
use seatrial_contract::units::{Moment, Ppm, Span};

/// A condition watched over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share(TimeWeighted);

impl Share {
    /// Watched from `start` on.
    #[must_use]
    pub fn new(start: Moment, holds: bool) -> Self {
        Self(TimeWeighted::new(start, u64::from(holds)))
    }

    /// Whether it holds now.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.0.value() == 1
    }

    /// It holds, or not, from now on.
    #[inline]
    pub fn set(&mut self, now: Moment, holds: bool) {
        self.0.set(now, u64::from(holds));
    }

    /// Forgets the warm-up; the condition stays.
    pub fn reset(&mut self, now: Moment) {
        self.0.reset(now);
    }

    /// For how long it has held since the start.
    #[must_use]
    pub fn time(&self, now: Moment) -> Span {
        u64::try_from(self.0.integral(now)).map_or(Span::MAX, Span)
    }

    /// The share of time it has held, rounded down; where no time has passed, what holds now.
    #[must_use]
    pub fn share(&self, now: Moment) -> Ppm {
        let held = self.held(now);
        let parts = (held.integral * 1_000_000).checked_div(held.time);
        let parts = parts.unwrap_or_else(|| u128::from(self.0.value()) * 1_000_000);
        u32::try_from(parts).map_or(Ppm::WHOLE, Ppm)
    }

    /// The stretch so far, for merging with other times and other conditions; its mean is the
    /// share, unrounded.
    #[must_use]
    pub fn held(&self, now: Moment) -> Held {
        self.0.held(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_down_in_a_day_is_three_nines() {
        let mut up = Share::new(Moment::START, true);
        assert_eq!(up.share(Moment::START), Ppm::WHOLE);
        up.set(Moment::START + Span::hours(3), false);
        up.set(Moment::START + Span::minutes(181), true);
        let end = Moment::START + Span::days(1);
        // 1,439 ÷ 1,440 = 0.9993055…
        assert_eq!(up.share(end), Ppm(999_305));
        assert_eq!(up.time(end), Span::minutes(1_439));
        // Two conditions, one of them never up: the mean over both.
        let mut both = up.held(end);
        both.merge(Share::new(Moment::START, false).held(end));
        assert!((both.mean().unwrap() - 1_439.0 / 2_880.0).abs() < 1e-12);
    }
}
