//! The disks of machines are lost, and new ones are there at once: what tenants had on them comes from their backups,
//! or is gone. The machines live.

use crate::kind::{Checked, Kind, Scene, Struck, Target};
use crate::{Hosts, machines};
use core::num::NonZeroU32;
use seatrial_contract::config::{Located, Path, Place, Problems, element};
use seatrial_contract::units::Ppm;
use seatrial_fleet::{Fleet, loss};
use seatrial_format::scenario::Data;

element! {
    /// Whose disks are lost.
    pub struct MachineDiskLost {
        /// The pool of the machines, by its name; all pools where left out.
        pool: Option<Located<String>> = None,
        /// How many, picked by chance; one where left out.
        machines: Option<Located<NonZeroU32>> = None,
        /// What share of them in place of a number, rounded up.
        share: Option<Located<Ppm>> = None,
    }
}

impl Kind for MachineDiskLost {
    const ABOUT: &'static str = "Machines lose what tenants have on their disks, and run on.";
    const EACH: Option<&'static str> = Some("machine");

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        machines::check_pool(self.pool.as_ref(), of, path, problems);
        let (machines, share) = (self.machines.as_ref(), self.share.as_ref());
        machines::check_count(machines, share, of, path, problems);
        if !of.tiers.iter().any(|tier| matches!(tier.data, Data::OnMachine(_))) {
            let message = "no tenant has its data on its machine";
            let remedy = "give a tier `data = { kind = \"on-machine\" }`, or leave the fault out";
            problems.add(path, Place::default(), message, remedy);
        }
    }

    fn targets<E: Hosts>(&self, fleet: &Fleet<E>) -> Vec<Target> {
        let all = machines::of_pool(fleet, self.pool.as_ref());
        all.into_iter().map(Target::Machine).collect()
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        let machines = self.machines.as_ref().map(|of| of.value);
        let count = (machines, self.share.as_ref().map(|of| of.value));
        for id in machines::ready(scene, self.pool.as_ref(), count) {
            loss::lose_disk(scene.fleet, id);
        }
        Struck::default()
    }
}
