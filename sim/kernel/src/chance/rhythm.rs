//! A weekly rhythm: how the hours of a week differ, and time warped by it.
//!
//! Operational time runs fast in busy hours and slowly in quiet ones, and as fast as the clock over
//! a whole week. A gap of any distribution, measured in operational time, lands on the rhythm; so does a
//! Poisson process. All in whole numbers. Draws nothing; knows no calendar and no time zone: a
//! moment's zero is midnight on the first day of the week, and a zone is a shift of it (`phase`).

use super::impossible::Impossible;
use super::rounding::{float, span};
use seatrial_contract::units::{Moment, Ppm, Span};

const HOUR: u64 = Span::hours(1).0;
const PIECES: usize = 168;
const WEEK: u64 = Span::days(7).0;
/// What a weekly mean of 1 is counted as.
const ONE: u64 = 1_000_000;
/// The operational time of a week: nanoseconds × parts per million.
const WHOLE: u128 = WEEK as u128 * ONE as u128;

/// A weekly profile of 168 hours with mean 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// The factor of each hour, in parts per million; they add up to 168 times one.
    factors: [u32; PIECES],
    /// Operational time passed at each hour's start, and at the week's end.
    passed: [u128; PIECES + 1],
    peak: u32,
}

impl Rhythm {
    /// Every hour like the next.
    #[must_use]
    pub fn flat() -> Self {
        Self::from_factors([1_000_000; PIECES])
    }

    /// From relative factors of the hours of a day and the days of a week; the product is scaled
    /// to a weekly mean of 1 and rounded to parts per million.
    pub fn new(hours: &[f64; 24], days: &[f64; 7]) -> Result<Self, Impossible> {
        let all = || days.iter().flat_map(|day| hours.iter().map(move |hour| day * hour));
        if hours.iter().chain(days).any(|factor| !factor.is_finite() || *factor < 0.0) {
            return Err(Impossible::BadFactor);
        }
        let sum: f64 = all().sum();
        if !sum.is_finite() || sum <= 0.0 {
            return Err(Impossible::BadFactor);
        }
        let target = PIECES as u64 * ONE;
        // Rounding the running sum, not each piece, makes the whole exact.
        let (mut factors, mut running, mut given) = ([0; PIECES], 0.0, 0);
        for (factor, part) in factors.iter_mut().zip(all()) {
            running += part;
            let due = span(running / sum * float(target)).0.clamp(given, target);
            *factor = u32::try_from(due - given).map_err(|_| Impossible::BadFactor)?;
            given = due;
        }
        Ok(Self::from_factors(factors))
    }

    fn from_factors(factors: [u32; PIECES]) -> Self {
        let mut passed = [0; PIECES + 1];
        for (piece, factor) in factors.iter().enumerate() {
            passed[piece + 1] = passed[piece] + u128::from(*factor) * u128::from(HOUR);
        }
        assert_eq!(passed[PIECES], WHOLE, "a week of operational time is a week");
        let peak = factors.iter().copied().max().unwrap_or_default();
        Self { factors, passed, peak }
    }

    /// How much busier this moment is than the mean.
    #[must_use]
    pub fn factor(&self, at: Moment, phase: Span) -> Ppm {
        Ppm(self.factors[piece(place(at, phase))])
    }

    /// The busiest hour's factor.
    #[must_use]
    pub const fn peak(&self) -> Ppm {
        Ppm(self.peak)
    }

    /// When the next hour begins, so that a factor can be held until then.
    #[must_use]
    pub fn next_change(&self, at: Moment, phase: Span) -> Moment {
        at.after(Span(HOUR - place(at, phase) % HOUR))
    }

    /// The operational time between two moments, rounded down.
    #[must_use]
    pub fn operational(&self, from: Moment, to: Moment, phase: Span) -> Span {
        let weeks = |at: Moment| weeks(at, phase);
        let whole = u128::from(weeks(to).saturating_sub(weeks(from))) * WHOLE;
        let passed = whole + self.passed_at(place(to, phase));
        let passed = passed.saturating_sub(self.passed_at(place(from, phase)));
        u64::try_from(passed / u128::from(ONE)).map_or(Span::MAX, Span)
    }

    /// The first moment by which so much operational time has passed since `from`.
    #[must_use]
    pub fn advance(&self, from: Moment, phase: Span, work: Span) -> Moment {
        if work == Span::ZERO {
            return from;
        }
        let start = place(from, phase);
        let due = self.passed_at(start) + u128::from(work.0) * u128::from(ONE);
        // In 1..=WHOLE, so that a target on the week's border is met before any quiet hours.
        let (weeks, rest) = match due {
            1..=WHOLE => (0, due),
            _ => ((due - 1) / WHOLE, (due - 1) % WHOLE + 1),
        };
        let next = self.passed.partition_point(|passed| *passed < rest);
        let (passed, factor) = (self.passed[next - 1], self.factors[next - 1]);
        let into = within(rest - passed, factor);
        let reached = weeks * u128::from(WEEK) + (next as u128 - 1) * u128::from(HOUR) + into;
        let later = reached.saturating_sub(u128::from(start));
        u64::try_from(later).map_or(Moment::NEVER, |later| from.after(Span(later)))
    }

    /// Operational time passed at a place in the week.
    fn passed_at(&self, place: u64) -> u128 {
        let piece = piece(place);
        self.passed[piece] + u128::from(place % HOUR) * u128::from(self.factors[piece])
    }
}

/// The time in which `operational` passes at `factor`, rounded up; one hour's worth fits 64 bits
/// but for factors above 5, which take the slower division.
fn within(operational: u128, factor: u32) -> u128 {
    match u64::try_from(operational) {
        Ok(small) => u128::from(small.div_ceil(u64::from(factor))),
        Err(_) => operational.div_ceil(u128::from(factor)),
    }
}

/// How far into its week a moment lies.
fn place(at: Moment, phase: Span) -> u64 {
    // Both parts are below a week, so the sum cannot overflow.
    let sum = at.0 % WEEK + phase.0 % WEEK;
    if sum >= WEEK { sum - WEEK } else { sum }
}

/// How many weeks have begun since the one that holds the run's start.
fn weeks(at: Moment, phase: Span) -> u64 {
    at.0 / WEEK + u64::from(at.0 % WEEK + phase.0 % WEEK >= WEEK)
}

fn piece(place: u64) -> usize {
    usize::try_from(place / HOUR).unwrap_or(PIECES).min(PIECES - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Nothing at night, twice as much after noon, half on the last two days.
    fn office() -> Rhythm {
        let mut hours = [0.0; 24];
        hours[8..18].fill(1.0);
        hours[13..16].fill(2.0);
        Rhythm::new(&hours, &[1.0, 1.0, 1.0, 1.0, 1.0, 0.5, 0.0]).unwrap()
    }

    #[test]
    fn a_flat_week_is_the_clock() {
        let rhythm = Rhythm::new(&[3.0; 24], &[0.7; 7]).unwrap();
        assert_eq!(rhythm, Rhythm::flat());
        let (at, work) = (Moment(123_456_789_012_345), Span(9_876_543_210_987_654));
        assert_eq!(rhythm.advance(at, Span::hours(5), work), at + work);
        assert_eq!(rhythm.operational(at, at + work, Span::hours(5)), work);
    }

    #[test]
    fn refuses_a_week_without_work() {
        assert_eq!(Rhythm::new(&[0.0; 24], &[1.0; 7]), Err(Impossible::BadFactor));
        assert_eq!(Rhythm::new(&[-1.0; 24], &[1.0; 7]), Err(Impossible::BadFactor));
        assert_eq!(Rhythm::new(&[f64::NAN; 24], &[1.0; 7]), Err(Impossible::BadFactor));
        assert_eq!(Rhythm::new(&[1e200; 24], &[1e200; 7]), Err(Impossible::BadFactor));
    }

    #[test]
    fn factors_keep_their_proportions() {
        let rhythm = office();
        // 13 hours' worth a day × 5.5 days = 71.5; 168 ÷ 71.5 = 2.349650.
        let at = |hours| rhythm.factor(Moment(Span::hours(hours).0), Span::ZERO).0;
        assert!(at(8).abs_diff(2_349_650) <= 1 && at(13).abs_diff(4_699_301) <= 1);
        assert!(at(5 * 24 + 8).abs_diff(1_174_825) <= 1);
        assert_eq!((at(3), at(6 * 24 + 12)), (0, 0));
        let noon = rhythm.factor(Moment::START, Span::hours(13)).0;
        assert!(rhythm.peak().0 - noon <= 1);
    }

    #[test]
    fn quiet_hours_are_leapt_over() {
        let rhythm = office();
        let evening = Moment(Span::hours(20).0);
        // The first nanosecond of work falls due in the first nanosecond of the next morning.
        assert_eq!(rhythm.advance(evening, Span::ZERO, Span(1)), Moment(Span::hours(32).0 + 1));
        // A week's work ends where the work of the week before had ended, not after the night.
        let ended = Moment(Span::hours(18).0);
        assert_eq!(rhythm.advance(ended, Span::ZERO, Span::days(7)), ended + Span::days(7));
        assert_eq!(rhythm.advance(evening, Span::ZERO, Span::days(7)), ended + Span::days(7));
        assert_eq!(rhythm.advance(evening, Span::ZERO, Span::MAX), Moment::NEVER);
    }

    #[test]
    fn the_next_change_is_the_next_hour() {
        let rhythm = office();
        let at = Moment(Span::minutes(90).0);
        assert_eq!(rhythm.next_change(at, Span::ZERO), Moment(Span::hours(2).0));
        assert_eq!(rhythm.next_change(at, Span::minutes(10)), Moment(Span::minutes(110).0));
    }

    proptest! {
        #[test]
        fn advancing_is_the_inverse_of_counting(
            from in 0u64..40 * WEEK,
            work in 0u64..3 * WEEK,
            phase in 0u64..2 * WEEK,
        ) {
            let (rhythm, from, phase) = (office(), Moment(from), Span(phase));
            let to = rhythm.advance(from, phase, Span(work));
            // Operational time passes up to 4.7 times as fast as the clock, which moves by whole
            // nanoseconds.
            let passed = rhythm.operational(from, to, phase).0;
            prop_assert!((work..=work + 5).contains(&passed), "{passed} against {work}");
            prop_assert!(work == 0 || rhythm.operational(from, Moment(to.0 - 1), phase).0 <= work);
        }

        #[test]
        fn two_steps_reach_what_one_does(from in 0u64..9 * WEEK, a in 0u64..WEEK, b in 0u64..WEEK) {
            let (rhythm, from, phase) = (office(), Moment(from), Span::ZERO);
            let one = rhythm.advance(from, phase, Span(a + b));
            let two = rhythm.advance(rhythm.advance(from, phase, Span(a)), phase, Span(b));
            // Each step rounds up by less than a nanosecond at the peak, more in slower hours.
            let apart = rhythm.operational(one.min(two), one.max(two), phase);
            prop_assert!(apart <= Span(10), "{one} {two}");
        }
    }
}
