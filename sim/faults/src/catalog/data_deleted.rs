//! Somebody deletes by mistake all that a database holds: its servers live, and none has the data any more. Copies do not
//! help against it; backups do.

use crate::kind::{Checked, Kind, Scene, Struck, Target};
use crate::{Hosts, databases};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_fleet::Fleet;
use seatrial_traffic::from_backup;

element! {
    /// Which database is struck.
    pub struct DataDeleted {
        /// The database, by its name; with `each`, all that are not tenants' own where left out.
        database: Option<Located<String>> = None,
    }
}

impl Kind for DataDeleted {
    const ABOUT: &'static str =
        "Somebody deletes by mistake all that a database holds; its standbys follow.";
    const EACH: Option<&'static str> = Some("database");

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        databases::check(self.database.as_ref(), of, path, problems);
    }

    fn targets<E: Hosts>(&self, fleet: &Fleet<E>) -> Vec<Target> {
        databases::targets(fleet, self.database.as_ref())
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        let Some(database) = databases::meant(scene, self.database.as_ref()) else {
            return Struck::default();
        };
        scene.fleet.stir();
        let (stations, agenda) = scene.fleet.calls();
        from_backup::delete(stations, database, agenda);
        Struck::default()
    }
}
