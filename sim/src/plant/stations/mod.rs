//! Services with servers and queues, and the requests that come to them one by one. Knows no
//! tenant, no machine and no policy.
//!
//! A source draws a request: when it comes, how long it is served, how long it would wait. A
//! service picks one of its copies, and the copy's discipline says who is served when. A source may
//! ask a cache first: what that has needs no service, what it lacks is written into it after.

mod caches;
mod contention;
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
pub(crate) use caches::ErrandId;
pub use contention::Contention;
pub(crate) use requests::{RequestId, SourceId};

use caches::{Asking, Cache, Errand, Errands};
use floor::Floor;
use requests::{DeskId, Request, Requests};
use seatrial_contract::Dice;
use seatrial_contract::units::{Moment, Span};
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
    caches: Vec<Cache>,
    errands: Errands,
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
            caches: scenario.caches.iter().map(|of| Cache::new(of, starts, dice)).collect(),
            errands: Errands::new(),
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
                let caches = &mut stations.caches;
                let asking = Asking::new(traffic, scenario, caches, starts, dice);
                stations.sources.push(Source::new(traffic, called, asking, scenario, dice));
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
        self.sources.iter_mut().for_each(Source::reset);
        self.caches.iter_mut().for_each(|cache| cache.reset(now));
    }

    /// What is wrong, if anything: whoever is at a service is served there or waits, and a server
    /// serves one at the most; a cache keeps what fits.
    pub(crate) fn broken(&self) -> Option<String> {
        self.broken_service().or_else(|| self.caches.iter().find_map(Cache::broken))
    }

    fn broken_service(&self) -> Option<String> {
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
        let source = &mut self.sources[id.index()];
        let (demand, patience) = source.call();
        let is_open = matches!(source.calls, Calls::Open(_));
        if source.asking.is_some() {
            self.ask(id, demand, patience, agenda);
        } else {
            self.enter(id, demand, patience, ErrandId::NONE, agenda);
        }
        // Last, so that of a call and an answer due at the same time the answer goes first.
        if is_open {
            self.plan_call(id, agenda.now(), agenda);
        }
    }

    /// A call asks its cache.
    fn ask(
        &mut self,
        id: SourceId,
        demand: Span,
        patience: Option<Span>,
        agenda: &mut Agenda<Event>,
    ) {
        let Some(asking) = &mut self.sources[id.index()].asking else { return };
        let (now, (key, takes)) = (agenda.now(), asking.ask());
        let errand = Errand { called: now, demand, patience, key, source: id };
        let errand = self.errands.begin(errand);
        let at = now.after(takes);
        if takes == Span::ZERO {
            self.looked_up(errand, agenda);
        } else if at <= self.ends_at {
            agenda.schedule(at, WORLD, Event::LookedUp(errand));
        }
    }

    /// A cache has looked: it answers, or the call goes on to the service.
    pub(crate) fn looked_up(&mut self, id: ErrandId, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        let Errand { called, demand, patience, key, source } = *self.errands.get(id);
        let Some(asking) = &mut self.sources[source.index()].asking else { return };
        if asking.look_up(key, &mut self.caches[asking.cache], now) {
            asking.answered(now.since(called));
            self.errands.end(id);
            self.answered(source, now, agenda);
        } else {
            self.enter(source, demand, patience, id, agenda);
        }
    }

    /// A call comes to its service.
    #[inline]
    fn enter(
        &mut self,
        id: SourceId,
        demand: Span,
        patience: Option<Span>,
        errand: ErrandId,
        agenda: &mut Agenda<Event>,
    ) {
        let now = agenda.now();
        let source = &mut self.sources[id.index()];
        source.seen.arrivals += 1;
        let service = &mut self.services[source.service];
        let chosen = service.choose(&self.desks, &mut source.balance);
        let desk = &self.desks[chosen.index()];
        if service.has_room(desk) {
            let request = Request::new(id, chosen, source.level, now, demand, errand);
            let request = self.requests.admit(request);
            let (desk, mut floor) = self.floor(chosen, agenda);
            desk.enter(request, patience, &mut floor);
        } else {
            source.seen.refused += 1;
            self.lose(errand);
            self.answered(id, now, agenda);
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
        if let Some(errand) = request.errand.some() {
            self.keep(errand, now);
        }
        self.answered(request.source, now, agenda);
    }

    /// What the service has answered goes into the cache too.
    fn keep(&mut self, id: ErrandId, now: Moment) {
        let Errand { called, key, source, .. } = self.errands.end(id);
        if let Some(asking) = &mut self.sources[source.index()].asking {
            asking.answered(now.since(called));
            asking.write(key, &mut self.caches[asking.cache], now);
        }
    }

    /// A call that asked a cache ends without an answer.
    fn lose(&mut self, errand: ErrandId) {
        if let Some(errand) = errand.some() {
            self.errands.end(errand);
        }
    }

    /// A request has waited long enough.
    pub(crate) fn times_out(&mut self, id: RequestId, agenda: &mut Agenda<Event>) {
        let (desk, mut floor) = self.floor(self.requests.get(id).desk, agenda);
        desk.give_up(id, &mut floor);
        let request = self.requests.release(id);
        let (now, source) = (agenda.now(), &mut self.sources[request.source.index()]);
        source.seen.gave_up(&request, now);
        self.lose(request.errand);
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
