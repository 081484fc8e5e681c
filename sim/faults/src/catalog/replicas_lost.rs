//! Replicas of a service are lost: their processes end without being told to, those that have been ready for
//! longest first.

use crate::kind::{Checked, Kind, Scene, Struck};
use crate::{Hosts, Planned};
use core::num::NonZeroU32;
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_fleet::replicas::lifecycle;
use seatrial_format::scenario::Scenario;

element! {
    /// Which replicas are lost.
    pub struct ReplicasLost {
        /// Their service, by its name; one whose replicas stand on machines.
        service: Located<String>,
        /// How many.
        replicas: NonZeroU32 = NonZeroU32::MIN,
    }
}

impl Kind for ReplicasLost {
    const ABOUT: &'static str = "Replicas of a service end without being told to.";

    fn elsewhere(scenario: &Scenario) -> Vec<Planned<Self>> {
        let all = scenario.services.iter().flat_map(|service| {
            service.on.iter().flat_map(|on| &on.losses).map(|loss| {
                let service = Located::nowhere(service.name.to_string());
                Planned::once(Self { service, replicas: *loss.replicas }, loss.at.value, None)
            })
        });
        all.collect()
    }

    fn check(&self, scenario: &Checked<'_>, _: &Path<'_>, problems: &mut Problems) {
        let placed = scenario.services.iter().filter(|service| service.on.is_some());
        let have = placed.map(|service| service.name.as_str());
        let what = "service on machines";
        seatrial_format::check_names(what, "services", have, &[&self.service], problems);
    }

    fn begin<E: Hosts>(&self, Scene { fleet, .. }: &mut Scene<'_, E>) -> Struck {
        let services = &fleet.replicas.services;
        let found = services.iter().position(|of| of.name == self.service.value);
        if let Some(service) = found {
            lifecycle::lose_oldest(fleet, service, self.replicas.get() as usize);
        }
        Struck::default()
    }
}
