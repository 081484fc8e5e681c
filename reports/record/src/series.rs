//! What a run was like over time: one stretch after another is handed to who keeps it. Keeps nothing itself.

use crate::Unit;

/// What a series is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesHead {
    /// What is measured: `connections`.
    pub series: &'static str,
    /// What kind of thing it is measured of: `database`; `run` for all together.
    pub kind: &'static str,
    /// Which of them; empty where there is one.
    pub of: String,
    /// What it is counted in.
    pub unit: Unit,
    /// What its points say.
    pub shape: Shape,
}

/// What the points of a series say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// What was there: the least, the mean over time and the most.
    Level,
    /// How much came: the total of the stretch.
    Sum,
    /// How long things took that ended within the stretch: how many, the mean, quantiles and the most.
    Times,
    /// A part of a whole: the mean, and the whole as total.
    Ratio,
}

impl Shape {
    /// The word for it in data.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::Sum => "sum",
            Self::Times => "times",
            Self::Ratio => "ratio",
        }
    }
}

/// What a series came to in one stretch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// The least.
    pub least: Option<f64>,
    /// The mean.
    pub mean: Option<f64>,
    /// The most.
    pub most: Option<f64>,
    /// All that came.
    pub total: Option<f64>,
    /// What half of them do not exceed.
    pub p50: Option<f64>,
    /// What 95 in 100 do not exceed.
    pub p95: Option<f64>,
    /// What 99 in 100 do not exceed.
    pub p99: Option<f64>,
}

/// From one moment to another, in nanoseconds since the start of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// From then on.
    pub from: u64,
    /// Until then.
    pub until: u64,
    /// So much of it was lived through, in nanoseconds; what was not is taken to be like it.
    pub lived: u64,
}

/// Keeps series; is told in the order of time.
pub trait SeriesSink: Send + Sync {
    /// Which series there are; comes once, before all stretches.
    fn begin(&self, heads: &[SeriesHead]);
    /// What the series from this place on came to, one after another.
    fn stretch(&self, stretch: Stretch, first: usize, points: &[Point]);
}
