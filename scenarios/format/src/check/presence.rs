//! What must not be missing: something to simulate, a place for everyone, somebody who places them,
//! a caller for each service.

use super::{Names, at, counted, each};
use crate::scenario::{Scenario, Traffic};
use seatrial_contract::config::{Path, Place, Problems};
use std::collections::BTreeSet;

pub(super) fn check(scenario: &Scenario, names: &Names<'_>, problems: &mut Problems) {
    let world = [
        scenario.tiers.len(),
        scenario.pools.len(),
        scenario.servers.len(),
        scenario.services.len(),
        scenario.caches.len(),
        scenario.databases.len(),
        scenario.traffic.len(),
    ];
    if world.iter().all(|count| *count == 0) {
        let message = "there is nothing to simulate in this scenario";
        let remedy = "add tenants (`[[tiers]]`, `[[stacks]]`, `[[pools]]`) or services \
                      (`[[services]]`, `[[traffic]]`)";
        return problems.add(&Path::Root, Place::default(), message, remedy);
    }
    // One that is named wrongly may be the one that is missing.
    let mut named = scenario.pools.iter().flat_map(|pool| pool.tiers.iter().flatten());
    if named.all(|tier| names.tiers.has(&tier.value)) {
        homes(scenario, problems);
    }
    if scenario.traffic.iter().filter_map(Traffic::called).all(|name| names.services.has(name)) {
        callers(scenario, problems);
    }
    if scenario.traffic.iter().flat_map(|of| &of.cache).all(|of| names.caches.has(&of.name.value)) {
        askers(scenario, problems);
    }
    let tenants: u128 = scenario.tiers.iter().map(|tier| u128::from(tier.tenants.value)).sum();
    if scenario.policies.is_none() && (tenants > 0 || scenario.growth.is_some()) {
        let message = match tenants {
            0 => "nobody places the tenants who sign up".to_string(),
            _ => format!("nobody places the {}", counted(tenants, "tenant")),
        };
        let remedy = "add a table `[policies]` with file = \"…\", the path of a policy file from \
                      here; it needs a placing policy such as kind = \"least-loaded\"";
        at(&Path::Root, "policies", Place::default(), (message, remedy), problems);
    }
}

/// The tiers that anybody is ever in.
pub(in crate::check) fn peopled(scenario: &Scenario) -> BTreeSet<&str> {
    let at_start = scenario.tiers.iter().filter(|tier| tier.tenants.value > 0);
    let at_start = at_start.map(|tier| tier.name.as_str());
    let mix = scenario.growth.iter().flat_map(|growth| &growth.mix.0);
    let joining = mix.filter(|(_, share)| share.value > 0.0);
    at_start.chain(joining.map(|(tier, _)| tier.value.as_str())).collect()
}

/// Everyone needs a pool that takes them.
fn homes(scenario: &Scenario, problems: &mut Problems) {
    let taken: BTreeSet<&str> = scenario
        .pools
        .iter()
        .flat_map(|pool| pool.tiers.iter().flatten())
        .map(|tier| tier.value.as_str())
        .collect();
    let peopled = peopled(scenario);
    let open = scenario.pools.iter().any(|pool| pool.tiers.is_none());
    each("tiers", &scenario.tiers, |path, tier| {
        let name = tier.name.as_str();
        if open || taken.contains(name) || !peopled.contains(name) {
            return;
        }
        let remedy = match scenario.pools.first() {
            None => "add a table `[[pools]]` with its machines".to_string(),
            Some(pool) => {
                format!("add \"{name}\" to the `tiers` of a pool, such as `{}`", pool.name.value)
            }
        };
        let message = match scenario.pools.is_empty() {
            true => format!("there is no pool where tenants of `{name}` could live"),
            false => format!("no pool takes tenants of `{name}`"),
        };
        at(path, "name", tier.name.place, (message, remedy), problems);
    });
}

fn callers(scenario: &Scenario, problems: &mut Problems) {
    let called: BTreeSet<&str> = scenario.traffic.iter().filter_map(Traffic::called).collect();
    each("services", &scenario.services, |path, service| {
        let name = service.name.as_str();
        if !called.contains(name) {
            let message = format!("nobody calls `{name}`");
            let remedy =
                format!("add a table `[[traffic]]` with service = \"{name}\", or remove it");
            at(path, "name", service.name.place, (message, remedy), problems);
        }
    });
}

fn askers(scenario: &Scenario, problems: &mut Problems) {
    let asked: BTreeSet<&str> =
        scenario.traffic.iter().flat_map(|of| &of.cache).map(|of| of.name.value.as_str()).collect();
    each("caches", &scenario.caches, |path, cache| {
        let name = cache.name.as_str();
        if !asked.contains(name) {
            let message = format!("nobody asks the cache `{name}`");
            let remedy = format!(
                "add cache = {{ name = \"{name}\", objects = 1000, entry = \"1 KiB\" }} to a \
                 `[[traffic]]`, or remove it"
            );
            at(path, "name", cache.name.place, (message, remedy), problems);
        }
    });
}
