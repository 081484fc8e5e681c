//! Databases and poolers that cannot be, and queries at nobody.

use super::{Names, at, contention, each};
use crate::scenario::{Arrivals, Database, PoolPer, Pooler, Scenario, Traffic};
use seatrial_contract::config::{Located, Path, Problems};
use seatrial_contract::units::{Bytes, Span};
use std::collections::BTreeSet;

/// Postgres takes no more (MAX_BACKENDS).
pub(super) const CONNECTIONS_MAX: u32 = 262_143;
pub(super) const CORES_MAX: u32 = 65_536;
pub(super) const QUERIES_MAX: usize = 16;
pub(super) const COUNT_MAX: u32 = 10_000;
pub(super) const STANDBYS_MAX: usize = 8;

pub(super) fn check(scenario: &Scenario, names: &Names<'_>, problems: &mut Problems) {
    each("databases", &scenario.databases, |path, of| database(of, scenario, path, problems));
    each("poolers", &scenario.poolers, |path, of| {
        names.databases.demand(&of.database, &Path::Key(path, "database"), problems);
        pooler(of, path, problems);
    });
    each("traffic", &scenario.traffic, |path, of| {
        queries(of, names, path, problems);
        of_tiers(of, scenario, path, problems);
    });
    each("zoom", &scenario.zoom, |path, of| {
        if of.lasts.value == Span::ZERO || of.at.value >= scenario.duration.value {
            let words = ("this zoom is empty", "have it begin within the run, and last");
            at(path, "lasts", of.lasts.place, words, problems);
        }
    });
}

fn database(database: &Database, scenario: &Scenario, path: &Path<'_>, problems: &mut Problems) {
    too_many(database.cores.get(), CORES_MAX, (path, "cores", &database.cores), problems);
    let most = database.max_connections;
    too_many(most.get(), CONNECTIONS_MAX, (path, "max_connections", &most), problems);
    if database.reserved.value >= most.get() {
        let message =
            format!("{} of {} connections are reserved", database.reserved.value, most.get());
        let words = (message, "leave some for callers: Postgres reserves 3");
        at(path, "max_connections", most.place, words, problems);
    }
    contention::check(&database.contention, &Path::Key(path, "contention"), problems);
    if let Some(memory) = &database.memory
        && memory.value <= database.shared_memory.value
    {
        let message = format!(
            "{} of memory hold no connection beside {} of shared memory",
            memory.value, database.shared_memory.value
        );
        let words = (message, "raise `memory`, or lower `shared_memory`");
        at(path, "memory", memory.place, words, problems);
    }
    if database.standbys.len() > STANDBYS_MAX {
        let words = ("too many standbys", "have at most 8");
        at(path, "standbys", database.name.place, words, problems);
    }
    for (index, standby) in database.standbys.iter().enumerate() {
        let path = Path::Key(path, "standbys");
        if standby.applies.value == Bytes::ZERO {
            let words = ("a standby that applies nothing falls behind for ever", "write a rate");
            at(&Path::Index(&path, index), "applies", standby.applies.place, words, problems);
        }
    }
    backups(database, path, problems);
    for (index, outage) in database.outages.iter().enumerate() {
        let path = Path::Key(path, "outages");
        let path = Path::Index(&path, index);
        if outage.lasts.value == Span::ZERO {
            let words = ("an outage of 0 s is none", "write how long it lasts");
            at(&path, "lasts", outage.lasts.place, words, problems);
        }
        if outage.at.value >= scenario.duration.value {
            let words = ("this outage begins after the run's end", "have it begin earlier");
            at(&path, "at", outage.at.place, words, problems);
        }
    }
    let asked: BTreeSet<&str> =
        scenario.traffic.iter().flat_map(|of| &of.queries).map(|of| of.at.value.as_str()).collect();
    let name = database.name.as_str();
    let pooled = scenario.poolers.iter().filter(|of| of.database.value == name);
    if !asked.contains(name) && !pooled.into_iter().any(|of| asked.contains(of.name.as_str())) {
        let remedy = format!(
            "add queries = [{{ at = \"{name}\", service_time = \"5 ms\" }}] to a `[[traffic]]`, or remove it"
        );
        at(path, "name", database.name.place, (format!("nobody asks `{name}`"), remedy), problems);
    }
}

/// Backups that would never be done.
fn backups(database: &Database, path: &Path<'_>, problems: &mut Problems) {
    let nothing = |key: &'static str, of: &Located<Bytes>, path: &Path<'_>, all: &mut Problems| {
        if of.value == Bytes::ZERO {
            let words = ("nothing a second is never done", "write a rate");
            at(path, key, of.place, words, all);
        }
    };
    nothing("disk", &database.disk, path, problems);
    let Some(of) = &database.backups else { return };
    let path = Path::Key(path, "backups");
    nothing("copies", &of.copies, &path, problems);
    nothing("replays", &of.replays, &path, problems);
    if database.one_per.is_some() {
        let message = "a database that each tenant has for itself is backed up with its tenant";
        let remedy = "say it of the tier: data = { kind = \"on-machine\", backups = { … } }";
        problems.add(&path, database.name.place, message, remedy);
    }
    if let Some(every) = of.off_site.as_ref().filter(|of| of.value < Span::hours(1)) {
        let words = ("copies off site come once an hour at the most", "write \"7 d\"");
        at(&path, "off_site", every.place, words, problems);
    }
    if let Some(archive) = &of.archive
        && let Some(out) = archive.time_out.as_ref().filter(|of| of.value < Span::seconds(1))
    {
        let words = ("a segment is open for a second at the least", "write \"1 min\"");
        at(&Path::Key(&path, "archive"), "time_out", out.place, words, problems);
    }
}

fn pooler(pooler: &Pooler, path: &Path<'_>, problems: &mut Problems) {
    let size = pooler.pool_size;
    too_many(size.get(), CONNECTIONS_MAX, (path, "pool_size", &size), problems);
    if pooler.min_pool_size.value > size.get() {
        let message =
            format!("a pool of {} cannot keep {}", size.get(), pooler.min_pool_size.value);
        let words = (message, "lower `min_pool_size`, or raise `pool_size`");
        at(path, "min_pool_size", pooler.min_pool_size.place, words, problems);
    }
    if pooler.reconnects_after.value == Span::ZERO {
        let words = ("connecting again after 0 s stops time", "write \"15 s\", as PgBouncer");
        at(path, "reconnects_after", pooler.reconnects_after.place, words, problems);
    }
}

fn queries(traffic: &Traffic, names: &Names<'_>, path: &Path<'_>, problems: &mut Problems) {
    let path_to = Path::Key(path, "queries");
    if traffic.service.is_none() && traffic.queries.is_empty() {
        let message = format!("the calls `{}` call nobody", traffic.name.value);
        let remedy = "name the `service` they call, or the databases they ask in `queries`";
        at(path, "service", traffic.name.place, (message, remedy), problems);
    }
    if traffic.queries.len() > QUERIES_MAX {
        let words = ("too many kinds of queries", "have at most 16 in one `[[traffic]]`");
        at(path, "queries", traffic.name.place, words, problems);
    }
    for (index, query) in traffic.queries.iter().enumerate() {
        let path = Path::Index(&path_to, index);
        if !names.poolers.has(&query.at.value) {
            let path = Path::Key(&path, "at");
            names.databases.demand(&query.at, &path, problems);
        }
        too_many(query.count.get(), COUNT_MAX, (&path, "count", &query.count), problems);
    }
}

/// Calls of no tenant at pools that tiers have apart.
fn of_tiers(traffic: &Traffic, scenario: &Scenario, path: &Path<'_>, problems: &mut Problems) {
    if matches!(traffic.arrivals, Arrivals::Tenants(_) | Arrivals::Starts(_)) {
        return;
    }
    let path_to = Path::Key(path, "queries");
    for (index, query) in traffic.queries.iter().enumerate() {
        let asked = scenario.poolers.iter().find(|of| of.name.as_str() == query.at.value);
        if asked.is_some_and(|pooler| pooler.pool_per == PoolPer::Tier) {
            let message = format!(
                "`{}` keeps a pool for each tier, and the calls `{}` are of no tier",
                query.at.value, traffic.name.value
            );
            let remedy = "have tenants call: arrivals = { kind = \"tenants\", … }";
            at(&Path::Index(&path_to, index), "at", query.at.place, (message, remedy), problems);
        }
    }
}

fn too_many<T>(
    found: u32,
    most: u32,
    (path, key, of): (&Path<'_>, &str, &Located<T>),
    problems: &mut Problems,
) {
    if found > most {
        let words = (format!("{found} are too many"), format!("have at most {most}"));
        at(path, key, of.place, words, problems);
    }
}
