//! All backups of a database are lost with the archive of its log, but for those that were copied off site.

use crate::Hosts;
use crate::on_database::OnDatabase;
use seatrial_contract::config::{Located, element};
use seatrial_fleet::{Fleet, backups};

element! {
    /// Which database is struck.
    pub struct BackupsLost {
        /// The database, by its name; with `each`, all that are not tenants' own where left out.
        database: Option<Located<String>> = None,
    }
}

impl OnDatabase for BackupsLost {
    const ABOUT: &'static str =
        "Backups of a database and the archive of its log are lost, but those off site.";
    const IS_OF_BACKUPS: bool = true;

    fn database(&self) -> Option<&Located<String>> {
        self.database.as_ref()
    }

    fn set<E: Hosts>(&self, fleet: &mut Fleet<E>, database: u16, so: bool) {
        // What is lost does not come back.
        if so {
            backups::lose(fleet, database);
        }
    }
}
