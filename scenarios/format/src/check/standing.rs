//! Replicas that fit no machine, or are lost after the end.

use super::counts::load;
use super::{Names, at, each};
use crate::scenario::{Scenario, Standing};
use seatrial_contract::config::{Located, Path, Problems};

/// A machine's replicas are looked through one by one.
pub(super) const REPLICAS_MAX: u32 = 10_000;

pub(super) fn check(scenario: &Scenario, names: &Names<'_>, problems: &mut Problems) {
    each("services", &scenario.services, |path, service| {
        let Some(on) = &service.on else { return };
        let path_to = Path::Key(path, "on");
        names.pools.demand(&on.pool, &Path::Key(&path_to, "pool"), problems);
        fits(on, scenario, &path_to, problems);
        if let Some(varies) = &on.uses.varies {
            let path = Path::Key(&path_to, "uses");
            load(varies, &Path::Key(&path, "varies"), "memory", problems);
        }
        if service.replicas.get() > REPLICAS_MAX {
            let message =
                format!("{} replicas are too many to stand on machines", service.replicas.get());
            let remedy = format!("have at most {REPLICAS_MAX}, or remove `on`");
            at(path, "replicas", service.replicas.place, (message, remedy), problems);
        }
        let losses = Path::Key(&path_to, "losses");
        for (index, loss) in on.losses.iter().enumerate() {
            if loss.at.value >= scenario.duration.value {
                let words = ("this loss is after the run's end", "have it happen earlier");
                at(&Path::Index(&losses, index), "at", loss.at.place, words, problems);
            }
        }
    });
}

/// A policy is to scale a service whose copies stand nowhere: no policy would ever see it.
pub(super) fn can_be_scaled(
    scenario: &Scenario,
    wanted: &Located<String>,
    problems: &mut Problems,
) {
    let named = scenario.services.iter().find(|service| service.name.as_str() == wanted.value);
    if named.is_some_and(|service| service.on.is_none()) {
        let message = format!("the service `{}` stands on no machines", wanted.value);
        let remedy = "add on = { pool = \"…\", cpu = \"1 cores\", memory = \"1 GiB\" } to it: policies \
                      scale only what has replicas to come and go";
        problems.add(&Path::Root, wanted.place, message, remedy);
    }
}

fn fits(on: &Standing, scenario: &Scenario, path: &Path<'_>, problems: &mut Problems) {
    let Some(pool) = scenario.pools.iter().find(|pool| pool.name.as_str() == on.pool.value) else {
        return;
    };
    let (machine, name) = (&pool.machine, &pool.name.value);
    let path_to = Path::Key(path, "uses");
    let remedy = "have it use less, or make the machine larger";
    if on.uses.cpu.value > machine.cpu.value {
        let message = format!("a machine of `{name}` has {}", machine.cpu.value);
        at(&path_to, "cpu", on.uses.cpu.place, (message, remedy), problems);
    }
    if let Some(memory) = on.uses.memory.filter(|memory| memory.value > machine.memory.value) {
        let message = format!("a machine of `{name}` has {}", machine.memory.value);
        at(&path_to, "memory", memory.place, (message, remedy), problems);
    }
    let remedy = "request less, or make the machine larger";
    if on.cpu.value > machine.cpu.value {
        let message = format!("a machine of `{name}` has {}", machine.cpu.value);
        at(path, "cpu", on.cpu.place, (message, remedy), problems);
    }
    if on.memory.value > machine.memory.value {
        let message = format!("a machine of `{name}` has {}", machine.memory.value);
        at(path, "memory", on.memory.place, (message, remedy), problems);
    }
}
