//! The Pareto distribution between two bounds: heavy-tailed, with every moment finite.

use super::impossible::{Impossible, in_reach, positive};
use super::rounding::nanos;
use seatrial_contract::Stream;
use seatrial_contract::units::Span;

/// A bounded Pareto distribution over nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoundedPareto {
    low: f64,
    /// ln(high ÷ low).
    reach: f64,
    shape: f64,
}

impl BoundedPareto {
    /// By the shape (the tail's exponent) and the bounds.
    pub fn between(low: Span, high: Span, shape: f64) -> Result<Self, Impossible> {
        let shape = positive(shape, "shape")?;
        let floor = positive(nanos(low), "lower bound")?;
        if high <= low {
            return Err(Impossible::BoundsReversed { low, high });
        }
        let reach = in_reach(libm::log(nanos(high) / floor), "distance of the bounds")?;
        let distribution = Self { low: floor, reach, shape };
        in_reach(distribution.moment(1.0), "shape")?;
        in_reach(distribution.moment(2.0), "shape")?;
        Ok(distribution)
    }

    #[inline]
    pub(super) fn draw(&self, stream: &mut Stream) -> f64 {
        let kept = stream.unit() * libm::expm1(-self.shape * self.reach);
        self.low * libm::exp(-libm::log1p(kept) / self.shape)
    }

    /// The span that this share of all does not exceed.
    pub(super) fn quantile(&self, share: f64) -> f64 {
        let kept = share * libm::expm1(-self.shape * self.reach);
        self.low * libm::exp(-libm::log1p(kept) / self.shape)
    }

    /// The distribution of those that are above this; none where nobody is.
    pub(super) fn above(&self, least: f64) -> Option<Self> {
        if least <= self.low {
            return Some(*self);
        }
        let reach = self.reach - libm::log(least / self.low);
        (reach > 0.0).then_some(Self { low: least, reach, ..*self })
    }

    pub(super) fn mean(&self) -> f64 {
        self.low * self.moment(1.0)
    }

    pub(super) fn scv(&self) -> f64 {
        let first = self.moment(1.0);
        self.moment(2.0) / (first * first) - 1.0
    }

    /// The moment of this order, in units of the lower bound's power.
    fn moment(&self, order: f64) -> f64 {
        let excess = order - self.shape;
        // (high ÷ low)^excess - 1 over excess, which is the logarithm where the excess vanishes.
        let grown =
            if excess == 0.0 { self.reach } else { libm::expm1(excess * self.reach) / excess };
        self.shape * grown / -libm::expm1(-self.shape * self.reach)
    }
}
