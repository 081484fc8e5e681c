//! Somebody else has connections of a database and gives none back: fewer are left, and when there are none, callers are
//! refused.

use crate::Hosts;
use crate::on_database::OnDatabase;
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_fleet::Fleet;
use seatrial_traffic::recovering;

element! {
    /// Which database is struck.
    pub struct ConnectionsTaken {
        /// The database, by its name; with `each`, all that are not tenants' own where left out.
        database: Option<Located<String>> = None,
        /// How many.
        connections: Located<u32>,
    }
}

impl OnDatabase for ConnectionsTaken {
    const ABOUT: &'static str = "Somebody else holds connections of a database.";

    fn database(&self) -> Option<&Located<String>> {
        self.database.as_ref()
    }

    fn check_more(&self, path: &Path<'_>, problems: &mut Problems) {
        if self.connections.value == 0 {
            let path = Path::Key(path, "connections");
            let place = self.connections.place;
            problems.add(&path, place, "no connection is none", "write how many are taken");
        }
    }

    fn set<E: Hosts>(&self, fleet: &mut Fleet<E>, database: u16, so: bool) {
        fleet.stir();
        let (stations, _) = fleet.calls();
        let taken = i64::from(self.connections.value);
        recovering::take_connections(stations, database, if so { taken } else { -taken });
    }
}
