//! The Weibull distribution: lifetimes whose hazard falls (shape below 1) or rises (above) with age.

use super::exponential::exponential;
use super::impossible::{Impossible, in_reach, positive};
use super::rounding::nanos;
use seatrial_contract::Stream;
use seatrial_contract::units::Span;

/// A Weibull distribution over nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weibull {
    /// One over the shape: the power that an exponential draw is raised to.
    power: f64,
    scale: f64,
}

impl Weibull {
    /// By shape and scale (the 63rd percentile).
    pub fn by_scale(shape: f64, scale: Span) -> Result<Self, Impossible> {
        let power = 1.0 / positive(shape, "shape")?;
        Self { power, scale: positive(nanos(scale), "scale")? }.checked()
    }

    /// By shape and mean, as failure studies are quoted.
    pub fn by_mean(shape: f64, mean: Span) -> Result<Self, Impossible> {
        let power = 1.0 / positive(shape, "shape")?;
        let mean = positive(nanos(mean), "mean")?;
        let scale = in_reach(mean / libm::tgamma(1.0 + power), "shape")?;
        Self { power, scale }.checked()
    }

    fn checked(self) -> Result<Self, Impossible> {
        in_reach(self.mean(), "shape")?;
        in_reach(1.0 + self.scv(), "shape")?;
        Ok(self)
    }

    #[inline]
    pub(super) fn draw(&self, stream: &mut Stream) -> f64 {
        self.scale * libm::pow(exponential(stream), self.power)
    }

    /// One over the shape, and the scale.
    pub(super) fn parts(&self) -> (f64, f64) {
        (self.power, self.scale)
    }

    pub(super) fn mean(&self) -> f64 {
        self.scale * libm::tgamma(1.0 + self.power)
    }

    pub(super) fn scv(&self) -> f64 {
        let first = libm::tgamma(1.0 + self.power);
        // A shape in the thousands leaves less spread than the rounding: never below none.
        (libm::tgamma(1.0 + 2.0 * self.power) / (first * first) - 1.0).max(0.0)
    }
}
