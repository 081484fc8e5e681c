//! What a trace is made of, read from the folder that a run wrote. Makes no trace.

use crate::names::WriteError;
use seatrial_tables::{ReadError, Rows, read, read_groups};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why there is no trace.
#[derive(Debug)]
pub enum TraceFailure {
    /// The folder could not be read.
    Read {
        /// The file or folder.
        path: PathBuf,
        /// Why, and what to do about it.
        why: String,
    },
    /// The trace could not be written.
    Write(io::Error),
    /// A file of the folder could not be written.
    Unwritten(WriteError),
}

impl fmt::Display for TraceFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { path, why } => write!(f, "cannot read {}: {why}", path.display()),
            Self::Write(error) => write!(f, "cannot write the trace: {error}"),
            Self::Unwritten(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for TraceFailure {}

impl From<io::Error> for TraceFailure {
    fn from(error: io::Error) -> Self {
        Self::Write(error)
    }
}

impl From<WriteError> for TraceFailure {
    fn from(error: WriteError) -> Self {
        Self::Unwritten(error)
    }
}

impl From<ReadError> for TraceFailure {
    fn from(error: ReadError) -> Self {
        Self::Read { path: error.path, why: format!("{}; {REMEDY}", error.why) }
    }
}

const REMEDY: &str = "write the folder anew with `seatrial run … --out`";

/// The part of a run that is shown, in nanoseconds since its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceWindow {
    /// From then on.
    pub from: u64,
    /// Until then.
    pub until: u64,
}

impl Default for TraceWindow {
    fn default() -> Self {
        Self { from: 0, until: u64::MAX }
    }
}

impl TraceWindow {
    /// What of a stretch lies within.
    pub(super) fn clip(self, (from, until): (u64, u64)) -> Option<(u64, u64)> {
        let (from, until) = (from.max(self.from), until.min(self.until));
        (from <= until).then_some((from, until))
    }

    /// Whether a moment lies within.
    pub(super) const fn has(self, at: u64) -> bool {
        self.from <= at && at <= self.until
    }
}

/// The folder of a run.
pub(super) struct Source {
    folder: PathBuf,
    pub(super) scenario: String,
    pub(super) seed: u64,
    pub(super) window: TraceWindow,
    pub(super) duration: u64,
}

impl Source {
    pub(super) fn of(folder: &Path, window: TraceWindow) -> Result<Self, TraceFailure> {
        let path = folder.join("runs.parquet");
        if !path.is_file() {
            let why = format!("no run is in it (runs.parquet is missing); {REMEDY}");
            return Err(TraceFailure::Read { path: folder.to_owned(), why });
        }
        // The first is the one that is told of over time.
        let runs = read(&path)?;
        let duration = runs.number(0, "duration_s").map(nanos);
        let Some(duration) = duration else {
            let why = format!("no run is in it; {REMEDY}");
            return Err(TraceFailure::Read { path, why });
        };
        let until = window.until.min(duration);
        if window.from >= until {
            let why = "the part that is asked for is empty, or after the end of the run".to_owned();
            return Err(TraceFailure::Read { path: folder.to_owned(), why });
        }
        Ok(Self {
            folder: folder.to_owned(),
            scenario: runs.text(0, "scenario").to_owned(),
            seed: whole(&runs, 0, "seed"),
            window: TraceWindow { from: window.from, until },
            duration,
        })
    }

    /// All rows of a table.
    pub(super) fn table(&self, name: &str) -> Result<Rows, TraceFailure> {
        Ok(read(&self.folder.join(format!("{name}.parquet")))?)
    }

    /// All rows of a table, as many at a time as were written together.
    pub(super) fn each(
        &self,
        name: &str,
        mut take: impl FnMut(&Rows, usize) -> Result<(), TraceFailure>,
    ) -> Result<(), TraceFailure> {
        for rows in read_groups(&self.folder.join(format!("{name}.parquet")))? {
            let rows = rows?;
            (0..rows.len()).try_for_each(|row| take(&rows, row))?;
        }
        Ok(())
    }
}

/// A column's moment.
pub(super) fn moment(rows: &Rows, row: usize, column: &str) -> Option<u64> {
    rows.number(row, column).map(nanos)
}

/// A stretch of time of a row.
pub(super) fn stretch(rows: &Rows, row: usize) -> (u64, u64) {
    let at = |column| moment(rows, row, column).unwrap_or_default();
    let from = at("from_s");
    (from, at("until_s").max(from))
}

/// A whole number of a row.
pub(super) fn whole(rows: &Rows, row: usize, column: &str) -> u64 {
    rows.int(row, column).map_or(0, i64::cast_unsigned)
}

/// Seconds as nanoseconds.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn nanos(seconds: f64) -> u64 {
    (seconds * 1e9).round() as u64
}
