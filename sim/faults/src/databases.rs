//! Databases and their standbys that faults name. Decides on none.

use crate::Hosts;
use crate::kind::{Checked, Scene, Target};
use seatrial_contract::config::{Located, Path, Place, Problems};
use seatrial_fleet::Fleet;
use seatrial_traffic::{queries, recovering};

/// Says what is wrong with the database that a fault names. Of one that each tenant has for itself there is not
/// one that could be meant.
pub(crate) fn check(
    named: Option<&Located<String>>,
    of: &Checked<'_>,
    path: &Path<'_>,
    problems: &mut Problems,
) {
    let shared = of.databases.iter().filter(|database| database.one_per.is_none());
    let have = shared.map(|database| database.name.as_str());
    match named {
        Some(named) if of.is_each => {
            let path = Path::Key(path, "database");
            let message = "with `each`, every database is struck on its own";
            problems.add(&path, named.place, message, "leave this or `each` out");
        }
        None if !of.is_each => {
            let remedy = "name it: database = \"…\"; or write each = true";
            problems.add(path, Place::default(), "`database` is missing", remedy);
        }
        Some(_) | None => {}
    }
    let wanted: Vec<_> = named.into_iter().collect();
    seatrial_format::check_names("shared database", "databases", have, &wanted, problems);
}

/// Says that the database that a fault names has no backups.
pub(crate) fn check_backups(
    named: Option<&Located<String>>,
    of: &Checked<'_>,
    path: &Path<'_>,
    problems: &mut Problems,
) {
    let found =
        named.and_then(|named| of.databases.iter().find(|of| of.name.as_str() == named.value));
    if let (Some(named), Some(found)) = (named, found)
        && found.backups.is_none()
    {
        let message = format!("`{}` has no backups", named.value);
        let path = Path::Key(path, "database");
        problems.add(&path, named.place, message, "give it `backups`, or leave the fault out");
    }
}

/// Says that a database has no such standby.
pub(crate) fn check_standby(
    database: &str,
    standby: &Located<String>,
    of: &Checked<'_>,
    problems: &mut Problems,
) {
    let found = of.databases.iter().find(|of| of.name.as_str() == database);
    let have = found.iter().flat_map(|of| &of.standbys).map(|of| of.name.as_str());
    seatrial_format::check_names("standby", "databases.standbys", have, &[standby], problems);
}

/// Those that a fault may strike each on its own.
pub(crate) fn targets<E: Hosts>(fleet: &Fleet<E>, named: Option<&Located<String>>) -> Vec<Target> {
    if named.is_some() {
        return Vec::new();
    }
    queries::shared(&fleet.traffic.stations).map(Target::Database).collect()
}

/// The one that is struck.
pub(crate) fn meant<E: Hosts>(
    scene: &Scene<'_, E>,
    named: Option<&Located<String>>,
) -> Option<u16> {
    match (scene.on, named) {
        (Some(Target::Database(at)), _) => Some(at),
        (_, Some(named)) => queries::database(&scene.fleet.traffic.stations, named),
        (_, None) => None,
    }
}

/// A standby's place among those of its database.
pub(crate) fn standby<E: Hosts>(
    scene: &Scene<'_, E>,
    database: &str,
    standby: &str,
) -> Option<usize> {
    let stations = &scene.fleet.traffic.stations;
    let database = queries::database(stations, database)?;
    recovering::standby(stations, database, standby)
}
