//! Machines go down and come back as a log of failures says: CSV with a line for each time that one was down.

use crate::failure_log::{Columns, Outage, outages};
use crate::kind::{Checked, Kind, Scene, Step, Struck};
use crate::{Hosts, machines};
use seatrial_contract::config::{Located, Path, Problems, element};
use seatrial_contract::units::Span;

element! {
    /// Which log, and how to read it. Its machines are those of the pool, in the order in which the log names
    /// them; machines that it never names stay up. Times count from when the fault comes (`at`).
    pub struct Replay {
        /// The log, relative to this file: CSV whose first line names the columns.
        file: Located<String>,
        /// The pool of the machines, by its name.
        pool: Located<String>,
        /// The column that names the machine.
        machine: Located<String> = Located::nowhere(MACHINE.to_owned()),
        /// The column that says when it went down, in units of `unit`.
        down: Located<String> = Located::nowhere(DOWN.to_owned()),
        /// The column that says when it was up again.
        up: Located<String> = Located::nowhere(UP.to_owned()),
        /// What the times are counted in.
        unit: Located<Span> = Located::nowhere(Span::seconds(1)),
        /// Only lines with this value in the column `where_column`, as in a log of several clusters.
        where_is: Option<Located<String>> = None,
        /// The column that `where_is` looks at.
        where_column: Option<Located<String>> = None,
    }
}

const MACHINE: &str = "machine";
const DOWN: &str = "down";
const UP: &str = "up";

impl Replay {
    fn read(&self, text: &str) -> Result<Vec<Outage>, String> {
        let only = self.where_column.as_ref().zip(self.where_is.as_ref());
        let columns = Columns {
            machine: &self.machine,
            down: &self.down,
            up: &self.up,
            only: only.map(|(column, value)| (column.as_str(), value.as_str())),
            unit: self.unit.value,
        };
        outages(text, &columns)
    }
}

impl Kind for Replay {
    const ABOUT: &'static str = "Machines go down and come back as a log says.";

    fn reads(&self) -> Option<&Located<String>> {
        Some(&self.file)
    }

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        machines::check_pool(Some(&self.pool), of, path, problems);
        let mut say = |key: &str, place, message: &str, remedy: &str| {
            problems.add(&Path::Key(path, key), place, message, remedy);
        };
        match (&self.where_is, &self.where_column) {
            (Some(value), None) => {
                say("where_is", value.place, "of which column?", "add `where_column`");
            }
            (None, Some(column)) => {
                say("where_column", column.place, "with which value?", "add `where_is`");
            }
            (None, None) | (Some(_), Some(_)) => {}
        }
        if self.unit.value == Span::ZERO {
            say("unit", self.unit.place, "times of no length", "write \"1 s\" or \"1 min\"");
        }
        // What cannot be read was told already.
        let Some(text) = of.file else { return };
        match self.read(text) {
            Err(message) => {
                say("file", self.file.place, &message, "mend the log, or name its columns");
            }
            Ok(all) => {
                let named = all.iter().map(|outage| outage.machine + 1).max().unwrap_or(0);
                let pool = of.pools.iter().find(|pool| pool.name.as_str() == self.pool.value);
                let count = pool.map_or(named, |pool| pool.count.value as usize);
                if named > count {
                    let message =
                        format!("the log names {named} machines, and the pool has {count}");
                    say("pool", self.pool.place, &message, "give the pool as many at the start");
                }
                if named == 0 {
                    let remedy = "name another log, or other lines of it";
                    say("file", self.file.place, "no machine is ever down in it", remedy);
                }
            }
        }
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        let all = self.read(scene.file.unwrap_or_default()).unwrap_or_default();
        let here = machines::of_pool(scene.fleet, Some(&self.pool));
        let mut script = Vec::with_capacity(all.len() * 2);
        for Outage { machine, down, up } in all {
            let Some(id) = here.get(machine).copied() else { continue };
            script.push((down, Step::Lose(id)));
            script.push((up, Step::BringBack(id)));
        }
        // Who comes back at a moment is back before another goes down.
        script.sort_by_key(|(at, step)| (*at, matches!(step, Step::Lose(_))));
        Struck { script: script.into(), ..Struck::default() }
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, struck: &Struck) {
        machines::bring_back(scene, struck, None);
    }
}
