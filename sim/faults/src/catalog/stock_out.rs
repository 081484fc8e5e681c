//! No machine is to be had: what is ordered is refused, of a pool or in a place.

use crate::kind::{Checked, Kind, Scene, Struck};
use crate::{Hosts, machines, places};
use seatrial_contract::PoolId;
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_fleet::SoldOut;

element! {
    /// Of what there is none.
    pub struct StockOut {
        /// The pool, by its name; all pools where left out.
        pool: Option<Located<String>> = None,
        /// The zone: pools of several order in another one. Everywhere where left out.
        zone: Option<Located<String>> = None,
    }
}

impl Kind for StockOut {
    const ABOUT: &'static str = "No machine is to be had; orders are refused.";

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        machines::check_pool(self.pool.as_ref(), of, path, problems);
        if let Some(zone) = &self.zone {
            places::check("zone", places::zones(of), Some(zone), of, path, problems);
        }
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        let design = &scene.fleet.design;
        let pool = self.pool.as_ref().and_then(|named| {
            design.pools.iter().position(|pool| pool.name == named.value).map(PoolId::at)
        });
        let place = self.zone.as_ref();
        let place = place.and_then(|named| design.places.named(&design.names.zones, named));
        let sold_out = SoldOut { pool, place };
        scene.fleet.market.sold_out.push(sold_out);
        Struck { sold_out: Some(sold_out), ..Struck::default() }
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, struck: &Struck) {
        machines::on_sale_again(scene.fleet, struck);
    }
}
