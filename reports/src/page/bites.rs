//! When limits bit first: what is asked of a planner as "what breaks first", read off the series. Draws nothing.

use super::lines::{Lines, Point};
use crate::figures::span;

/// A limit that bit.
#[derive(Clone, Debug)]
pub(super) struct Bite {
    /// When first, in seconds.
    pub(super) at: f64,
    /// What kind of thing it is of, and which.
    pub(super) kind: &'static str,
    pub(super) of: String,
    /// What it was.
    pub(super) told: String,
    /// For how long, in seconds, as far as stretches tell.
    pub(super) lasts: f64,
}

type IsSo = fn(&Point) -> bool;

/// A series that says that a limit bites, of which kind of thing, when it does, and in words.
const SIGNS: [(&str, &str, IsSo, &str); 14] = [
    ("failed", "traffic", came, "calls failed"),
    ("down", "database", there, "the database could not be reached"),
    ("refused", "database", came, "the database turned connections away"),
    ("timed_out", "pooler", came, "callers waited for a connection of the pooler in vain"),
    ("refused", "pooler", came, "the pooler turned callers away"),
    ("clients_refused", "cache", came, "the cache turned connections away"),
    ("writes_refused", "cache", came, "the cache had no room for what was written"),
    ("evictions", "cache", came, "the cache pushed entries out"),
    ("refused", "service", came, "the service turned requests away"),
    ("shed", "service", came, "the service shed load"),
    ("abandoned", "service", came, "callers left the service's line"),
    ("machines_down", "pool", there, "machines of the pool were down"),
    ("kills", "tier", came, "parts of tenants were killed for want of memory"),
    ("logins_unserved", "tier", came, "users gave up waiting for their tenant"),
];

fn came(point: &Point) -> bool {
    point.total.is_some_and(|total| total > 0.0)
}

fn there(point: &Point) -> bool {
    point.most.is_some_and(|most| most > 0.0)
}

/// What may be reached, and what may then not grow any more.
const FULL: [(&str, &str, &str, &str); 4] = [
    (
        "connections",
        "connections_limit",
        "pooler",
        "all connections of the pooler were in use or open",
    ),
    (
        "connections",
        "connections_limit",
        "database",
        "the database had as many connections as it takes",
    ),
    ("memory_used", "memory_capacity", "pool", "the machines' memory was used up"),
    ("cpu_used", "cpu_capacity", "pool", "the machines' cpu was used up"),
];

/// All that bit, the earliest first.
pub(super) fn bites(lines: &Lines) -> Vec<Bite> {
    let mut all = Vec::new();
    for (series, kind, is_so, told) in SIGNS {
        for line in lines.lines(series, kind) {
            let Some(first) = line.first(is_so) else { continue };
            let lasts = line.stretches.iter().filter(|of| is_so(of)).map(|of| of.until - of.from);
            all.push(bite(first, kind, &line.of, told, lasts.sum()));
        }
    }
    for (series, limit, kind, told) in FULL {
        for line in lines.lines(series, kind) {
            let Some(limit) = lines.line(limit, kind, &line.of) else { continue };
            let mut pairs = line.stretches.iter().zip(&limit.stretches);
            // Nothing is full of nothing.
            let is_full = |(of, limit): &(&Point, &Point)| {
                of.most.zip(limit.most).is_some_and(|(of, limit)| limit > 0.0 && of >= limit)
            };
            let lasts = pairs.clone().filter(is_full).map(|(of, _)| of.until - of.from).sum();
            if let Some((first, _)) = pairs.find(is_full) {
                all.push(bite(first, kind, &line.of, told, lasts));
            }
        }
    }
    all.sort_by(|one, other| one.at.total_cmp(&other.at));
    all
}

fn bite(first: &Point, kind: &'static str, of: &str, told: &str, lasts: f64) -> Bite {
    let when = if first.from > 0.0 { span(first.from) } else { "0 s".to_owned() };
    let told =
        format!("{of}: {told}, first at {when} or within {} of it", span(first.until - first.from));
    Bite { at: first.from, kind, of: of.to_owned(), told, lasts }
}
