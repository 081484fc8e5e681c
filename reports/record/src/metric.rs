//! One number that a run found, with its name and unit.

use serde::{Deserialize, Serialize};

/// What a metric is counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Things.
    Count,
    /// Parts of a whole, from 0 to 1.
    Share,
    /// Seconds.
    Seconds,
    /// Dollars.
    Dollars,
    /// Cores.
    Cores,
    /// Bytes.
    Bytes,
    /// Events in a second.
    PerSecond,
    /// A plain ratio.
    #[default]
    Ratio,
}

impl Unit {
    /// The word for it in documents.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Share => "share",
            Self::Seconds => "seconds",
            Self::Dollars => "dollars",
            Self::Cores => "cores",
            Self::Bytes => "bytes",
            Self::PerSecond => "per-second",
            Self::Ratio => "ratio",
        }
    }
}

/// One number that a run found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// Its name: `wake_wait_p95`, or with a part of the world: `bill_month.tier.free`.
    pub name: String,
    /// Its value; absent where nothing was there to measure.
    pub value: Option<f64>,
    /// What it is counted in.
    pub unit: Unit,
    /// How far it may be off, 19 times in 20, since only part of the time was lived through; absent where
    /// all was, and where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<f64>,
}

impl Metric {
    /// A metric of this name.
    #[must_use]
    pub fn new(name: impl Into<String>, unit: Unit, value: impl Into<Option<f64>>) -> Self {
        let value = value.into().filter(|value: &f64| value.is_finite());
        Self { name: name.into(), value, unit, within: None }
    }
}
