//! What is read off the stations while calls are not lived through: as much as was seen when they were,
//! under like conditions. Draws nothing; knows no conditions.

use super::Stations;
use crate::poolers;
use seatrial_contract::units::{Moment, Span};
use seatrial_format::scenario::PoolPer;
use seatrial_kernel::statistics::float;

/// What calls that were not lived through would have come to.
#[derive(Default)]
pub(super) struct Imagined {
    /// By service.
    arrivals: Vec<f64>,
    /// By what is watched: calls that are over, and those of them that failed or took too long.
    outcomes: Vec<(f64, f64)>,
    /// Which source is watched, and how long its calls may take.
    watched: Vec<(usize, Span)>,
    /// Who waits and who has connections, as long as calls stand still.
    now: Option<Vec<u32>>,
}

/// From now on it is kept how many calls of a source fail or take longer than this.
pub(crate) fn watch(stations: &mut Stations, source: usize, longest: Span) {
    if source < stations.sources.len() && !stations.imagined.watched.contains(&(source, longest)) {
        stations.imagined.watched.push((source, longest));
        stations.imagined.outcomes.push((0.0, 0.0));
    }
}

/// What there was to read until now, in sums that only grow: of each service how long its servers have
/// worked and how many calls came, of each source that is watched how many are over and how many were
/// bad.
pub(crate) fn readings(stations: &Stations, now: Moment, readings: &mut Vec<f64>) {
    readings.clear();
    readings.resize(stations.serving.services.len() * 2, 0.0);
    for replica_queue in &stations.serving.replica_queues {
        readings[replica_queue.service * 2] += replica_queue.lived_work(now);
    }
    for source in &stations.sources {
        let Some(service) = source.service else { continue };
        readings[service * 2 + 1] += float(source.seen.arrivals);
    }
    for (source, longest) in &stations.imagined.watched {
        let (over, bad) = stations.sources[*source].calling.worse_than(*longest);
        readings.extend([float(over), float(bad)]);
    }
}

/// Who waits and who has connections now.
pub(crate) fn scrape(stations: &Stations) -> Vec<u32> {
    let small = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    let mut all: Vec<u32> = stations
        .serving
        .services
        .iter()
        .map(|service| small(service.load.waiting.value()))
        .collect();
    for pooler in stations.stores.poolers.iter().filter(|of| of.terms.apart == PoolPer::Tier) {
        for (in_use, waiting) in poolers::figures::crowds(pooler) {
            all.extend([in_use, waiting]);
        }
    }
    all
}

/// So much more there would have been to read, had calls been lived through.
pub(crate) fn imagine(stations: &mut Stations, more: &[f64]) {
    stations.imagined.arrivals.resize(stations.serving.services.len(), 0.0);
    for (service, more) in more.chunks_exact(2).take(stations.serving.services.len()).enumerate() {
        stations.imagined.arrivals[service] += more[1];
        let takes = |replica: &&super::ReplicaQueueId| {
            !stations.serving.replica_queues[replica.index()].is_lost
        };
        let open: Vec<usize> = stations.serving.services[service]
            .open
            .iter()
            .filter(takes)
            .map(|of| of.index())
            .collect();
        let each = more[0] / float(open.len().max(1) as u64);
        open.into_iter().for_each(|at| stations.serving.replica_queues[at].imagine(each));
    }
    let outcomes = stations.imagined.outcomes.iter_mut();
    for (fate, more) in outcomes.zip(more[stations.serving.services.len() * 2..].chunks_exact(2)) {
        *fate = (fate.0 + more[0], fate.1 + more[1]);
    }
}

/// As long as calls stand still, this is who waits and who has connections.
pub(crate) fn imagine_now(stations: &mut Stations, scrape: Option<Vec<u32>>) {
    stations.imagined.now = scrape;
}

/// Statistics begin anew.
pub(crate) fn reset_imagined(stations: &mut Stations) {
    stations.imagined.arrivals.fill(0.0);
    stations.imagined.outcomes.fill((0.0, 0.0));
}

/// Calls of a service that were not lived through, and how many wait while none are.
pub(crate) fn imagined_demand(stations: &Stations, service: usize) -> (u64, Option<u64>) {
    let arrivals = stations.imagined.arrivals.get(service).copied().unwrap_or_default();
    let waiting = stations.imagined.now.as_ref().and_then(|now| now.get(service));
    (whole(arrivals), waiting.copied().map(u64::from))
}

/// Of a source's calls that were not lived through, those that are over and those that were bad.
pub(crate) fn imagined_outcomes(stations: &Stations, source: usize, longest: Span) -> (u64, u64) {
    let found = stations.imagined.watched.iter().position(|of| *of == (source, longest));
    let (over, bad) = found.map_or((0.0, 0.0), |at| stations.imagined.outcomes[at]);
    (whole(over), whole(bad.min(over)))
}

/// Connections in use and callers that wait for one, of a tier at a pooler, while calls stand still.
pub(crate) fn imagined_connections(
    stations: &Stations,
    pooler: usize,
    tier: usize,
) -> Option<(u32, u32)> {
    let now = stations.imagined.now.as_ref()?;
    let before =
        stations.stores.poolers[..pooler].iter().filter(|of| of.terms.apart == PoolPer::Tier);
    let pools: usize = before.map(|of| poolers::figures::crowds(of).count()).sum();
    if tier >= poolers::figures::crowds(&stations.stores.poolers[pooler]).count() {
        return None;
    }
    let at = stations.serving.services.len() + 2 * (pools + tier);
    Some((*now.get(at)?, *now.get(at + 1)?))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn whole(count: f64) -> u64 {
    (count + 0.5) as u64
}

/// Calls of a source that are over, and those of them that failed or took longer than this.
pub fn worse_than(stations: &Stations, source: usize, longest: Span) -> (u64, u64) {
    let (over, worse) =
        stations.sources.get(source).map_or((0, 0), |of| of.calling.worse_than(longest));
    let (more, of_them) = imagined_outcomes(stations, source, longest);
    (over + more, worse + of_them)
}
