//! The clock of those who steer goes wrong: what was seen looks older than it is, or newer, and calendars are kept at
//! another time. Sentinels that see their clock jump do nothing for a while.

use crate::Hosts;
use crate::control::{self, Control, Skew};
use crate::kind::{Checked, Kind, Scene, Struck};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_contract::units::Span;
use seatrial_traffic::recovering;

element! {
    /// How wrong it is.
    pub struct ClockSkew {
        /// By how much.
        by: Located<Span>,
        /// Whether it is behind; ahead where left out. A clock that is set back goes on by seven eighths of the time
        /// that passes, until time has come to where it was.
        behind: bool = false,
    }
}

impl Kind for ClockSkew {
    const ABOUT: &'static str = "The clock of the policies' process, and of Sentinels, goes wrong.";

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        if of.caches.iter().all(|cache| cache.failover.is_none()) {
            control::check_steered(of, path, problems);
        }
        if self.by.value == Span::ZERO {
            let path = Path::Key(path, "by");
            problems.add(&path, self.by.place, "a clock that is right", "write \"5 min\"");
        }
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        let Self { by, behind } = self;
        scene.control.skews.push(Skew { by: by.value, behind: *behind });
        jumps(scene, by.value);
        Struck::default()
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, _: &Struck) {
        let Self { by, behind } = self;
        Control::drop_one(&mut scene.control.skews, &Skew { by: by.value, behind: *behind });
        jumps(scene, by.value);
    }
}

fn jumps<E: Hosts>(scene: &mut Scene<'_, E>, by: Span) {
    let now = scene.fleet.now();
    let (stations, _) = scene.fleet.calls();
    recovering::clocks_jump(stations, by, now);
}
