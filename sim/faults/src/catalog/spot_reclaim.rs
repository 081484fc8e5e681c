//! The provider takes machines back that were let for less: it says so shortly before, takes several of one zone at
//! once more often than not, and may have none to let for a while.

use crate::kind::{Checked, Kind, Scene, Step, Struck, Target};
use crate::{Hosts, machines};
use core::num::NonZeroU32;
use seatrial_contract::PoolId;
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_contract::units::{Ppm, Span};
use seatrial_fleet::{Fleet, SoldOut};

element! {
    /// Which machines are taken back. They are closed with the notice, and gone for good after it.
    pub struct SpotReclaim {
        /// The pool of the machines, by its name.
        pool: Located<String>,
        /// How many, picked by chance; one where left out.
        machines: Option<Located<NonZeroU32>> = None,
        /// What share of them in place of a number, rounded up.
        share: Option<Located<Ppm>> = None,
        /// From the notice until they are gone (EC2: two minutes).
        notice: Span = Span::minutes(2),
        /// Whether no others of the pool are to be had as long as it `lasts`.
        sold_out: bool = true,
    }
}

impl Kind for SpotReclaim {
    const ABOUT: &'static str = "The provider takes machines back, with short notice and for good.";
    const EACH: Option<&'static str> = Some("machine");

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        machines::check_pool(Some(&self.pool), of, path, problems);
        let (machines, share) = (self.machines.as_ref(), self.share.as_ref());
        machines::check_count(machines, share, of, path, problems);
    }

    fn targets<E: Hosts>(&self, fleet: &Fleet<E>) -> Vec<Target> {
        let all = machines::of_pool(fleet, Some(&self.pool));
        all.into_iter().map(Target::Machine).collect()
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        let machines = self.machines.as_ref().map(|of| of.value);
        let count = (machines, self.share.as_ref().map(|of| of.value));
        let struck = machines::ready(scene, Some(&self.pool), count);
        for id in &struck {
            // The notice: nobody new comes, and who looks sees that it is to be emptied.
            scene.fleet.nodes[id.index()].closed.cordoned = true;
            scene.fleet.nodes[id.index()].closed.draining = true;
            scene.fleet.touch_node(*id);
        }
        let script = struck.into_iter().map(|id| (self.notice, Step::Reclaim(id))).collect();
        let sold_out = self.sold_out.then(|| {
            let pools = &scene.fleet.design.pools;
            let pool = pools.iter().position(|pool| pool.name == self.pool.value).map(PoolId::at);
            SoldOut { pool, place: None }
        });
        scene.fleet.market.sold_out.extend(sold_out);
        Struck { script, sold_out, ..Struck::default() }
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, struck: &Struck) {
        machines::on_sale_again(scene.fleet, struck);
    }
}
