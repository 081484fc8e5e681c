//! What is backed up of a database cannot be restored. Nobody knows until one is tried.

use crate::kind::{Checked, Kind, Scene, Struck, Target};
use crate::{Hosts, databases};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_fleet::Fleet;
use seatrial_fleet::backups;

element! {
    /// Which database is struck.
    pub struct BackupsFail {
        /// The database, by its name; with `each`, all that are not tenants' own where left out.
        database: Option<Located<String>> = None,
    }
}

impl Kind for BackupsFail {
    const ABOUT: &'static str =
        "What is backed up meanwhile cannot be restored, and nobody sees it.";
    const EACH: Option<&'static str> = Some("database");

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        databases::check_backed_up(self.database.as_ref(), of, path, problems);
    }

    fn targets<E: Hosts>(&self, fleet: &Fleet<E>) -> Vec<Target> {
        databases::targets(fleet, self.database.as_ref())
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        let Some(database) = databases::meant(scene, self.database.as_ref()) else {
            return Struck::default();
        };
        backups::fail(scene.fleet, database, true);
        Struck::default()
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, _: &Struck) {
        let Some(database) = databases::meant(scene, self.database.as_ref()) else { return };
        backups::fail(scene.fleet, database, false);
    }
}
