//! Opens a scenario with the policies that it names, or says all that is wrong: the one door, for
//! the command line and for tests.

use crate::goals;
use crate::goals::goals_of_part;
use crate::warnings::warnings;
use seatrial_contract::config::{Path as Way, Problems};
use seatrial_format::scenario::Scenario;
use seatrial_format::{Failure, Files, InMemory, Loaded, Override, Sources};
use seatrial_policies::PolicyFile;
use seatrial_record::Goal;
use std::path::Path;

/// A scenario that can be run.
#[derive(Clone, Debug)]
pub struct Opened {
    /// What it says.
    pub scenario: Scenario,
    /// The policies it names.
    pub policies: Option<PolicyFile>,
    /// Its objectives and claims.
    pub goals: Vec<Goal>,
    /// What is odd about it, though it can be run.
    pub warnings: Warnings,
}

/// What is odd about a scenario and its policies, and where.
#[derive(Clone, Debug, Default)]
pub struct Warnings {
    /// All of it.
    pub problems: Problems,
    /// The texts that the places point into.
    pub sources: Sources,
}

/// Opens a scenario.
///
/// # Errors
/// All that is wrong with it and with its policies, at once.
pub fn open(files: &dyn Files, path: &Path, overrides: &[Override]) -> Result<Opened, Failure> {
    let Loaded { value: scenario, mut sources, .. } =
        match seatrial_format::load_scenario(files, path, overrides) {
            Ok(loaded) => loaded,
            Err(failure) => return Err(with_the_rest(files, path, overrides, failure)),
        };
    let mut problems = Problems::default();
    let policies = scenario.policies.as_ref().and_then(|link| {
        let way = Way::Key(&Way::Root, "policies");
        let way = Way::Key(&way, "file");
        seatrial_format::read_beside(files, &link.file, &way, &mut sources, &mut problems)
    });
    if let Some(file) = &policies {
        check_names(&scenario, file, &mut problems);
    }
    // Whatever is wrong with the policies, the metrics are the scenario's.
    let goals = goals(&scenario, policies.as_ref(), &mut problems);
    if problems.is_empty() {
        let mut found = Problems::default();
        if let Some(file) = &policies {
            warnings(&scenario, file, &mut found);
        }
        let warnings = Warnings { problems: found, sources };
        return Ok(Opened { scenario, policies, goals, warnings });
    }
    Err(Failure::Wrong { problems, sources })
}

/// What is wrong with a scenario, and with the policies that it names and its goals as far as its
/// sound part tells.
fn with_the_rest(
    files: &dyn Files,
    path: &Path,
    overrides: &[Override],
    failure: Failure,
) -> Failure {
    let Failure::Wrong { mut problems, mut sources } = failure else { return failure };
    let Some(part) = seatrial_format::sound_part(files, path, overrides) else {
        return Failure::Wrong { problems, sources };
    };
    let mut found = Problems::default();
    goals_of_part(&part, &mut found);
    if let Some(link) = &part.policies {
        let way = Way::Key(&Way::Root, "policies");
        let way = Way::Key(&way, "file");
        let read = seatrial_format::read_beside::<PolicyFile>;
        read(files, &link.file, &way, &mut sources, &mut found);
    }
    seatrial_format::join(&mut problems, &found);
    Failure::Wrong { problems, sources }
}

/// Opens a scenario that is a text, with policies that are one too: what a test does.
///
/// # Errors
/// All that is wrong with them, at once.
pub fn open_text(scenario: &str, policies: Option<&str>) -> Result<Opened, Failure> {
    let files = InMemory::default().with("scenario.toml", scenario);
    let Some(policies) = policies else { return open(&files, Path::new("scenario.toml"), &[]) };
    let files = files.with("policies.toml", policies);
    let link = [Override::set("policies.file", "policies.toml")];
    open(&files, Path::new("scenario.toml"), &link)
}

fn check_names(scenario: &Scenario, file: &PolicyFile, problems: &mut Problems) {
    let tiers: Vec<_> = file.policies.iter().flat_map(|policy| policy.tiers()).collect();
    let pools: Vec<_> = file.policies.iter().flat_map(|policy| policy.pools()).collect();
    let services: Vec<_> = file.policies.iter().flat_map(|policy| policy.services()).collect();
    seatrial_format::check_policies(scenario, &tiers, &pools, &services, problems);
}
