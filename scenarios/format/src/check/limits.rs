//! The bounds that the checks hold values to, by key, for the reference. They are the checks' own
//! constants, so that the two cannot part ways. Checks nothing.

use super::{caches, counts, databases, grouped, objects, retries, run, standing, totals};

/// Each key that a check bounds, as `section.key`, and what its bound is.
pub(crate) fn limits() -> Vec<(&'static str, String)> {
    let price = || below(&counts::PRICE_MAX);
    let machine = (below(&counts::MACHINE_CPU_MAX), below(&counts::MACHINE_MEMORY_MAX));
    let used = || below(&counts::USE_MAX);
    let overcommit = || format!("From 1 % to {}.", counts::OVERCOMMIT_MAX);
    let entries = || format!("{} of them.", most(totals::ENTRIES_MAX as u128));
    let mut all = vec![
        ("duration", format!("More than 0 s; at most {}.", run::DURATION_MAX)),
        ("warm_up", "Shorter than `duration`.".to_owned()),
        ("starts_at", "Less than 24 h.".to_owned()),
        ("sensing.every", "At least 1 ms, and shorter than `duration`.".to_owned()),
        ("sensing.delay", "Shorter than `duration`.".to_owned()),
        ("sensing.loss", "At most 100 %.".to_owned()),
        ("acting.delay", "Shorter than `duration`.".to_owned()),
        ("rhythms.hours", "Exactly 24 numbers, none below 0.".to_owned()),
        ("rhythms.days", "Exactly 7 numbers, none below 0.".to_owned()),
        ("pools.count", format!("{} in all pools together.", most(totals::MACHINES_MAX))),
        ("pools.least", "At most `count`.".to_owned()),
        ("pools.most", "At least `count`.".to_owned()),
        ("pools.price", price()),
        ("pools.zones", format!("At least one; {}", lower(at_most(counts::ZONES_MAX as u128)))),
        ("pools.machine.cpu", machine.0.clone()),
        ("pools.machine.memory", machine.1.clone()),
        ("pools.overcommit.cpu", overcommit()),
        ("pools.overcommit.memory", overcommit()),
        ("servers.count", at_most(totals::MACHINES_MAX)),
        ("servers.price", price()),
        ("objects.holds", below(&objects::HOLDS_MAX)),
        ("objects.per_tenant", below(&objects::DAILY_MAX)),
        ("objects.per_bot", below(&objects::DAILY_MAX)),
        ("objects.classes", format!("From 1 to {} classes.", objects::CLASSES_MAX)),
        ("stacks.parts", format!("From 1 to {} parts.", counts::PARTS_MAX)),
        ("stacks.parts.cpu", machine.0.clone()),
        ("stacks.parts.cpu_per_bot", machine.0),
        ("stacks.parts.memory", machine.1.clone()),
        ("stacks.parts.memory_per_bot", machine.1),
        ("stacks.parts.quiet.cpu", used()),
        ("stacks.parts.quiet.memory", used()),
        ("stacks.parts.busy.cpu", used()),
        ("stacks.parts.busy.memory", used()),
        ("tiers.tenants", format!("{} in all tiers together.", most(totals::TENANTS_MAX))),
        ("tiers.bots", at_most(counts::BOTS_MAX.into())),
        ("tiers.pays", price()),
        ("tiers.load.p95", load()),
    ];
    let sections = ["rhythms", "pools", "servers", "stacks", "tiers", "services"];
    all.extend(of_stations());
    let stations = ["caches", "databases", "poolers", "traffic"];
    all.extend(sections.into_iter().chain(stations).map(|section| (section, entries())));
    all
}

/// Those of services, stores and traffic.
fn of_stations() -> Vec<(&'static str, String)> {
    let price = || below(&counts::PRICE_MAX);
    let connections = || at_most(databases::CONNECTIONS_MAX.into());
    let retry = retries::GROWTH;
    vec![
        ("services.replicas", replicas()),
        ("services.concurrency", at_most(counts::SERVERS_MAX.into())),
        ("services.on.uses.varies.p95", load()),
        ("caches.maxmemory", below(&caches::MAXMEMORY_MAX)),
        ("caches.samples", at_most(caches::SAMPLES_MAX.into())),
        ("caches.overhead", below(&caches::OVERHEAD_MAX)),
        ("caches.nodes", at_most(caches::NODES_MAX.into())),
        ("caches.price", price()),
        ("databases.cores", at_most(databases::CORES_MAX.into())),
        ("databases.max_connections", connections()),
        ("databases.standbys", at_most(databases::STANDBYS_MAX as u128)),
        ("databases.price", price()),
        ("poolers.pool_size", connections()),
        ("poolers.price", price()),
        ("traffic.arrivals.closed.clients", at_most(counts::CLIENTS_MAX.into())),
        ("traffic.cache.zipf", format!("From 0 to {}.", caches::ZIPF_MAX)),
        ("traffic.cache.entry", below(&caches::ENTRY_MAX)),
        ("traffic.queries", at_most(databases::QUERIES_MAX as u128)),
        ("traffic.queries.count", at_most(databases::COUNT_MAX.into())),
        ("traffic.retry.most", at_most(retries::TRIES_MAX.into())),
        ("traffic.retry.growth", format!("From {} to {}.", retry.start(), retry.end())),
    ]
}

fn at_most(most: u128) -> String {
    format!("At most {}.", grouped(most))
}

fn below(most: &dyn std::fmt::Display) -> String {
    format!("At most {most}.")
}

fn load() -> String {
    format!("From 1 to {}.", counts::LOAD_MAX)
}

fn most(most: u128) -> String {
    format!("At most {}", grouped(most))
}

fn lower(text: String) -> String {
    text.replacen("At", "at", 1)
}

fn replicas() -> String {
    let (any, placed) =
        (grouped(counts::REPLICAS_MAX.into()), grouped(standing::REPLICAS_MAX.into()));
    format!("At most {any}; with `on` at most {placed}.")
}
