//! A cache is lost: calls go past it to what it spared, and it comes back empty.

use crate::kind::{Checked, Kind, Scene, Step, Struck};
use crate::{Hosts, stores};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_fleet::places::Stands;
use seatrial_format::scenario::SentinelFailover;
use seatrial_traffic::caches::Blow;
use seatrial_traffic::caches::sentinels::{Loss, Sentinels};
use seatrial_traffic::recovering;

element! {
    /// Which cache is lost.
    pub struct CacheLoss {
        /// The cache, by its name; one that is not tenants' own.
        cache: Located<String>,
        /// Whether it has what it had when it is back: then calls only go past it for a while.
        keeps: bool = false,
        /// Sentinels that make its replica the master, which has what it had: then it is back once they are
        /// through, however long the fault lasts. As the cache's own `failover` says where left out.
        sentinels: Option<SentinelFailover> = None,
    }
}

impl Kind for CacheLoss {
    const ABOUT: &'static str = "A cache is lost; calls go past it, and it comes back empty.";

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        let shared = of.caches.iter().filter(|cache| cache.one_per.is_none());
        let have = shared.map(|cache| cache.name.as_str());
        seatrial_format::check_names("shared cache", "caches", have, &[&self.cache], problems);
        if let Some(sentinels) = &self.sentinels {
            sentinels.check(&Path::Key(path, "sentinels"), problems);
        }
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        let Some(cache) = recovering::cache(&scene.fleet.traffic.stations, &self.cache) else {
            return Struck::default();
        };
        let keeps = self.keeps || self.sentinels.is_some();
        scene.fleet.stir();
        let now = scene.fleet.calls_now();
        let (stations, _) = scene.fleet.calls();
        let blow = Blow::Master { keeps, is_seen_to: self.sentinels.is_some() };
        recovering::lose_cache(stations, cache, blow, now);
        let sentinels = self.sentinels.as_ref().map(|of| Sentinels {
            count: of.count.get(),
            quorum: of.quorum.get(),
            down_after: of.down_after.value,
        });
        let over = sentinels.map(|of| of.fail_over(Loss::Dies, &mut scene.stream).announced);
        let script = over.map(|after| (after, Step::Return)).into_iter().collect();
        Struck { stands: vec![Stands::Cache(cache)], script, ..Struck::default() }
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, struck: &Struck) {
        struck.stands.iter().for_each(|what| stores::bring_back(scene.fleet, scene.control, *what));
    }
}
