//! Services with servers and queues, and the requests that come to them one by one. Knows no
//! tenant, no machine and no policy.
//!
//! A source draws a request: when it comes, how long it is served, how long it would wait. A
//! service picks one of its copies, and the copy's discipline says who is served when.

mod fifo;
mod floor;
mod measures;
mod metrics;
mod preemptive;
mod requests;
mod service;
mod sharing;
mod source;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod twin;

use super::{Event, WORLD};
use crate::kernel::agenda::Agenda;
pub(crate) use requests::{RequestId, SourceId};

use floor::Floor;
use requests::{DeskId, Request, Requests};
use seatrial_contract::Dice;
use seatrial_contract::units::Moment;
use seatrial_format::scenario::{Discipline, Scenario};
use service::{Desk, Service};
use source::{Calls, Source};

/// All services, all who call them, and all requests under way.
pub(crate) struct Stations {
    ends_at: Moment,
    /// Statistics began then.
    since: Moment,
    services: Vec<Service>,
    desks: Vec<Desk>,
    sources: Vec<Source>,
    requests: Requests,
}

impl Stations {
    /// The stations of a scenario, before anybody has called. Sources of services that are not
    /// there are left out; the format tells of them.
    pub(crate) fn new(scenario: &Scenario, dice: Dice, starts: Moment) -> Self {
        let mut stations = Self {
            ends_at: starts.after(*scenario.duration),
            since: starts,
            services: Vec::new(),
            desks: Vec::new(),
            sources: Vec::new(),
            requests: Requests::new(),
        };
        for (at, file) in scenario.services.iter().enumerate() {
            let first = u32::try_from(stations.desks.len()).expect("copies can be numbered");
            stations.services.push(Service::new(file, first, starts));
            stations.desks.extend(Desk::all(at, file, scenario));
        }
        for traffic in &scenario.traffic {
            let mut services = scenario.services.iter().enumerate();
            let called = services.find(|(_, file)| file.name.as_str() == traffic.service.value);
            if let Some(called) = called {
                stations.sources.push(Source::new(traffic, called, scenario, dice));
            }
        }
        stations
    }

    /// Schedules the first calls.
    pub(crate) fn launch(&mut self, agenda: &mut Agenda<Event>, now: Moment) {
        for at in 0..self.sources.len() {
            let id = SourceId(u32::try_from(at).expect("sources can be numbered"));
            let callers = match self.sources[at].calls {
                Calls::Open(_) => 1,
                Calls::Closed(clients) => clients,
            };
            for _ in 0..callers {
                self.plan_call(id, now, agenda);
            }
        }
    }

    /// Forgets the warm-up; whoever is there stays there.
    pub(crate) fn reset(&mut self, now: Moment) {
        self.since = now;
        self.services.iter_mut().for_each(|service| service.load.reset(now));
        self.sources.iter_mut().for_each(|source| source.seen.reset());
    }

    /// What is wrong, if anything: whoever is at a service is served there or waits, and a server
    /// serves one at the most.
    pub(crate) fn broken(&self) -> Option<String> {
        self.services.iter().enumerate().find_map(|(at, service)| {
            let here = self.desks.iter().filter(|desk| desk.service == at);
            let present: u64 = here.map(|desk| u64::from(desk.present)).sum();
            let (busy, waiting) = (service.load.busy.value(), service.load.waiting.value());
            let servers = u64::from(service.servers) * u64::from(service.replicas);
            let is_sound = present == busy + waiting && busy <= servers;
            let name = &service.name;
            (!is_sound).then(|| {
                format!("{present} are at {name}: {busy} at {servers} servers, {waiting} waiting")
            })
        })
    }

    #[inline]
    fn plan_call(&mut self, id: SourceId, now: Moment, agenda: &mut Agenda<Event>) {
        let at = self.sources[id.index()].next_call(now);
        if at <= self.ends_at {
            agenda.schedule(at, WORLD, Event::Calls(id));
        }
    }

    /// A source calls.
    #[inline]
    pub(crate) fn call(&mut self, id: SourceId, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        let source = &mut self.sources[id.index()];
        source.seen.arrivals += 1;
        let (demand, patience) = source.call();
        let service = &mut self.services[source.service];
        let chosen = service.choose(&self.desks, &mut source.balance);
        let is_open = matches!(source.calls, Calls::Open(_));
        let desk = &self.desks[chosen.index()];
        if service.has_room(desk) {
            let request = Request::new(id, chosen, source.level, now, demand);
            let request = self.requests.admit(request);
            let (desk, mut floor) = self.floor(chosen, agenda);
            desk.enter(request, patience, &mut floor);
        } else {
            source.seen.refused += 1;
            if !is_open {
                self.plan_call(id, now, agenda);
            }
        }
        // Last, so that of a call and an answer due at the same time the answer goes first.
        if is_open {
            self.plan_call(id, now, agenda);
        }
    }

    /// A request has been served.
    #[inline]
    pub(crate) fn served(&mut self, id: RequestId, agenda: &mut Agenda<Event>) {
        let (desk, mut floor) = self.floor(self.requests.get(id).desk, agenda);
        desk.leave(id, &mut floor);
        let is_shared = self.discipline(id) == Discipline::Sharing;
        let request = self.requests.release(id);
        let (now, source) = (agenda.now(), &mut self.sources[request.source.index()]);
        let sojourn = source.seen.served(&request, now);
        if is_shared {
            source.seen.slowed_down(sojourn, request.demand);
        }
        self.answered(request.source, now, agenda);
    }

    /// A request has waited long enough.
    pub(crate) fn times_out(&mut self, id: RequestId, agenda: &mut Agenda<Event>) {
        let (desk, mut floor) = self.floor(self.requests.get(id).desk, agenda);
        desk.give_up(id, &mut floor);
        let request = self.requests.release(id);
        let (now, source) = (agenda.now(), &mut self.sources[request.source.index()]);
        source.seen.gave_up(&request, now);
        self.answered(request.source, now, agenda);
    }

    /// Whoever waited for the answer thinks, and calls again.
    #[inline]
    fn answered(&mut self, id: SourceId, now: Moment, agenda: &mut Agenda<Event>) {
        if matches!(self.sources[id.index()].calls, Calls::Closed(_)) {
            self.plan_call(id, now, agenda);
        }
    }

    fn discipline(&self, id: RequestId) -> Discipline {
        let source = &self.sources[self.requests.get(id).source.index()];
        self.services[source.service].discipline
    }

    /// A desk and its surroundings.
    #[inline]
    fn floor<'a>(
        &'a mut self,
        desk: DeskId,
        agenda: &'a mut Agenda<Event>,
    ) -> (&'a mut Desk, Floor<'a>) {
        let desk = &mut self.desks[desk.index()];
        let service = &mut self.services[desk.service];
        let floor = Floor {
            now: agenda.now(),
            ends_at: self.ends_at,
            servers: service.servers,
            requests: &mut self.requests,
            load: &mut service.load,
            agenda,
        };
        (desk, floor)
    }
}
