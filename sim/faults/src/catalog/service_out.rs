//! A service is out: none of its replicas answers, and calls that they were at fail.

use crate::kind::{Checked, Kind, Scene, Struck};
use crate::{Hosts, stores};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_fleet::places::Stands;
use seatrial_traffic::recovering::{self, Blow};

element! {
    /// Which service is out.
    pub struct ServiceOut {
        /// The service, by its name; one whose replicas stand on no machines of a pool.
        service: Located<String>,
    }
}

impl Kind for ServiceOut {
    const ABOUT: &'static str = "None of a service's replicas answers.";

    fn check(&self, of: &Checked<'_>, _: &Path<'_>, problems: &mut Problems) {
        let free = of.services.iter().filter(|service| service.on.is_none());
        let have = free.map(|service| service.name.as_str());
        let what = "service that stands on no pool";
        seatrial_format::check_names(what, "services", have, &[&self.service], problems);
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        let found = recovering::service(&scene.fleet.traffic.stations, &self.service);
        let stands: Vec<Stands> = found.map(Stands::Service).into_iter().collect();
        for what in &stands {
            stores::lose(scene.fleet, scene.control, *what, Blow::Machine);
        }
        Struck { stands, ..Struck::default() }
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, struck: &Struck) {
        struck.stands.iter().for_each(|what| stores::bring_back(scene.fleet, scene.control, *what));
    }
}
