//! Stores that each tenant has for itself: who may ask them, and what cannot be said of them. Knows no
//! rate.

use super::{at, each, grouped, totals};
use crate::scenario::{Arrivals, Cache, Database, Scenario, Traffic};
use seatrial_contract::config::{Path, Place, Problems};
use std::collections::BTreeMap;

/// The simulator numbers servers in 16 bits; how many sign up varies by a few hundred.
const SERVERS_MAX: u128 = 50_000;

pub(super) fn check(scenario: &Scenario, problems: &mut Problems) {
    let mut servers = 0;
    each("databases", &scenario.databases, |path, of| {
        let Some(place) = of.one_per.as_ref().map(|each| each.place) else { return };
        database(of, path, problems);
        let before = servers;
        servers += totals::tenants(scenario);
        if servers > SERVERS_MAX && before <= SERVERS_MAX {
            let message = format!("{} servers are too many to simulate", grouped(servers));
            let remedy = format!(
                "have fewer tenants or fewer databases with `one_per`: at most {} servers",
                grouped(SERVERS_MAX)
            );
            at(path, "one_per", place, (message, remedy), problems);
        }
    });
    each("caches", &scenario.caches, |path, of| {
        if of.one_per.is_some() {
            cache(of, path, problems);
        }
    });
    let databases: BTreeMap<&str, &Database> =
        scenario.databases.iter().map(|of| (of.name.as_str(), of)).collect();
    let is_owned = |name: &str| databases.get(name).is_some_and(|of| of.one_per.is_some());
    each("poolers", &scenario.poolers, |path, of| {
        if is_owned(&of.database.value) {
            let name = &of.database.value;
            let message = format!("`{name}` is a server for each tenant, and a pooler has one");
            let remedy = format!("have calls ask `{name}` itself, or remove its `one_per`");
            at(path, "database", of.database.place, (message, remedy), problems);
        }
    });
    each("traffic", &scenario.traffic, |path, of| callers(of, scenario, &is_owned, path, problems));
}

fn database(of: &Database, path: &Path<'_>, problems: &mut Problems) {
    let mut unsaid = |key: &str, place: Place| unsayable(key, place, path, problems);
    of.price.iter().for_each(|of| unsaid("price", of.place));
    of.standbys.iter().take(1).for_each(|of| unsaid("standbys", of.name.place));
    of.outages.iter().take(1).for_each(|of| unsaid("outages", of.at.place));
    of.place.iter().for_each(|of| unsaid("place", of.place));
    of.rto.iter().for_each(|of| unsaid("rto", of.place));
    of.rpo.iter().for_each(|of| unsaid("rpo", of.place));
    of.failover.iter().for_each(|_| unsaid("failover", of.name.place));
}

fn cache(of: &Cache, path: &Path<'_>, problems: &mut Problems) {
    let mut unsaid = |key: &str, place: Place| unsayable(key, place, path, problems);
    of.price.iter().for_each(|of| unsaid("price", of.place));
    of.snapshots.iter().for_each(|of| unsaid("snapshots", of.every.place));
    of.place.iter().for_each(|of| unsaid("place", of.place));
    of.failover.iter().for_each(|_| unsaid("failover", of.name.place));
}

fn unsayable(key: &str, place: Place, path: &Path<'_>, problems: &mut Problems) {
    let message = format!("`{key}` cannot be said of a store that each tenant has for itself");
    let remedy = match key {
        "price" => {
            "remove it: its container is a part of the tenant's stack, whose machine is paid for"
        }
        _ => "remove it, or `one_per`",
    };
    at(path, key, place, (message, remedy), problems);
}

/// Who asks what is a tenant's own must be a tenant.
fn callers(
    traffic: &Traffic,
    scenario: &Scenario,
    is_owned: &impl Fn(&str) -> bool,
    path: &Path<'_>,
    problems: &mut Problems,
) {
    let is_of_tenants = matches!(traffic.arrivals, Arrivals::Tenants(_) | Arrivals::Starts(_));
    let mut told = |name: &str, path: &Path<'_>, key: &str, place: Place| {
        let calls = &traffic.name.value;
        let message =
            format!("each tenant has its own {name}, and the calls `{calls}` are of none");
        let remedy = "have tenants call: arrivals = { kind = \"tenants\", … }";
        at(path, key, place, (message, remedy), problems);
    };
    let queries = Path::Key(path, "queries");
    for (index, query) in traffic.queries.iter().enumerate() {
        if !is_of_tenants && is_owned(&query.at.value) {
            told(
                &format!("`{}`", query.at.value),
                &Path::Index(&queries, index),
                "at",
                query.at.place,
            );
        }
    }
    let Some(cached) = &traffic.cache else { return };
    let cache = scenario.caches.iter().find(|of| of.name.as_str() == cached.name.value);
    let (is_own, path) = (cache.is_some_and(|of| of.one_per.is_some()), Path::Key(path, "cache"));
    match &cached.keys_per {
        Some(each) if !is_of_tenants => told("keys", &path, "keys_per", each.place),
        _ if is_own && !is_of_tenants => {
            told(&format!("`{}`", cached.name.value), &path, "name", cached.name.place);
        }
        _ => {}
    }
    if is_own && cached.connections > 0 {
        let message = format!(
            "connections to `{}` are not counted: each tenant has its own",
            cached.name.value
        );
        let words = (message, "remove `connections`");
        at(&path, "connections", cached.name.place, words, problems);
    }
}
