//! Somebody deletes by mistake all that a database holds: its servers live, and none has the data any more. Copies do not
//! help against it; backups do.

use crate::Hosts;
use crate::on_database::OnDatabase;
use seatrial_contract::config::{Located, element};
use seatrial_fleet::Fleet;
use seatrial_traffic::from_backup;

element! {
    /// Which database is struck.
    pub struct DataDeleted {
        /// The database, by its name; with `each`, all that are not tenants' own where left out.
        database: Option<Located<String>> = None,
    }
}

impl OnDatabase for DataDeleted {
    const ABOUT: &'static str =
        "Somebody deletes by mistake all that a database holds; its standbys follow.";

    fn database(&self) -> Option<&Located<String>> {
        self.database.as_ref()
    }

    fn set<E: Hosts>(&self, fleet: &mut Fleet<E>, database: u16, so: bool) {
        // What is deleted does not come back by itself.
        if so {
            fleet.stir();
            let (stations, agenda) = fleet.calls();
            from_backup::delete(stations, database, agenda);
        }
    }
}
