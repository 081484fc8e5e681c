//! Places: regions, zones and racks share one set of names, and a pool needs no more machines than it may have.

use super::references::Known;
use super::{at, each};
use crate::scenario::Scenario;
use seatrial_contract::config::{Located, Name, Path, Place, Problems};
use std::collections::{BTreeMap, BTreeSet};

/// More racks than any data centre has.
const RACKS_MAX: usize = 10_000;

pub(super) fn check(scenario: &Scenario, problems: &mut Problems) {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    each("zones", &scenario.zones, |path, zone| {
        let (name, place) = (zone.name.as_str(), zone.name.place);
        taken(&mut seen, "zone", name, &Path::Key(path, "name"), place, problems);
    });
    let regions = scenario.zones.iter().filter_map(|zone| zone.region.as_ref());
    let regions: BTreeSet<&str> = regions.map(|region: &Located<Name>| region.as_str()).collect();
    each("zones", &scenario.zones, |path, zone| {
        if let Some(region) = zone.region.as_ref().filter(|of| seen.contains_key(of.as_str())) {
            let message = format!("a zone is called `{}` already", region.value);
            at(path, "region", region.place, (message, "rename the region or the zone"), problems);
        }
        if zone.racks.value.len() > RACKS_MAX {
            let words =
                (format!("{} racks", zone.racks.value.len()), "have at most 10000 in a zone");
            return at(path, "racks", zone.racks.place, words, problems);
        }
        let (racks, place) = (Path::Key(path, "racks"), zone.racks.place);
        for (index, rack) in zone.racks.value.iter().enumerate() {
            let path = Path::Index(&racks, index);
            if regions.contains(rack.as_str()) {
                let message = format!("a region is called `{rack}` already");
                problems.add(&path, place, message, "rename the rack or the region");
            }
            taken(&mut seen, "rack", rack.as_str(), &path, place, problems);
        }
    });
    stand(scenario, problems);
    each("pools", &scenario.pools, |path, pool| {
        let Some(needs) = &pool.needs else { return };
        if needs.value == 0 || needs.value > pool.most() {
            let message = format!("{} machines of {}", needs.value, pool.most());
            let words =
                (message, "write how many have to be up, from 1 to the most that it may have");
            at(path, "needs", needs.place, words, problems);
        }
    });
}

/// Says that there is no such place: a region, a zone, a rack, or a machine such as `workers/1`.
pub fn check_place(
    scenario: &Scenario,
    place: &Located<String>,
    path: &Path<'_>,
    problems: &mut Problems,
) {
    let names = names(scenario);
    demand(scenario, &known(&names), place, path, problems);
}

fn names(scenario: &Scenario) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for zone in &scenario.zones {
        names.extend(zone.region.iter().map(|of| of.to_string()));
        names.extend(zone.racks.value.iter().map(ToString::to_string));
        names.push(zone.name.to_string());
    }
    names.extend(scenario.pools.iter().flat_map(|pool| pool.zones.iter()).map(ToString::to_string));
    names
}

fn known(names: &[String]) -> Known<'_> {
    Known::new("place", "zones", names.iter().map(String::as_str))
}

fn demand(
    scenario: &Scenario,
    known: &Known<'_>,
    place: &Located<String>,
    path: &Path<'_>,
    problems: &mut Problems,
) {
    let Some((pool, number)) = place.value.rsplit_once('/') else {
        return known.demand(place, path, problems);
    };
    let pool = scenario.pools.iter().find(|of| of.name.as_str() == pool);
    let count = pool.map(|pool| pool.count.value);
    let is_there = |count: &u32| number.parse::<u32>().is_ok_and(|at| (1..=*count).contains(&at));
    if !count.as_ref().is_some_and(is_there) {
        let message = format!("no machine `{}`", place.value);
        let remedy = match count {
            Some(0) | None => "write a pool and a number, such as `workers/1`".to_owned(),
            Some(count) => format!("its pool has the numbers 1 to {count} at the start"),
        };
        problems.add(path, place.place, message, remedy);
    }
}

/// Whatever stands somewhere stands at a place that there is.
fn stand(scenario: &Scenario, problems: &mut Problems) {
    let names = names(scenario);
    let known = known(&names);
    let demand = |place: &Option<Located<String>>, path: &Path<'_>, problems: &mut Problems| {
        if let Some(place) = place {
            demand(scenario, &known, place, &Path::Key(path, "place"), problems);
        }
    };
    each("databases", &scenario.databases, |path, of| {
        demand(&of.place, path, problems);
        let path = Path::Key(path, "standbys");
        for (index, standby) in of.standbys.iter().enumerate() {
            demand(&standby.place, &Path::Index(&path, index), problems);
        }
    });
    each("caches", &scenario.caches, |path, of| demand(&of.place, path, problems));
    each("poolers", &scenario.poolers, |path, of| demand(&of.place, path, problems));
    each("traffic", &scenario.traffic, |path, of| demand(&of.place, path, problems));
    each("services", &scenario.services, |path, of| {
        demand(&of.place, path, problems);
        if let (Some(place), Some(_)) = (&of.place, &of.on) {
            let words =
                ("its replicas stand `on` machines, and go with those", "leave `place` out");
            at(path, "place", place.place, words, problems);
        }
    });
    demand(&scenario.restoring.place, &Path::Key(&Path::Root, "restoring"), problems);
    demand(&scenario.sensing.place, &Path::Key(&Path::Root, "sensing"), problems);
    if let Some(policies) = &scenario.policies {
        demand(&policies.place, &Path::Key(&Path::Root, "policies"), problems);
    }
}

fn taken<'a>(
    seen: &mut BTreeMap<&'a str, &'a str>,
    what: &'a str,
    name: &'a str,
    path: &Path<'_>,
    place: Place,
    problems: &mut Problems,
) {
    if let Some(other) = seen.insert(name, what) {
        let message = format!("a {other} is called `{name}` already");
        problems.add(path, place, message, "rename one of the two: places go by their names");
    }
}
