//! Nothing of a database's log is archived: what is written meanwhile is lost with the server.

use crate::Hosts;
use crate::on_database::OnDatabase;
use seatrial_contract::config::{Located, element};
use seatrial_fleet::Fleet;
use seatrial_traffic::from_backup;

element! {
    /// Which database is struck.
    pub struct ArchiveStops {
        /// The database, by its name; with `each`, all that are not tenants' own where left out.
        database: Option<Located<String>> = None,
    }
}

impl OnDatabase for ArchiveStops {
    const ABOUT: &'static str = "Nothing of a database's log is archived.";
    const IS_OF_BACKUPS: bool = true;

    fn database(&self) -> Option<&Located<String>> {
        self.database.as_ref()
    }

    fn set<E: Hosts>(&self, fleet: &mut Fleet<E>, database: u16, so: bool) {
        let at = (fleet.calls_now(), fleet.now());
        let (stations, _) = fleet.calls();
        from_backup::stop_archive(stations, database, so, at);
    }
}
