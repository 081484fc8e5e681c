//! The record of a drill: a rehearsed incident with what was expected of it and what came of it, in the fields that
//! auditors ask for. One schema for drills in simulation and on a real cluster. Plain data.

use serde::{Deserialize, Serialize};

/// The version of what is written here.
pub const DRILL_VERSION: u32 = 1;

/// How a drill was held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Held {
    /// In simulation.
    Simulated,
    /// On a real cluster.
    Live,
}

/// A drill.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Drill {
    /// Of what is written here.
    pub version: u32,
    /// Its series and the digest of what it was held on and of what came of it.
    pub id: String,
    /// Drills of one series are compared with each other.
    pub series: String,
    /// How it was held.
    pub held: Held,
    /// What must be known to whoever reads it.
    pub notice: String,
    /// When, as whoever held it says.
    pub date: Option<String>,
    /// Who answers for what it finds.
    pub owner: Option<String>,
    /// What it was held on.
    pub subject: Subject,
    /// What was wished for, beside what was measured.
    pub targets: Vec<Target>,
    /// Backups that were restored from.
    pub backups: Vec<Backup>,
    /// What was looked at to see whether what came back is whole.
    pub checks: Vec<Check>,
    /// What happened, step by step, in the first run.
    pub steps: Vec<Step>,
    /// Objectives, with what they came to.
    pub verdicts: Vec<Verdict>,
    /// What did not go as it was meant to.
    pub findings: Vec<Finding>,
    /// Beside the last drill of the series.
    pub last: Option<Beside>,
    /// Beside what was forecast.
    pub forecast: Option<Beside>,
    /// The digest of the last drill's record, so that none can be changed or left out unseen.
    pub previous: Option<String>,
}

/// What a drill was held on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// The scenario, or the cluster.
    pub title: String,
    /// The digest of the policies.
    pub policies: String,
    /// The digest of all that was found.
    pub record: String,
    /// Runs, one seed after the other.
    pub runs: u32,
    /// The first seed.
    pub seed: u64,
    /// Faults, with how often they struck in the first run.
    pub faults: Vec<(String, u64)>,
    /// Databases, caches, services and pools.
    pub systems: Vec<String>,
    /// Tenants by tier.
    pub tenants: Vec<(String, u32)>,
}

/// A target beside what was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// A tier or a database.
    pub of: String,
    /// Which time or loss.
    pub what: String,
    /// Seconds that were wished for at the most.
    pub target: Option<f64>,
    /// How many there were in a run, on the mean.
    pub count: Option<f64>,
    /// Seconds: the median, what 95 % stay below, and the most; means over runs.
    pub p50: Option<f64>,
    /// The same.
    pub p95: Option<f64>,
    /// The same.
    pub max: Option<f64>,
    /// What part missed the target.
    pub missed: Option<f64>,
}

/// A kind of backup that was restored from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// Of which tier.
    pub of: String,
    /// How often it is made, in seconds.
    pub every: f64,
    /// Its size in bytes.
    pub bytes: u64,
    /// How old what was lost with it was at the most, in seconds.
    pub oldest_loss: Option<f64>,
}

/// Something that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// What.
    pub what: String,
    /// What it came to.
    pub found: String,
    /// Whether that is as it should be.
    pub passes: bool,
}

/// A step of an incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The fault.
    pub incident: String,
    /// Seconds from the start of the run to the fault.
    pub struck: f64,
    /// Which step.
    pub step: String,
    /// A machine or a person.
    pub actor: String,
    /// Seconds from the fault; none where it did not come about.
    pub after: Option<f64>,
    /// Why it did not.
    pub absent: String,
}

/// An objective.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// Its name.
    pub objective: String,
    /// The metric.
    pub metric: String,
    /// At least this.
    pub at_least: Option<f64>,
    /// At most this.
    pub at_most: Option<f64>,
    /// What was measured.
    pub measured: Option<f64>,
    /// Whether it holds.
    pub holds: bool,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// A promise is not kept.
    High,
    /// It went otherwise than it was meant to.
    Medium,
}

/// What did not go as it was meant to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What.
    pub what: String,
    /// Who mends it.
    pub owner: Option<String>,
    /// By when.
    pub due: Option<String>,
    /// The series in which it is looked at again.
    pub retest: String,
}

/// A drill beside another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beside {
    /// The other's id.
    pub id: String,
    /// Figure by figure.
    pub rows: Vec<BesideRow>,
}

/// A figure of both.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BesideRow {
    /// A tier or a database.
    pub of: String,
    /// Which time or loss, and which figure of it.
    pub what: String,
    /// Seconds there.
    pub other: f64,
    /// Seconds here.
    pub here: f64,
}

impl Drill {
    /// The digest of the record as it is written.
    #[must_use]
    pub fn digest(&self) -> String {
        let text = serde_json::to_vec(self).unwrap_or_default();
        blake3::hash(&text).to_hex().as_str().into()
    }
}
