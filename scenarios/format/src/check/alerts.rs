//! Alerts that could never go off, or look at what is not there.

use super::references::{Known, unique};
use super::{Names, at, each};
use crate::scenario::{Above, Scenario, Watch};
use seatrial_contract::config::{Path, Problems};
use seatrial_contract::units::{Ppm, Span};
use std::collections::BTreeSet;

pub(super) fn check(scenario: &Scenario, names: &Names<'_>, problems: &mut Problems) {
    let mut seen = BTreeSet::new();
    each("alerts", &scenario.alerts, |path, alert| {
        unique(&alert.name, &mut seen, path, problems);
        let path = Path::Key(path, "watches");
        match &alert.watches {
            Watch::MachineCpu(above) => machine(above, true, &names.pools, &path, problems),
            Watch::MachineMemory(above) => machine(above, false, &names.pools, &path, problems),
            Watch::Kills(often) => {
                if often.within.value == Span::ZERO {
                    let words = ("nothing happens within no time", "write \"5 min\"");
                    at(&path, "within", often.within.place, words, problems);
                }
            }
            Watch::Waiting(_) => {}
        }
    });
    if let (Some(alert), None) = (scenario.alerts.first(), &scenario.policies) {
        let message = "nothing is sensed in a scenario without policies, so no alert goes off";
        let words = (message, "add a table `[policies]`, or leave the alerts out");
        at(&Path::Root, "alerts", alert.name.place, words, problems);
    }
}

fn machine(
    above: &Above,
    is_cpu: bool,
    pools: &Known<'_>,
    path: &Path<'_>,
    problems: &mut Problems,
) {
    for (index, pool) in above.pools.iter().flatten().enumerate() {
        let path = Path::Key(path, "pools");
        pools.demand(pool, &Path::Index(&path, index), problems);
    }
    // Cpu that is not there cannot be used; memory can be asked for beyond what is there.
    if is_cpu && above.above.value >= Ppm::WHOLE {
        let message = format!("a machine never uses more than all of its cpu, {}", Ppm::WHOLE);
        at(path, "above", above.above.place, (message, "write \"85 %\""), problems);
    }
}
