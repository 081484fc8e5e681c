//! The disk of a database's server is lost with its machine: whatever is put there instead has to copy all from another
//! server, or to be restored from a backup where none has the data any more.

use crate::kind::{Checked, Kind, Scene, Struck, Target};
use crate::{Hosts, databases, stores};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_fleet::Fleet;
use seatrial_fleet::places::Stands;
use seatrial_traffic::recovering::{self, Blow};

element! {
    /// Whose disk is lost.
    pub struct DiskLost {
        /// The database, by its name; with `each`, all that are not tenants' own where left out.
        database: Option<Located<String>> = None,
        /// The standby, by its name; the server that is primary then where left out.
        standby: Option<Located<String>> = None,
    }
}

impl Kind for DiskLost {
    const ABOUT: &'static str = "The disk of a database's server is lost, and its machine with it.";
    const EACH: Option<&'static str> = Some("database");

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        databases::check(self.database.as_ref(), of, path, problems);
        let (Some(database), Some(standby)) = (&self.database, &self.standby) else { return };
        databases::check_standby(database, standby, of, problems);
    }

    fn targets<E: Hosts>(&self, fleet: &Fleet<E>) -> Vec<Target> {
        databases::targets(fleet, self.database.as_ref())
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        let Some(database) = databases::meant(scene, self.database.as_ref()) else {
            return Struck::default();
        };
        let stations = &scene.fleet.traffic.stations;
        let server = match &self.standby {
            None => Some(recovering::primary(stations, database)),
            Some(name) => recovering::standby(stations, database, name).map(|place| place + 1),
        };
        let Some(server) = server.map(|server| Stands::Server(database, server)) else {
            return Struck::default();
        };
        stores::lose(scene.fleet, scene.control, server, Blow::Disk);
        Struck { stands: vec![server], ..Struck::default() }
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, struck: &Struck) {
        struck.stands.iter().for_each(|what| stores::bring_back(scene.fleet, scene.control, *what));
    }
}
