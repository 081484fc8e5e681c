//! The databases' figures by name. Counts and times begin at the warm-up's end.
//!
//! - `connections` are open ones, whether they work or not; `active` are queries at work.
//! - `refused` are connections that were not to be had; `lost` those cut off by an outage or a crash.
//! - `utilisation` is what the active queries got done, of the most that the curve of contention has.
//! - `query` is from a query's beginning to its end, waiting for a connection not included.
//! - `archive_behind` is how old a write is before it is in the archive of the log.
//! - `behind` is how long a standby needs to apply what is written and not yet applied.
//!
//! Of servers that tenants have for themselves, counts and means over time are those of all together;
//! what ends in `_most` is that of the one server that had most. `servers` is how many were ever asked.

use super::super::{Stations, Stores};
use super::Database;
use crate::sheet::{Row, Sheet};
use crate::telling::{number, quantiles, ratio};
use seatrial_contract::units::{Moment, Span};
use seatrial_kernel::statistics::{Sketch, TimeWeighted};
use seatrial_record::{Metric, Unit};

/// Every metric of every database, in a fixed order, the same before and after a run.
pub(crate) fn database_metrics(stations: &Stations, now: Moment, all: &mut Vec<Metric>) {
    let time = u128::from(now.since(stations.clock.since).0);
    for (database, own) in stations.stores.databases.iter().zip(&stations.stores.own) {
        let servers: Vec<&Database> = match own {
            Some(own) => own.all().map(|at| &stations.stores.databases[at]).collect(),
            None => vec![database],
        };
        let world = now.after(stations.clock.ahead);
        let whole = Whole { database, servers, now, world, time };
        whole.add(all);
        if own.is_some() {
            whole.add_own(all);
        }
    }
}

/// A database of the file, and the servers that it stands for.
struct Whole<'a> {
    database: &'a Database,
    servers: Vec<&'a Database>,
    now: Moment,
    world: Moment,
    time: u128,
}

impl Whole<'_> {
    fn sum(&self, pick: fn(&Database) -> u64) -> Option<f64> {
        Some(number(self.servers.iter().map(|of| pick(of)).sum()))
    }

    fn most(&self, pick: impl Fn(&Database) -> u64) -> u64 {
        self.servers.iter().map(|of| pick(of)).max().unwrap_or_default()
    }

    fn integral(&self, pick: fn(&Database) -> &TimeWeighted) -> u128 {
        self.servers.iter().map(|of| pick(of).integral(self.now)).sum()
    }

    fn add(&self, all: &mut Vec<Metric>) {
        let Self { database, time, now, .. } = *self;
        let suffix = format!(".{}", database.name);
        let mut add = |name: &str, unit, value: Option<f64>| {
            all.push(Metric::new(format!("{name}{suffix}"), unit, value));
        };
        let connections_most = self.most(|of| of.levels.connections.maximum());
        add(
            "connections_mean",
            Unit::Count,
            ratio(self.integral(|of| &of.levels.connections), time),
        );
        add("connections_most", Unit::Count, Some(number(connections_most)));
        add("connections_opened", Unit::Count, self.sum(|of| of.seen.opened));
        add("connections_refused", Unit::Count, self.sum(|of| of.seen.refused));
        add("connections_lost", Unit::Count, self.sum(|of| of.seen.lost));
        add("active_mean", Unit::Count, ratio(self.integral(|of| &of.levels.queries), time));
        add("active_most", Unit::Count, Some(number(self.most(|of| of.levels.queries.maximum()))));
        let could = time * database.active.best() * self.servers.len() as u128;
        add("utilisation", Unit::Share, ratio(self.integral(|of| &of.levels.speed), could));
        add("queries", Unit::Count, self.sum(|of| of.seen.done));
        let mut takes = Sketch::default();
        self.servers.iter().for_each(|of| takes.merge(&of.seen.takes));
        for (figure, value) in quantiles(&takes) {
            add(&format!("query_{figure}"), Unit::Seconds, value);
        }
        add("written", Unit::Bytes, self.sum(|of| of.seen.written));
        if let Some(memory) = &database.terms.memory {
            let most = memory.shared + memory.each * connections_most;
            add("memory_most", Unit::Bytes, Some(number(most)));
            add("crashes", Unit::Count, self.sum(|of| of.seen.crashes));
        }
        let second = u128::from(Span::seconds(1).0);
        add("down", Unit::Seconds, ratio(self.integral(|of| &of.levels.down), second));
        add(
            "down_share",
            Unit::Share,
            ratio(self.integral(|of| &of.levels.down), time * self.servers.len() as u128),
        );
        if let Some(behind) = database.members.log.behind_most(now) {
            let name = format!("archive_behind_most{suffix}");
            all.push(Metric::new(name, Unit::Seconds, Some(behind.as_seconds())));
        }
        database.recoveries.metrics(&database.name, self.world, all);
        for standby in &database.members.standbys {
            let suffix = format!(".{}.{}", database.name, standby.name);
            let seconds = standby.behind_most.as_seconds();
            all.push(Metric::new(format!("behind_most{suffix}"), Unit::Seconds, Some(seconds)));
        }
    }

    /// What there is to say only of servers that tenants have for themselves.
    fn add_own(&self, all: &mut Vec<Metric>) {
        let Self { database, time, now, .. } = *self;
        let mut add = |name: &str, unit, value: Option<f64>| {
            all.push(Metric::new(format!("{name}.{}", database.name), unit, value));
        };
        add("servers", Unit::Count, Some(number(self.servers.len() as u64)));
        let busiest = self.servers.iter().map(|of| of.levels.speed.integral(now)).max();
        let best = time * database.active.best();
        add("utilisation_most", Unit::Share, ratio(busiest.unwrap_or_default(), best));
    }
}

/// What every database is like over time.
pub(crate) fn series(stores: &mut Stores, sheet: &mut Sheet) {
    for (at, own) in stores.own.iter().enumerate() {
        match own {
            Some(own) => {
                let servers: Vec<&Database> = own.all().map(|at| &stores.databases[at]).collect();
                series_of_own(&stores.databases[at], &servers, sheet);
            }
            None => series_of(&mut stores.databases[at], sheet),
        }
    }
}

fn series_of(database: &mut Database, sheet: &mut Sheet) {
    let row = |series| Row::count(series, "database", &database.name);
    let best = u64::try_from(database.active.best()).unwrap_or(u64::MAX);
    let (levels, seen) = (&mut database.levels, &database.seen);
    sheet.level(row("connections"), &mut levels.connections, 1);
    sheet.fixed(row("connections_limit"), u64::from(database.terms.most));
    sheet.level(row("active"), &mut levels.queries, 1);
    sheet.level(row("utilisation").unit(Unit::Share), &mut levels.speed, best);
    sheet.level(row("down").unit(Unit::Share), &mut levels.down, 1);
    sheet.sum(row("refused"), seen.refused);
    sheet.sum(row("lost"), seen.lost);
    sheet.times(row("query").unit(Unit::Seconds), core::iter::once(&seen.takes));
}

/// Of servers that tenants have for themselves, all together.
fn series_of_own(database: &Database, servers: &[&Database], sheet: &mut Sheet) {
    let row = |series| Row::count(series, "database", &database.name);
    let now = sheet.now();
    let mut level = |row, pick: fn(&Database) -> &TimeWeighted| {
        sheet.together(row, servers.iter().map(|of| pick(of).integral(now)), 1);
    };
    level(row("connections"), |of| &of.levels.connections);
    level(row("active"), |of| &of.levels.queries);
    level(row("down"), |of| &of.levels.down);
    sheet.sum(row("refused"), servers.iter().map(|of| of.seen.refused).sum());
    sheet.sum(row("lost"), servers.iter().map(|of| of.seen.lost).sum());
    sheet.sum(row("queries"), servers.iter().map(|of| of.seen.done).sum());
}
