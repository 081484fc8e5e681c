//! Stores, services and those who see and steer, lost with the place where they stand or by themselves. Decides on
//! none.

use crate::Hosts;
use crate::control::Control;
use seatrial_fleet::Fleet;
use seatrial_fleet::places::Stands;
use seatrial_traffic::recovering::{self, Blow};

/// It is lost.
pub(crate) fn lose<E: Hosts>(
    fleet: &mut Fleet<E>,
    control: &mut Control,
    what: Stands,
    blow: Blow,
) {
    fleet.stir();
    let now = fleet.calls_now();
    let (stations, agenda) = fleet.calls();
    match what {
        Stands::Server(database, server) => {
            recovering::lose_server(stations, database, server, blow, agenda);
        }
        Stands::Cache(cache) => recovering::lose_cache(stations, cache, false, now),
        Stands::Service(service) => recovering::lose_service(stations, service, agenda),
        Stands::Sensing => control.blind += 1,
        Stands::Policies => control.policies_down += 1,
    }
}

/// It is back, or there is one reason less why it is not.
pub(crate) fn bring_back<E: Hosts>(fleet: &mut Fleet<E>, control: &mut Control, what: Stands) {
    fleet.stir();
    let now = fleet.calls_now();
    let (stations, agenda) = fleet.calls();
    match what {
        Stands::Server(database, server) => {
            recovering::server_is_back(stations, database, server, agenda);
        }
        Stands::Cache(cache) => recovering::cache_is_back(stations, cache),
        Stands::Service(service) => recovering::service_is_back(stations, service, now),
        Stands::Sensing => control.blind = control.blind.saturating_sub(1),
        Stands::Policies => control.policies_are_back(),
    }
}
