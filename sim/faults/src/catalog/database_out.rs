//! A database cannot be reached for a while: open connections are cut off, and nobody can open one.

use crate::{Fault, Hosts, Planned};
use seatrial_fleet::Fleet;
use seatrial_format::scenario::Scenario;
use seatrial_traffic::queries;

/// A database, by its place in the scenario.
pub(crate) struct DatabaseOut(u16);

impl Fault for DatabaseOut {
    fn planned(scenario: &Scenario) -> Vec<Planned<Self>> {
        let all = scenario.databases.iter().enumerate().flat_map(|(at, database)| {
            let at = u16::try_from(at).expect("the format lets no more through");
            database.outages.iter().map(move |outage| Planned {
                fault: Self(at),
                at: outage.at.value,
                lasts: Some(outage.lasts.value),
            })
        });
        all.collect()
    }

    fn begin<E: Hosts>(&self, fleet: &mut Fleet<E>) {
        fleet.stir();
        let (stations, agenda) = fleet.calls();
        queries::outage_begins(stations, self.0, agenda);
    }

    fn end<E: Hosts>(&self, fleet: &mut Fleet<E>) {
        fleet.stir();
        let (stations, agenda) = fleet.calls();
        queries::outage_ends(stations, self.0, agenda.now());
    }
}
