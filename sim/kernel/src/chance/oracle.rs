//! Holds every distribution to `rand_distr`'s sampler of the same distribution, and to its own formulas.

use super::{Distribution, exponential, normal};
use rand_distr::Distribution as Oracle;
use seatrial_contract::units::Span;
use seatrial_contract::{Dice, Purpose, Stream};
use std::convert::Infallible;

const SEED: u64 = 20_260_101;
const DRAWS: usize = 40_000;

/// Our streams in the words of the `rand` crates.
pub(super) struct Adapted(pub Stream);

impl rand_core::TryRng for Adapted {
    type Error = Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::try_from(self.0.bits() >> 32).unwrap())
    }
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.0.bits())
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.0.bits().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

fn stream(word: &str) -> Stream {
    Dice::new(SEED).stream(0, Purpose::new(word))
}

/// So many draws of a distribution, in seconds.
fn ours(distribution: &Distribution) -> Vec<f64> {
    let mut stream = stream("ours");
    (0..DRAWS).map(|_| distribution.sample(&mut stream).as_seconds()).collect()
}

/// So many draws of the oracle.
fn theirs(oracle: impl Oracle<f64>) -> Vec<f64> {
    let mut adapted = Adapted(stream("theirs"));
    (0..DRAWS).map(|_| oracle.sample(&mut adapted)).collect()
}

/// The largest distance of two empirical distribution functions (Kolmogorov and Smirnov).
pub(super) fn distance(a: &mut [f64], b: &mut [f64]) -> f64 {
    a.sort_unstable_by(f64::total_cmp);
    b.sort_unstable_by(f64::total_cmp);
    let (mut i, mut j, mut largest) = (0, 0, 0.0_f64);
    while i < a.len() && j < b.len() {
        let x = a[i].min(b[j]);
        i += a[i..].iter().take_while(|value| **value <= x).count();
        j += b[j..].iter().take_while(|value| **value <= x).count();
        largest = largest.max((share(i, a.len()) - share(j, b.len())).abs());
    }
    largest
}

#[expect(clippy::cast_precision_loss, reason = "counts of a test are small")]
fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

/// What the distance of two samples of one distribution exceeds once in a thousand seeds.
pub(super) fn critical(a: usize, b: usize) -> f64 {
    1.949 * (share(1, a) + share(1, b)).sqrt()
}

#[track_caller]
fn same_distribution(mut ours: Vec<f64>, mut theirs: Vec<f64>) {
    let limit = critical(ours.len(), theirs.len());
    let distance = distance(&mut ours, &mut theirs);
    println!("seed {SEED}: distance {distance:.5}, limit {limit:.5}");
    assert!(distance < limit, "seed {SEED}: {distance} is not below {limit}");
}

#[test]
fn the_test_tells_close_distributions_apart() {
    let exact = theirs(rand_distr::Exp::new(1.0).unwrap());
    let distribution = Distribution::gamma(Span::seconds(1), 0.9).unwrap();
    assert!(distance(&mut ours(&distribution), &mut exact.clone()) > critical(DRAWS, DRAWS));
}

#[test]
fn exponential_draws_as_the_oracle() {
    let distribution = Distribution::exponential(Span::seconds(2)).unwrap();
    same_distribution(ours(&distribution), theirs(rand_distr::Exp::new(0.5).unwrap()));
}

#[test]
fn lognormal_draws_as_the_oracle() {
    // ln 20 = 2.995732; (ln 120 - ln 20) ÷ 1.6448536 = 1.089313
    let distribution = Distribution::lognormal(Span::seconds(20), Span::minutes(2)).unwrap();
    same_distribution(
        ours(&distribution),
        theirs(rand_distr::LogNormal::new(2.995_732, 1.089_313).unwrap()),
    );
    let distribution = Distribution::lognormal_by_mean(Span::seconds(3), 4.0).unwrap();
    same_distribution(
        ours(&distribution),
        theirs(rand_distr::LogNormal::from_mean_cv(3.0, 2.0).unwrap()),
    );
}

#[test]
fn weibull_draws_as_the_oracle() {
    for shape in [0.7, 1.0, 2.5] {
        let distribution = Distribution::weibull(shape, Span::hours(3)).unwrap();
        same_distribution(
            ours(&distribution),
            theirs(rand_distr::Weibull::new(10_800.0, shape).unwrap()),
        );
    }
}

#[test]
fn gamma_and_erlang_draw_as_the_oracle() {
    for shape in [0.2, 0.9, 1.0, 3.3, 40.0] {
        let distribution = Distribution::gamma(Span::seconds(5), 1.0 / shape).unwrap();
        same_distribution(
            ours(&distribution),
            theirs(rand_distr::Gamma::new(shape, 5.0 / shape).unwrap()),
        );
    }
    for phases in [1_u32, 2, 4, 5, 30] {
        let distribution = Distribution::erlang(phases, Span::seconds(5)).unwrap();
        let shape = f64::from(phases);
        same_distribution(
            ours(&distribution),
            theirs(rand_distr::Gamma::new(shape, 5.0 / shape).unwrap()),
        );
    }
}

#[test]
fn bounded_pareto_draws_as_the_oracle() {
    let distribution =
        Distribution::bounded_pareto(Span::seconds(1), Span::seconds(50), 1.3).unwrap();
    let free = theirs(rand_distr::Pareto::new(1.0, 1.3).unwrap());
    same_distribution(ours(&distribution), free.into_iter().filter(|x| *x <= 50.0).collect());
}

#[test]
fn uniform_draws_as_the_oracle() {
    let distribution = Distribution::uniform(Span::seconds(1), Span::seconds(4)).unwrap();
    same_distribution(ours(&distribution), theirs(rand_distr::Uniform::new(1.0, 4.0).unwrap()));
}

#[test]
fn mixtures_draw_as_the_oracle() {
    let distribution =
        Distribution::hyper_exponential(&[(90, Span::seconds(1)), (10, Span::seconds(20))])
            .unwrap();
    let (short, long) = (rand_distr::Exp::new(1.0).unwrap(), rand_distr::Exp::new(0.05).unwrap());
    let mut adapted = Adapted(stream("theirs"));
    let mixed = (0..DRAWS).map(|_| {
        let rare = adapted.0.below(10) == 0;
        if rare { long.sample(&mut adapted) } else { short.sample(&mut adapted) }
    });
    same_distribution(ours(&distribution), mixed.collect());
}

#[test]
fn empirical_draws_as_the_oracle() {
    let weights = [5_u64, 0, 1, 70, 24];
    let values: Vec<_> = (0..).map(Span::seconds).zip(weights).collect();
    let distribution = Distribution::empirical(&values).unwrap();
    let oracle = rand_distr::weighted::WeightedAliasIndex::new(weights.to_vec()).unwrap();
    let mut adapted = Adapted(stream("theirs"));
    let drawn = (0..DRAWS).map(|_| f64::from(u32::try_from(oracle.sample(&mut adapted)).unwrap()));
    same_distribution(ours(&distribution), drawn.collect());
}

#[test]
fn ziggurats_follow_their_densities() {
    // Against the exact distribution functions, tails included, with ten times the draws.
    let many = DRAWS * 10;
    let limit = 1.949 / share(many, 1).sqrt();
    let mut source = stream("ziggurat");
    let mut units: Vec<f64> = (0..many).map(|_| -libm::expm1(-exponential(&mut source))).collect();
    let exact: Vec<f64> = (0..many).map(|at| share(at, many)).collect();
    let apart = distance(&mut units, &mut exact.clone());
    assert!(apart < limit, "seed {SEED}: exponential {apart}, limit {limit}");
    let mut source = stream("ziggurat");
    let drawn: Vec<f64> = (0..many).map(|_| normal(&mut source)).collect();
    // 3.654 is where the tail begins: 2 × 0.000129 × 400,000 = 103 lie beyond.
    let beyond = drawn.iter().filter(|x| x.abs() > 3.654).count();
    assert!((60..150).contains(&beyond), "seed {SEED}: {beyond}");
    let mut units: Vec<f64> =
        drawn.iter().map(|x| 0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)).collect();
    let apart = distance(&mut units, &mut exact.clone());
    assert!(apart < limit, "seed {SEED}: normal {apart}, limit {limit}");
}

#[test]
fn means_and_variations_are_those_of_the_draws() {
    for (name, distribution) in super::golden::distributions() {
        let mut source = stream(name);
        let drawn: Vec<f64> =
            (0..DRAWS).map(|_| distribution.sample(&mut source).as_seconds()).collect();
        let count = share(drawn.len(), 1);
        let mean = drawn.iter().sum::<f64>() / count;
        let variance = drawn.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count;
        let expected = (distribution.mean_seconds(), distribution.scv());
        // Five deviations of the mean; the variance's own spread is wide in the heavy tails.
        let allowed = 5.0 * expected.0 * (expected.1 / count).sqrt() + 1e-9;
        assert!((mean - expected.0).abs() <= allowed, "{name}: mean {mean}, {expected:?}");
        let scv = variance / (mean * mean);
        let allowed = 0.03 * (1.0 + expected.1) * expected.1 + 1e-12;
        assert!((scv - expected.1).abs() <= allowed, "{name}: scv {scv}, {expected:?}");
    }
}
