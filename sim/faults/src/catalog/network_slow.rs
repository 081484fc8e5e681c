//! The way to a database is long, or loses a part of what is sent on it: queries take as long as before, and their
//! answers come later, while connections are held.

use crate::Hosts;
use crate::machines;
use crate::on_database::OnDatabase;
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

impl OnDatabase for NetworkSlow {
    const ABOUT: &'static str = "Answers of a database come later, and some have to be sent again.";

    fn database(&self) -> Option<&Located<String>> {
        self.database.as_ref()
    }

    fn check_more(&self, path: &Path<'_>, problems: &mut Problems) {
        machines::check_share(self.loses.as_ref(), "loses", path, problems);
    }

    fn set<E: Hosts>(&self, fleet: &mut Fleet<E>, database: u16, so: bool) {
        fleet.stir();
        let (stations, _) = fleet.calls();
        let loses = self.loses.as_ref().map_or(Ppm(0), |of| of.value);
        let way = Way { adds: self.adds.value, loses };
        recovering::lengthen_way(stations, database, way, so);
    }
}
