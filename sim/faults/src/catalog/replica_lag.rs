//! A standby falls behind: it applies only a part of what it could, as when something else reads from its disk.

use crate::kind::{Checked, Kind, Scene, Struck};
use crate::{Hosts, databases};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_contract::units::{Ppm, percent};
use seatrial_traffic::recovering;

element! {
    /// Which standby falls behind.
    pub struct ReplicaLag {
        /// The database, by its name.
        database: Located<String>,
        /// The standby, by its name.
        standby: Located<String>,
        /// What part of what it could it applies.
        applies: Located<Ppm> = Located::nowhere(percent(10)),
    }
}

impl ReplicaLag {
    fn slow<E: Hosts>(&self, scene: &mut Scene<'_, E>, to: Ppm) {
        let database = databases::meant(scene, Some(&self.database));
        let standby = databases::standby(scene, &self.database, &self.standby);
        let (Some(database), Some(standby)) = (database, standby) else { return };
        scene.fleet.stir();
        let now = scene.fleet.calls_now();
        let (stations, _) = scene.fleet.calls();
        recovering::slow_standby(stations, database, standby, to, now);
    }
}

impl Kind for ReplicaLag {
    const ABOUT: &'static str = "A standby applies less than is written, and falls behind.";

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        databases::check(Some(&self.database), of, path, problems);
        databases::check_standby(&self.database, &self.standby, of, problems);
        if !(1..1_000_000).contains(&self.applies.value.0) {
            let message = format!("{} is nothing, or all", self.applies.value);
            let path = Path::Key(path, "applies");
            problems.add(&path, self.applies.place, message, "write a share such as \"10 %\"");
        }
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        self.slow(scene, self.applies.value);
        Struck::default()
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, _: &Struck) {
        self.slow(scene, Ppm::WHOLE);
    }
}
