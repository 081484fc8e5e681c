//! The lognormal distribution: spans whose logarithm is normal. Human and start-up times look so.

use super::impossible::{Impossible, in_reach, positive};
use super::normal::normal;
use super::rounding::nanos;
use seatrial_contract::Stream;
use seatrial_contract::units::Span;

/// The 95th percentile of the standard normal distribution.
const Z95: f64 = 1.644_853_626_951_472_2;

/// A lognormal distribution over nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lognormal {
    median: f64,
    sigma: f64,
}

impl Lognormal {
    /// By the two numbers that people measure: median and 95th percentile.
    pub fn by_percentiles(median: Span, p95: Span) -> Result<Self, Impossible> {
        let middle = positive(nanos(median), "median")?;
        if p95 <= median {
            return Err(Impossible::PercentileNotAbove { median, p95 });
        }
        let sigma = libm::log(nanos(p95) / middle) / Z95;
        Self { median: middle, sigma }.checked()
    }

    /// By mean and squared coefficient of variation, as queueing formulas take them.
    pub fn by_mean(mean: Span, scv: f64) -> Result<Self, Impossible> {
        let mean = positive(nanos(mean), "mean")?;
        let scv = positive(scv, "squared coefficient of variation")?;
        let sigma = libm::log1p(scv).sqrt();
        Self { median: mean / (1.0 + scv).sqrt(), sigma }.checked()
    }

    fn checked(self) -> Result<Self, Impossible> {
        in_reach(self.mean() * self.mean() * self.scv(), "spread")?;
        Ok(self)
    }

    #[inline]
    pub(super) fn draw(&self, stream: &mut Stream) -> f64 {
        self.median * libm::exp(self.sigma * normal(stream))
    }

    /// The median and the deviation of the logarithm.
    pub(super) fn parts(&self) -> (f64, f64) {
        (self.median, self.sigma)
    }

    pub(super) fn mean(&self) -> f64 {
        self.median * libm::exp(0.5 * self.sigma * self.sigma)
    }

    pub(super) fn scv(&self) -> f64 {
        libm::expm1(self.sigma * self.sigma)
    }
}
