//! Machines crash in a burst: several within minutes, of one rack more often than not, all at once as when power
//! fails or one after the other as when a bad update is rolled out.

use crate::kind::{Checked, Kind, Scene, Step, Struck};
use crate::{Hosts, machines};
use core::num::NonZeroU32;
use seatrial_contract::NodeId;
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_contract::units::{Ppm, Span, percent};

element! {
    /// How many machines crash together, and which.
    pub struct MachineBurst {
        /// The pool of the machines, by its name; all pools where left out.
        pool: Option<Located<String>> = None,
        /// The fewest that crash.
        least: Located<NonZeroU32> = Located::nowhere(TWO),
        /// The most. Small bursts come more often than large ones: as many from 2 to 4 as from 4 to 8.
        most: Located<NonZeroU32> = Located::nowhere(TWENTY),
        /// From one crash to the next; all at once where left out.
        apart: Span = Span::ZERO,
        /// How often a burst stays within a rack as long as that has machines (Ford et al., OSDI 2010: more
        /// than 70 % in large bursts).
        follows_racks: Option<Located<Ppm>> = None,
        /// The share of them that never comes back.
        stay_down: Option<Located<Ppm>> = None,
    }
}

const TWO: NonZeroU32 = NonZeroU32::MIN.saturating_add(1);
const TWENTY: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);

impl Kind for MachineBurst {
    const ABOUT: &'static str =
        "Several machines crash within minutes, of one rack more often than not.";

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        machines::check_pool(self.pool.as_ref(), of, path, problems);
        machines::check_share(self.follows_racks.as_ref(), "follows_racks", path, problems);
        machines::check_share(self.stay_down.as_ref(), "stay_down", path, problems);
        if self.most.value < self.least.value {
            let message = format!("at most {}, and at least {}", self.most.value, self.least.value);
            let path = Path::Key(path, "most");
            problems.add(
                &path,
                self.most.place,
                message,
                "write a larger number, or a smaller `least`",
            );
        }
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        let left = machines::of_pool(scene.fleet, self.pool.as_ref());
        let up: Vec<NodeId> =
            left.into_iter().filter(|id| scene.fleet.nodes[id.index()].is_ready()).collect();
        let (least, most) = (f64::from(self.least.get()), f64::from(self.most.get()));
        let size =
            libm::exp(libm::log(least) + scene.stream.unit() * libm::log((most + 1.0) / least));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "from least to most"
        )]
        let size = (size as u64).min(u64::from(self.most.get()));
        let share = self.follows_racks.as_ref().map_or(percent(70), |of| of.value);
        let follows = scene.stream.below(1_000_000) < u64::from(share.0);
        let mut struck = Vec::new();
        if follows && let Some(first) = machines::picked(up.clone(), 1, &mut scene.stream).first() {
            // Its whole rack, then others.
            let nodes = &scene.fleet.nodes;
            let rack = nodes[first.index()].spot.rack;
            let here = |id: &NodeId| rack.is_some() && nodes[id.index()].spot.rack == rack;
            let (near, far): (Vec<NodeId>, Vec<NodeId>) = up.into_iter().partition(here);
            struck = machines::picked(near, size, &mut scene.stream);
            let more = size - struck.len() as u64;
            struck.extend(machines::picked(far, more, &mut scene.stream));
        } else {
            struck.extend(machines::picked(up, size, &mut scene.stream));
        }
        let after = |at: usize| Span(self.apart.0.saturating_mul(at as u64));
        let script = struck.iter().enumerate().map(|(at, id)| (after(at), Step::Lose(*id)));
        Struck { script: script.collect(), ..Struck::default() }
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, struck: &Struck) {
        machines::bring_back(scene, struck, self.stay_down.as_ref());
    }
}
