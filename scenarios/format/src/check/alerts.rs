//! Alerts that could never go off, or look at what is not there.

use super::references::{Known, unique};
use super::{Names, at, each};
use crate::scenario::{Above, Scenario, Watch};
use seatrial_contract::config::{Located, Path, Problems};
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
            Watch::SlowCalls(of) => {
                names.traffic.demand(&of.calls, &Path::Key(&path, "calls"), problems);
                untold(&of.calls, scenario, &path, problems);
            }
            Watch::FailedCalls(of) => {
                names.traffic.demand(&of.calls, &Path::Key(&path, "calls"), problems);
                untold(&of.calls, scenario, &path, problems);
            }
        }
    });
    if let (Some(alert), None) = (scenario.alerts.first(), &scenario.policies) {
        let message = "nothing is sensed in a scenario without policies, so no alert goes off";
        let words = (message, "add a table `[policies]`, or leave the alerts out");
        at(&Path::Root, "alerts", alert.name.place, words, problems);
    }
}

/// Calls that are served once and that is all have no answer to be late.
fn untold(calls: &Located<String>, scenario: &Scenario, path: &Path<'_>, problems: &mut Problems) {
    let found = scenario.traffic.iter().find(|of| of.name.as_str() == calls.value);
    if found.is_some_and(|traffic| !traffic.is_traced()) {
        let message = format!("nobody follows the calls `{}` to their answer", calls.value);
        let remedy = "give them a `time_out`, `retry` or `queries`: then they are told of as calls";
        at(path, "calls", calls.place, (message, remedy), problems);
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
