//! Opens logbooks for writing.

use seatrial_contract::LogbookHead;
use seatrial_contract::config::Element;
use seatrial_policies::digest;
use seatrial_sim::Logbook;
use seatrial_trials::Trial;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

/// Begins the logbook of a trial.
pub fn begin(path: &Path, trial: &Trial<'_>) -> io::Result<Logbook> {
    let head = LogbookHead {
        of: trial.scenario.title.clone(),
        policy_digest: trial.policies.map(digest).unwrap_or_default(),
        policies: trial.policies.map(|file| file.write().to_string()).unwrap_or_default(),
        seed: trial.seed,
    };
    Logbook::begin(Box::new(BufWriter::new(File::create(path)?)), &head)
}
