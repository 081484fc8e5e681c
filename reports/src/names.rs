//! What the files of a run are called, and what is said where one cannot be written. Writes none.

use std::fmt;
use std::path::PathBuf;

/// The list of files, itself one of them.
pub(crate) const LIST: &str = "files.json";

/// The whole record of the first run.
pub(crate) const RECORD: &str = "record.json";

/// Its actions, one a line.
pub(crate) const ACTIONS: &str = "actions.jsonl";

/// What is to be known of runs beside what they found.
pub(crate) const ABOUT: &str = "about.json";

/// Files lie there until all are complete.
pub(crate) const STAGING: &str = ".seatrial-writing";

/// What a comparison, a suite and a sweep found.
pub(crate) const COMPARISON: &str = "comparison.json";
pub(crate) const GATED: &str = "gate.json";
pub(crate) const SWEPT: &str = "sweep.json";

/// The page, which is made later.
pub(crate) const PAGE: &str = "report.html";

/// The table that is written as a run goes on.
pub(crate) const SERIES: &str = "series.parquet";

/// The other one: what tenants and machines went through.
pub(crate) const LIVES: &str = "lives.parquet";

/// The trace, which is made later.
pub(crate) const TRACE: &str = "trace.pftrace";

/// Every file that a run may write.
pub(crate) const NAMES: [&str; 31] = [
    "summary.txt",
    "result.json",
    RECORD,
    ABOUT,
    PAGE,
    TRACE,
    "metrics.csv",
    "days.csv",
    "tenants.csv",
    "nodes.csv",
    "incidents.csv",
    ACTIONS,
    "machines.svg",
    "tenants.svg",
    "bill.svg",
    SERIES,
    LIVES,
    "runs.parquet",
    "metrics.parquet",
    "goals.parquet",
    "tenants.parquet",
    "incidents.parquet",
    "decisions.parquet",
    "reasons.parquet",
    "alerts.parquet",
    "days.parquet",
    "tier_days.parquet",
    "tiers.parquet",
    "bill.parquet",
    "machines.parquet",
    LIST,
];

/// A file that could not be written.
#[derive(Debug)]
pub struct WriteError {
    /// Which.
    pub path: PathBuf,
    /// Why.
    pub error: std::io::Error,
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write {}: {}", self.path.display(), self.error)
    }
}

impl std::error::Error for WriteError {}
