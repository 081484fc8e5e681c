//! A service looks well and is not: its replicas stay and answer whoever looks after them, while callers get failures
//! or wait.

use crate::control::{check_times, millionths};
use crate::kind::{Checked, Kind, Scene, Struck};
use crate::{Hosts, machines, services};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_contract::units::{Ppm, percent};
use seatrial_traffic::recovering;

element! {
    /// Which service does badly, and how.
    pub struct GrayFailure {
        /// The service, by its name.
        service: Located<String>,
        /// The share of calls that are answered with a failure.
        fails: Located<Ppm> = Located::nowhere(percent(20)),
        /// How many times as long its requests take.
        times: Located<f64> = Located::nowhere(1.0),
    }
}

impl Kind for GrayFailure {
    const ABOUT: &'static str = "A service looks well, and answers callers badly or slowly.";

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        let have = of.services.iter().map(|service| service.name.as_str());
        seatrial_format::check_names("service", "services", have, &[&self.service], problems);
        machines::check_share(Some(&self.fails), "fails", path, problems);
        check_times(&self.times, path, problems);
        services::check_callers(&self.service, of, path, problems);
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        self.strike(scene, true);
        Struck::default()
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, _: &Struck) {
        self.strike(scene, false);
    }
}

impl GrayFailure {
    fn strike<E: Hosts>(&self, scene: &mut Scene<'_, E>, so: bool) {
        scene.fleet.stir();
        let (stations, _) = scene.fleet.calls();
        if let Some(service) = recovering::service(stations, &self.service) {
            let times = millionths(&self.times);
            recovering::trouble(stations, service, self.fails.value, times, so);
        }
    }
}
