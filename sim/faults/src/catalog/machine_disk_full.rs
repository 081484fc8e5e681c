//! The disks of machines are full: nothing that stands there can write. Tenants whose data is there stop, servers of
//! databases are lost with it, and nothing starts there or is restored there until there is room.

use crate::kind::{Checked, Kind, Scene, Struck, Target};
use crate::{Hosts, machines, stores};
use core::num::NonZeroU32;
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_contract::units::Ppm;
use seatrial_fleet::places::Stands;
use seatrial_fleet::{Fleet, loss};
use seatrial_traffic::recovering::Blow;

element! {
    /// Whose disks are full.
    pub struct MachineDiskFull {
        /// The pool of the machines, by its name; all pools where left out.
        pool: Option<Located<String>> = None,
        /// How many, picked by chance; one where left out.
        machines: Option<Located<NonZeroU32>> = None,
        /// What share of them in place of a number, rounded up.
        share: Option<Located<Ppm>> = None,
    }
}

impl Kind for MachineDiskFull {
    const ABOUT: &'static str = "The disks of machines are full: what has its data there stops.";
    const EACH: Option<&'static str> = Some("machine");

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        machines::check_pool(self.pool.as_ref(), of, path, problems);
        let (machines, share) = (self.machines.as_ref(), self.share.as_ref());
        machines::check_count(machines, share, of, path, problems);
    }

    fn targets<E: Hosts>(&self, fleet: &Fleet<E>) -> Vec<Target> {
        let all = machines::of_pool(fleet, self.pool.as_ref());
        all.into_iter().map(Target::Machine).collect()
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        let machines = self.machines.as_ref().map(|of| of.value);
        let count = (machines, self.share.as_ref().map(|of| of.value));
        let machines = machines::ready(scene, self.pool.as_ref(), count);
        let mut stands = Vec::new();
        for id in &machines {
            loss::fill_disk(scene.fleet, *id, true);
            let there = machines::standing_on(scene.fleet, *id);
            stands.extend(there.into_iter().filter(|of| matches!(of, Stands::Server(..))));
        }
        for what in &stands {
            stores::lose(scene.fleet, scene.control, *what, Blow::Machine);
        }
        Struck { machines, stands, ..Struck::default() }
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, struck: &Struck) {
        struck.machines.iter().for_each(|id| loss::fill_disk(scene.fleet, *id, false));
        struck.stands.iter().for_each(|what| stores::bring_back(scene.fleet, scene.control, *what));
    }
}
