//! Scrapes bring what was seen when this began, as if it were new: an exporter that hangs behind a cache.

use crate::Hosts;
use crate::control;
use crate::kind::{Checked, Kind, Scene, Struck};
use seatrial_contract::config::{Path, Problems, element};

element! {
    /// It strikes all that is seen.
    pub struct MetricsStale {}
}

impl Kind for MetricsStale {
    const ABOUT: &'static str = "Scrapes bring old values as if they were new.";

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        control::check_steered(of, path, problems);
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        scene.control.stale += 1;
        Struck::default()
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, _: &Struck) {
        scene.control.stale = scene.control.stale.saturating_sub(1);
    }
}
