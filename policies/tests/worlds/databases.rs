//! Databases of the random clusters, and what becomes of their backups.

use super::World;
use seatrial_contract::units::{Bytes, Moment, Span};
use seatrial_contract::view::{Database, Health, Heir};
use seatrial_contract::{Action, ClusterView, DatabaseId, Stream};

impl World {
    pub(super) fn add_databases(&mut self) {
        for number in 0..=self.stores.below(2) {
            let id = self.view.add_database(format!("database-{number}"));
            self.view.see_database(id, Database::default());
        }
        self.suffer_databases();
    }

    /// Databases are lost and come back, and backups grow old.
    pub(super) fn suffer_databases(&mut self) {
        let now = self.view.taken_at;
        for id in (0..self.view.databases().len()).map(DatabaseId::at) {
            let Some(seen) = self.view.database(id) else { continue };
            let before = |stream: &mut Stream| {
                let age = Span(stream.below(Span::days(40).0));
                (stream.below(4) > 0).then(|| Moment(now.0.saturating_sub(age.0)))
            };
            let health = match self.stores.below(8) {
                0 => Health::TakesOver,
                1 => Health::Lost,
                2 => Health::Gone,
                _ => Health::Serves,
            };
            let full = before(&mut self.stores);
            let seen = Database {
                health,
                since: before(&mut self.stores).unwrap_or(now),
                full,
                newest: before(&mut self.stores).max(full),
                proven: before(&mut self.stores),
                tried: before(&mut self.stores),
                heir: (self.stores.below(3) > 0).then(|| Heir {
                    lag: Bytes(self.stores.below(3 << 19)),
                    is_waited_for: self.stores.below(2) == 0,
                }),
                is_backed_up: self.stores.below(6) > 0,
                backing_up: self.stores.below(12) == 0,
                restoring: self.stores.below(12) == 0,
                rehearsing: self.stores.below(12) == 0,
                ..seen.value
            };
            self.view.see_database(id, seen);
        }
    }
}

/// Backs up, restores or fails over at once.
pub(super) fn apply(view: &mut ClusterView, action: Action) {
    if let Action::BackUp { database, is_full, from } = action {
        back_up(view, database, is_full, from);
    }
    if let Action::Restore { database, is_aside, from } = action {
        restore(view, database, is_aside, from);
    }
    if let Action::FailOver { database, from, .. } = action {
        let seen = view.database(database).expect("it is known").value;
        assert_eq!(seen.failovers, from, "as often as it was taken to be");
        let after = Database { health: Health::Serves, failovers: from + 1, ..seen };
        view.see_database(database, after);
    }
}

fn back_up(view: &mut ClusterView, database: DatabaseId, is_full: bool, from: u32) {
    let (now, seen) = (view.taken_at, view.database(database).expect("it is known").value);
    assert_eq!(seen.backups, from, "as many as it was taken to have");
    let full = if is_full { Some(now) } else { seen.full };
    let after = Database { full, newest: Some(now), backups: from + 1, ..seen };
    view.see_database(database, after);
}

fn restore(view: &mut ClusterView, database: DatabaseId, is_aside: bool, from: u32) {
    let (now, seen) = (view.taken_at, view.database(database).expect("it is known").value);
    assert_eq!(seen.restores, from, "as many as it was taken to have");
    let health = if is_aside { seen.health } else { Health::Serves };
    let (proven, tried) = (seen.newest, Some(now));
    let after = Database { health, proven, tried, restores: from + 1, ..seen };
    view.see_database(database, after);
}
