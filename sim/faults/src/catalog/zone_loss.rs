//! A zone is lost: all machines that stand there, of whatever pool, with all that runs on them.

use crate::kind::{Kind, Struck};
use crate::{Hosts, machines};
use seatrial_contract::Stream;
use seatrial_contract::config::{Located, Name, Path, Problems, element};
use seatrial_fleet::Fleet;
use seatrial_format::scenario::Scenario;

element! {
    /// Which zone is lost.
    pub struct ZoneLoss {
        /// The zone, as pools name it.
        zone: Located<String>,
    }
}

impl Kind for ZoneLoss {
    const ABOUT: &'static str = "All machines of a zone are lost with all that runs on them.";

    fn check(&self, _: &Path<'_>, scenario: &Scenario, problems: &mut Problems) {
        let have = scenario.pools.iter().flat_map(|pool| pool.zones.iter());
        let have = have.map(Name::as_str);
        seatrial_format::check_names("zone", "pools.zones", have, &[&self.zone], problems);
    }

    fn begin<E: Hosts>(&self, fleet: &mut Fleet<E>, _: &mut Stream) -> Struck {
        let names = &fleet.design.names.zones;
        let here = |zone: usize| names.get(zone).is_some_and(|name| *name == self.zone.value);
        let struck = machines::those(fleet, |node| here(node.zone.index()));
        machines::lose(fleet, struck)
    }

    fn end<E: Hosts>(&self, fleet: &mut Fleet<E>, struck: &Struck) {
        machines::bring_back(fleet, struck);
    }
}
