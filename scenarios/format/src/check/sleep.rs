//! Stages of sleep: their names, and who refers to them. Knows no policy.

use super::references::{Names, SLEEP, stages};
use super::{at, each};
use crate::scenario::{NEVER, Scenario, Sleep};
use seatrial_contract::Stages;
use seatrial_contract::config::{Located, Path, Place, Problems};
use std::collections::BTreeSet;

pub(super) fn check(scenario: &Scenario, names: &Names<'_>, problems: &mut Problems) {
    section(&scenario.sleep, problems);
    each("stacks", &scenario.stacks, |path, stack| {
        let path = Path::Key(path, "parts");
        for (index, part) in stack.parts.iter().enumerate() {
            if part.stops_at.value != NEVER {
                let path = Path::Index(&path, index);
                names.stages.demand(&part.stops_at, &Path::Key(&path, "stops_at"), problems);
            }
        }
    });
}

/// Adds the stages that a policy file names and a section does not, each once: every ladder names them.
pub fn of_policies(sleep: &Sleep, named: &[&Located<String>], problems: &mut Problems) {
    let known = stages(sleep.stages.iter().map(|of| of.as_str()));
    let mut told = BTreeSet::new();
    for stage in named.iter().filter(|stage| told.insert(stage.as_str())) {
        known.demand(stage, &Path::Root, problems);
    }
}

/// What is wrong with the names of the stages themselves.
pub fn section(sleep: &Sleep, problems: &mut Problems) {
    let way = Path::Key(&Path::Root, SLEEP);
    let list = Path::Key(&way, "stages");
    let (count, most) = (sleep.stages.len(), Stages::MOST);
    if count == 0 {
        let remedy = "name one, or leave the section out: then there is one, `asleep`";
        at(&way, "stages", Place::default(), ("there is no stage to sleep at", remedy), problems);
    }
    if let Some(more) = sleep.stages.get(most) {
        let words = (format!("{count} stages are more than {most}"), "name fewer");
        at(&way, "stages", more.place, words, problems);
    }
    let mut seen = BTreeSet::new();
    for (index, stage) in sleep.stages.iter().enumerate() {
        let (path, name) = (Path::Index(&list, index), stage.as_str());
        if name == NEVER || name == Stages::AWAKE {
            let message = format!("`{name}` says that somebody does not sleep");
            problems.add(&path, stage.place, message, "call the stage otherwise");
        } else if !seen.insert(name) {
            let message = format!("the stage `{name}` is in this list twice");
            problems.add(&path, stage.place, message, "remove one of the two");
        }
    }
}
