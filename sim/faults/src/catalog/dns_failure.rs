//! The name of a database is not found, or the credentials for it have expired: nobody connects anew, and connections
//! that are open go on.

use crate::Hosts;
use crate::on_database::OnDatabase;
use seatrial_contract::config::{Located, element};
use seatrial_fleet::Fleet;
use seatrial_traffic::recovering;

element! {
    /// Which database is struck.
    pub struct DnsFailure {
        /// The database, by its name; with `each`, all that are not tenants' own where left out.
        database: Option<Located<String>> = None,
    }
}

impl OnDatabase for DnsFailure {
    const ABOUT: &'static str = "Nobody can connect to a database anew; open connections go on.";

    fn database(&self) -> Option<&Located<String>> {
        self.database.as_ref()
    }

    fn set<E: Hosts>(&self, fleet: &mut Fleet<E>, database: u16, so: bool) {
        fleet.stir();
        let (stations, _) = fleet.calls();
        recovering::unname(stations, database, so);
    }
}
