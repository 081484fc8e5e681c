//! What a comparison, a suite or a sweep found, as files: its document, and what each run measured as tables, told apart
//! by columns of keys.

use crate::names::{COMPARISON, GATED, LIST, PAGE, STAGING, SWEPT, WriteError};
use seatrial_record::{Comparison, Gated, Half, Row, Swept};
use seatrial_tables::Tables;
use serde::Serialize;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// One half of a comparison, and what each of its runs found.
pub struct HalfFound<'a> {
    /// Of which case; empty where there is one.
    pub case: &'a str,
    /// `first` or `second`.
    pub side: &'a str,
    /// What ran it.
    pub half: &'a Half,
    /// Its runs.
    pub rows: &'a [Row],
}

/// What is written into a folder of results that is no run's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Results {
    /// A comparison.
    Comparison,
    /// A suite.
    Gate,
    /// A sweep.
    Sweep,
}

impl Results {
    const fn file(self) -> &'static str {
        match self {
            Self::Comparison => COMPARISON,
            Self::Gate => GATED,
            Self::Sweep => SWEPT,
        }
    }
}

/// Makes a folder where it is missing, and sees that such results can be written there: before they are found, not after.
///
/// # Errors
/// When it cannot be written, or other results are in it, whose tables would be replaced.
pub fn claim(folder: &Path, results: Results) -> Result<(), WriteError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| WriteError { path, error }
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    for other in [LIST, COMPARISON, GATED, SWEPT] {
        if other != results.file() && folder.join(other).exists() {
            let what = "other results are in this folder: choose another one, or move them away";
            return Err(failed(&folder.join(other))(io::Error::other(what)));
        }
    }
    stage(folder).and_then(fs::remove_dir).map_err(failed(folder))
}

/// Where files lie until they are complete.
fn stage(folder: &Path) -> io::Result<PathBuf> {
    let staging = folder.join(STAGING);
    match fs::remove_dir_all(&staging) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::create_dir(&staging)?;
    Ok(staging)
}

/// Writes a comparison into a folder.
///
/// # Errors
/// The first file that could not be written.
pub fn write_comparison(
    folder: &Path,
    found: &Comparison,
    halves: &[HalfFound<'_>],
) -> Result<(), WriteError> {
    write(folder, COMPARISON, found, halves)
}

/// Writes what a suite found into a folder.
///
/// # Errors
/// The first file that could not be written.
pub fn write_gated(
    folder: &Path,
    found: &Gated,
    halves: &[HalfFound<'_>],
) -> Result<(), WriteError> {
    write(folder, GATED, found, halves)
}

/// Writes what the runs of a sweep measured into a folder, with what was varied as keys.
///
/// # Errors
/// When the tables cannot be written.
pub fn write_sweep_tables(folder: &Path, swept: &Swept) -> Result<(), WriteError> {
    let axes = swept.scenarios.first().map(|of| of.axes.as_slice()).unwrap_or_default();
    let names = axes.iter().map(|axis| axis.key.as_str());
    let keys: Vec<&str> = core::iter::once("file").chain(names).collect();
    let write = || {
        let staging = stage(folder)?;
        let mut tables = Tables::of_sweep(&staging, &keys)?;
        for scenario in &swept.scenarios {
            for point in &scenario.points {
                let Some(runs) = &point.runs else { continue };
                let at = point.at.iter().map(String::as_str);
                let keys: Vec<&str> = core::iter::once(scenario.file.as_str()).chain(at).collect();
                tables.add(&keys, runs)?;
            }
        }
        tables.close()?;
        place(folder, &staging)
    };
    write().map_err(|error| WriteError { path: folder.to_owned(), error })
}

fn write(
    folder: &Path,
    name: &str,
    found: &impl Serialize,
    halves: &[HalfFound<'_>],
) -> Result<(), WriteError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| WriteError { path, error }
    };
    tables(folder, halves).map_err(failed(folder))?;
    let text = serde_json::to_string_pretty(found).unwrap_or_default() + "\n";
    put(&folder.join(name), &text)
}

fn tables(folder: &Path, halves: &[HalfFound<'_>]) -> io::Result<()> {
    let staging = stage(folder)?;
    let mut tables = Tables::of_metrics(&staging, &["case", "side"])?;
    for HalfFound { case, side, half, rows } in halves {
        tables.add_rows(&[case, side], half, rows)?;
    }
    tables.close()?;
    place(folder, &staging)
}

/// All that was staged gets its place.
fn place(folder: &Path, staging: &Path) -> io::Result<()> {
    for entry in fs::read_dir(staging)? {
        let entry = entry?;
        fs::rename(entry.path(), folder.join(entry.file_name()))?;
    }
    fs::remove_dir(staging)
}

/// Puts a page into the folder of a comparison, a suite or a sweep, and says where.
///
/// # Errors
/// When it cannot be written, or something stands there that is no page of ours.
pub(crate) fn add_page(folder: &Path, page: &str) -> Result<PathBuf, WriteError> {
    let path = folder.join(PAGE);
    let is_ours = |text: &[u8]| text.windows(18).any(|of| of == b"content=\"Seatrial\"");
    if fs::read(&path).is_ok_and(|text| !is_ours(&text)) {
        let error = io::Error::other("this is no page of ours: move it away, or write elsewhere");
        return Err(WriteError { path, error });
    }
    put(&path, page)?;
    Ok(path)
}

/// A file is complete before it gets its name.
fn put(path: &Path, text: &str) -> Result<(), WriteError> {
    let part = path.with_extension(format!("{}.part", std::process::id()));
    let written = fs::write(&part, text).and_then(|()| fs::rename(&part, path));
    written.map_err(|error| WriteError { path: path.to_owned(), error })
}
