//! Sums over a whole section that no computer holds.

use super::{at, each, grouped};
use crate::scenario::Scenario;
use seatrial_contract::config::{Path, Place, Problems};
use seatrial_contract::units::Bytes;

/// A section's entries are numbered in 16 bits, and some checks compare each with each.
pub(super) const ENTRIES_MAX: usize = 1_000;
pub(super) const TENANTS_MAX: u128 = 5_000_000;
pub(super) const MACHINES_MAX: u128 = 1_000_000;
/// 256 PiB: with every factor at its most, what is used stays within 64 bits.
pub(super) const MEMORY_MAX: u128 = 1 << 58;

pub(super) fn check(scenario: &Scenario, problems: &mut Problems) {
    entries(scenario, problems);
    let mut sum = 0;
    each("tiers", &scenario.tiers, |path, tier| {
        let (before, count) = (sum, tier.tenants);
        sum += u128::from(count.value);
        if sum > TENANTS_MAX && before <= TENANTS_MAX {
            let message = format!("{} tenants at the start are too many", grouped(sum));
            let remedy = format!("have at most {} in all tiers together", grouped(TENANTS_MAX));
            at(path, "tenants", count.place, (message, remedy), problems);
        }
    });
    signups(scenario, problems);
    let (mut machines, mut memory) = (0, 0);
    each("pools", &scenario.pools, |path, pool| {
        let before = (machines, memory);
        let most = u128::from(pool.most().max(pool.count.value));
        machines += most;
        memory += most * u128::from(pool.machine.memory.0);
        let place = pool.most.map_or(pool.count.place, |most| most.place);
        let key = if pool.most.is_some() { "most" } else { "count" };
        if machines > MACHINES_MAX && before.0 <= MACHINES_MAX {
            let message = format!("{} machines are too many", grouped(machines));
            let remedy = format!("have at most {} in all pools together", grouped(MACHINES_MAX));
            at(path, key, place, (message, remedy), problems);
        } else if memory > MEMORY_MAX && before.1 <= MEMORY_MAX {
            let size = Bytes(u64::try_from(MEMORY_MAX).unwrap_or(u64::MAX));
            let message = format!("the machines have more memory than {size} together");
            at(path, key, place, (message, "have fewer or smaller machines"), problems);
        }
    });
    each("servers", &scenario.servers, |path, server| {
        let count = u128::from(server.count.value);
        if count > MACHINES_MAX {
            let message = format!("{} servers are too many", grouped(count));
            let remedy = format!("have at most {}", grouped(MACHINES_MAX));
            at(path, "count", server.count.place, (message, remedy), problems);
        }
    });
}

fn signups(scenario: &Scenario, problems: &mut Problems) {
    let Some(growth) = &scenario.growth else { return };
    let people = joining(scenario);
    if people > TENANTS_MAX {
        let message =
            format!("{} sign-ups in {} are too many", grouped(people), scenario.duration.value);
        let remedy = format!("have at most {} in a run", grouped(TENANTS_MAX));
        let path = Path::Key(&Path::Root, "growth");
        at(&path, "signups", growth.signups.place, (message, remedy), problems);
    }
}

/// How many sign up, on the mean.
fn joining(scenario: &Scenario) -> u128 {
    let Some(growth) = &scenario.growth else { return 0 };
    let frequency = growth.signups.value;
    let per = u128::from(frequency.per.0.max(1));
    u128::from(frequency.millionths) * u128::from(scenario.duration.0) / per / 1_000_000
}

/// How many tenants there ever are, on the mean.
pub(super) fn tenants(scenario: &Scenario) -> u128 {
    let at_start = scenario.tiers.iter().map(|tier| u128::from(tier.tenants.value));
    at_start.sum::<u128>() + joining(scenario)
}

fn entries(scenario: &Scenario, problems: &mut Problems) {
    let first_too_many: [(&str, usize, Option<Place>); 10] = [
        extra("tiers", &scenario.tiers, |of| of.name.place),
        extra("pools", &scenario.pools, |of| of.name.place),
        extra("servers", &scenario.servers, |of| of.name.place),
        extra("stacks", &scenario.stacks, |of| of.name.place),
        extra("rhythms", &scenario.rhythms, |of| of.name.place),
        extra("services", &scenario.services, |of| of.name.place),
        extra("caches", &scenario.caches, |of| of.name.place),
        extra("databases", &scenario.databases, |of| of.name.place),
        extra("poolers", &scenario.poolers, |of| of.name.place),
        extra("traffic", &scenario.traffic, |of| of.name.place),
    ];
    for (section, count, place) in first_too_many {
        if let Some(place) = place {
            let message = format!("{} {section} are too many", grouped(count as u128));
            let remedy = format!("have at most {}", grouped(ENTRIES_MAX as u128));
            at(&Path::Root, section, place, (message, remedy), problems);
        }
    }
}

fn extra<T>(
    section: &'static str,
    entries: &[T],
    place: impl Fn(&T) -> Place,
) -> (&'static str, usize, Option<Place>) {
    (section, entries.len(), entries.get(ENTRIES_MAX).map(place))
}
