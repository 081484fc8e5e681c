//! The store of metrics is out: no scrape brings anything, and what was seen grows old.

use crate::Hosts;
use crate::control;
use crate::kind::{Checked, Kind, Scene, Struck};
use seatrial_contract::config::{Path, Problems, element};

element! {
    /// It strikes all that is seen.
    pub struct MetricsAbsent {}
}

impl Kind for MetricsAbsent {
    const ABOUT: &'static str = "No scrape brings anything; what was seen grows old.";

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        control::check_steered(of, path, problems);
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        scene.control.blind += 1;
        Struck::default()
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, _: &Struck) {
        scene.control.blind = scene.control.blind.saturating_sub(1);
    }
}
