//! How a sweep tells what it found, and how it ends.

use super::folder::put;
use crate::exit::{Exit, Stop, json, print};
use clap::ValueEnum;
use seatrial_record::{GoalKind, Swept};
use seatrial_reports::{
    Results, claim, sweep, sweep_document, sweep_markdown, sweep_scenarios, write_sweep_tables,
};
use std::path::{Path, PathBuf};

/// How the result is written to stdout.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Table,
    /// For documents.
    Markdown,
    /// For programs.
    Json,
}

/// The file that a sweep writes.
const FILE: &str = "sweep.json";

/// The file in a folder, which is made where it is missing.
pub fn claimed(folder: &Path) -> Result<PathBuf, Stop> {
    claim(folder, Results::Sweep).map_err(|error| Stop::Unwritten(error.to_string()))?;
    let file = folder.join(FILE);
    // What cannot be written is told at once.
    let there = file.symlink_metadata().is_ok_and(|of| of.is_dir());
    if there {
        return Err(Stop::unwritten(&file, &"it is a folder"));
    }
    let trial = folder.join(format!(".{FILE}.{}.part", std::process::id()));
    std::fs::write(&trial, "")
        .and_then(|()| std::fs::remove_file(&trial))
        .map_err(|error| Stop::unwritten(folder, &error))?;
    Ok(file)
}

/// The file that is meant by the name of a file or of a folder.
pub fn meant(path: &Path) -> Result<PathBuf, Stop> {
    let is_folder = path.is_dir() || path.as_os_str().to_string_lossy().ends_with('/');
    if is_folder { claimed(path) } else { Ok(path.to_owned()) }
}

/// Prints what was found, and writes it where that is wanted.
pub fn tell(swept: &Swept, format: Format, out: Option<&Path>) -> Result<(), Stop> {
    let text = match format {
        Format::Table => sweep(swept),
        Format::Markdown => sweep_markdown(swept),
        Format::Json => json(&sweep_scenarios(swept)) + "\n",
    };
    if let Some(file) = out {
        put(file, (json(&sweep_document(swept)) + "\n").as_bytes())?;
        if let Some(folder) = file.parent().filter(|_| file.ends_with(FILE)) {
            write_sweep_tables(folder, swept)
                .map_err(|error| Stop::Unwritten(error.to_string()))?;
        }
    }
    print(&text)
}

/// How a sweep ends that found this.
pub fn exit(swept: &Swept) -> Exit {
    let points = || swept.scenarios.iter().flat_map(|scenario| &scenario.points);
    let goals = points().flat_map(|point| &point.runs).flat_map(|runs| &runs.goals);
    let is_broken = goals.into_iter().any(|goal| goal.kind == GoalKind::Objective && !goal.holds);
    if points().any(|point| !point.failed.is_empty()) {
        Exit::Bug
    } else if is_broken {
        Exit::Failed
    } else if points().any(|point| !point.missing.is_empty()) {
        Exit::Undecided
    } else {
        Exit::Fine
    }
}
