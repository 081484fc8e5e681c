//! What a scenario can get wrong although each of its values can be read: names that nobody has,
//! amounts that do not fit together, worlds that cannot be. All of it at once. Reads no file and
//! knows no policy.

mod alerts;
mod caches;
mod contention;
mod counts;
mod databases;
mod distributions;
mod events;
mod grain;
mod limits;
mod objects;
mod owned;
mod places;
mod presence;
mod references;
mod retries;
mod rhythms;
mod room;
mod run;
mod sleep;
mod standing;
mod tenants;
mod totals;

pub(crate) use limits::limits;
pub use places::check_place;
pub(crate) use references::Names;
pub use sleep::{of_policies as check_stages, section as check_sleep};

use crate::scenario::Scenario;
use seatrial_contract::config::{Located, Path, Place, Problems};

/// Adds everything that is wrong across the sections of a scenario.
pub fn check(scenario: &Scenario, problems: &mut Problems) {
    let names = Names::of_scenario(scenario);
    items(scenario, &names, problems);
    run::check(scenario, problems);
    presence::check(scenario, &names, problems);
    room::check(scenario, problems);
    totals::check(scenario, problems);
    events::check(scenario, problems);
}

/// What a world cannot be built with, whatever is to happen in it.
pub(crate) fn builds(scenario: &Scenario, problems: &mut Problems) {
    items(scenario, &Names::of_scenario(scenario), problems);
    totals::check(scenario, problems);
}

/// What can be said of each entry alone, given the names that there are: these checks hold for
/// the readable part of a file that has mistakes elsewhere.
pub(crate) fn items(scenario: &Scenario, names: &Names<'_>, problems: &mut Problems) {
    references::check(scenario, names, problems);
    references::repeated(scenario, problems);
    sleep::check(scenario, names, problems);
    rhythms::check(scenario, problems);
    counts::check(scenario, problems);
    caches::check(scenario, problems);
    databases::check(scenario, names, problems);
    owned::check(scenario, problems);
    grain::check(scenario, problems);
    objects::check(scenario, problems);
    places::check(scenario, problems);
    retries::check(scenario, problems);
    standing::check(scenario, names, problems);
    tenants::check(scenario, problems);
    tenants::data(scenario, problems);
    distributions::check(scenario, problems);
    alerts::check(scenario, names, problems);
}

/// Adds the tiers, pools, services and stages of sleep that a policy file names and the scenario does not have.
pub fn check_policies(
    scenario: &Scenario,
    tiers: &[&Located<String>],
    pools: &[&Located<String>],
    services: &[&Located<String>],
    stages: &[&Located<String>],
    problems: &mut Problems,
) {
    let names = Names::of_scenario(scenario);
    for tier in tiers {
        names.tiers.demand(tier, &Path::Root, problems);
    }
    check_stages(&scenario.sleep, stages, problems);
    for pool in pools {
        names.pools.demand(pool, &Path::Root, problems);
    }
    for service in services {
        names.services.demand(service, &Path::Root, problems);
        standing::can_be_scaled(scenario, service, problems);
    }
}

/// Adds those names that no entry of a section has, such as the tiers that a policy names.
pub fn check_names<'a>(
    what: &'static str,
    section: &'static str,
    have: impl Iterator<Item = &'a str>,
    wanted: &[&Located<String>],
    problems: &mut Problems,
) {
    let known = references::Known::new(what, section, have);
    for name in wanted {
        known.demand(name, &Path::Root, problems);
    }
}

/// Calls `look` with each entry of a list and the path to it.
fn each<'a, T>(section: &str, entries: &'a [T], mut look: impl FnMut(&Path<'_>, &'a T)) {
    let section = Path::Key(&Path::Root, section);
    for (index, entry) in entries.iter().enumerate() {
        look(&Path::Index(&section, index), entry);
    }
}

/// Adds a problem at a key of a table.
fn at(
    path: &Path<'_>,
    key: &str,
    place: Place,
    words: (impl Into<String>, impl Into<String>),
    problems: &mut Problems,
) {
    problems.add(&Path::Key(path, key), place, words.0, words.1);
}

/// A whole number as people read it: `5,000,000`.
fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 tenant`, `2 tenants`.
fn counted(count: u128, what: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{} {what}{ending}", grouped(count))
}
