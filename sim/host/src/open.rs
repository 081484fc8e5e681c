//! Opens a scenario with the policies that it names, or says all that is wrong: the one door, for
//! the command line and for tests.

use crate::goals;
use crate::goals::goals_of_part;
use crate::warnings::warnings;
use seatrial_contract::config::{Path as Way, Problems};
use seatrial_format::scenario::{Failover, Policies, Scenario};
use seatrial_format::{Failure, Files, InMemory, Loaded, Override, Sources};
use seatrial_policies::{ActsOn, PolicyFile};
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

/// Opens a scenario. An override whose path begins with `policies` is one of the policy file's
/// values, unless it says which file that is.
///
/// # Errors
/// All that is wrong with it and with its policies, at once.
pub fn open(files: &dyn Files, path: &Path, overrides: &[Override]) -> Result<Opened, Failure> {
    let (own, of_policies) = Override::parted(overrides);
    let beside = Beside { files, overrides: &of_policies };
    let Loaded { value: mut scenario, mut sources, .. } =
        match seatrial_format::load_scenario(files, path, &own) {
            Ok(loaded) => loaded,
            Err(failure) => return Err(with_the_rest(&beside, path, &own, failure)),
        };
    let mut problems = Problems::default();
    let policies = beside.policies(scenario.policies.as_ref(), &mut sources, &mut problems);
    if let Some(file) = &policies {
        check_names(&scenario, file, &mut problems);
    }
    seatrial_faults::read_files(&mut scenario, |named, path| {
        seatrial_format::text_beside(files, named, path, &sources, &mut problems)
    });
    seatrial_faults::check(&scenario, &mut problems);
    // Whatever is wrong with the policies, the metrics are the scenario's.
    let goals = goals(&scenario, policies.as_ref(), &mut problems);
    if problems.is_empty() {
        let mut found = Problems::default();
        if let Some(file) = &policies {
            warnings(&scenario, file, &mut found);
        }
        seatrial_faults::warnings(&scenario, &mut found);
        let warnings = Warnings { problems: found, sources };
        return Ok(Opened { scenario, policies, goals, warnings });
    }
    Err(Failure::Wrong { problems, sources })
}

/// The policy file that a scenario names, with what a command line changes in it.
struct Beside<'a> {
    files: &'a dyn Files,
    overrides: &'a [Override],
}

impl Beside<'_> {
    fn policies(
        &self,
        link: Option<&Policies>,
        sources: &mut Sources,
        problems: &mut Problems,
    ) -> Option<PolicyFile> {
        let (files, overrides) = (self.files, self.overrides);
        let Some(link) = link else {
            if !overrides.is_empty() {
                seatrial_format::nothing_to_change(overrides, sources, problems);
            }
            return None;
        };
        let way = Way::Key(&Way::Root, "policies");
        let way = Way::Key(&way, "file");
        seatrial_format::read_beside(files, &link.file, &way, overrides, sources, problems)
    }
}

/// What is wrong with a scenario, and with the policies that it names and its goals as far as its
/// sound part tells.
fn with_the_rest(
    beside: &Beside<'_>,
    path: &Path,
    overrides: &[Override],
    failure: Failure,
) -> Failure {
    let Failure::Wrong { mut problems, mut sources } = failure else { return failure };
    let mut found = Problems::default();
    if let Some(part) = seatrial_format::sound_part(beside.files, path, overrides) {
        goals_of_part(&part, &mut found);
    }
    let link = seatrial_format::named_policies(beside.files, path, overrides);
    let file = link.and_then(|link| beside.policies(Some(&link), &mut sources, &mut found));
    let sleep = seatrial_format::named_stages(beside.files, path, overrides);
    if let (Some(sleep), Some(file)) = (&sleep, &file) {
        let stages: Vec<_> = file.policies.iter().flat_map(|policy| policy.stages()).collect();
        seatrial_format::check_stages(sleep, &stages, &mut found);
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
    let stages: Vec<_> = file.policies.iter().flat_map(|policy| policy.stages()).collect();
    let databases: Vec<_> = file.policies.iter().flat_map(|policy| policy.databases()).collect();
    let have = scenario.databases.iter().map(|database| database.name.as_str());
    seatrial_format::check_names("database", "databases", have, &databases, problems);
    let all = file.policies.iter().flat_map(|policy| {
        let acts_on = policy.acts_on();
        policy.databases().into_iter().map(move |named| (acts_on, named))
    });
    for (acts_on, named) in all {
        let found = scenario.databases.iter().find(|of| of.name.as_str() == named.value);
        let Some(database) = found else { continue };
        if acts_on == ActsOn::Standbys {
            if !matches!(database.failover, Some(Failover::ByPolicy(_))) {
                let message = format!("`{}` does not fail over when a policy says so", named.value);
                let remedy =
                    "give the database `failover = { kind = \"by-policy\" }`, or leave it out here";
                problems.add(&Way::Root, named.place, message, remedy);
            }
        } else if database.backups.is_none() {
            let message = format!("`{}` has no backups", named.value);
            let remedy = "give the database `backups`, or leave it out here";
            problems.add(&Way::Root, named.place, message, remedy);
        }
    }
    seatrial_format::check_policies(scenario, &tiers, &pools, &services, &stages, problems);
}
