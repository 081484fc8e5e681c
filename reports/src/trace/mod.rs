//! A run as a trace for Perfetto: what went through states as slices on nested tracks, series as counters, decisions as
//! instants with their reasons, arrows from what brought something about to what it brought about.
//!
//! It is written in a stream from the tables of a run. The same tables are the same bytes.

mod counters;
mod flows;
mod groups;
mod incidents;
mod lives;
mod packets;
mod proto;
mod source;

pub use packets::TraceCounts;
pub use source::{TraceFailure, TraceWindow};

use flows::Flows;
use groups::Groups;
use packets::Packets;
use source::Source;
use std::io::Write;
use std::path::Path;

/// Whether there is anything in that folder that a trace can be made of.
///
/// # Errors
/// Why there is not.
pub(crate) fn check(folder: &Path, window: TraceWindow) -> Result<(), TraceFailure> {
    Source::of(folder, window).map(|_| ())
}

/// Writes a trace of what the folder of a run tells, and says what it has.
///
/// # Errors
/// When the folder is none of a run, or the trace cannot be written.
pub fn trace(
    folder: &Path,
    window: TraceWindow,
    to: impl Write,
) -> Result<TraceCounts, TraceFailure> {
    let source = Source::of(folder, window)?;
    let mut flows = Flows::default();
    let seen = lives::look(&source, &mut flows)?;
    let mut packets = Packets::new(to);
    let title = format!("{}, seed {}", source.scenario, source.seed);
    let mut groups = Groups::new(&mut packets, &title)?;
    // What brings something about comes before what it brings about: arrows begin where they are met first.
    incidents::incidents(&source, (&mut packets, &mut groups, &mut flows))?;
    incidents::alerts(&source, &mut packets, &mut groups)?;
    incidents::decisions(&source, (&mut packets, &mut groups, &mut flows))?;
    lives::lives(&source, &seen, (&mut packets, &mut groups, &mut flows))?;
    counters::counters(&source, &mut packets, &mut groups)?;
    Ok(packets.close()?)
}
