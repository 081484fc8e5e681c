//! What a flow hands to calls one by one when an interval of those begins: as many as are at each station,
//! as old as they are there; those who will try again later; and what their budget has left. What the flow
//! has counted already is not counted again.

use super::Flow;
use super::bins::whole;
use super::deposit::float;
use super::stream::Stream;
use crate::kernel::agenda::Agenda;
use crate::plant::stations::Stations;
use crate::plant::stations::errands::{Caller, Errand, ErrandId, Place};
use crate::plant::stations::requests::SourceId;
use crate::plant::stations::source::Calls;
use crate::plant::{Event, WORLD};
use seatrial_contract::units::{Moment, Span};

/// A call that is under way.
struct UnderWay {
    called: Moment,
    source: SourceId,
    /// Which query it asks, and how often it has asked that one; none while it is at its service.
    asks: Option<(u8, u32)>,
    /// The flow has counted it as one that comes too late.
    is_orphan: bool,
}

/// Numbers between nothing and one, as evenly as possible however many are asked for: multiples of the golden
/// section.
struct Even(f64);

impl Even {
    fn next(&mut self) -> f64 {
        self.0 = (self.0 + 0.618_033_988_75).fract();
        self.0
    }
}

impl Stations {
    /// As many calls as the flow has, made as long ago as it took them to come. They were counted
    /// when they came.
    pub(super) fn take_backlog(&mut self, flow: &Flow, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        let mut calls: Vec<UnderWay> = Vec::new();
        for (number, source) in (0_u32..).zip(&self.sources) {
            // Callers who wait begin anew: each thinks, and calls.
            if !matches!(source.calls, Calls::Closed(_)) {
                flow.under_way(SourceId(number), now, &mut calls);
            }
        }
        calls.sort_by_key(|call| (call.called, call.source.index()));
        for call in calls {
            self.called_before(&call, agenda);
        }
        for (number, stream) in (0_u32..).zip(&flow.streams) {
            self.take_due(SourceId(number), stream, agenda);
        }
        for (source, stream) in self.sources.iter_mut().zip(&flow.streams) {
            source.reset();
            if let (Some(retrying), Some(left)) = (&mut source.retrying, stream.again.left()) {
                retrying.leave(left);
            }
        }
        self.services.iter_mut().for_each(|service| service.load.reset(now));
        self.poolers.iter_mut().for_each(|pooler| pooler.reset(now));
    }

    /// A call that was made at a moment in the past comes to where it is now.
    fn called_before(&mut self, call: &UnderWay, agenda: &mut Agenda<Event>) {
        let source = &mut self.sources[call.source.index()];
        let (demand, patience) = source.call();
        source.calls_made += 1;
        let caller =
            Caller { source: call.source, number: source.calls_made, tenant: None, tier: None };
        let mut errand = Errand::new(caller, call.called, demand, patience);
        (errand.is_orphan, errand.place) = (call.is_orphan, Place::Service);
        let Some((query, round)) = call.asks else {
            let id = self.errands.begin(errand);
            self.go_in(id, agenda);
            return self.came_before(id, call.called);
        };
        (errand.query, errand.round) = (query, round);
        if !self.holds(call.source) {
            let id = self.errands.begin(errand);
            self.ask_next(id, agenda);
            return self.came_before(id, call.called);
        }
        // Its server has done all but to wait for it.
        errand.demand = Span::ZERO;
        let id = self.errands.begin(errand);
        self.go_in(id, agenda);
        self.errands.get_mut(id).demand = demand;
        self.came_before(id, call.called);
    }

    fn holds(&self, source: SourceId) -> bool {
        let of = self.sources[source.index()].service;
        of.is_some_and(|of| self.services[of].holds())
    }

    fn came_before(&mut self, id: ErrandId, called: Moment) {
        let errand = self.errands.get_mut(id);
        if errand.place == Place::Pool {
            errand.waits_since = called;
        }
        if let Some(request) = errand.request {
            self.requests.get_mut(request).arrived = called;
        }
    }

    /// Attempts that are due later.
    fn take_due(&mut self, id: SourceId, stream: &Stream, agenda: &mut Agenda<Event>) {
        let (now, ends_at) = (agenda.now(), self.ends_at);
        let (mut due, mut even) = (0.0, Even(0.0));
        for parcel in stream.again.due() {
            let before = whole(due);
            due += parcel.count;
            let count = whole(due) - before;
            let lasts = parcel.until.since(parcel.from).as_seconds();
            for at in 0..count {
                let later = lasts * (float(at) + 0.5) / float(count);
                let at = parcel.from.after(Span::from_seconds(later)).max(now);
                let (own, waited) = stream.past_of(parcel.number, even.next(), even.next());
                let source = &mut self.sources[id.index()];
                let (drawn, patience) = source.call();
                source.calls_made += 1;
                let number = source.calls_made;
                let caller = Caller { source: id, number, tenant: None, tier: None };
                let called = Moment(at.0.saturating_sub(Span::from_seconds(waited).0));
                let demand = own.map_or(drawn, Span::from_seconds);
                let mut errand = Errand::new(caller, called, demand, patience);
                errand.attempt = u32::try_from(parcel.number).unwrap_or(u32::MAX);
                (errand.place, errand.waits_since) = (Place::Caller, at);
                let errand = self.errands.begin(errand);
                if at <= ends_at {
                    agenda.schedule(at, WORLD, Event::Retries(errand));
                }
            }
        }
    }
}

impl Flow {
    /// The calls of a source that are under way, the youngest at its service.
    fn under_way(&self, id: SourceId, now: Moment, calls: &mut Vec<UnderWay>) {
        let stream = &self.streams[id.index()];
        let asking = self.asking_now(stream);
        let ask: f64 = asking.iter().sum();
        let (mut at_service, mut accepted) = (0.0, 1.0);
        if let Some(at) = stream.line {
            let line = &self.lines[at];
            let here = self.streams.iter().filter(|of| of.line == Some(at));
            let all: f64 = here.map(|of| of.rate).sum();
            let present = line.present() * stream.rate / all.max(1e-9);
            at_service = if stream.holds() { (present - ask).max(0.0) } else { present };
            if let Some(passage) = line.passages.get(stream.place) {
                accepted = (1.0 - passage.refused - passage.abandoned).max(0.01);
            }
        }
        let rate = (stream.rate * accepted).max(1e-9);
        let (mut younger, mut chance) = (0.0, Even(0.5));
        let mut add = |count: f64, asks: Option<(u8, u32)>, times: u32| {
            let before = whole(younger);
            younger += count;
            for ahead in before..whole(younger) {
                let age = (float(ahead) + 0.5) / rate;
                let turn = u32::try_from(ahead % u64::from(times)).unwrap_or(0);
                calls.push(UnderWay {
                    called: Moment(now.0.saturating_sub(Span::from_seconds(age).0)),
                    source: id,
                    asks: asks.map(|(query, _)| (query, turn)),
                    is_orphan: chance.next() < stream.comes_late(age),
                });
            }
        };
        add(at_service, None, 1);
        let mut query: usize = 0;
        for (leg, count) in stream.path.legs.iter().zip(&asking) {
            add(*count, Some((u8::try_from(query).unwrap_or(u8::MAX), 0)), leg.times);
            query += leg.kinds;
        }
    }

    /// How many calls of a stream are at each gate on its path.
    fn asking_now(&self, stream: &Stream) -> Vec<f64> {
        let asks = |of: &Stream, gate: usize| {
            let here = of.path.legs.iter().filter(|leg| leg.gate == gate);
            here.map(|leg| of.rate * f64::from(leg.times) * leg.alone.mean()).sum::<f64>()
        };
        let legs = stream.path.legs.iter().map(|leg| {
            let all: f64 = self.streams.iter().map(|of| asks(of, leg.gate)).sum();
            let own = stream.rate * f64::from(leg.times) * leg.alone.mean();
            self.gates[leg.gate].callers() * own / all.max(1e-12)
        });
        legs.collect()
    }
}
