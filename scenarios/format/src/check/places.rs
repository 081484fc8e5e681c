//! Places: regions, zones and racks share one set of names, and a pool needs no more machines than it may have.

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
