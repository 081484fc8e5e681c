//! Two ways to one process: thinning and warping a Poisson process must agree.

use super::oracle::{critical, distance};
use super::{Distribution, Rhythm, next_arrival};
use seatrial_contract::units::{Moment, Ppm, Span};
use seatrial_contract::{Dice, Purpose};

const SEED: u64 = 77;
const GAP: Span = Span::minutes(5);
const WEEKS: u64 = 20;

fn workplace() -> Rhythm {
    let mut hours = [0.2; 24];
    hours[8..18].fill(1.0);
    hours[3] = 0.0;
    hours[11] = 1.8;
    Rhythm::new(&hours, &[1.0, 1.1, 1.0, 1.0, 0.8, 0.3, 0.2]).unwrap()
}

/// All arrivals of twenty weeks by one way of finding the next.
fn arrivals(mut next: impl FnMut(Moment) -> Moment) -> Vec<Moment> {
    let mut at = Moment::START;
    let mut all = Vec::new();
    loop {
        at = next(at);
        if at >= Moment::START + Span::days(7 * WEEKS) {
            return all;
        }
        all.push(at);
    }
}

fn warped(rhythm: &Rhythm, phase: Span) -> Vec<Moment> {
    let mut stream = Dice::new(SEED).stream(0, Purpose::new("warped"));
    let gap = Distribution::exponential(GAP).unwrap();
    arrivals(|at| rhythm.advance(at, phase, gap.sample(&mut stream)))
}

fn thinned(rhythm: &Rhythm, phase: Span) -> Vec<Moment> {
    let mut stream = Dice::new(SEED).stream(0, Purpose::new("thinned"));
    arrivals(|at| rhythm.next_arrival(at, phase, GAP, &mut stream))
}

/// Where in the week each arrival falls, in seconds.
fn places(all: &[Moment], phase: Span) -> Vec<f64> {
    let place = |at: &Moment| Span((at.0 + phase.0) % Span::days(7).0).as_seconds();
    all.iter().map(place).collect()
}

fn gaps(all: &[Moment]) -> Vec<f64> {
    all.windows(2).map(|pair| (pair[1] - pair[0]).as_seconds()).collect()
}

#[track_caller]
fn same(mut a: Vec<f64>, mut b: Vec<f64>) {
    let (apart, limit) = (distance(&mut a, &mut b), critical(a.len(), b.len()));
    println!("seed {SEED}: distance {apart:.5}, limit {limit:.5}");
    assert!(apart < limit, "seed {SEED}: {apart} is not below {limit}");
}

#[test]
fn thinning_and_warping_agree() {
    let (rhythm, phase) = (workplace(), Span::hours(30));
    let (warped, thinned) = (warped(&rhythm, phase), thinned(&rhythm, phase));
    // 20 weeks × 2,016 gaps a week = 40,320, with a deviation of 201.
    for all in [&warped, &thinned] {
        assert!(all.len().abs_diff(40_320) < 800, "seed {SEED}: {}", all.len());
    }
    same(places(&warped, phase), places(&thinned, phase));
    same(gaps(&warped), gaps(&thinned));
}

#[test]
fn arrivals_fall_on_the_rhythm() {
    let (rhythm, phase) = (workplace(), Span::hours(30));
    let mut by_hour = [0.0_f64; 168];
    for at in warped(&rhythm, phase) {
        let hour = (at.0 + phase.0) / Span::hours(1).0 % 168;
        by_hour[usize::try_from(hour).unwrap()] += 1.0;
    }
    for (hour, seen) in (0..).zip(by_hour) {
        let start = Moment::START + Span::hours(hour);
        let expected = 240.0 * f64::from(rhythm.factor(start, Span::ZERO).0) / 1e6;
        // Twenty weeks × twelve gaps an hour; five deviations.
        let allowed = 5.0 * expected.sqrt();
        assert!((seen - expected).abs() <= allowed, "hour {hour}: {seen} against {expected}");
    }
}

#[test]
fn thinning_by_any_share_agrees_with_the_rhythm_s() {
    let (rhythm, phase) = (workplace(), Span::ZERO);
    let peak = u64::from(rhythm.peak().0);
    let gap_least = Span(GAP.0 * 1_000_000 / peak);
    let share = |at| {
        let share = u64::from(rhythm.factor(at, phase).0) * 1_000_000 / peak;
        Ppm(u32::try_from(share).unwrap())
    };
    let mut stream = Dice::new(SEED).stream(0, Purpose::new("share"));
    let general = arrivals(|at| next_arrival(at, gap_least, share, &mut stream));
    same(places(&general, phase), places(&thinned(&rhythm, phase), phase));
}

#[test]
fn arrivals_that_never_come_are_never() {
    let mut stream = Dice::new(SEED).stream(0, Purpose::new("never"));
    let none = next_arrival(Moment::START, Span::days(10_000), |_| Ppm::ZERO, &mut stream);
    assert_eq!(none, Moment::NEVER);
}
