//! People take longer: to acknowledge what calls them, and to take over by hand where nothing else does.

use crate::Hosts;
use crate::control::{Control, check_times, millionths};
use crate::kind::{Checked, Kind, Scene, Struck};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_traffic::recovering;

element! {
    /// How slow they are.
    pub struct SlowPeople {
        /// How many times as long they take.
        times: Located<f64> = Located::nowhere(4.0),
    }
}

impl Kind for SlowPeople {
    const ABOUT: &'static str = "People take longer to answer, and to act by hand.";

    fn check(&self, _: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        check_times(&self.times, path, problems);
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        scene.control.slow_people.push(millionths(&self.times));
        tell(scene);
        Struck::default()
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, _: &Struck) {
        Control::drop_one(&mut scene.control.slow_people, &millionths(&self.times));
        tell(scene);
    }
}

/// Databases that people fail over are told.
fn tell<E: Hosts>(scene: &mut Scene<'_, E>) {
    let times = scene.control.people();
    let (stations, _) = scene.fleet.calls();
    recovering::people_take(stations, times);
}
