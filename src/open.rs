//! Opens a scenario from the disk, and says why it cannot be opened.

use crate::exit::{Stop, colours, say};
use seatrial_format::{Disk, Failure, Override, Style, render_warnings};
use seatrial_host::Opened;
use seatrial_policies::PolicyFile;
use std::path::Path;

/// Opens a scenario with the policies that it names.
pub fn scenario(path: &Path, overrides: &[Override]) -> Result<Opened, Failure> {
    seatrial_host::open(&Disk, path, overrides)
}

/// Reads a policy file, with what the command line changes in it.
pub fn policies(path: &Path, sets: &[String]) -> Result<PolicyFile, Stop> {
    let overrides: Vec<Override> = sets.iter().map(|set| set.clone().into()).collect();
    let loaded = seatrial_format::load(path, &overrides);
    loaded.map(|loaded| loaded.value).map_err(|failure| stop(&failure))
}

/// Says on stderr what is odd about a scenario that is run.
pub fn warn(opened: &Opened, quiet: bool) {
    let odd = &opened.warnings;
    if !quiet && !odd.problems.is_empty() {
        let style = Style { colour: colours(&std::io::stderr()) };
        say(render_warnings(&odd.problems, &odd.sources, style).trim_end());
    }
}

/// A failure as the end of a command.
pub fn stop(failure: &Failure) -> Stop {
    Stop::Refused(failure.render(Style { colour: colours(&std::io::stderr()) }))
}
