//! A pooler's process ends: those who have a connection from it have lost it, and nobody gets one until it is back.

use crate::kind::{Checked, Kind, Scene, Struck};
use crate::{Hosts, stores};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_fleet::places::Stands;
use seatrial_traffic::recovering::{self, Blow};

element! {
    /// Which pooler.
    pub struct PoolerLoss {
        /// The pooler, by its name.
        pooler: Located<String>,
    }
}

impl Kind for PoolerLoss {
    const ABOUT: &'static str = "A pooler is lost with all connections that it has.";

    fn check(&self, of: &Checked<'_>, _: &Path<'_>, problems: &mut Problems) {
        let have = of.poolers.iter().map(|pooler| pooler.name.as_str());
        seatrial_format::check_names("pooler", "poolers", have, &[&self.pooler], problems);
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        let found = recovering::pooler(&scene.fleet.traffic.stations, &self.pooler.value);
        let stands: Vec<Stands> = found.map(Stands::Pooler).into_iter().collect();
        for what in &stands {
            stores::lose(scene.fleet, scene.control, *what, Blow::Machine);
        }
        Struck { stands, ..Struck::default() }
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, struck: &Struck) {
        struck.stands.iter().for_each(|what| stores::bring_back(scene.fleet, scene.control, *what));
    }
}
