//! The name of a database is not found, or the credentials for it have expired: nobody connects anew, and connections
//! that are open go on.

use crate::kind::{Checked, Kind, Scene, Struck, Target};
use crate::{Hosts, databases};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_fleet::Fleet;
use seatrial_traffic::recovering;

element! {
    /// Which database is struck.
    pub struct DnsFailure {
        /// The database, by its name; with `each`, all that are not tenants' own where left out.
        database: Option<Located<String>> = None,
    }
}

impl Kind for DnsFailure {
    const ABOUT: &'static str = "Nobody can connect to a database anew; open connections go on.";
    const EACH: Option<&'static str> = Some("database");

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        databases::check(self.database.as_ref(), of, path, problems);
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

impl DnsFailure {
    fn strike<E: Hosts>(&self, scene: &mut Scene<'_, E>, so: bool) {
        let Some(database) = databases::meant(scene, self.database.as_ref()) else { return };
        scene.fleet.stir();
        let (stations, _) = scene.fleet.calls();
        recovering::unname(stations, database, so);
    }
}
