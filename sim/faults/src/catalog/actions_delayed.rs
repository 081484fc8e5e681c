//! The control plane is slow: actions are done later, when what they were decided on may be past.

use crate::Hosts;
use crate::control::{self, Control};
use crate::kind::{Checked, Kind, Scene, Struck};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_contract::units::Span;

element! {
    /// How slow it is.
    pub struct ActionsDelayed {
        /// How much later.
        by: Located<Span>,
    }
}

impl Kind for ActionsDelayed {
    const ABOUT: &'static str = "Actions are done later than they were decided.";

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        control::check_steered(of, path, problems);
        if self.by.value == Span::ZERO {
            let path = Path::Key(path, "by");
            problems.add(&path, self.by.place, "a delay of no time is none", "write \"10 min\"");
        }
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        scene.control.delays.push(self.by.value);
        Struck::default()
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, _: &Struck) {
        Control::drop_one(&mut scene.control.delays, &self.by.value);
    }
}
