//! A database cannot be reached for a while: open connections are cut off, and nobody can open one.

use crate::kind::{Checked, Kind, Scene, Struck};
use crate::{Hosts, Planned};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_format::scenario::Scenario;
use seatrial_traffic::queries;

element! {
    /// Which database cannot be reached.
    pub struct DatabaseOut {
        /// The database, by its name.
        database: Located<String>,
    }
}

impl Kind for DatabaseOut {
    const ABOUT: &'static str = "A database cannot be reached; open connections are cut off.";

    fn elsewhere(scenario: &Scenario) -> Vec<Planned<Self>> {
        let all = scenario.databases.iter().flat_map(|database| {
            database.outages.iter().map(|outage| {
                let fault = Self { database: Located::nowhere(database.name.to_string()) };
                Planned::once(fault, outage.at.value, Some(outage.lasts.value))
            })
        });
        all.collect()
    }

    fn check(&self, scenario: &Checked<'_>, _: &Path<'_>, problems: &mut Problems) {
        // Of one that each tenant has for itself there is not one that could be meant.
        let shared = scenario.databases.iter().filter(|database| database.one_per.is_none());
        let (have, what) = (shared.map(|database| database.name.as_str()), "shared database");
        seatrial_format::check_names(what, "databases", have, &[&self.database], problems);
    }

    fn begin<E: Hosts>(&self, Scene { fleet, .. }: &mut Scene<'_, E>) -> Struck {
        if let Some(database) = queries::database(&fleet.traffic.stations, &self.database) {
            fleet.stir();
            let (stations, agenda) = fleet.calls();
            queries::outage_begins(stations, database, agenda);
        }
        Struck::default()
    }

    fn end<E: Hosts>(&self, Scene { fleet, .. }: &mut Scene<'_, E>, _: &Struck) {
        if let Some(database) = queries::database(&fleet.traffic.stations, &self.database) {
            fleet.stir();
            let (stations, agenda) = fleet.calls();
            queries::outage_ends(stations, database, agenda.now());
        }
    }
}
