//! Policies that take over from themselves go on as if nothing had been, in every shipped scenario that lasts for days at
//! the most: whatever a policy remembers is saved and read back whole.

use seatrial_format::{Disk, Style};
use seatrial_host::Silent;
use seatrial_trials::Trial;
use seatrial_trials::explain::{Question, Unexplained, explain};
use std::path::{Path, PathBuf};

fn shipped() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let folders = ["", "chaos"].map(|folder| root.join(folder));
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let mut files: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

#[test]
fn policies_that_take_over_from_themselves_change_nothing() {
    let mut tried = 0;
    for file in shipped() {
        let opened = seatrial_host::open(&Disk, &file, &[]);
        let opened =
            opened.unwrap_or_else(|failure| panic!("{}", failure.render(Style::default())));
        let duration = opened.scenario.duration.value.as_seconds();
        let Some(policies) = opened.policies.as_ref().filter(|_| duration <= 4.0 * 86_400.0) else {
            continue;
        };
        let trial = Trial {
            scenario: &opened.scenario,
            policies: Some(policies),
            departure: None,
            goals: opened.goals.clone(),
            seed: opened.scenario.seed,
            replications: 1,
            threads: None,
            series: None,
        };
        // Where things strike, that is amid or after most of it.
        let at = format!("{} s", (duration * 0.72) as u64);
        let fork = Some(("the same", policies));
        let question = Question { trial: &trial, at: &at, subject: None, fork };
        match explain(&question, &Silent) {
            Ok(found) => {
                let fork = found.fork.unwrap();
                assert!(fork.identical, "{} from {at} on: {:?}", file.display(), fork.parting);
                tried += 1;
            }
            Err(Unexplained::TooEarly(_)) => {}
            Err(other) => panic!("{}: {other}", file.display()),
        }
    }
    assert!(tried > 10, "{tried} forks");
}
