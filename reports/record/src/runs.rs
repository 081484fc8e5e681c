//! One or several runs of a scenario, merged: what a planner is told.

use crate::{Metric, Record, Unit};
use serde::{Deserialize, Serialize};

/// Runs of one scenario over one or several seeds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Runs {
    /// The first run, whole.
    pub first: Record,
    /// The seeds, in the order run.
    pub seeds: Vec<u64>,
    /// The digest over all records, in the order of seeds.
    pub record_digest: String,
    /// Events of all runs.
    pub events: u64,
    /// Each metric over all runs.
    pub estimates: Vec<Estimate>,
    /// Objectives, then claims, judged by the means over all runs.
    pub goals: Vec<Goal>,
    /// What each run measured, in the order of seeds; not in the text of what was merged.
    #[serde(skip)]
    pub each: Vec<Each>,
}

/// What one of several runs measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Each {
    /// Its seed.
    pub seed: u64,
    /// The digest of its record.
    pub digest: String,
    /// How many events it took.
    pub events: u64,
    /// All that was measured.
    pub metrics: Vec<Metric>,
}

/// A metric over several runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The metric.
    pub name: String,
    /// Its mean over the runs that have it.
    pub value: Option<f64>,
    /// The lower end of its 95 % confidence interval, with at least two runs.
    pub ci_low: Option<f64>,
    /// The upper end.
    pub ci_high: Option<f64>,
    /// What it is counted in.
    pub unit: Unit,
}

/// Whose wish a goal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GoalKind {
    /// It must hold.
    Objective,
    /// A document promises it.
    Claim,
}

/// What a metric may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    /// Not below this.
    pub at_least: Option<f64>,
    /// Not above this.
    pub at_most: Option<f64>,
}

/// An objective or a claim, and whether it holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// Objective or claim.
    pub kind: GoalKind,
    /// Its name.
    pub name: String,
    /// Where a claim is made.
    pub source: String,
    /// The metric.
    pub metric: String,
    /// What it was.
    pub value: Option<f64>,
    /// What it may be.
    pub bound: Bound,
    /// What it is counted in.
    pub unit: Unit,
    /// Whether it holds; nothing holds of what was not measured.
    pub holds: bool,
}

impl Bound {
    /// Whether a value keeps it.
    #[must_use]
    pub fn holds(&self, value: f64) -> bool {
        self.at_least.is_none_or(|least| value >= least)
            && self.at_most.is_none_or(|most| value <= most)
    }
}

impl Runs {
    /// The digest over several records' digests; that of one record is its own.
    #[must_use]
    pub fn digest(of_records: &[&str]) -> String {
        if let [only] = of_records {
            return (*only).to_owned();
        }
        let mut hasher = blake3::Hasher::new();
        for digest in of_records {
            hasher.update(digest.as_bytes());
        }
        hasher.finalize().to_hex().as_str().into()
    }
}
