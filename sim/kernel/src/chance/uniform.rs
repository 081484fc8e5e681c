//! The uniform distribution over the whole nanoseconds from one bound to another, both included.

use super::impossible::Impossible;
use super::rounding::nanos;
use seatrial_contract::Stream;
use seatrial_contract::units::Span;

/// A uniform distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uniform {
    low: Span,
    /// How far the upper bound lies above the lower.
    width: u64,
}

impl Uniform {
    /// Between two bounds.
    pub fn between(low: Span, high: Span) -> Result<Self, Impossible> {
        if high <= low {
            return Err(Impossible::BoundsReversed { low, high });
        }
        Ok(Self { low, width: high.0 - low.0 })
    }

    #[inline]
    pub(super) fn draw(&self, stream: &mut Stream) -> Span {
        Span(self.low.0 + stream.below(self.width.saturating_add(1)))
    }

    /// Both, included.
    pub(super) fn bounds(&self) -> (Span, Span) {
        (self.low, Span(self.low.0 + self.width))
    }

    pub(super) fn mean(&self) -> f64 {
        nanos(self.low) + 0.5 * nanos(Span(self.width))
    }

    pub(super) fn scv(&self) -> f64 {
        // n whole values have a variance of (n² - 1) ÷ 12, and n is the width plus one.
        let width = nanos(Span(self.width));
        width * (width + 2.0) / 12.0 / (self.mean() * self.mean())
    }
}
