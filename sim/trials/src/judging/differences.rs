//! How a metric is compared: on which scale, what counts as a difference, and which way is better. Declared before the
//! first run, never read off what was found.

/// What is compared, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// The metric.
    pub name: String,
    /// On which scale.
    pub scale: Scale,
    /// A smaller difference is none, on that scale.
    pub margin: f64,
    /// Which way is better.
    pub better: Better,
}

/// On which scale values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// By their ratio: its logarithm.
    Ratio,
    /// By their difference, in the metric's own unit.
    Difference,
    /// It is so or it is not: 1 or 0.
    YesNo,
}

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// Less of it.
    Less,
    /// More of it.
    More,
    /// Neither.
    Neither,
}

impl Scale {
    /// How far the second is from the first; nothing where one is absent alone, or they have no ratio.
    #[must_use]
    pub fn difference(self, pair: (Option<f64>, Option<f64>)) -> f64 {
        match (self, pair) {
            (_, (None, None)) => 0.0,
            (_, (Some(first), Some(second))) if first.to_bits() == second.to_bits() => 0.0,
            (Self::Ratio, (Some(first), Some(second))) if first > 0.0 && second > 0.0 => {
                libm::log(second / first)
            }
            (Self::Ratio, (Some(first), Some(second))) if first >= 0.0 && second >= 0.0 => {
                if second > first { f64::INFINITY } else { f64::NEG_INFINITY }
            }
            (Self::Difference | Self::YesNo, (Some(first), Some(second))) => second - first,
            (Self::Ratio, (Some(_), Some(_))) | (_, (None, Some(_)) | (Some(_), None)) => f64::NAN,
        }
    }

    /// A value on it.
    #[must_use]
    pub fn place(self, value: f64) -> f64 {
        match self {
            Self::Ratio => libm::log(value),
            Self::Difference | Self::YesNo => value,
        }
    }
}
