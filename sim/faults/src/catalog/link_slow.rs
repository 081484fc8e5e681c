//! The link that backups and restores go over carries less.

use crate::Hosts;
use crate::kind::{Checked, Kind, Scene, Struck};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_contract::units::{Ppm, percent};
use seatrial_fleet::restoring;

element! {
    /// How much less it carries.
    pub struct LinkSlow {
        /// What it still carries of what it could.
        to: Located<Ppm> = Located::nowhere(percent(10)),
    }
}

impl Kind for LinkSlow {
    const ABOUT: &'static str = "The link that backups and restores go over carries less.";

    fn check(&self, _: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        if self.to.value == Ppm(0) || self.to.value > Ppm::WHOLE {
            let message = format!("a link cannot be slowed to {}", self.to.value);
            let path = Path::Key(path, "to");
            problems.add(&path, self.to.place, message, "write a share such as \"10 %\"");
        }
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        restoring::slow_link(scene.fleet, self.to.value.0.into(), true);
        Struck::default()
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, _: &Struck) {
        restoring::slow_link(scene.fleet, self.to.value.0.into(), false);
    }
}
