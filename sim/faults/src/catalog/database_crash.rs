//! The process of a database's primary crashes on a machine that lives. It starts again by itself, unless another
//! takes over before.

use crate::kind::{Checked, Kind, Scene, Struck, Target};
use crate::{Hosts, databases, stores};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_fleet::Fleet;
use seatrial_fleet::places::Stands;
use seatrial_traffic::recovering::{self, Blow};

element! {
    /// Which database is struck.
    pub struct DatabaseCrash {
        /// The database, by its name; with `each`, all that are not tenants' own where left out.
        database: Option<Located<String>> = None,
    }
}

impl Kind for DatabaseCrash {
    const ABOUT: &'static str = "The process of a database's primary crashes on a live machine.";
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
        let primary = recovering::primary(&scene.fleet.traffic.stations, database);
        let server = Stands::Server(database, primary);
        stores::lose(scene.fleet, scene.control, server, Blow::Process);
        Struck::default()
    }
}
