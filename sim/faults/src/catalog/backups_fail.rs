//! What is backed up of a database cannot be restored. Nobody knows until one is tried.

use crate::Hosts;
use crate::on_database::OnDatabase;
use seatrial_contract::config::{Located, element};
use seatrial_fleet::{Fleet, backups};

element! {
    /// Which database is struck.
    pub struct BackupsFail {
        /// The database, by its name; with `each`, all that are not tenants' own where left out.
        database: Option<Located<String>> = None,
    }
}

impl OnDatabase for BackupsFail {
    const ABOUT: &'static str =
        "What is backed up meanwhile cannot be restored, and nobody sees it.";
    const IS_OF_BACKUPS: bool = true;

    fn database(&self) -> Option<&Located<String>> {
        self.database.as_ref()
    }

    fn set<E: Hosts>(&self, fleet: &mut Fleet<E>, database: u16, so: bool) {
        backups::fail(fleet, database, so);
    }
}
