//! What holds of all stations at any moment. Changes nothing.

use crate::Stations;
use crate::attempts::Link;
use crate::caches::Cache;
use crate::databases::Database;
use crate::poolers;

/// What is wrong, if anything: a request at a service is served there or waits, and a server
/// serves one at the most; a cache keeps what fits.
pub fn broken(stations: &Stations) -> Option<String> {
    let caches = || stations.stores.caches.iter().find_map(Cache::broken);
    let databases = || stations.stores.databases.iter().find_map(Database::broken);
    let poolers = || stations.stores.poolers.iter().find_map(poolers::invariants::broken);
    let found = broken_service(stations).or_else(caches).or_else(databases).or_else(poolers);
    found.or_else(|| broken_links(stations))
}

pub(crate) fn broken_service(stations: &Stations) -> Option<String> {
    stations.serving.services.iter().enumerate().find_map(|(at, service)| {
        let here = stations
            .serving
            .replica_queues
            .iter()
            .filter(|replica_queue| replica_queue.service == at);
        let present: u64 = here.map(|replica_queue| u64::from(replica_queue.present)).sum();
        let (busy, waiting) = (service.load.busy.value(), service.load.waiting.value());
        let replica_queues = stations
            .serving
            .replica_queues
            .iter()
            .filter(|replica_queue| replica_queue.service == at)
            .count() as u64;
        let servers = u64::from(service.servers) * replica_queues;
        let is_sound = present == busy + waiting && busy <= servers;
        let name = &service.name;
        (!is_sound).then(|| {
            format!("{present} are at {name}: {busy} at {servers} servers, {waiting} waiting")
        })
    })
}

/// What is wrong, if anything: connections that nobody has, or that two count.
pub(crate) fn broken_links(stations: &Stations) -> Option<String> {
    let mut counted = vec![0; stations.stores.databases.len()];
    for id in
        stations.attempts.which(|attempt| matches!(attempt.holds.link, Some(Link::Direct { .. })))
    {
        if let Some(Link::Direct { database }) = stations.attempts.get(id).holds.link {
            counted[usize::from(database)] += 1;
        }
    }
    for pooler in &stations.stores.poolers {
        counted[usize::from(pooler.database)] += poolers::figures::open_now(pooler);
    }
    stations.stores.databases.iter().zip(counted).find_map(|(database, counted)| {
        let (name, open) = (&database.name, database.open_now());
        (counted != open).then(|| format!("{name} has {open} connections, others count {counted}"))
    })
}
