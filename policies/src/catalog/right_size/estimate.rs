//! From what was seen to what should be asked for, as VPA's estimators do
//! (pkg/recommender/logic/estimator.go): a margin on top, and bounds that close in as more is known.
//! Knows no histogram and no container.

use seatrial_contract::units::{Bytes, MilliCores, Span};
use seatrial_contract::view::Footprint;

/// How much is known of a container: the smaller of how long it was watched and how often it was
/// seen, in units of an interval (a day) in which it is seen once a minute.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confidence(f64);

impl Confidence {
    /// Watched for so long and seen so often.
    #[must_use]
    pub fn new(watched: Span, samples: u32, interval: Span) -> Self {
        let minutes = interval.as_seconds() / 60.0;
        let lifespan = watched.as_seconds() / interval.as_seconds();
        Self(lifespan.min(f64::from(samples) / minutes))
    }

    /// The figure itself.
    #[must_use]
    pub fn figure(self) -> f64 {
        self.0
    }

    /// What a bound is multiplied by: `(1 + multiplier / confidence) ^ exponent`.
    #[must_use]
    pub fn factor(self, multiplier: f64, exponent: f64) -> f64 {
        libm::pow(1.0 + multiplier / self.0, exponent)
    }
}

/// Cpu and memory with this share on top.
#[must_use]
pub fn with_margin(of: Footprint, margin: f64) -> Footprint {
    of.plus(scaled(of, margin))
}

/// Cpu and memory multiplied, cut to whole units as VPA cuts them.
#[must_use]
pub fn scaled(of: Footprint, factor: f64) -> Footprint {
    let times = |amount: u64| cut(float(amount) * factor);
    Footprint { cpu: MilliCores(times(of.cpu.0)), memory: Bytes(times(of.memory.0)) }
}

/// From cores and bytes, cut to whole units as VPA cuts them.
#[must_use]
pub fn footprint(cores: f64, bytes: f64) -> Footprint {
    Footprint { cpu: MilliCores(cut(cores * 1_000.0)), memory: Bytes(cut(bytes)) }
}

#[expect(clippy::cast_precision_loss, reason = "amounts lie far below 2^53")]
pub(super) fn float(amount: u64) -> f64 {
    amount as f64
}

/// VPA's `MaxResourceAmount`.
const MOST: f64 = 1e14;

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "cut to whole units on purpose; below 1e14, and a negative or undefined one is none"
)]
fn cut(amount: f64) -> u64 {
    amount.min(MOST) as u64
}
