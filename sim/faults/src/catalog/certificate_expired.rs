//! The certificate of a service has expired: its replicas are there and well, and whoever calls it is refused before it
//! is served. What has to be signed anew is people's: it lasts as long as they take.

use crate::kind::{Checked, Kind, Scene, Struck};
use crate::{Hosts, services};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_traffic::recovering;

element! {
    /// Whose.
    pub struct CertificateExpired {
        /// The service, by its name.
        service: Located<String>,
    }
}

impl Kind for CertificateExpired {
    const ABOUT: &'static str = "All who call a service are refused, though it is well.";

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        let have = of.services.iter().map(|service| service.name.as_str());
        seatrial_format::check_names("service", "services", have, &[&self.service], problems);
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

impl CertificateExpired {
    fn strike<E: Hosts>(&self, scene: &mut Scene<'_, E>, so: bool) {
        scene.fleet.stir();
        let (stations, _) = scene.fleet.calls();
        if let Some(service) = recovering::service(stations, &self.service) {
            recovering::refuse(stations, service, so);
        }
    }
}
