//! Kinds of faults that have something be so with a database, and then no longer. Knows none of them.

use crate::kind::{Checked, Kind, Scene, Struck, Target};
use crate::{Hosts, databases};
use seatrial_contract::config::{Element, Located, Path, Problems};
use seatrial_fleet::Fleet;

/// Such a kind, which is its configuration.
pub(crate) trait OnDatabase: Element {
    /// What it does, in a sentence for the reference.
    const ABOUT: &'static str;

    /// Whether the database must have backups.
    const IS_OF_BACKUPS: bool = false;

    /// The database that it names; with `each`, none.
    fn database(&self) -> Option<&Located<String>>;

    /// Says what is wrong with the rest of it.
    fn check_more(&self, _: &Path<'_>, _: &mut Problems) {}

    /// It is so from now on, or no longer.
    fn set<E: Hosts>(&self, fleet: &mut Fleet<E>, database: u16, so: bool);
}

impl<T: OnDatabase> Kind for T {
    const ABOUT: &'static str = T::ABOUT;
    const EACH: Option<&'static str> = Some("database");

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        databases::check(self.database(), of, path, problems);
        if T::IS_OF_BACKUPS {
            databases::check_backups(self.database(), of, path, problems);
        }
        self.check_more(path, problems);
    }

    fn targets<E: Hosts>(&self, fleet: &Fleet<E>) -> Vec<Target> {
        databases::targets(fleet, self.database())
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        if let Some(database) = databases::meant(scene, self.database()) {
            self.set(scene.fleet, database, true);
        }
        Struck::default()
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, _: &Struck) {
        if let Some(database) = databases::meant(scene, self.database()) {
            self.set(scene.fleet, database, false);
        }
    }
}
