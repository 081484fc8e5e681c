//! Machines crash, one or several at the same moment, with all that runs on them. Their disks are kept: when they
//! are back, what ran on them starts anew.

use crate::kind::{Checked, Kind, Scene, Struck, Target};
use crate::{Hosts, machines};
use core::num::NonZeroU32;
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_contract::units::Ppm;
use seatrial_fleet::Fleet;

element! {
    /// Which machines crash: of a pool, or of all.
    pub struct MachineCrash {
        /// The pool of the machines, by its name; all pools where left out.
        pool: Option<Located<String>> = None,
        /// How many, picked by chance; one where left out.
        machines: Option<Located<NonZeroU32>> = None,
        /// What share of them in place of a number, rounded up.
        share: Option<Located<Ppm>> = None,
        /// The share of them that never comes back (0.5 to 1 % of machines that are switched off and on).
        stay_down: Option<Located<Ppm>> = None,
    }
}

impl Kind for MachineCrash {
    const ABOUT: &'static str = "Machines crash with all that runs on them.";
    const EACH: Option<&'static str> = Some("machine");

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        machines::check_pool(self.pool.as_ref(), of, path, problems);
        let (machines, share) = (self.machines.as_ref(), self.share.as_ref());
        machines::check_count(machines, share, of, path, problems);
        machines::check_share(self.stay_down.as_ref(), "stay_down", path, problems);
    }

    fn targets<E: Hosts>(&self, fleet: &Fleet<E>) -> Vec<Target> {
        let all = machines::of_pool(fleet, self.pool.as_ref());
        all.into_iter().map(Target::Machine).collect()
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        if let Some(Target::Machine(id)) = scene.on {
            return machines::lose(scene, vec![id]);
        }
        let left = machines::of_pool(scene.fleet, self.pool.as_ref());
        let count = match self.share.as_ref().map(|share| share.value.0) {
            Some(share) => (left.len() as u64 * u64::from(share)).div_ceil(1_000_000),
            None => self.machines.as_ref().map_or(1, |of| u64::from(of.get())),
        };
        let mut struck = machines::picked(left, count, &mut scene.stream);
        struck.sort_unstable();
        machines::lose(scene, struck)
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, struck: &Struck) {
        machines::bring_back(scene, struck, self.stay_down.as_ref());
    }
}
