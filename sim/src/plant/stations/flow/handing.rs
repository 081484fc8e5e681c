//! What an interval of single calls hands back to the flow: its figures, as if all had been one, and
//! those who are still under way.

use super::Flow;
use super::deposit::float;
use super::stream::Rest;
use crate::plant::stations::Stations;
use crate::plant::stations::errands::{Errand, Place};
use crate::plant::stations::retrying::Retrying;
use seatrial_contract::units::Moment;

impl Flow {
    /// Goes on from an interval's end, with its backlog.
    pub(super) fn take_back(&mut self, now: Moment, zoomed: &Stations) {
        self.until = now;
        self.is_stirred = true;
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
            let in_line = here.clone().filter(|id| zoomed.errands.get(**id).place == Place::Pool);
            let (here, in_line) = (here.clone().count() as u64, in_line.count() as u64);
            self.gates[gate].set_present(float(here), float(in_line));
        }
        for (shelf, cache) in self.shelves.iter_mut().zip(&zoomed.caches) {
            shelf.take_back(cache);
        }
        self.leave_rest(now, zoomed);
    }

    /// Those under way, and those who will try again.
    fn leave_rest(&mut self, now: Moment, zoomed: &Stations) {
        let all = zoomed.errands.which(|_| true);
        let of_source = |number: usize| {
            let errands = all.iter().map(|id| zoomed.errands.get(*id));
            errands.filter(move |errand| errand.caller.source.index() == number)
        };
        for (number, (stream, source)) in self.streams.iter_mut().zip(&zoomed.sources).enumerate() {
            stream.forget(now);
            for errand in of_source(number).filter(|errand| errand.place == Place::Caller) {
                let attempt = usize::try_from(errand.attempt).unwrap_or(usize::MAX);
                stream.again.is_due(attempt, errand.waits_since.max(now));
            }
            if let Some(left) = source.retrying.as_ref().and_then(Retrying::left) {
                stream.again.leave(left);
            }
            let waits = |errand: &&Errand| !errand.is_orphan && errand.place != Place::Caller;
            let attempts = of_source(number).filter(waits).map(|errand| {
                let attempt = usize::try_from(errand.attempt).unwrap_or(usize::MAX);
                let before = if attempt == 0 { 0.0 } else { stream.past_of(attempt, 0.5, 0.5).1 };
                (attempt, (now.since(errand.called).as_seconds() - before).max(0.0))
            });
            let attempts: Vec<(usize, f64)> = attempts.collect();
            let served = match stream.line {
                // Calls that do nothing but to be served have no errands.
                Some(at) if source.is_plain => {
                    let here = zoomed.sources.iter().filter(|of| of.service == Some(at));
                    let all: u64 = here.map(|of| of.seen.arrivals).sum();
                    let present = zoomed.desks.iter().filter(|desk| desk.service == at);
                    let present: u64 = present.map(|desk| u64::from(desk.present)).sum();
                    float(present) * float(source.seen.arrivals) / float(all.max(1))
                }
                Some(_) => {
                    float(of_source(number).filter(|errand| errand.request.is_some()).count() as u64)
                }
                None => 0.0,
            };
            stream.leaves(Rest { served, attempts });
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
