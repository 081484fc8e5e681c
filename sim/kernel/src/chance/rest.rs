//! What is left of a span that has begun: given how long it has lasted, or given nothing.

use super::bounded_pareto::BoundedPareto;
use super::distribution::Distribution;
use super::empirical::Empirical;
use super::exponential::exponential;
use super::gamma::{Gamma, erlang};
use super::hyper_exponential::HyperExponential;
use super::lognormal::Lognormal;
use super::normal::normal;
use super::rounding::{float, nanos, span};
use super::uniform::Uniform;
use super::weibull::Weibull;
use seatrial_contract::Stream;
use seatrial_contract::units::Span;

/// A span that has begun and is not over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnderWay {
    /// How long it has lasted.
    pub age: Span,
    /// How long it will last yet.
    pub rest: Span,
}

/// So many mean spans of a row of them are past its beginning, even with a heavy tail.
const ROW: u64 = 60;

impl Distribution {
    /// What is left of a span that has lasted so long and is not over: drawn from this distribution given
    /// that it is longer. None where no span of this distribution lasts so long.
    pub fn rest_after(&self, age: Span, stream: &mut Stream) -> Option<Span> {
        let old = nanos(age);
        let rest = match self {
            Self::Fixed(always) => return (*always > age).then(|| always.saturating_sub(age)),
            Self::Uniform(distribution) => return distribution.rest_after(age, stream),
            Self::Empirical(distribution) => return distribution.rest_after(age, stream),
            // Without memory.
            Self::Exponential { mean } => mean * exponential(stream),
            Self::Erlang { phases, phase } => {
                phase * erlang(phases_left(*phases, old / phase, stream), stream)
            }
            Self::Gamma(distribution) => distribution.rest_after(old, stream),
            Self::HyperExponential(distribution) => distribution.rest_after(old, stream),
            Self::Lognormal(distribution) => distribution.rest_after(old, stream),
            Self::Weibull(distribution) => distribution.rest_after(old, stream),
            Self::BoundedPareto(distribution) => distribution.rest_after(old, stream)?,
        };
        Some(span(rest))
    }

    /// Where a stranger who looks in at a random moment finds a span of this distribution: longer ones are
    /// met more often, and any place in one is as likely as the next.
    pub fn under_way(&self, stream: &mut Stream) -> UnderWay {
        let mean = self.mean().0.max(1);
        let mut left = Span(mean.saturating_mul(ROW)).saturating_add(Span(stream.below(mean)));
        for _ in 0..ROW * 20 {
            let whole = self.sample(stream);
            if whole > left {
                return UnderWay { age: left, rest: whole.saturating_sub(left) };
            }
            left = left.saturating_sub(whole);
        }
        UnderWay { age: Span::ZERO, rest: self.sample(stream) }
    }
}

/// How many phases are left, the one under way among them, when the first of so many has lasted
/// for `old` mean phases: a Poisson count of those that are over, given that not all are.
fn phases_left(phases: u32, old: f64, stream: &mut Stream) -> u32 {
    let logarithm = |over: u32| {
        let over = float(u64::from(over));
        let power = if over > 0.0 { over * libm::log(old.max(f64::MIN_POSITIVE)) } else { 0.0 };
        power - libm::lgamma(over + 1.0)
    };
    let most = (0..phases).map(logarithm).fold(f64::NEG_INFINITY, f64::max);
    let weight = |over: u32| libm::exp(logarithm(over) - most);
    let mut drawn = stream.unit() * (0..phases).map(weight).sum::<f64>();
    for over in 0..phases {
        drawn -= weight(over);
        if drawn < 0.0 {
            return phases - over;
        }
    }
    1
}

impl Uniform {
    fn rest_after(&self, age: Span, stream: &mut Stream) -> Option<Span> {
        let (low, high) = self.bounds();
        if age >= high {
            return None;
        }
        let low = low.max(age.saturating_add(Span(1)));
        Some(Span(low.0 - age.0 + stream.below((high.0 - low.0).saturating_add(1))))
    }
}

impl Empirical {
    fn rest_after(&self, age: Span, stream: &mut Stream) -> Option<Span> {
        let longer = || self.values().iter().filter(|(value, _)| *value > age);
        let whole: u64 = longer().map(|(_, weight)| weight).sum();
        if whole == 0 {
            return None;
        }
        let mut drawn = stream.below(whole);
        for (value, weight) in longer() {
            if drawn < *weight {
                return Some(value.saturating_sub(age));
            }
            drawn -= weight;
        }
        None
    }
}

impl HyperExponential {
    /// The longer it has lasted, the likelier it is of a slow phase.
    fn rest_after(&self, old: f64, stream: &mut Stream) -> f64 {
        let logarithm = |(share, mean): (f64, f64)| libm::log(share) - old / mean;
        let most = self.phases().map(logarithm).fold(f64::NEG_INFINITY, f64::max);
        let weight = |phase: (f64, f64)| libm::exp(logarithm(phase) - most);
        let mut drawn = stream.unit() * self.phases().map(weight).sum::<f64>();
        let mut slow = 0.0;
        for phase in self.phases() {
            drawn -= weight(phase);
            slow = phase.1;
            if drawn < 0.0 {
                break;
            }
        }
        slow * exponential(stream)
    }
}

impl Lognormal {
    fn rest_after(&self, old: f64, stream: &mut Stream) -> f64 {
        let (median, sigma) = self.parts();
        if old <= 0.0 {
            return self.draw(stream);
        }
        let drawn = normal_above(libm::log(old / median) / sigma, stream);
        (median * libm::exp(sigma * drawn) - old).max(0.0)
    }
}

/// A standard normal draw, given that it is above this (Robert 1995).
fn normal_above(least: f64, stream: &mut Stream) -> f64 {
    if least <= 0.0 {
        // At least every other draw is.
        loop {
            let drawn = normal(stream);
            if drawn > least {
                return drawn;
            }
        }
    }
    let rate = 0.5 * (least + (least * least + 4.0).sqrt());
    loop {
        let drawn = least + exponential(stream) / rate;
        let off = drawn - rate;
        // An exponential draw is minus the logarithm of a uniform one.
        if exponential(stream) > 0.5 * off * off {
            return drawn;
        }
    }
}

impl Weibull {
    /// A Weibull span is a power of an exponential one, which has no memory.
    fn rest_after(&self, old: f64, stream: &mut Stream) -> f64 {
        let (power, scale) = self.parts();
        let hazard = libm::pow(old / scale, 1.0 / power);
        (scale * libm::pow(hazard + exponential(stream), power) - old).max(0.0)
    }
}

impl BoundedPareto {
    /// Above its lower bound, it is the same distribution with a higher one.
    fn rest_after(&self, old: f64, stream: &mut Stream) -> Option<f64> {
        Some(self.above(old)?.draw(stream) - old)
    }
}

impl Gamma {
    fn rest_after(&self, old: f64, stream: &mut Stream) -> f64 {
        let (shape, scale) = self.parts();
        let least = old / scale;
        let excess = shape - 1.0;
        if least <= excess.max(0.0) {
            // Before the peak, most draws are longer.
            loop {
                let drawn = self.draw(stream);
                if drawn > old {
                    return drawn - old;
                }
            }
        }
        // Behind it, an exponential distribution lies above the density (Dagpunar 1978).
        let rate = if excess > 0.0 { 1.0 - excess / least } else { 1.0 };
        loop {
            let more = exponential(stream) / rate;
            let grown = excess * libm::log1p(more / least);
            let kept = if excess > 0.0 { grown - excess * more / least } else { grown };
            if -exponential(stream) < kept {
                return scale * more;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_contract::{Dice, Purpose};

    const HOUR: Span = Span::hours(1);

    fn distributions() -> Vec<Distribution> {
        vec![
            Distribution::uniform(HOUR, Span::hours(9)).unwrap(),
            Distribution::exponential(Span::hours(3)).unwrap(),
            Distribution::erlang(3, Span::hours(4)).unwrap(),
            Distribution::erlang(9, Span::hours(4)).unwrap(),
            Distribution::gamma(Span::hours(4), 0.4).unwrap(),
            Distribution::gamma(Span::hours(4), 3.0).unwrap(),
            Distribution::hyper_exponential(&[(3, HOUR), (1, Span::hours(9))]).unwrap(),
            Distribution::lognormal(Span::hours(2), Span::hours(20)).unwrap(),
            Distribution::weibull(0.6, Span::hours(3)).unwrap(),
            Distribution::weibull(2.0, Span::hours(5)).unwrap(),
            Distribution::bounded_pareto(HOUR, Span::hours(90), 1.2).unwrap(),
            Distribution::empirical(&[(HOUR, 3), (Span::hours(4), 2), (Span::hours(8), 1)])
                .unwrap(),
        ]
    }

    /// The shares of spans not longer than each of some lengths.
    fn shares(mut drawn: Vec<u64>) -> [f64; 3] {
        drawn.sort_unstable();
        let count = drawn.len() as f64;
        [HOUR, Span::hours(3), Span::hours(8)]
            .map(|at| drawn.partition_point(|one| *one <= at.0) as f64 / count)
    }

    #[test]
    fn what_is_left_is_what_is_left_of_those_that_lasted_so_long() {
        // The slow twin: draw, and keep those that are longer.
        for distribution in distributions() {
            for age in [Span::ZERO, Span::minutes(30), Span::hours(3), Span::hours(7)] {
                let mut stream = Dice::new(5).stream(1, Purpose::new("twin"));
                let (mut kept, mut rests) = (vec![], vec![]);
                for _ in 0..400_000 {
                    let drawn = distribution.sample(&mut stream);
                    if drawn > age && kept.len() < 20_000 {
                        kept.push(drawn.saturating_sub(age).0);
                        rests.push(distribution.rest_after(age, &mut stream).unwrap().0);
                    }
                }
                assert!(kept.len() > 1_000, "{distribution:?} at {age}: {} kept", kept.len());
                // Two shares of n draws each are apart by four deviations of √(½ ÷ n) at most.
                let apart = 4.0 * (0.5_f64 / kept.len() as f64).sqrt();
                for (one, other) in shares(kept).into_iter().zip(shares(rests)) {
                    assert!(
                        (one - other).abs() < apart,
                        "{distribution:?} at {age}: {one} and {other}"
                    );
                }
            }
        }
    }

    #[test]
    fn nothing_is_left_of_what_never_lasts_so_long() {
        let mut stream = Dice::new(5).stream(1, Purpose::new("never"));
        let fixed = Distribution::fixed(HOUR);
        assert_eq!(fixed.rest_after(Span::minutes(20), &mut stream), Some(Span::minutes(40)));
        for distribution in [
            fixed,
            Distribution::uniform(Span(1), HOUR).unwrap(),
            Distribution::of_samples(&[HOUR]).unwrap(),
        ] {
            assert_eq!(distribution.rest_after(HOUR, &mut stream), None);
        }
    }

    #[test]
    fn far_in_the_tail_what_is_left_is_finite() {
        let mut stream = Dice::new(6).stream(1, Purpose::new("tail"));
        for distribution in distributions() {
            if let Some(rest) = distribution.rest_after(Span::days(364), &mut stream) {
                assert!(rest < Span::days(36_500), "{distribution:?}: {rest}");
            }
        }
    }

    #[test]
    fn a_stranger_meets_long_spans_more_often() {
        // The mean age and the mean rest are both mean × (1 + scv) ÷ 2.
        for distribution in distributions() {
            let mut stream = Dice::new(7).stream(1, Purpose::new("stranger"));
            let (mut age, mut rest, count) = (0.0, 0.0, 20_000_u32);
            for _ in 0..count {
                let met = distribution.under_way(&mut stream);
                age += met.age.as_seconds() / f64::from(count);
                rest += met.rest.as_seconds() / f64::from(count);
            }
            let expected = distribution.mean_seconds() * (1.0 + distribution.scv()) / 2.0;
            for found in [age, rest] {
                // The heavy tails have large fourth moments: a tenth.
                let apart = (found / expected - 1.0).abs();
                assert!(
                    apart < if distribution.scv() > 2.0 { 0.25 } else { 0.04 },
                    "{distribution:?}: {apart}"
                );
            }
        }
    }
}
