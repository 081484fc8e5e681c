//! What policies see of databases that are not tenants' own, and what they may have done: those that can be backed up,
//! and those that fail over when a policy says so. Decides nothing.

use crate::restoring::backups::Backups;
use crate::{Fleet, Hosts};
use seatrial_contract::DatabaseId;
use seatrial_contract::units::{Bytes, Moment};
use seatrial_contract::view::{Database as Seen, Health as SeenHealth, Heir};
use seatrial_traffic::from_backup::{self, Health};
use seatrial_traffic::recovering;

/// The place in the file of a database that policies see.
pub fn place<E: Hosts>(fleet: &Fleet<E>, id: DatabaseId) -> Option<u16> {
    fleet.restoring.seen.get(id.index()).copied()
}

/// What databases that policies see are called.
pub fn names<E: Hosts>(fleet: &Fleet<E>) -> impl Iterator<Item = &str> {
    let stations = &fleet.traffic.stations;
    fleet.restoring.seen.iter().map(|database| recovering::losses(stations, *database).0)
}

/// What there is to see of a database.
pub fn look<E: Hosts>(fleet: &Fleet<E>, id: DatabaseId) -> Option<Seen> {
    let database = place(fleet, id)?;
    let stations = &fleet.traffic.stations;
    let of = fleet.restoring.databases.get(usize::from(database)).and_then(Option::as_ref);
    let seen = of.map(Backups::seen).unwrap_or_default();
    let (lost, _) = from_backup::lost_at(stations, database);
    let (failovers, heir) = recovering::heir(stations, database, fleet.calls_now());
    Some(Seen {
        health: match from_backup::health(stations, database) {
            Health::Serves => SeenHealth::Serves,
            Health::TakesOver => SeenHealth::TakesOver,
            Health::Lost => SeenHealth::Lost,
            Health::Gone => SeenHealth::Gone,
        },
        since: lost.map_or(Moment::START, |lost| lost.world_at),
        heir: heir.map(|(lag, is_waited_for)| Heir { lag: Bytes(lag), is_waited_for }),
        failovers,
        is_backed_up: of.is_some(),
        ..seen
    })
}

/// A standby is made the primary, as a policy said.
pub(crate) fn fail_over<E: Hosts>(fleet: &mut Fleet<E>, id: DatabaseId) {
    let Some(database) = place(fleet, id) else { return };
    fleet.stir();
    let (stations, agenda) = fleet.calls();
    recovering::fail_over(stations, database, agenda);
}
