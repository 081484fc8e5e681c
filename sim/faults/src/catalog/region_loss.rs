//! A region is lost: all that stands in its zones.

use crate::kind::{Checked, Kind, Scene, Struck, Target};
use crate::{Hosts, machines, places};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_contract::units::Ppm;
use seatrial_fleet::Fleet;

element! {
    /// Which region is lost.
    pub struct RegionLoss {
        /// The region, by its name in `region` of `[[zones]]`; one of all, picked by chance, where left out.
        region: Option<Located<String>> = None,
        /// The share of its machines that never comes back.
        stay_down: Option<Located<Ppm>> = None,
    }
}

impl Kind for RegionLoss {
    const ABOUT: &'static str = "All that stands in the zones of a region is lost.";
    const EACH: Option<&'static str> = Some("region");

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        let regions = places::regions(of);
        places::check("region", regions, self.region.as_ref(), of, path, problems);
        machines::check_share(self.stay_down.as_ref(), "stay_down", path, problems);
    }

    fn targets<E: Hosts>(&self, fleet: &Fleet<E>) -> Vec<Target> {
        fleet.design.places.regions().map(Target::Place).collect()
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        let all = self.targets(scene.fleet);
        places::lose(scene, self.region.as_ref(), all)
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, struck: &Struck) {
        machines::bring_back(scene, struck, self.stay_down.as_ref());
    }
}
