//! The machine of a database's standby is lost: commits that wait for it wait, and it cannot take over.

use crate::kind::{Checked, Kind, Scene, Struck};
use crate::{Hosts, databases, stores};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_fleet::places::Stands;
use seatrial_traffic::recovering::Blow;

element! {
    /// Which standby is lost.
    pub struct StandbyLoss {
        /// The database, by its name.
        database: Located<String>,
        /// The standby, by its name: the machine that it had at the start.
        standby: Located<String>,
    }
}

impl Kind for StandbyLoss {
    const ABOUT: &'static str = "The machine of a database's standby is lost; its disk is kept.";

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        databases::check(Some(&self.database), of, path, problems);
        databases::check_standby(&self.database, &self.standby, of, problems);
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        let database = databases::meant(scene, Some(&self.database));
        let server = database.zip(databases::standby(scene, &self.database, &self.standby));
        let server = server.map(|(database, standby)| Stands::Server(database, standby + 1));
        let stands: Vec<Stands> = server.into_iter().collect();
        for what in &stands {
            stores::lose(scene.fleet, scene.control, *what, Blow::Machine);
        }
        Struck { stands, ..Struck::default() }
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, struck: &Struck) {
        struck.stands.iter().for_each(|what| stores::bring_back(scene.fleet, scene.control, *what));
    }
}
