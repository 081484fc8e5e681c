//! A cache is lost: calls go past it to what it spared, and it comes back empty.

use crate::kind::{Checked, Kind, Scene, Step, Struck};
use crate::{Hosts, stores};
use core::num::NonZeroU32;
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_contract::units::Span;
use seatrial_fleet::places::Stands;
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
        /// through, however long the fault lasts.
        sentinels: Option<Watching> = None,
    }
}

element! {
    /// Redis Sentinels.
    pub struct Watching {
        /// How many there are.
        count: Located<NonZeroU32> = Located::nowhere(THREE),
        /// How many must agree that the master is down.
        quorum: Located<NonZeroU32> = Located::nowhere(TWO),
        /// How long it must be silent (down-after-milliseconds).
        down_after: Located<Span> = Located::nowhere(Span::seconds(30)),
    }
}

const TWO: NonZeroU32 = NonZeroU32::MIN.saturating_add(1);
const THREE: NonZeroU32 = NonZeroU32::MIN.saturating_add(2);
/// More sentinels than anybody runs.
const SENTINELS_MOST: u32 = 99;

impl Kind for CacheLoss {
    const ABOUT: &'static str = "A cache is lost; calls go past it, and it comes back empty.";

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        let shared = of.caches.iter().filter(|cache| cache.one_per.is_none());
        let have = shared.map(|cache| cache.name.as_str());
        seatrial_format::check_names("shared cache", "caches", have, &[&self.cache], problems);
        let Some(watching) = &self.sentinels else { return };
        let path = Path::Key(path, "sentinels");
        let mut say = |key: &str, place, message: String, remedy: &str| {
            problems.add(&Path::Key(&path, key), place, message, remedy);
        };
        let (count, quorum) = (watching.count, watching.quorum);
        if quorum.get() > count.get() {
            let message = format!("{} of {} sentinels", quorum.value, count.value);
            say("quorum", quorum.place, message, "write no more than there are");
        }
        if count.get() > SENTINELS_MOST {
            say("count", count.place, format!("{} sentinels", count.value), "have at most 99");
        }
        if watching.down_after.value > Span::hours(1) {
            let message = format!("{} of silence", watching.down_after.value);
            say("down_after", watching.down_after.place, message, "write an hour at the most");
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
        recovering::lose_cache(stations, cache, keeps, now);
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
