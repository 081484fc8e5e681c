//! A database's disk is full, and so are those of its standbys: all stop, and nobody can take over, until there is room.

use crate::Hosts;
use crate::on_database::OnDatabase;
use seatrial_contract::config::{Located, element};
use seatrial_fleet::Fleet;
use seatrial_traffic::queries;

element! {
    /// Which database is struck.
    pub struct DiskFull {
        /// The database, by its name; with `each`, all that are not tenants' own where left out.
        database: Option<Located<String>> = None,
    }
}

impl OnDatabase for DiskFull {
    const ABOUT: &'static str =
        "A database's disk is full: it stops until there is room, and nobody takes over.";

    fn database(&self) -> Option<&Located<String>> {
        self.database.as_ref()
    }

    fn set<E: Hosts>(&self, fleet: &mut Fleet<E>, database: u16, so: bool) {
        fleet.stir();
        let (stations, agenda) = fleet.calls();
        if so {
            queries::outage_begins(stations, database, agenda);
        } else {
            queries::outage_ends(stations, database, agenda.now());
        }
    }
}
