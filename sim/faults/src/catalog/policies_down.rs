//! The process of the policies is down: nobody decides anything. When it is back it goes on from what it saved last.

use crate::Hosts;
use crate::control;
use crate::kind::{Checked, Kind, Scene, Struck};
use seatrial_contract::config::{Path, Problems, element};

element! {
    /// It strikes the one process that there is.
    pub struct PoliciesDown {}
}

impl Kind for PoliciesDown {
    const ABOUT: &'static str =
        "Nobody decides anything; afterwards the policies go on from their last save.";

    const STOPS_POLICIES: bool = true;

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        control::check_steered(of, path, problems);
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        scene.control.policies_down += 1;
        Struck::default()
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, _: &Struck) {
        scene.control.policies_are_back();
    }
}
