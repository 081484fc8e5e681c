//! The disk of a database is slow: queries take longer, and since they crowd one another, more than that.

use crate::Hosts;
use crate::control;
use crate::on_database::OnDatabase;
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_fleet::Fleet;
use seatrial_traffic::recovering;

element! {
    /// Which database is struck.
    pub struct DiskSlow {
        /// The database, by its name; with `each`, all that are not tenants' own where left out.
        database: Option<Located<String>> = None,
        /// How many times as long they take.
        times: Located<f64> = Located::nowhere(3.0),
    }
}

impl OnDatabase for DiskSlow {
    const ABOUT: &'static str = "Queries of a database take longer.";

    fn database(&self) -> Option<&Located<String>> {
        self.database.as_ref()
    }

    fn check_more(&self, path: &Path<'_>, problems: &mut Problems) {
        control::check_times(&self.times, path, problems);
    }

    fn set<E: Hosts>(&self, fleet: &mut Fleet<E>, database: u16, so: bool) {
        fleet.stir();
        let (stations, _) = fleet.calls();
        let times = control::millionths(&self.times);
        recovering::slow_queries(stations, database, times, so);
    }
}
