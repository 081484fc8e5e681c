//! What each run of one half of a comparison found: what two programs hand each other, one row a seed.

use crate::{Counted, DecisionRow, Goal, Metric, ReasonCount};
use serde::{Deserialize, Serialize};

/// The version of [`Rows`].
pub const ROWS_VERSION: u32 = 1;

/// Runs of one scenario under one set of policies by one program.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    /// [`ROWS_VERSION`] when it was written.
    pub version: u32,
    /// What ran them.
    pub of: Half,
    /// The runs, in the order of their seeds.
    pub rows: Vec<Row>,
}

/// One half of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Half {
    /// What whoever compares calls it: a file, a revision.
    pub name: String,
    /// The scenario's title.
    pub scenario: String,
    /// The program and the policies that are in it.
    pub program: String,
    /// The digest of the policy set; empty where no policy runs.
    pub policies: String,
    /// How long a run lasts, in nanoseconds.
    pub duration: u64,
    /// Objectives and claims, not judged.
    pub goals: Vec<Goal>,
}

/// One run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its seed.
    pub seed: u64,
    /// The digest of its record but for the name of its policies: the same where all that happened is.
    pub digest: String,
    /// How many events it took.
    pub events: u64,
    /// All that was measured.
    pub metrics: Vec<Metric>,
    /// Objectives and claims that it breaks, by their place among all.
    pub broken: Vec<u32>,
    /// How often each kind of fault struck.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub struck: Vec<Counted>,
    /// How often each policy gave each reason.
    pub reasons: Vec<ReasonCount>,
    /// Every action, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actions: Option<Vec<DecisionRow>>,
}
