//! The caches' figures by name. Counts and times begin at the warm-up's end; what is in a cache
//! then stays in it.
//!
//! - `hit_ratio` is the share of look-ups that found the object. What was asked for again before it
//!   could be written is a miss too.
//! - `evictions` are entries pushed out; for calls of one kind, their own entries, whichever calls pushed them out.
//!   `writes_refused` are those that found no room that may be made (`noeviction`), or were larger
//!   than the whole cache.
//! - `memory_mean` and `memory_most` count sizes with overhead; with `entries_mean` they are means
//!   and the most over time. Of caches that tenants have for themselves, counts and means are those of
//!   all together, `memory_most` is that of the one that had most, and `caches` is how many were ever asked.
//! - `clients` are connections that tenants keep open; `clients_refused` is how often one was not let in,
//!   `calls_past` are the calls of those without.
//! - `response` is from the call to the answer, of the cache or of the service behind it.

use super::super::Stations;
use super::asking::Asked;
use super::{Asking, Cache};
use crate::sheet::{Row, Sheet};
use crate::telling::{number, quantiles, ratio, share};
use seatrial_contract::units::Moment;
use seatrial_record::{Metric, Unit};

/// Every metric of every cache, in a fixed order, the same before and after a run.
pub(crate) fn cache_metrics(stations: &Stations, now: Moment, all: &mut Vec<Metric>) {
    let time = u128::from(now.since(stations.clock.since).0);
    for (at, cache) in stations.stores.caches.iter().enumerate() {
        let askers = || {
            let of = |source: &'_ super::super::Source| source.asking.is_some();
            let named = stations.sources.iter().filter(move |source| of(source));
            named
                .filter_map(|source| Some((source.name.as_str(), source.asking.as_ref()?)))
                .filter(move |(_, asking)| asking.cache == at)
        };
        let mut seen = Asked::default();
        askers().for_each(|(_, asking)| seen.merge(&asking.seen));
        let has_clients = askers().any(|(_, asking)| asking.connections > 0);
        add_cache(cache, &seen, has_clients, (now, time), all);
        if askers().count() > 1 {
            askers().for_each(|(name, asking)| {
                add_asker(cache, name, asking, now, time, all);
            });
        }
    }
}

fn add_cache(
    cache: &Cache,
    seen: &Asked,
    has_clients: bool,
    (now, time): (Moment, u128),
    all: &mut Vec<Metric>,
) {
    let mut add = adder(format!(".{}", cache.name), all);
    add_asked(seen, &mut add);
    let evictions = cache.all().flat_map(|of| &of.spaces).map(|space| space.evictions).sum();
    add("evictions", Unit::Count, Some(number(evictions)));
    let entries = cache.all().map(|of| of.entries.integral(now)).sum();
    add("entries_mean", Unit::Count, ratio(entries, time));
    let memory = cache.all().map(|of| of.memory.integral(now)).sum();
    add("memory_mean", Unit::Bytes, ratio(memory, time));
    let most = cache.all().map(|of| of.memory.maximum()).max().unwrap_or_default();
    add("memory_most", Unit::Bytes, Some(number(most)));
    if cache.is_each() {
        add("caches", Unit::Count, Some(number(cache.all().count() as u64)));
    }
    if has_clients {
        add("clients_most", Unit::Count, Some(number(cache.clients.now.maximum())));
        add("clients_refused", Unit::Count, Some(number(cache.clients.refused)));
        add("calls_past", Unit::Count, Some(number(seen.past)));
    }
}

fn add_asker(
    cache: &Cache,
    name: &str,
    asking: &Asking,
    now: Moment,
    time: u128,
    all: &mut Vec<Metric>,
) {
    let mut add = adder(format!(".{}.{name}", cache.name), all);
    add_asked(&asking.seen, &mut add);
    let spaces = || cache.all().flat_map(|of| of.beneath(asking.space));
    let evictions = spaces().map(|space| space.evictions).sum();
    add("evictions", Unit::Count, Some(number(evictions)));
    let entries = spaces().map(|space| space.entries.integral(now)).sum();
    add("entries_mean", Unit::Count, ratio(entries, time));
}

fn add_asked(seen: &Asked, add: &mut impl FnMut(&str, Unit, Option<f64>)) {
    add("hits", Unit::Count, Some(number(seen.hits)));
    add("misses", Unit::Count, Some(number(seen.misses)));
    add("hit_ratio", Unit::Share, share(seen.hits, seen.hits + seen.misses));
    add("writes", Unit::Count, Some(number(seen.writes)));
    add("writes_refused", Unit::Count, Some(number(seen.refused)));
    for (figure, value) in quantiles(&seen.response) {
        add(&format!("response_{figure}"), Unit::Seconds, value);
    }
}

fn adder(suffix: String, all: &mut Vec<Metric>) -> impl FnMut(&str, Unit, Option<f64>) {
    move |name, unit, value| all.push(Metric::new(format!("{name}{suffix}"), unit, value))
}

/// What it is like over time, and what those got who asked it.
pub(crate) fn series(cache: &mut Cache, asking: &[&Asking], sheet: &mut Sheet) {
    let name = cache.name.clone();
    let row = |series| Row::count(series, "cache", &name);
    let memory = row("memory").unit(Unit::Bytes);
    let now = sheet.now();
    if cache.is_each() {
        sheet.together(row("entries"), cache.all().map(|of| of.entries.integral(now)), 1);
        sheet.together(memory, cache.all().map(|of| of.memory.integral(now)), 1);
    } else {
        sheet.level(row("entries"), &mut cache.entries, 1);
        sheet.level(memory, &mut cache.memory, 1);
        let limit = cache.terms.maxmemory.saturating_mul(cache.nodes.len() as u64);
        sheet.fixed(row("memory_limit").unit(Unit::Bytes), limit);
    }
    let sum = |pick: fn(&Asked) -> u64| asking.iter().map(|of| pick(&of.seen)).sum::<u64>();
    let (hits, misses) = (sum(|of| of.hits), sum(|of| of.misses));
    sheet.share(row("hit_ratio"), hits, hits + misses);
    let evictions = cache.all().flat_map(|of| &of.spaces).map(|space| space.evictions).sum();
    sheet.sum(row("evictions"), evictions);
    sheet.sum(row("writes_refused"), sum(|of| of.refused));
    if asking.iter().any(|of| of.connections > 0) {
        sheet.level(row("clients"), &mut cache.clients.now, 1);
        sheet.sum(row("clients_refused"), cache.clients.refused);
    }
}
