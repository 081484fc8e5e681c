//! What is read off the stations while calls are not lived through: as much as was seen when they were,
//! under like conditions. Draws nothing; knows no conditions.

use super::Stations;
use seatrial_contract::units::{Moment, Span};
use seatrial_format::scenario::PoolPer;
use seatrial_kernel::statistics::float;

/// What calls that were not lived through would have come to.
#[derive(Default)]
pub(super) struct Imagined {
    /// By service.
    arrivals: Vec<f64>,
    /// By what is watched: calls that are over, and those of them that failed or took too long.
    fates: Vec<(f64, f64)>,
    /// Which source is watched, and how long its calls may take.
    watched: Vec<(usize, Span)>,
    /// Who waits and who has connections, as long as calls stand still.
    now: Option<Vec<u32>>,
}

impl Stations {
    /// From now on it is kept how many calls of a source fail or take longer than this.
    pub fn watch(&mut self, source: usize, longest: Span) {
        if source < self.sources.len() && !self.imagined.watched.contains(&(source, longest)) {
            self.imagined.watched.push((source, longest));
            self.imagined.fates.push((0.0, 0.0));
        }
    }

    /// What there was to read until now, in sums that only grow: of each service how long its servers have
    /// worked and how many calls came, of each source that is watched how many are over and how many were
    /// bad.
    pub fn readings(&self, now: Moment, readings: &mut Vec<f64>) {
        readings.clear();
        readings.resize(self.services.len() * 2, 0.0);
        for replica_queue in &self.replica_queues {
            readings[replica_queue.service * 2] += replica_queue.lived_work(now);
        }
        for source in &self.sources {
            let Some(service) = source.service else { continue };
            readings[service * 2 + 1] += float(source.seen.arrivals);
        }
        for (source, longest) in &self.imagined.watched {
            let (over, bad) = self.sources[*source].calling.worse_than(*longest);
            readings.extend([float(over), float(bad)]);
        }
    }

    /// Who waits and who has connections now.
    pub fn sight(&self) -> Vec<u32> {
        let small = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        let mut all: Vec<u32> =
            self.services.iter().map(|service| small(service.load.waiting.value())).collect();
        for pooler in self.poolers.iter().filter(|of| of.apart == PoolPer::Tier) {
            for (in_use, waiting) in pooler.crowds() {
                all.extend([in_use, waiting]);
            }
        }
        all
    }

    /// So much more there would have been to read, had calls been lived through.
    pub fn imagine(&mut self, more: &[f64]) {
        self.imagined.arrivals.resize(self.services.len(), 0.0);
        for (service, more) in more.chunks_exact(2).take(self.services.len()).enumerate() {
            self.imagined.arrivals[service] += more[1];
            let takes = |copy: &&super::ReplicaQueueId| !self.replica_queues[copy.index()].is_lost;
            let open: Vec<usize> =
                self.services[service].open.iter().filter(takes).map(|of| of.index()).collect();
            let each = more[0] / float(open.len().max(1) as u64);
            open.into_iter().for_each(|at| self.replica_queues[at].imagine(each));
        }
        let fates = self.imagined.fates.iter_mut();
        for (fate, more) in fates.zip(more[self.services.len() * 2..].chunks_exact(2)) {
            *fate = (fate.0 + more[0], fate.1 + more[1]);
        }
    }

    /// As long as calls stand still, this is who waits and who has connections.
    pub fn imagine_now(&mut self, sight: Option<Vec<u32>>) {
        self.imagined.now = sight;
    }

    /// Statistics begin anew.
    pub(super) fn reset_imagined(&mut self) {
        self.imagined.arrivals.fill(0.0);
        self.imagined.fates.fill((0.0, 0.0));
    }

    /// Calls of a service that were not lived through, and how many wait while none are.
    pub(super) fn imagined_demand(&self, service: usize) -> (u64, Option<u64>) {
        let arrivals = self.imagined.arrivals.get(service).copied().unwrap_or_default();
        let waiting = self.imagined.now.as_ref().and_then(|now| now.get(service));
        (whole(arrivals), waiting.copied().map(u64::from))
    }

    /// Of a source's calls that were not lived through, those that are over and those that were bad.
    pub(super) fn imagined_fates(&self, source: usize, longest: Span) -> (u64, u64) {
        let found = self.imagined.watched.iter().position(|of| *of == (source, longest));
        let (over, bad) = found.map_or((0.0, 0.0), |at| self.imagined.fates[at]);
        (whole(over), whole(bad.min(over)))
    }

    /// Connections in use and callers that wait for one, of a tier at a pooler, while calls stand still.
    pub(super) fn imagined_connections(&self, pooler: usize, tier: usize) -> Option<(u32, u32)> {
        let now = self.imagined.now.as_ref()?;
        let before = self.poolers[..pooler].iter().filter(|of| of.apart == PoolPer::Tier);
        let pools: usize = before.map(|of| of.crowds().count()).sum();
        if tier >= self.poolers[pooler].crowds().count() {
            return None;
        }
        let at = self.services.len() + 2 * (pools + tier);
        Some((*now.get(at)?, *now.get(at + 1)?))
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn whole(count: f64) -> u64 {
    (count + 0.5) as u64
}
