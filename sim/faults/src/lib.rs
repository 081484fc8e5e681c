//! What disturbs a fleet: something is lost, cut off or slowed from a moment on, perhaps until another. One
//! kind a file, and one line in `catalog.rs`. Knows no cure: what fails over, starts anew or is replaced
//! does so where it stands, in `seatrial-traffic` and `seatrial-fleet`.

mod catalog;
mod control;
mod databases;
mod entry;
mod event;
mod failure_log;
mod incidents;
mod kind;
mod machines;
mod on_database;
mod page;
mod places;
mod planned;
mod running;
mod services;
mod stores;

pub use control::Control;
pub use event::{Event, Hosts};
pub use incidents::{Incident, Incidents, Step};
pub use page::page;
pub use running::Faults;

use entry::Entry;
use planned::Planned;
use seatrial_contract::config::{Element, Located, Path, Problems, Shape};
use seatrial_format::scenario::Scenario;

/// What a table `[[faults]]` may say, kind by kind.
#[must_use]
pub fn shape() -> Shape {
    Entry::shape()
}

/// The words for all kinds of faults.
#[must_use]
pub fn kinds() -> Vec<&'static str> {
    let Shape::Choice(kinds) = Entry::shape() else { return Vec::new() };
    kinds.iter().map(|kind| kind.word).collect()
}

/// Hands each fault the text of the file that it names; `read` says what is wrong with one.
pub fn read_files(
    scenario: &mut Scenario,
    mut read: impl FnMut(&Located<String>, &Path<'_>) -> Option<String>,
) {
    let section = Path::Key(&Path::Root, "faults");
    for (index, table) in scenario.faults.iter_mut().enumerate() {
        let path = Path::Index(&section, index);
        let entry = Entry::read(&table.node, &path, &mut Problems::default());
        if let Some(named) = entry.as_ref().and_then(|entry| entry.config.reads()) {
            table.file = read(named, &Path::Key(&path, "file")).map(Into::into);
        }
    }
}

/// Adds what is wrong with the faults of a scenario.
pub fn check(scenario: &Scenario, problems: &mut Problems) {
    each(scenario, problems, |entry, file, path, problems| {
        entry.check(path, scenario, file, problems);
    });
}

/// Adds what is odd about the faults of a scenario that was checked.
pub fn warnings(scenario: &Scenario, problems: &mut Problems) {
    each(scenario, problems, |entry, _, path, problems| entry.warn(path, scenario, problems));
}

/// Looks at each that can be read; says why others cannot.
fn each(
    scenario: &Scenario,
    problems: &mut Problems,
    look: impl Fn(&Entry, Option<&str>, &Path<'_>, &mut Problems),
) {
    let section = Path::Key(&Path::Root, "faults");
    for (index, table) in scenario.faults.iter().enumerate() {
        let path = Path::Index(&section, index);
        if let Some(entry) = Entry::read(&table.node, &path, problems) {
            look(&entry, table.file.as_deref(), &path, problems);
        }
    }
}
