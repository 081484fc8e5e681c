//! Somebody else has connections of a database and gives none back: fewer are left, and when there are none, callers are
//! refused.

use crate::kind::{Checked, Kind, Scene, Struck, Target};
use crate::{Hosts, databases};
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

impl Kind for ConnectionsTaken {
    const ABOUT: &'static str = "Somebody else holds connections of a database.";
    const EACH: Option<&'static str> = Some("database");

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        databases::check(self.database.as_ref(), of, path, problems);
        if self.connections.value == 0 {
            let path = Path::Key(path, "connections");
            let place = self.connections.place;
            problems.add(&path, place, "no connection is none", "write how many are taken");
        }
    }

    fn targets<E: Hosts>(&self, fleet: &Fleet<E>) -> Vec<Target> {
        databases::targets(fleet, self.database.as_ref())
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        self.strike(scene, true);
        Struck::default()
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, _: &Struck) {
        self.strike(scene, false);
    }
}

impl ConnectionsTaken {
    fn strike<E: Hosts>(&self, scene: &mut Scene<'_, E>, so: bool) {
        let Some(database) = databases::meant(scene, self.database.as_ref()) else { return };
        scene.fleet.stir();
        let (stations, _) = scene.fleet.calls();
        let taken = i64::from(self.connections.value);
        recovering::take_connections(stations, database, if so { taken } else { -taken });
    }
}
