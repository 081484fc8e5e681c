//! A zone is lost: all machines that stand there, of whatever pool, with all that runs on them.

use crate::kind::{Checked, Kind, Scene, Struck, Target};
use crate::{Hosts, machines, places};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_contract::units::Ppm;
use seatrial_fleet::Fleet;

element! {
    /// Which zone is lost.
    pub struct ZoneLoss {
        /// The zone, as pools name it; one of all, picked by chance, where left out.
        zone: Option<Located<String>> = None,
        /// The share of its machines that never comes back.
        stay_down: Option<Located<Ppm>> = None,
    }
}

impl Kind for ZoneLoss {
    const ABOUT: &'static str = "All that stands in a zone is lost.";
    const EACH: Option<&'static str> = Some("zone");

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        let zones = places::zones(of);
        places::check("zone", zones, self.zone.as_ref(), of, path, problems);
        machines::check_share(self.stay_down.as_ref(), "stay_down", path, problems);
    }

    fn targets<E: Hosts>(&self, fleet: &Fleet<E>) -> Vec<Target> {
        fleet.design.places.zones().map(Target::Place).collect()
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        let all = self.targets(scene.fleet);
        places::lose(scene, self.zone.as_ref(), all)
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, struck: &Struck) {
        machines::bring_back(scene, struck, self.stay_down.as_ref());
    }
}
