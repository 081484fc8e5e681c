//! A database's disk is full, and so are those of its standbys: all stop, and nobody can take over, until there is room.

use crate::kind::{Checked, Kind, Scene, Struck, Target};
use crate::{Hosts, databases};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_fleet::Fleet;
use seatrial_traffic::queries;

element! {
    /// Which database is struck.
    pub struct DiskFull {
        /// The database, by its name; with `each`, all that are not tenants' own where left out.
        database: Option<Located<String>> = None,
    }
}

impl Kind for DiskFull {
    const ABOUT: &'static str =
        "A database's disk is full: it stops until there is room, and nobody takes over.";
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
        queries::outage_begins(stations, database, agenda);
        Struck::default()
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, _: &Struck) {
        let Some(database) = databases::meant(scene, self.database.as_ref()) else { return };
        scene.fleet.stir();
        let (stations, agenda) = scene.fleet.calls();
        queries::outage_ends(stations, database, agenda.now());
    }
}
