//! A cache is lost: calls go past it to what it spared, and it comes back empty.

use crate::Hosts;
use crate::kind::{Checked, Kind, Scene, Struck};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_traffic::recovering;

element! {
    /// Which cache is lost.
    pub struct CacheLoss {
        /// The cache, by its name; one that is not tenants' own.
        cache: Located<String>,
        /// Whether it has what it had when it is back: then calls only go past it for a while.
        keeps: bool = false,
    }
}

impl Kind for CacheLoss {
    const ABOUT: &'static str = "A cache is lost; calls go past it, and it comes back empty.";

    fn check(&self, of: &Checked<'_>, _: &Path<'_>, problems: &mut Problems) {
        let shared = of.caches.iter().filter(|cache| cache.one_per.is_none());
        let have = shared.map(|cache| cache.name.as_str());
        seatrial_format::check_names("shared cache", "caches", have, &[&self.cache], problems);
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        scene.fleet.stir();
        let now = scene.fleet.calls_now();
        let (stations, _) = scene.fleet.calls();
        if let Some(cache) = recovering::cache(stations, &self.cache) {
            recovering::lose_cache(stations, cache, self.keeps, now);
        }
        Struck::default()
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, _: &Struck) {
        scene.fleet.stir();
        let (stations, _) = scene.fleet.calls();
        if let Some(cache) = recovering::cache(stations, &self.cache) {
            recovering::cache_is_back(stations, cache);
        }
    }
}
