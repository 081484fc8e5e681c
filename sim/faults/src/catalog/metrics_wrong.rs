//! What machines and containers use is read as another part of what it is.

use crate::Hosts;
use crate::control::{self, Control};
use crate::kind::{Checked, Kind, Scene, Struck};
use seatrial_contract::NodeId;
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_contract::units::Ppm;

element! {
    /// How wrong it is.
    pub struct MetricsWrong {
        /// As what part of itself use is read: 0 % as nothing, 200 % as twice as much.
        reads_as: Located<Ppm>,
    }
}

impl Kind for MetricsWrong {
    const ABOUT: &'static str = "What is used is read as a part of itself, or as more.";

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        control::check_steered(of, path, problems);
        if self.reads_as.value == Ppm::WHOLE {
            let path = Path::Key(path, "reads_as");
            let remedy = "write another share, such as \"50 %\"";
            problems.add(&path, self.reads_as.place, "what is read as itself is right", remedy);
        }
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        scene.control.wrong.push(self.reads_as.value);
        look_anew(scene);
        Struck::default()
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, _: &Struck) {
        Control::drop_one(&mut scene.control.wrong, &self.reads_as.value);
        look_anew(scene);
    }
}

/// What stays the same is read otherwise from now on.
fn look_anew<E: Hosts>(scene: &mut Scene<'_, E>) {
    let machines = (0..scene.fleet.nodes.len()).map(NodeId::at);
    machines.for_each(|id| scene.fleet.touch_machine(id));
}
