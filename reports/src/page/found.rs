//! What a page is made of, read from the folder that a run wrote. Makes no page.

use super::lines::Lines;
use crate::names::{ABOUT, SERIES};
use seatrial_record::{About, AlertRow, Record, Runs, VERSION};
use seatrial_tables::Rows;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// All that a run left behind.
pub struct Found {
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

const REMEDY: &str = "write the folder anew with `seatrial run … --out`";

impl Found {
    /// Reads a folder.
    ///
    /// # Errors
    /// When it is no folder of a run, or not of this version.
    pub fn read(folder: &Path) -> Result<Self, ReadFailure> {
        if !folder.join(ABOUT).is_file() {
            let why = format!(
                "no run is in it that this program can read ({ABOUT} is missing); {REMEDY}"
            );
            return Err(ReadFailure { path: folder.to_owned(), why });
        }
        let about: About = json(&folder.join(ABOUT))?;
        if about.version != VERSION {
            let why = format!(
                "its version is {}, and this program reads {VERSION}; {REMEDY}",
                about.version
            );
            return Err(ReadFailure { path: folder.join(ABOUT), why });
        }
        let record: Record = json(&folder.join("record.json"))?;
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
