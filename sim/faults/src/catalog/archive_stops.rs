//! Nothing of a database's log is archived: what is written meanwhile is lost with the server.

use crate::kind::{Checked, Kind, Scene, Struck, Target};
use crate::{Hosts, databases};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_fleet::Fleet;
use seatrial_traffic::from_backup;

element! {
    /// Which database is struck.
    pub struct ArchiveStops {
        /// The database, by its name; with `each`, all that are not tenants' own where left out.
        database: Option<Located<String>> = None,
    }
}

impl Kind for ArchiveStops {
    const ABOUT: &'static str = "Nothing of a database's log is archived.";
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
        let at = (scene.fleet.calls_now(), scene.fleet.now());
        let (stations, _) = scene.fleet.calls();
        from_backup::stop_archive(stations, database, true, at);
        Struck::default()
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, _: &Struck) {
        let Some(database) = databases::meant(scene, self.database.as_ref()) else { return };
        let at = (scene.fleet.calls_now(), scene.fleet.now());
        let (stations, _) = scene.fleet.calls();
        from_backup::stop_archive(stations, database, false, at);
    }
}
