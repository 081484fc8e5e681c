//! Stores, services and those who see and steer, lost with the place where they stand or by themselves. Decides on
//! none.

use crate::Hosts;
use crate::control::Control;
use seatrial_fleet::places::Stands;
use seatrial_fleet::{Fleet, restoring};
use seatrial_traffic::recovering::{self, Blow};
use seatrial_traffic::{caches, cuts};

/// It is lost.
pub(crate) fn lose<E: Hosts>(
    fleet: &mut Fleet<E>,
    control: &mut Control,
    what: Stands,
    blow: Blow,
) {
    if what == Stands::Backups {
        return restoring::lose_store(fleet, true);
    }
    fleet.stir();
    let now = fleet.calls_now();
    let (stations, agenda) = fleet.calls();
    match what {
        Stands::Server(database, server) => {
            recovering::lose_server(stations, database, server, blow, agenda);
        }
        Stands::Cache(cache) => {
            let of_place = caches::Blow::Place { runs_on: blow == Blow::Network };
            recovering::lose_cache(stations, cache, of_place, now);
        }
        Stands::Pooler(pooler) => recovering::lose_pooler(stations, pooler, agenda),
        Stands::Balancer(source) => cuts::lose_balancer(stations, source, true),
        Stands::Service(service) => recovering::lose_service(stations, service, agenda),
        // It stands before the stations.
        Stands::Backups => {}
        Stands::Sensing => control.blind += 1,
        // They look on, and whatever they do does not arrive.
        Stands::Policies if blow == Blow::Network => {
            control.blind += 1;
            control.rejects += 1;
        }
        Stands::Policies => control.policies_down += 1,
    }
}

/// It is back, or there is one reason less why it is not.
pub(crate) fn bring_back<E: Hosts>(fleet: &mut Fleet<E>, control: &mut Control, what: Stands) {
    return_from(fleet, control, what, Blow::Machine);
}

/// The same of what was struck in that way.
pub(crate) fn return_from<E: Hosts>(
    fleet: &mut Fleet<E>,
    control: &mut Control,
    what: Stands,
    blow: Blow,
) {
    if what == Stands::Backups {
        return restoring::lose_store(fleet, false);
    }
    fleet.stir();
    let now = fleet.calls_now();
    let (stations, agenda) = fleet.calls();
    match what {
        Stands::Server(database, server) => {
            recovering::server_is_back(stations, (database, server), blow, agenda);
        }
        Stands::Cache(cache) => recovering::cache_is_back(stations, cache),
        Stands::Pooler(pooler) => recovering::pooler_is_back(stations, pooler),
        Stands::Balancer(source) => cuts::lose_balancer(stations, source, false),
        Stands::Service(service) => recovering::service_is_back(stations, service, now),
        Stands::Backups => {}
        Stands::Sensing => control.blind = control.blind.saturating_sub(1),
        Stands::Policies if blow == Blow::Network => {
            control.blind = control.blind.saturating_sub(1);
            control.rejects = control.rejects.saturating_sub(1);
        }
        Stands::Policies => control.policies_are_back(),
    }
}
