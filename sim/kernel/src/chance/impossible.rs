//! What no distribution can be made of. Knows no file and no place in one: the parser adds those.

use seatrial_contract::units::Span;
use std::fmt;

/// Why parameters make no distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Impossible {
    /// The named parameter must be a positive, finite number.
    NotPositive(&'static str),
    /// The named parameter is so extreme that the distribution's moments leave what can be counted.
    OutOfReach(&'static str),
    /// The 95th percentile must lie above the median.
    PercentileNotAbove {
        /// The median given.
        median: Span,
        /// The 95th percentile given.
        p95: Span,
    },
    /// The upper bound must lie above the lower.
    BoundsReversed {
        /// The lower bound given.
        low: Span,
        /// The upper bound given.
        high: Span,
    },
    /// A hyper-exponential distribution varies at least as much as an exponential one.
    TooRegular {
        /// The squared coefficient of variation given.
        scv: f64,
    },
    /// There is nothing to draw from: no value, or no weight on any.
    NoWeight,
    /// A relative factor is negative or no number.
    BadFactor,
}

impl fmt::Display for Impossible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotPositive(what) => write!(f, "the {what} must be positive and finite"),
            Self::OutOfReach(what) => write!(f, "the {what} is too extreme to compute with"),
            Self::PercentileNotAbove { median, p95 } => {
                write!(f, "the 95th percentile ({p95}) must lie above the median ({median})")
            }
            Self::BoundsReversed { low, high } => {
                write!(f, "the upper bound ({high}) must lie above the lower ({low})")
            }
            Self::TooRegular { scv } => write!(
                f,
                "a squared coefficient of variation of {scv} is below 1; use an Erlang distribution"
            ),
            Self::NoWeight => write!(f, "there is nothing to draw from: no value has weight"),
            Self::BadFactor => write!(f, "a factor must be zero or more, and one must be above"),
        }
    }
}

impl std::error::Error for Impossible {}

/// The value, if it is positive and finite.
pub(super) fn positive(value: f64, what: &'static str) -> Result<f64, Impossible> {
    if value.is_finite() && value > 0.0 { Ok(value) } else { Err(Impossible::NotPositive(what)) }
}

/// The value, if it is positive and finite, where it was computed from valid parameters.
pub(super) fn in_reach(value: f64, what: &'static str) -> Result<f64, Impossible> {
    if value.is_finite() && value > 0.0 { Ok(value) } else { Err(Impossible::OutOfReach(what)) }
}
