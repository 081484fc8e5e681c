//! The control plane is out: every action is rejected, and policies may try again.

use crate::Hosts;
use crate::control;
use crate::kind::{Checked, Kind, Scene, Struck};
use seatrial_contract::config::{Path, Problems, element};

element! {
    /// It strikes all actions.
    pub struct ActionsRejected {}
}

impl Kind for ActionsRejected {
    const ABOUT: &'static str = "The control plane rejects every action.";

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        control::check_steered(of, path, problems);
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        scene.control.rejects += 1;
        Struck::default()
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, _: &Struck) {
        scene.control.rejects = scene.control.rejects.saturating_sub(1);
    }
}
