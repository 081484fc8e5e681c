//! Opens logbooks for writing.

use crate::read;
use seatrial_contract::units::{Bytes, Span};
use seatrial_host::Logbook;
use seatrial_record::{LogbookError, LogbookReader, SegmentLimits};
use seatrial_trials::Trial;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

/// Begins the logbook of a trial: a folder of segments of this size where there is one or the path
/// ends with a slash, otherwise one file.
pub fn begin(path: &Path, size: Option<Bytes>, trial: &Trial<'_>) -> io::Result<Logbook> {
    let head =
        Logbook::head(trial.scenario, trial.policies, trial.seed, trial.departure.as_deref());
    let slash = path.as_os_str().as_encoded_bytes().last().is_some_and(|byte| *byte == b'/');
    if !slash && !path.is_dir() {
        read::is_writable_as_file(path)?;
        if is_something_else(path)? {
            let message = "the file is there and is no logbook: choose another path";
            return Err(io::Error::other(message));
        }
        return Logbook::file(Box::new(BufWriter::new(File::create(path)?)), head);
    }
    let limits = SegmentLimits::default();
    let limits = SegmentLimits { size: size.map_or(limits.size, |size| size.0), ..limits };
    if path.is_dir() && path.read_dir()?.next().is_some() {
        return Err(io::Error::other("the folder is not empty"));
    }
    Logbook::folder(path, limits, Span::MAX, head)
}

/// Whether there is a file that no run has written as its logbook.
fn is_something_else(path: &Path) -> io::Result<bool> {
    match std::fs::metadata(path) {
        Ok(there) if there.is_file() && there.len() > 0 => {
            let opened = LogbookReader::open(File::open(path)?);
            Ok(matches!(opened, Err(LogbookError::NoLogbook)))
        }
        _ => Ok(false),
    }
}
