//! Machines are slow: they get less cpu done, as when they are too hot or a neighbour takes it. What starts there takes
//! longer, and what runs there gets less.

use crate::kind::{Checked, Kind, Scene, Struck, Target};
use crate::{Hosts, machines};
use core::num::NonZeroU32;
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_contract::units::{Ppm, percent};
use seatrial_fleet::{Fleet, loss};

element! {
    /// Which machines are slow, and how slow.
    pub struct MachineSlow {
        /// The pool of the machines, by its name; all pools where left out.
        pool: Option<Located<String>> = None,
        /// How many, picked by chance; one where left out.
        machines: Option<Located<NonZeroU32>> = None,
        /// What share of them in place of a number, rounded up.
        share: Option<Located<Ppm>> = None,
        /// What part of its cpu such a machine has left.
        cpu: Located<Ppm> = Located::nowhere(percent(50)),
    }
}

impl Kind for MachineSlow {
    const ABOUT: &'static str = "Machines have only a part of their cpu.";
    const EACH: Option<&'static str> = Some("machine");

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        machines::check_pool(self.pool.as_ref(), of, path, problems);
        let (machines, share) = (self.machines.as_ref(), self.share.as_ref());
        machines::check_count(machines, share, of, path, problems);
        machines::check_share(Some(&self.cpu), "cpu", path, problems);
    }

    fn targets<E: Hosts>(&self, fleet: &Fleet<E>) -> Vec<Target> {
        let all = machines::of_pool(fleet, self.pool.as_ref());
        all.into_iter().map(Target::Machine).collect()
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        let machines = self.machines.as_ref().map(|of| of.value);
        let count = (machines, self.share.as_ref().map(|of| of.value));
        let machines = machines::ready(scene, self.pool.as_ref(), count);
        machines.iter().for_each(|id| loss::slow_down(scene.fleet, *id, self.cpu.value));
        Struck { machines, ..Struck::default() }
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, struck: &Struck) {
        struck.machines.iter().for_each(|id| loss::slow_down(scene.fleet, *id, Ppm::WHOLE));
    }
}
