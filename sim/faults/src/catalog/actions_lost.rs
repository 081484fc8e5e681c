//! Actions get lost on their way, each by its own chance: of what was decided together half may be done.

use crate::Hosts;
use crate::control::{self, Control};
use crate::kind::{Checked, Kind, Scene, Struck};
use crate::machines;
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_contract::units::{Ppm, percent};

element! {
    /// How many get lost.
    pub struct ActionsLost {
        /// The share that gets lost.
        share: Located<Ppm> = Located::nowhere(percent(50)),
    }
}

impl Kind for ActionsLost {
    const ABOUT: &'static str = "A part of all actions gets lost on its way.";

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        control::check_steered(of, path, problems);
        machines::check_share(Some(&self.share), "share", path, problems);
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        scene.control.loses.push(self.share.value);
        Struck::default()
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, _: &Struck) {
        Control::drop_one(&mut scene.control.loses, &self.share.value);
    }
}
