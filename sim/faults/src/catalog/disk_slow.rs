//! The disk of a database is slow: queries take longer, and since they crowd one another, more than that.

use crate::kind::{Checked, Kind, Scene, Struck, Target};
use crate::{Hosts, databases};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_fleet::Fleet;
use seatrial_traffic::recovering;

element! {
    /// Which database is struck.
    pub struct DiskSlow {
        /// The database, by its name; with `each`, all that are not tenants' own where left out.
        database: Option<Located<String>> = None,
        /// How many times as long they take.
        times: Located<f64> = Located::nowhere(3.0),
    }
}

impl Kind for DiskSlow {
    const ABOUT: &'static str = "Queries of a database take longer.";
    const EACH: Option<&'static str> = Some("database");

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        databases::check(self.database.as_ref(), of, path, problems);
        crate::control::check_times(&self.times, path, problems);
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

impl DiskSlow {
    fn strike<E: Hosts>(&self, scene: &mut Scene<'_, E>, so: bool) {
        let Some(database) = databases::meant(scene, self.database.as_ref()) else { return };
        scene.fleet.stir();
        let (stations, _) = scene.fleet.calls();
        let times = crate::control::millionths(&self.times);
        recovering::slow_queries(stations, database, times, so);
    }
}
