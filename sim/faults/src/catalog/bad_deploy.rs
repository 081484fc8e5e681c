//! A service's replicas are all swapped for those of a worse release. It lasts until the release is mended, unless a
//! policy goes back to the one before first.

use crate::control::{check_times, millionths};
use crate::kind::{Checked, Kind, Scene, Struck};
use crate::{Hosts, machines, services};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_contract::units::{Ppm, percent};
use seatrial_fleet::replicas::releases::{self, Wrong};

element! {
    /// Which service, and how bad the release is.
    pub struct BadDeploy {
        /// The service, by its name; one whose replicas stand on machines of a pool.
        service: Located<String>,
        /// The share of calls that are answered with a failure.
        fails: Located<Ppm> = Located::nowhere(percent(20)),
        /// How many times as long its requests take.
        times: Located<f64> = Located::nowhere(1.0),
    }
}

impl Kind for BadDeploy {
    const ABOUT: &'static str = "A service gets a release that is worse than the one before.";

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        let standing = of.services.iter().filter(|service| service.on.is_some());
        let have = standing.map(|service| service.name.as_str());
        let what = "service that stands on a pool";
        seatrial_format::check_names(what, "services", have, &[&self.service], problems);
        machines::check_share(Some(&self.fails), "fails", path, problems);
        check_times(&self.times, path, problems);
        services::check_callers(&self.service, of, path, problems);
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        let wrong = Wrong { fails: self.fails.value, slower: millionths(&self.times) };
        let found = releases::service(scene.fleet, &self.service);
        let release =
            found.map(|service| (service, releases::deploy(scene.fleet, service, Some(wrong))));
        Struck { release, ..Struck::default() }
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, struck: &Struck) {
        if let Some((service, number)) = struck.release {
            releases::mend(scene.fleet, service, number);
        }
    }
}
