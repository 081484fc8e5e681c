//! The gamma distribution, and the Erlang distribution as its whole shapes.

use super::exponential::exponential;
use super::impossible::{Impossible, in_reach, positive};
use super::normal::normal;
use super::rounding::{float, nanos};
use seatrial_contract::Stream;
use seatrial_contract::units::Span;

/// A gamma distribution over nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gamma {
    shape: f64,
    scale: f64,
}

/// Up to so many exponential phases are summed: beyond, Marsaglia and Tsang cost less.
const PHASES_SUMMED: u32 = 4;

impl Gamma {
    /// By shape and mean.
    pub fn by_mean(shape: f64, mean: Span) -> Result<Self, Impossible> {
        let shape = positive(shape, "shape")?;
        let scale = in_reach(positive(nanos(mean), "mean")? / shape, "shape")?;
        Ok(Self { shape, scale })
    }

    /// By mean and squared coefficient of variation.
    pub fn by_variation(mean: Span, scv: f64) -> Result<Self, Impossible> {
        let scv = positive(scv, "squared coefficient of variation")?;
        Self::by_mean(in_reach(1.0 / scv, "squared coefficient of variation")?, mean)
    }

    #[inline]
    pub(super) fn draw(&self, stream: &mut Stream) -> f64 {
        self.scale * standard(self.shape, stream)
    }

    /// The shape and the scale.
    pub(super) fn parts(&self) -> (f64, f64) {
        (self.shape, self.scale)
    }

    pub(super) fn mean(&self) -> f64 {
        self.scale * self.shape
    }

    pub(super) fn scv(&self) -> f64 {
        1.0 / self.shape
    }
}

/// The sum of so many exponential draws of mean 1.
#[inline]
pub(super) fn erlang(phases: u32, stream: &mut Stream) -> f64 {
    if phases > PHASES_SUMMED {
        return at_least_one(float(u64::from(phases)), stream);
    }
    (0..phases).fold(0.0, |sum, _| sum + exponential(stream))
}

fn standard(shape: f64, stream: &mut Stream) -> f64 {
    if shape >= 1.0 {
        return at_least_one(shape, stream);
    }
    // gamma(a) = gamma(a + 1) × unit^(1/a), and a unit's logarithm is exponential.
    let larger = at_least_one(shape + 1.0, stream);
    larger * libm::exp(-exponential(stream) / shape)
}

/// Marsaglia and Tsang 2000 for shapes of one and more; accepts 95% and more.
fn at_least_one(shape: f64, stream: &mut Stream) -> f64 {
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = normal(stream);
        let root = 1.0 + c * x;
        if root <= 0.0 {
            continue;
        }
        let v = root * root * root;
        let square = x * x;
        // -ln(unit) is exponential, so the usual test needs but one logarithm.
        if exponential(stream) > d * (v - 1.0 - libm::log(v)) - 0.5 * square {
            return d * v;
        }
    }
}
