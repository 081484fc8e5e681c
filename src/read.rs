//! Reads whole files that a command is given: regular ones, and no more of them than a bound.

use crate::exit::Stop;
use std::io::{self, Read};
use std::path::Path;

/// A view of a million tenants takes about so much.
pub const VIEW_MOST: u64 = 256 << 20;
/// What one run of a benchmark says.
pub const PAGE_MOST: u64 = 4 << 20;

/// The text of a file. A pipe would be waited for, and a device never ends.
pub fn text(path: &Path, most: u64) -> Result<String, Stop> {
    let bad = |why: &dyn std::fmt::Display| Stop::file(path, why);
    let kind = std::fs::metadata(path).map_err(|error| bad(&error))?;
    if !kind.is_file() {
        return Err(bad(&not_a_file(&kind)));
    }
    let mut text = String::new();
    let read =
        std::fs::File::open(path).and_then(|file| file.take(most + 1).read_to_string(&mut text));
    let read = read.map_err(|error| bad(&error))?;
    if read as u64 > most {
        return Err(bad(&format!("it has more than {} MiB", most >> 20)));
    }
    Ok(text)
}

/// Whether a path leads to what can be written as a file: one, or nothing yet.
pub fn is_writable_as_file(path: &Path) -> io::Result<()> {
    match std::fs::metadata(path) {
        Ok(there) if !there.is_file() => Err(io::Error::other(not_a_file(&there))),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn not_a_file(kind: &std::fs::Metadata) -> &'static str {
    match kind.is_dir() {
        true => "it is a folder, not a file",
        false => "it is a pipe, a device or a socket; name a file",
    }
}
