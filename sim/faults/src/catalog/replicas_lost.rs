//! Replicas of a service are lost: their processes end without being told to, those that have been ready for
//! longest first.

use crate::{Fault, Hosts, Planned};
use seatrial_fleet::Fleet;
use seatrial_fleet::replicas::lifecycle;
use seatrial_format::scenario::Scenario;

/// So many replicas of one service.
pub(crate) struct ReplicasLost {
    /// Its place among the services on machines.
    service: usize,
    count: usize,
}

impl Fault for ReplicasLost {
    fn planned(scenario: &Scenario) -> Vec<Planned<Self>> {
        let on_machines = scenario.services.iter().filter_map(|service| service.on.as_ref());
        let all = on_machines.enumerate().flat_map(|(service, on)| {
            on.losses.iter().map(move |loss| Planned {
                fault: Self { service, count: loss.replicas.get() as usize },
                at: loss.at.value,
                lasts: None,
            })
        });
        all.collect()
    }

    fn begin<E: Hosts>(&self, fleet: &mut Fleet<E>) {
        lifecycle::lose_oldest(fleet, self.service, self.count);
    }
}
