//! Opens a scenario with the policies that it names, or says all that is wrong.

use crate::exit::{Exit, Stop, colours};
use seatrial_contract::config::{Path as Way, Problems};
use seatrial_format::scenario::Scenario;
use seatrial_format::{Disk, Failure, Loaded, Override, Style};
use seatrial_policies::PolicyFile;
use seatrial_record::Goal;
use std::path::Path;

/// A scenario that can be run.
pub struct Opened {
    /// What it says.
    pub scenario: Scenario,
    /// The policies it names.
    pub policies: Option<PolicyFile>,
    /// Its objectives and claims.
    pub goals: Vec<Goal>,
}

/// Opens a scenario.
pub fn scenario(path: &Path, overrides: &[Override]) -> Result<Opened, Failure> {
    let Loaded { value: scenario, mut sources, .. } =
        seatrial_format::load_scenario(&Disk, path, overrides)?;
    let mut problems = Problems::default();
    let policies = scenario.policies.as_ref().and_then(|link| {
        let way = Way::Key(&Way::Root, "policies");
        let way = Way::Key(&way, "file");
        seatrial_format::read_beside(&Disk, &link.file, &way, &mut sources, &mut problems)
    });
    if let Some(file) = &policies {
        check_names(&scenario, file, &mut problems);
    }
    let goals = if problems.is_empty() {
        seatrial_sim::goals(&scenario, policies.as_ref(), &mut problems)
    } else {
        Vec::new()
    };
    if problems.is_empty() {
        return Ok(Opened { scenario, policies, goals });
    }
    Err(Failure::Wrong { problems, sources })
}

fn check_names(scenario: &Scenario, file: &PolicyFile, problems: &mut Problems) {
    let tiers: Vec<_> = file.policies.iter().flat_map(|policy| policy.tiers()).collect();
    let pools: Vec<_> = file.policies.iter().flat_map(|policy| policy.pools()).collect();
    let services: Vec<_> = file.policies.iter().flat_map(|policy| policy.services()).collect();
    seatrial_format::check_policies(scenario, &tiers, &pools, &services, problems);
}

/// A failure as the end of a command.
pub fn stop(failure: &Failure) -> Stop {
    let exit = match failure {
        // A path that leads nowhere is a wrong argument; a disk that fails is not.
        Failure::Unreadable(_) | Failure::Wrong { .. } => Exit::BadInput,
    };
    Stop(exit, failure.render(Style { colour: colours(&std::io::stderr()) }))
}
