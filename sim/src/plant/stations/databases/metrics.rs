//! The databases' figures by name. Counts and times begin at the warm-up's end.
//!
//! - `connections` are open ones, whether they work or not; `active` are queries at work.
//! - `refused` are connections that were not to be had; `lost` those cut off by an outage or a crash.
//! - `utilisation` is what the active queries got done, of the most that the curve of contention has.
//! - `query` is from a query's beginning to its end, waiting for a connection not included.
//! - `behind` is how long a standby needs to apply what is written and not yet applied.

use super::super::Stations;
use super::Database;
use crate::plant::metrics::{number, quantiles, ratio};
use seatrial_contract::units::{Moment, Span};
use seatrial_record::{Metric, Unit};

impl Stations {
    /// Every metric of every database, in a fixed order, the same before and after a run.
    pub(in super::super) fn database_metrics(&self, now: Moment, all: &mut Vec<Metric>) {
        let time = u128::from(now.since(self.since).0);
        self.databases.iter().for_each(|database| add_database(database, now, time, all));
    }
}

fn add_database(database: &Database, now: Moment, time: u128, all: &mut Vec<Metric>) {
    let suffix = format!(".{}", database.name);
    let mut add = |name: &str, unit, value: Option<f64>| {
        all.push(Metric::new(format!("{name}{suffix}"), unit, value));
    };
    let seen = &database.seen;
    add("connections_mean", Unit::Count, ratio(database.connections.integral(now), time));
    add("connections_most", Unit::Count, Some(number(database.connections.maximum())));
    add("connections_opened", Unit::Count, Some(number(seen.opened)));
    add("connections_refused", Unit::Count, Some(number(seen.refused)));
    add("connections_lost", Unit::Count, Some(number(seen.lost)));
    add("active_mean", Unit::Count, ratio(database.queries.integral(now), time));
    add("active_most", Unit::Count, Some(number(database.queries.maximum())));
    add(
        "utilisation",
        Unit::Share,
        ratio(database.speed.integral(now), time * database.active.best()),
    );
    add("queries", Unit::Count, Some(number(seen.done)));
    for (figure, value) in quantiles(&seen.takes) {
        add(&format!("query_{figure}"), Unit::Seconds, value);
    }
    add("written", Unit::Bytes, Some(number(seen.written)));
    if let Some(memory) = &database.memory {
        let most = memory.shared + memory.each * database.connections.maximum();
        add("memory_most", Unit::Bytes, Some(number(most)));
        add("crashes", Unit::Count, Some(number(seen.crashes)));
    }
    let down = ratio(database.down_time.integral(now), u128::from(Span::seconds(1).0));
    add("down", Unit::Seconds, down);
    for standby in &database.standbys {
        let suffix = format!(".{}.{}", database.name, standby.name);
        let seconds = standby.behind_most.as_seconds();
        all.push(Metric::new(format!("behind_most{suffix}"), Unit::Seconds, Some(seconds)));
    }
}
