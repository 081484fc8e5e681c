//! The distributions that a span of time may follow, as one small value without dynamic dispatch.

use super::bounded_pareto::BoundedPareto;
use super::empirical::Empirical;
use super::exponential::exponential;
use super::gamma::{Gamma, erlang};
use super::hyper_exponential::HyperExponential;
use super::impossible::{Impossible, positive};
use super::lognormal::Lognormal;
use super::rounding::{float, nanos, span};
use super::uniform::Uniform;
use super::weibull::Weibull;
use seatrial_contract::Stream;
use seatrial_contract::units::Span;
use std::sync::Arc;

/// How long something takes: 32 bytes at most, cheap to clone, made by the functions below.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Always the same span.
    Fixed(Span),
    /// Every whole nanosecond between two bounds, as likely as the next.
    Uniform(Uniform),
    /// Without memory; the mean in nanoseconds.
    Exponential {
        /// The mean in nanoseconds.
        mean: f64,
    },
    /// The sum of equal exponential phases.
    Erlang {
        /// How many.
        phases: u32,
        /// The mean of one, in nanoseconds.
        phase: f64,
    },
    /// Any squared coefficient of variation, light-tailed.
    Gamma(Gamma),
    /// A mixture of exponential distributions.
    HyperExponential(Arc<HyperExponential>),
    /// A normal logarithm.
    Lognormal(Lognormal),
    /// A hazard that is a power of age.
    Weibull(Weibull),
    /// A power distribution between bounds.
    BoundedPareto(BoundedPareto),
    /// What was measured.
    Empirical(Arc<Empirical>),
}

const _: () =
    assert!(size_of::<Distribution>() <= 32, "distributions are copied into events and components");

impl Distribution {
    /// Always this span.
    #[must_use]
    pub const fn fixed(span: Span) -> Self {
        Self::Fixed(span)
    }

    /// Between two bounds, both included.
    pub fn uniform(low: Span, high: Span) -> Result<Self, Impossible> {
        Uniform::between(low, high).map(Self::Uniform)
    }

    /// Exponential by mean.
    pub fn exponential(mean: Span) -> Result<Self, Impossible> {
        Ok(Self::Exponential { mean: positive(nanos(mean), "mean")? })
    }

    /// Erlang by the number of phases and the mean of their sum.
    pub fn erlang(phases: u32, mean: Span) -> Result<Self, Impossible> {
        let count = positive(float(u64::from(phases)), "number of phases")?;
        Ok(Self::Erlang { phases, phase: positive(nanos(mean), "mean")? / count })
    }

    /// Gamma by mean and squared coefficient of variation.
    pub fn gamma(mean: Span, scv: f64) -> Result<Self, Impossible> {
        Gamma::by_variation(mean, scv).map(Self::Gamma)
    }

    /// Hyper-exponential by (weight, mean) of each phase.
    pub fn hyper_exponential(phases: &[(u64, Span)]) -> Result<Self, Impossible> {
        HyperExponential::of(phases)
            .map(|distribution| Self::HyperExponential(Arc::new(distribution)))
    }

    /// Two-phase hyper-exponential with balanced means, by mean and squared coefficient of
    /// variation (1 and above).
    pub fn balanced(mean: Span, scv: f64) -> Result<Self, Impossible> {
        HyperExponential::balanced(mean, scv)
            .map(|distribution| Self::HyperExponential(Arc::new(distribution)))
    }

    /// Lognormal by median and 95th percentile.
    pub fn lognormal(median: Span, p95: Span) -> Result<Self, Impossible> {
        Lognormal::by_percentiles(median, p95).map(Self::Lognormal)
    }

    /// Lognormal by mean and squared coefficient of variation.
    pub fn lognormal_by_mean(mean: Span, scv: f64) -> Result<Self, Impossible> {
        Lognormal::by_mean(mean, scv).map(Self::Lognormal)
    }

    /// Weibull by shape and scale.
    pub fn weibull(shape: f64, scale: Span) -> Result<Self, Impossible> {
        Weibull::by_scale(shape, scale).map(Self::Weibull)
    }

    /// Weibull by shape and mean.
    pub fn weibull_by_mean(shape: f64, mean: Span) -> Result<Self, Impossible> {
        Weibull::by_mean(shape, mean).map(Self::Weibull)
    }

    /// Bounded Pareto by bounds and shape.
    pub fn bounded_pareto(low: Span, high: Span, shape: f64) -> Result<Self, Impossible> {
        BoundedPareto::between(low, high, shape).map(Self::BoundedPareto)
    }

    /// From values and their relative weights.
    pub fn empirical(values: &[(Span, u64)]) -> Result<Self, Impossible> {
        Empirical::weighted(values).map(|distribution| Self::Empirical(Arc::new(distribution)))
    }

    /// From raw samples.
    pub fn of_samples(samples: &[Span]) -> Result<Self, Impossible> {
        Empirical::of_samples(samples).map(|distribution| Self::Empirical(Arc::new(distribution)))
    }

    /// By mean and squared coefficient of variation, whatever distribution queueing analysis would take:
    /// fixed for 0, gamma below 1, exponential at 1, balanced hyper-exponential above.
    pub fn by_variation(mean: Span, scv: f64) -> Result<Self, Impossible> {
        if scv == 0.0 {
            return Ok(Self::Fixed(mean));
        }
        let near_one = (scv - 1.0).abs() < 1e-9;
        match scv {
            _ if near_one => Self::exponential(mean),
            _ if scv < 1.0 => Self::gamma(mean, scv),
            _ => Self::balanced(mean, scv),
        }
    }

    /// One draw, to the nearest nanosecond; capped at [`Span::MAX`].
    #[inline]
    pub fn sample(&self, stream: &mut Stream) -> Span {
        // The commonest distribution where it is asked for; all others share a call's cost.
        match self {
            Self::Exponential { mean } => span(mean * exponential(stream)),
            Self::Fixed(_)
            | Self::Uniform(_)
            | Self::Erlang { .. }
            | Self::Gamma(_)
            | Self::HyperExponential(_)
            | Self::Lognormal(_)
            | Self::Weibull(_)
            | Self::BoundedPareto(_)
            | Self::Empirical(_) => self.sample_other(stream),
        }
    }

    #[inline(never)]
    fn sample_other(&self, stream: &mut Stream) -> Span {
        let nanos = match self {
            Self::Fixed(always) => return *always,
            Self::Uniform(distribution) => return distribution.draw(stream),
            Self::Empirical(distribution) => return distribution.draw(stream),
            Self::Exponential { mean } => mean * exponential(stream),
            Self::Erlang { phases, phase } => phase * erlang(*phases, stream),
            Self::Gamma(distribution) => distribution.draw(stream),
            Self::HyperExponential(distribution) => distribution.draw(stream),
            Self::Lognormal(distribution) => distribution.draw(stream),
            Self::Weibull(distribution) => distribution.draw(stream),
            Self::BoundedPareto(distribution) => distribution.draw(stream),
        };
        span(nanos)
    }

    /// The mean, to the nearest nanosecond.
    #[must_use]
    pub fn mean(&self) -> Span {
        span(self.mean_nanos())
    }

    /// The mean in seconds, unrounded.
    #[must_use]
    pub fn mean_seconds(&self) -> f64 {
        self.mean_nanos() / 1e9
    }

    /// The squared coefficient of variation: variance ÷ mean². Every distribution here has one.
    #[must_use]
    pub fn scv(&self) -> f64 {
        match self {
            Self::Fixed(_) => 0.0,
            Self::Uniform(distribution) => distribution.scv(),
            Self::Exponential { .. } => 1.0,
            Self::Erlang { phases, .. } => 1.0 / float(u64::from(*phases)),
            Self::Gamma(distribution) => distribution.scv(),
            Self::HyperExponential(distribution) => distribution.scv(),
            Self::Lognormal(distribution) => distribution.scv(),
            Self::Weibull(distribution) => distribution.scv(),
            Self::BoundedPareto(distribution) => distribution.scv(),
            Self::Empirical(distribution) => distribution.scv(),
        }
    }

    fn mean_nanos(&self) -> f64 {
        match self {
            Self::Fixed(always) => nanos(*always),
            Self::Uniform(distribution) => distribution.mean(),
            Self::Exponential { mean } => *mean,
            Self::Erlang { phases, phase } => float(u64::from(*phases)) * phase,
            Self::Gamma(distribution) => distribution.mean(),
            Self::HyperExponential(distribution) => distribution.mean(),
            Self::Lognormal(distribution) => distribution.mean(),
            Self::Weibull(distribution) => distribution.mean(),
            Self::BoundedPareto(distribution) => distribution.mean(),
            Self::Empirical(distribution) => distribution.mean(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Span = Span::seconds(1);

    #[test]
    fn refuses_what_no_distribution_can_be() {
        let minute = Span::minutes(1);
        let cases = [
            (Distribution::exponential(Span::ZERO), Impossible::NotPositive("mean")),
            (Distribution::erlang(0, SECOND), Impossible::NotPositive("number of phases")),
            (Distribution::weibull(0.0, SECOND), Impossible::NotPositive("shape")),
            (Distribution::weibull(f64::NAN, SECOND), Impossible::NotPositive("shape")),
            (Distribution::weibull(0.001, SECOND), Impossible::OutOfReach("shape")),
            (
                Distribution::lognormal(minute, SECOND),
                Impossible::PercentileNotAbove { median: minute, p95: SECOND },
            ),
            (
                Distribution::uniform(minute, SECOND),
                Impossible::BoundsReversed { low: minute, high: SECOND },
            ),
            (Distribution::balanced(SECOND, 0.5), Impossible::TooRegular { scv: 0.5 }),
            (Distribution::hyper_exponential(&[(0, SECOND)]), Impossible::NoWeight),
            (Distribution::empirical(&[]), Impossible::NoWeight),
            (Distribution::of_samples(&[]), Impossible::NoWeight),
        ];
        for (distribution, expected) in cases {
            assert_eq!(distribution, Err(expected));
        }
    }

    #[test]
    fn moments_asked_for_are_moments_had() {
        for scv in [0.0, 0.25, 0.9, 1.0, 1.5, 16.0, 1e6] {
            let distribution = Distribution::by_variation(SECOND, scv).unwrap();
            assert_eq!(distribution.mean(), SECOND);
            assert!(
                (distribution.scv() - scv).abs() <= 1e-9 * (1.0 + scv),
                "{scv}: {}",
                distribution.scv()
            );
        }
        let distribution = Distribution::lognormal_by_mean(SECOND, 3.0).unwrap();
        assert_eq!(distribution.mean(), SECOND);
        assert!((distribution.scv() - 3.0).abs() < 1e-12);
        assert_eq!(Distribution::weibull_by_mean(0.7, SECOND).unwrap().mean(), SECOND);
    }
}
