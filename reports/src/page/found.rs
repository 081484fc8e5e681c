//! What a page is made of, read from the folder that a run wrote. Makes no page.

use super::lines::Lines;
use crate::names::{ABOUT, COMPARISON, GATED, RECORD, SERIES, SWEPT};
use seatrial_record::{
    About, AlertRow, COMPARISON_VERSION, Comparison, GATED_VERSION, Gated, Record, Runs,
    SWEPT_VERSION, VERSION,
};
use seatrial_tables::Rows;
use serde_json::Value;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// What a folder holds.
pub enum Found {
    /// A run.
    Run(Box<FoundRun>),
    /// Two worlds that were compared.
    Compared(Box<Comparison>),
    /// A suite.
    Gated(Box<Gated>),
    /// A sweep.
    Swept(Value),
}

/// All that a run left behind.
pub struct FoundRun {
    pub(super) runs: Runs,
    pub(super) alerts: Vec<AlertRow>,
    pub(super) lines: Lines,
    pub(super) program: String,
    pub(super) repeat: String,
    pub(super) kinds: Vec<String>,
}

/// Why a folder could not be read.
#[derive(Debug)]
pub struct ReadFailure {
    /// The file or folder.
    pub path: PathBuf,
    /// Why.
    pub why: String,
}

impl fmt::Display for ReadFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot read {}: {}", self.path.display(), self.why)
    }
}

impl std::error::Error for ReadFailure {}

const REMEDY: &str = "write it anew with `seatrial run … --out` (or compare, gate, sweep)";

impl Found {
    /// Reads a folder.
    ///
    /// # Errors
    /// When it is no folder of a run, or not of this version.
    pub fn read(folder: &Path) -> Result<Self, ReadFailure> {
        let there = |name: &str| Some(folder.join(name)).filter(|path| path.is_file());
        if folder.join(ABOUT).is_file() {
            return FoundRun::read(folder).map(|run| Self::Run(Box::new(run)));
        }
        if let Some(path) = there(COMPARISON) {
            let found: Comparison = json(&path)?;
            versioned(&path, found.version, COMPARISON_VERSION)?;
            return Ok(Self::Compared(Box::new(found)));
        }
        if let Some(path) = there(GATED) {
            let found: Gated = json(&path)?;
            versioned(&path, found.version, GATED_VERSION)?;
            return Ok(Self::Gated(Box::new(found)));
        }
        if let Some(path) = there(SWEPT) {
            let found: Value = json(&path)?;
            let version = found["version"].as_u64().and_then(|of| u32::try_from(of).ok());
            versioned(&path, version.unwrap_or_default(), SWEPT_VERSION)?;
            return Ok(Self::Swept(found));
        }
        let why = format!(
            "nothing is in it that this program can read ({ABOUT}, {COMPARISON}, {GATED} and {SWEPT} are missing); \
             {REMEDY}"
        );
        Err(ReadFailure { path: folder.to_owned(), why })
    }
}

fn versioned(path: &Path, is: u32, reads: u32) -> Result<(), ReadFailure> {
    if is == reads {
        return Ok(());
    }
    let why = format!("its version is {is}, and this program reads {reads}; {REMEDY}");
    Err(ReadFailure { path: path.to_owned(), why })
}

impl FoundRun {
    fn read(folder: &Path) -> Result<Self, ReadFailure> {
        let about: About = json(&folder.join(ABOUT))?;
        versioned(&folder.join(ABOUT), about.version, VERSION)?;
        let record: Record = json(&folder.join(RECORD))?;
        let series = table(folder, SERIES)?;
        let alerts = table(folder, "alerts.parquet")?;
        let (program, repeat) = (about.program.clone(), about.repeat.clone());
        let kinds = about.kinds.clone();
        let lines = Lines::of(&series, record.duration);
        let runs = about.runs(record);
        Ok(Self { runs, alerts: alert_rows(&alerts), lines, program, repeat, kinds })
    }
}

fn json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, ReadFailure> {
    let failed = |why: String| ReadFailure { path: path.to_owned(), why };
    let text = fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| failed(format!("{error}; {REMEDY}")))
}

fn table(folder: &Path, name: &str) -> Result<Rows, ReadFailure> {
    seatrial_tables::read(&folder.join(name))
        .map_err(|error| ReadFailure { path: error.path, why: format!("{}; {REMEDY}", error.why) })
}

fn alert_rows(rows: &Rows) -> Vec<AlertRow> {
    let row = |at: usize| AlertRow {
        alert: rows.text(at, "alert").to_owned(),
        machine: rows.text(at, "machine").to_owned(),
        at: nanos(rows.number(at, "at_s").unwrap_or_default()),
        until: rows.number(at, "until_s").map(nanos),
    };
    (0..rows.len()).map(row).collect()
}

/// Seconds as nanoseconds.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn nanos(seconds: f64) -> u64 {
    (seconds * 1e9).round() as u64
}
