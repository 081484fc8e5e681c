//! The way to a database is long, or loses a part of what is sent on it: queries take as long as before, and their
//! answers come later, while connections are held.

use crate::kind::{Checked, Kind, Scene, Struck, Target};
use crate::{Hosts, databases, machines};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_contract::units::{Ppm, Span};
use seatrial_fleet::Fleet;
use seatrial_traffic::recovering::{self, Way};

element! {
    /// Which way, and how bad it is.
    pub struct NetworkSlow {
        /// The database at its end, by its name; with `each`, all that are not tenants' own where left out.
        database: Option<Located<String>> = None,
        /// How much longer there and back takes.
        adds: Located<Span> = Located::nowhere(Span::millis(50)),
        /// What share of answers is lost, and sent again after 200 ms, then 400 ms, and so on.
        loses: Option<Located<Ppm>> = None,
    }
}

impl Kind for NetworkSlow {
    const ABOUT: &'static str = "Answers of a database come later, and some have to be sent again.";
    const EACH: Option<&'static str> = Some("database");

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        databases::check(self.database.as_ref(), of, path, problems);
        machines::check_share(self.loses.as_ref(), "loses", path, problems);
    }

    fn targets<E: Hosts>(&self, fleet: &Fleet<E>) -> Vec<Target> {
        databases::targets(fleet, self.database.as_ref())
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        self.strike(scene, true);
        Struck::default()
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, _: &Struck) {
        self.strike(scene, false);
    }
}

impl NetworkSlow {
    fn strike<E: Hosts>(&self, scene: &mut Scene<'_, E>, so: bool) {
        let Some(database) = databases::meant(scene, self.database.as_ref()) else { return };
        scene.fleet.stir();
        let (stations, _) = scene.fleet.calls();
        let loses = self.loses.as_ref().map_or(Ppm(0), |of| of.value);
        let way = Way { adds: self.adds.value, loses };
        recovering::lengthen_way(stations, database, way, so);
    }
}
