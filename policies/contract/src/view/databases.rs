//! Databases that are not tenants' own: how they are, and which backups there are of them. Knows no server and no
//! query.

use super::ClusterView;
use crate::units::{Bytes, Moment};
use crate::{DatabaseId, Gauge, Reading, Standing, words};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

words! {
    /// How a database is.
    pub enum Health {
        /// It takes writes.
        Serves = "serves",
        /// It takes none, and somebody takes over, or it starts again.
        TakesOver = "takes-over",
        /// It takes none, and nobody can take over: a server that has its data may come back.
        Lost = "lost",
        /// It takes none, and no server has its data.
        Gone = "gone",
    }
}

/// What was seen of a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// How it is.
    pub health: Health,
    /// Since when.
    #[serde(default)]
    pub since: Moment,
    /// Whether it can be backed up; others are there because policies have them fail over.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub is_backed_up: bool,
    /// When the newest full backup was begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full: Option<Moment>,
    /// The same of the newest of all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<Moment>,
    /// As of when what was restored last with success was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proven: Option<Moment>,
    /// When that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tried: Option<Moment>,
    /// How many backups were ever begun.
    #[serde(default)]
    pub backups: u32,
    /// The same of restores.
    #[serde(default)]
    pub restores: u32,
    /// The standby that would take over best if it were told to; none where others decide that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heir: Option<Heir>,
    /// How many times it was told to fail over.
    #[serde(default)]
    pub failovers: u32,
    /// It is being backed up.
    #[serde(default)]
    pub backing_up: bool,
    /// It is being restored.
    #[serde(default)]
    pub restoring: bool,
    /// It is being restored beside itself.
    #[serde(default)]
    pub rehearsing: bool,
}

const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_yes(it: &bool) -> bool {
    *it
}

/// A standby that follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heir {
    /// What it has not applied of what was written.
    pub lag: Bytes,
    /// Commits wait for it: it has all that was acknowledged.
    pub is_waited_for: bool,
}

impl Default for Database {
    fn default() -> Self {
        Self {
            health: Health::Serves,
            since: Moment::START,
            is_backed_up: true,
            full: None,
            newest: None,
            proven: None,
            tried: None,
            backups: 0,
            restores: 0,
            heir: None,
            failovers: 0,
            backing_up: false,
            restoring: false,
            rehearsing: false,
        }
    }
}

impl Database {
    /// Whether it takes no writes, and nobody takes over.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        matches!(self.health, Health::Lost | Health::Gone)
    }
}

impl ClusterView {
    /// What databases are called.
    #[must_use]
    pub fn databases(&self) -> &[String] {
        &self.databases
    }

    /// What was seen of databases.
    #[must_use]
    pub fn database_states(&self) -> &Gauge<Database> {
        &self.database_states
    }

    /// What was seen of one.
    #[must_use]
    pub fn database(&self, id: DatabaseId) -> Option<Reading<Database>> {
        if id.index() < self.databases.len() { self.database_states.get(id.index()) } else { None }
    }

    /// One more database.
    pub fn add_database(&mut self, name: String) -> DatabaseId {
        self.databases.push(name);
        self.database_states.push();
        DatabaseId::at(self.databases.len() - 1)
    }

    /// What a sweep saw of a database.
    pub fn see_database(&mut self, id: DatabaseId, seen: Database) {
        if id.index() < self.databases.len() {
            self.database_states.cover(id.index(), seen);
        }
    }

    /// What is known of a database from a reading of its own.
    pub fn read_database(&mut self, id: DatabaseId, reading: Option<Reading<Database>>) {
        if let Some(reading) = reading.filter(|_| id.index() < self.databases.len()) {
            self.database_states.set(id.index(), reading);
        }
    }

    /// A sweep over databases found the covered ones as they stand.
    pub fn sweep_databases(&mut self, at: Moment) {
        self.database_states.sweep(at);
    }

    /// Those that stand otherwise than in the view before this one.
    pub(super) fn databases_since(&self, before: &Self) -> Vec<(DatabaseId, Standing<Database>)> {
        let was = |row: usize| match row < before.databases.len() {
            true => before.database_states.standing(row),
            false => Standing::Absent,
        };
        let now = (0..self.databases.len()).map(|row| (row, self.database_states.standing(row)));
        let changed = now.filter(|(row, standing)| was(*row) != *standing);
        changed.map(|(row, standing)| (DatabaseId::at(row), standing)).collect()
    }
}
