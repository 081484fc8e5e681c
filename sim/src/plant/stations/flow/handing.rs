//! What an interval of single calls hands back to the flow: its figures, as if all had been one, and
//! those who are still under way.

use super::Flow;
use super::deposit::float;
use crate::plant::stations::Stations;
use crate::plant::stations::errands::Place;
use seatrial_contract::units::Moment;

impl Flow {
    /// Goes on from an interval's end, with its backlog.
    pub(super) fn take_back(&mut self, now: Moment, zoomed: &Stations) {
        self.until = now;
        self.step = 1e-3;
        for (at, line) in self.lines.iter_mut().enumerate() {
            let here = zoomed.desks.iter().filter(|desk| desk.service == at);
            let present: u64 = here.map(|desk| u64::from(desk.present)).sum();
            line.set_present(float(present));
        }
        let asks = zoomed.errands.which(|errand| {
            matches!(errand.place, Place::Pool | Place::Connecting | Place::Querying)
        });
        for gate in 0..self.gates.len() {
            let here = asks.iter().filter(|id| {
                let errand = zoomed.errands.get(**id);
                let stream = &self.streams[errand.caller.source.index()];
                let mut queries = 0;
                let leg = stream.path.legs.iter().find(|leg| {
                    queries += leg.kinds;
                    usize::from(errand.query) < queries
                });
                leg.is_some_and(|leg| leg.gate == gate)
            });
            let here = here.count() as u64;
            self.gates[gate].set_present(float(here));
        }
        for (shelf, cache) in self.shelves.iter_mut().zip(&zoomed.caches) {
            shelf.take_back(cache);
        }
        for (stream, source) in self.streams.iter_mut().zip(&zoomed.sources) {
            stream.forget(now);
            // Those under way are answered after this; how long they will have taken is known well
            // enough.
            let made = source.calling.calls.max(source.seen.arrivals);
            let over = source.calling.response.count() + source.calling.failed;
            let over = over.max(source.seen.settled() + source.seen.refused);
            stream.under_way(float(made.saturating_sub(over)));
        }
    }
}

impl Stations {
    /// Adds the figures of an interval that has been lived through until now.
    pub(super) fn merge(&mut self, other: &mut Self, now: Moment) {
        for (service, zoomed) in self.services.iter_mut().zip(&other.services) {
            service.load.busy.held_mean(now, zoomed.load.busy.mean(now));
            service.load.waiting.held_mean(now, zoomed.load.waiting.mean(now));
            service.shed += zoomed.shed;
        }
        for (source, zoomed) in self.sources.iter_mut().zip(&other.sources) {
            source.seen.merge(&zoomed.seen);
            source.calling.merge(&zoomed.calling, now);
            if let (Some(asking), Some(zoomed)) = (&mut source.asking, &zoomed.asking) {
                asking.merge(zoomed);
            }
        }
        for (cache, zoomed) in self.caches.iter_mut().zip(&other.caches) {
            cache.merge(zoomed, now);
        }
        for (database, zoomed) in self.databases.iter_mut().zip(&other.databases) {
            database.merge(zoomed, now);
        }
        for (pooler, zoomed) in self.poolers.iter_mut().zip(&other.poolers) {
            pooler.merge(zoomed, now);
        }
    }
}
