//! Sweeps: what is planned, what each of its runs found, and what all of them come to. Plain data; runs nothing.

use crate::{Goal, Record, Runs};
use serde::{Deserialize, Serialize};

/// The version of [`SweepPlan`].
pub const PLAN_VERSION: u32 = 1;
/// The version of [`UnitFound`].
pub const UNIT_VERSION: u32 = 1;
/// The version of the document that a sweep writes.
pub const SWEPT_VERSION: u32 = 1;

/// What is varied, and the values that it takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SweepAxis {
    /// What `--set` reaches, or `tenants`.
    pub key: String,
    /// As they would be written behind `--set KEY=`.
    pub values: Vec<String>,
}

/// All runs of a sweep, before they are run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SweepPlan {
    /// [`PLAN_VERSION`] when it was written.
    pub version: u32,
    /// The digest of all else in it.
    pub check: String,
    /// The program that may run it.
    pub program: String,
    /// The digest of the sources of the policies in that program.
    pub policies: String,
    /// What is varied.
    pub axes: Vec<SweepAxis>,
    /// The values of each axis at each point.
    pub points: Vec<Vec<String>>,
    /// What is changed at all points alike.
    pub sets: Vec<String>,
    /// How many runs there are at each point.
    pub replications: u32,
    /// What is run at each point.
    pub scenarios: Vec<PlannedScenario>,
    /// The files that the scenarios are made of.
    pub files: Vec<PlannedFile>,
    /// The runs: scenario by scenario, point by point, seed by seed.
    pub units: Vec<PlannedUnit>,
}

/// A scenario of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedScenario {
    /// Its file, as it was named.
    pub file: String,
    /// Its title.
    pub title: String,
    /// The first seed; replications take the next ones.
    pub seed: u64,
}

/// A file of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedFile {
    /// As the scenario that needs it names it.
    pub path: String,
    /// The digest of what is in it.
    pub digest: String,
    /// Its copy in the folder of the plan.
    pub copy: String,
}

/// One run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedUnit {
    /// The digest of all that it depends on.
    pub id: String,
    /// Which scenario, by its place among all.
    pub scenario: usize,
    /// Which point, by its place among all.
    pub point: usize,
    /// Its seed.
    pub seed: u64,
    /// How long it lasts, in nanoseconds.
    pub duration: u64,
    /// How long it is estimated to take, in milliseconds.
    pub millis: u64,
}

impl SweepPlan {
    /// The digest of all but the digest itself.
    #[must_use]
    pub fn checked(&self) -> String {
        let unchecked = Self { check: String::new(), ..self.clone() };
        crate::digest(&serde_json::to_vec(&unchecked).unwrap_or_default())
    }

    /// Whether every run is of a scenario and a point that are there, every point has a value on each axis, and names
    /// of files lead nowhere else.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let is_id = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_there = |of: &PlannedUnit| {
            of.scenario < self.scenarios.len() && of.point < self.points.len() && is_id(&of.id)
        };
        self.units.iter().all(is_there)
            && self.points.iter().all(|point| point.len() == self.axes.len())
            && self.files.iter().all(|file| !file.copy.contains(['/', '\\']))
    }
}

/// What one run of a sweep found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitFound {
    /// [`UNIT_VERSION`] when it was written.
    pub version: u32,
    /// Which unit of the plan it is.
    pub unit: String,
    /// What came of it.
    pub outcome: UnitOutcome,
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnitOutcome {
    /// It ran to its end.
    Ran(Box<UnitRun>),
    /// It did not, and would not if it were tried again.
    Failed(UnitFailure),
}

/// A run that came to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitRun {
    /// The digest of its whole record.
    pub digest: String,
    /// Objectives and claims, not judged.
    pub goals: Vec<Goal>,
    /// Its record without what is told of single days, tenants and actions.
    pub record: Record,
}

/// Why a run did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitFailure {
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// What was said.
    pub what: String,
}

/// A kind of failure; each is a bug of Seatrial's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// An invariant of the world was broken.
    Invariant,
    /// The program stopped in the middle.
    Panic,
}

impl FailureKind {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Invariant => "invariant",
            Self::Panic => "panic",
        }
    }
}

/// What a sweep found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Swept {
    /// The program that ran it.
    pub program: String,
    /// Scenario by scenario.
    pub scenarios: Vec<SweptScenario>,
}

/// What was found of one scenario.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SweptScenario {
    /// Its file, as it was named.
    pub file: String,
    /// Its title.
    pub title: String,
    /// What is varied.
    pub axes: Vec<SweepAxis>,
    /// Point by point.
    pub points: Vec<SweptPoint>,
    /// Each objective that does not hold everywhere.
    pub breaks: Vec<SweptBreak>,
}

/// What was found at one point.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SweptPoint {
    /// The value of each axis.
    pub at: Vec<String>,
    /// Its runs, merged; none where one of them failed or is missing.
    pub runs: Option<Runs>,
    /// Runs that failed, by seed.
    pub failed: Vec<(u64, UnitFailure)>,
    /// The seeds of runs that are missing.
    pub missing: Vec<u64>,
}

/// Where an objective breaks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SweptBreak {
    /// The objective.
    pub objective: String,
    /// The points at which it breaks, by their place among all.
    pub points: Vec<usize>,
    /// Where it breaks first along each axis, with the others at their first value.
    pub along: Vec<SweptAlong>,
}

/// Where an objective breaks first along an axis, with the others at their first value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SweptAlong {
    /// The axis.
    pub key: String,
    /// The first value at which it breaks; none where it does at none.
    pub first: Option<String>,
    /// The last value before that at which it holds.
    pub before: Option<String>,
    /// At how many values of the axis something was found.
    pub looked_at: usize,
}
