//! Machines look well and are not: they answer whoever looks after them, while replicas of services that stand there
//! fail a part of their calls. Which replicas those are changes as they come and go.

use crate::kind::{Checked, Kind, Scene, Struck, Target};
use crate::{Hosts, machines, services};
use core::num::NonZeroU32;
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_contract::units::{Ppm, percent};
use seatrial_fleet::Fleet;
use seatrial_fleet::replicas::releases;

element! {
    /// Which machines, and how bad they are.
    pub struct GrayMachine {
        /// The pool of the machines, by its name; all pools where left out.
        pool: Option<Located<String>> = None,
        /// How many, picked by chance; one where left out.
        machines: Option<Located<NonZeroU32>> = None,
        /// What share of them in place of a number, rounded up.
        share: Option<Located<Ppm>> = None,
        /// The share of calls of services there that are answered with a failure. What tenants do there is not touched.
        fails: Located<Ppm> = Located::nowhere(percent(30)),
    }
}

impl Kind for GrayMachine {
    const ABOUT: &'static str = "Machines look well, and services fail there.";
    const EACH: Option<&'static str> = Some("machine");

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        machines::check_pool(self.pool.as_ref(), of, path, problems);
        let (machines, share) = (self.machines.as_ref(), self.share.as_ref());
        machines::check_count(machines, share, of, path, problems);
        machines::check_share(Some(&self.fails), "fails", path, problems);
        services::check_standing(self.pool.as_ref(), of, path, problems);
    }

    fn targets<E: Hosts>(&self, fleet: &Fleet<E>) -> Vec<Target> {
        let all = machines::of_pool(fleet, self.pool.as_ref());
        all.into_iter().map(Target::Machine).collect()
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        let machines = self.machines.as_ref().map(|of| of.value);
        let count = (machines, self.share.as_ref().map(|of| of.value));
        let machines = machines::ready(scene, self.pool.as_ref(), count);
        machines.iter().for_each(|id| releases::ails(scene.fleet, *id, self.fails.value, true));
        Struck { machines, is_gray: true, ..Struck::default() }
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, struck: &Struck) {
        for id in &struck.machines {
            releases::ails(scene.fleet, *id, self.fails.value, false);
        }
    }
}
