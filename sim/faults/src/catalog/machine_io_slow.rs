//! The disks and the networks of machines are slow: what is restored there takes longer, and so do queries of databases
//! whose primary stands there as it begins.

use crate::kind::{Checked, Kind, Scene, Struck, Target};
use crate::{Hosts, machines};
use core::num::NonZeroU32;
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_contract::units::{Ppm, percent};
use seatrial_fleet::disks::Slow;
use seatrial_fleet::places::Stands;
use seatrial_fleet::{Fleet, loss};
use seatrial_traffic::recovering;

element! {
    /// Which machines, and how slow.
    pub struct MachineIoSlow {
        /// The pool of the machines, by its name; all pools where left out.
        pool: Option<Located<String>> = None,
        /// How many, picked by chance; one where left out.
        machines: Option<Located<NonZeroU32>> = None,
        /// What share of them in place of a number, rounded up.
        share: Option<Located<Ppm>> = None,
        /// What is left of their disk's rate. Queries of databases whose primary stands there as it begins take so many
        /// times as long, wherever the primary is by then.
        disk: Located<Ppm> = Located::nowhere(percent(10)),
        /// What is left of their network's.
        network: Located<Ppm> = Located::nowhere(Ppm::WHOLE),
    }
}

impl Kind for MachineIoSlow {
    const ABOUT: &'static str = "The disks or the networks of machines carry less.";
    const EACH: Option<&'static str> = Some("machine");

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        machines::check_pool(self.pool.as_ref(), of, path, problems);
        let (machines, share) = (self.machines.as_ref(), self.share.as_ref());
        machines::check_count(machines, share, of, path, problems);
        machines::check_share(Some(&self.disk), "disk", path, problems);
        machines::check_share(Some(&self.network), "network", path, problems);
        if (self.disk.value, self.network.value) == (Ppm::WHOLE, Ppm::WHOLE) {
            let message = "neither the disk nor the network is slow";
            let path = Path::Key(path, "disk");
            problems.add(
                &path,
                self.disk.place,
                message,
                "write a share below \"100 %\" of either",
            );
        }
    }

    fn targets<E: Hosts>(&self, fleet: &Fleet<E>) -> Vec<Target> {
        let all = machines::of_pool(fleet, self.pool.as_ref());
        all.into_iter().map(Target::Machine).collect()
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        let machines = self.machines.as_ref().map(|of| of.value);
        let count = (machines, self.share.as_ref().map(|of| of.value));
        let machines = machines::ready(scene, self.pool.as_ref(), count);
        let there = machines.iter().flat_map(|id| machines::standing_on(scene.fleet, *id));
        let is_primary = |of: &Stands| match of {
            Stands::Server(database, server) => {
                recovering::primary(&scene.fleet.traffic.stations, *database) == *server
            }
            Stands::Cache(_)
            | Stands::Pooler(_)
            | Stands::Balancer(_)
            | Stands::Service(_)
            | Stands::Backups
            | Stands::Sensing
            | Stands::Policies => false,
        };
        let stands = there.filter(is_primary).collect();
        let struck = Struck { machines, stands, ..Struck::default() };
        self.set(scene, &struck, true);
        struck
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, struck: &Struck) {
        self.set(scene, struck, false);
    }
}

impl MachineIoSlow {
    fn set<E: Hosts>(&self, scene: &mut Scene<'_, E>, struck: &Struck, so: bool) {
        let slow = Slow { disk: self.disk.value, network: self.network.value };
        struck.machines.iter().for_each(|id| loss::slow_disk(scene.fleet, *id, slow, so));
        let times = 1_000_000 * 1_000_000 / u64::from(self.disk.value.0.max(1));
        scene.fleet.stir();
        let (stations, _) = scene.fleet.calls();
        for what in &struck.stands {
            if let Stands::Server(database, _) = what {
                recovering::slow_queries(stations, *database, times, so);
            }
        }
    }
}
