//! A rack is lost: all machines and stores that stand there.

use crate::kind::{Checked, Kind, Scene, Struck, Target};
use crate::{Hosts, machines, places};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_contract::units::Ppm;
use seatrial_fleet::Fleet;

element! {
    /// Which rack is lost.
    pub struct RackLoss {
        /// The rack, by its name in `racks` of `[[zones]]`; one of all, picked by chance, where left out.
        rack: Option<Located<String>> = None,
        /// The share of its machines that never comes back.
        stay_down: Option<Located<Ppm>> = None,
    }
}

impl Kind for RackLoss {
    const ABOUT: &'static str = "All that stands in a rack is lost: its power or its switch fails.";
    const EACH: Option<&'static str> = Some("rack");

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        let racks = places::racks(of);
        places::check("rack", racks, self.rack.as_ref(), of, path, problems);
        machines::check_share(self.stay_down.as_ref(), "stay_down", path, problems);
    }

    fn targets<E: Hosts>(&self, fleet: &Fleet<E>) -> Vec<Target> {
        fleet.design.places.racks().map(Target::Place).collect()
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        let all = self.targets(scene.fleet);
        places::lose(scene, self.rack.as_ref(), all)
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, struck: &Struck) {
        machines::bring_back(scene, struck, self.stay_down.as_ref());
    }
}
