//! What happened at one moment of a run, and why. Times are nanoseconds since the start of the run.

use crate::{Goal, Json, Metric, Parting};
use serde::{Deserialize, Serialize};

/// The version of [`Explained`].
pub const EXPLAINED_VERSION: u32 = 1;

/// A moment of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explained {
    /// [`EXPLAINED_VERSION`] when it was written.
    pub version: u32,
    /// The scenario's title.
    pub scenario: String,
    /// The seed.
    pub seed: u64,
    /// The digest of the policies.
    pub policies: String,
    /// The moment that was asked about.
    pub at: u64,
    /// When the policies looked last by then.
    pub looked: u64,
    /// What they saw.
    pub seen: Vec<SeenRow>,
    /// What they did about it, and what they left.
    pub decided: Vec<DecidedRow>,
    /// What was in flight, the oldest first.
    pub flights: Vec<FlightRow>,
    /// What happened to whom it was asked about.
    pub subject: Option<Subject>,
    /// What happens from then on under other policies.
    pub fork: Option<Forked>,
}

/// One thing that was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenRow {
    /// What.
    pub of: String,
    /// How it was.
    pub is: String,
}

/// What a policy did, or why it left so many alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecidedRow {
    /// The policy.
    pub policy: String,
    /// How many are decided alike.
    pub count: u64,
    /// About whom: one of them.
    pub target: String,
    /// What is done to it, or `hold`.
    pub what: String,
    /// Why.
    pub why: String,
}

/// An action that was decided, and whose effect was not seen yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlightRow {
    /// About whom.
    pub target: String,
    /// What.
    pub what: String,
    /// By which policy.
    pub policy: String,
    /// Since when.
    pub since: u64,
    /// Its effect is to be seen by then; where it had none, it is not tried again before.
    pub due: u64,
    /// How often it had none.
    pub failures: u32,
    /// Whether its effect is still waited for.
    pub waits: bool,
}

/// One tenant, machine or service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Subject {
    /// `tenant`, `node` or `service`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What was seen of it, as views have it.
    pub row: Json,
    /// What each policy said of it last.
    pub last: Vec<StoryRow>,
    /// What happened to it from its birth to then.
    pub story: Vec<StoryRow>,
}

/// What happened to somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoryRow {
    /// When.
    pub at: u64,
    /// Which policy decided it; none where it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// The number of the action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<u64>,
    /// What was seen, or done.
    pub what: String,
    /// Why, where it was decided.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// What happens under other policies from a moment on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forked {
    /// What they are called.
    pub name: String,
    /// Their digest.
    pub policies: String,
    /// All of it is the same to the last byte.
    pub identical: bool,
    /// Where the two part.
    pub parting: Option<Parting>,
    /// Objectives and claims, as they come out without them.
    pub goals: Vec<Goal>,
    /// The same, as they come out with them.
    pub goals_forked: Vec<Goal>,
    /// Of each metric that differs, how it comes out without them and with them; over the whole run.
    pub metrics: Vec<(Metric, Metric)>,
}
