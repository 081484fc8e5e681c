//! The way of a call: to its cache, to its service, to its databases. Does not know how it ends.

use super::Stations;
use super::attempts::{Attempt, Caller, Place};
use super::caches::Cache;
use super::endings::Failure;
use super::ids::{AttemptId, ReplicaQueueId, RequestId, SourceId};
use super::requests::Request;
use super::source::Calls;
use super::tenant_callers::{Activity, TenantCallers};
use crate::event::{Event, Hosts, WORLD};
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{TenantId, TierId};
use seatrial_format::scenario::Discipline;
use seatrial_kernel::agenda::Agenda;

impl Stations {
    /// A source calls.
    #[inline]
    pub fn call(&mut self, id: SourceId, agenda: &mut Agenda<impl Hosts>) {
        let source = &mut self.sources[id.index()];
        let (demand, patience) = source.call();
        let is_open = matches!(source.calls, Calls::Open(_));
        if source.is_plain {
            self.enter(id, demand, patience, AttemptId::NONE, agenda);
        } else {
            source.calls_made += 1;
            let number = source.calls_made;
            let caller = Caller { source: id, number, tenant: None, tier: None };
            self.begin(Attempt::new(caller, agenda.now(), demand, patience), agenda);
        }
        // Last, so that of a call and an answer due at the same time the answer goes first.
        if is_open {
            self.plan_call(id, agenda.now(), agenda);
        }
    }

    /// A tenant does something else than before: it may begin to call, or stop.
    pub fn tenant_does(&mut self, id: TenantId, doing: Activity, agenda: &mut Agenda<impl Hosts>) {
        // Before the first event the agenda's clock stands at its own beginning.
        let (now, ends_at, dice) = (agenda.now().max(self.starts_at), self.ends_at, self.dice);
        for (number, source) in self.sources.iter_mut().enumerate() {
            let Calls::Tenants(crowd) = &mut source.calls else { continue };
            if self.is_sampled {
                crowd.count(id, doing);
            }
            if let Some(asking) = source.asking.as_ref().filter(|of| of.connections > 0) {
                let cache = &mut self.caches[asking.cache];
                crowd.note(id, doing);
                link(crowd, id, (cache, asking.connections), now);
            }
            if let Some(gap) = crowd.begins(id, doing, self.stands_still, dice) {
                plan_tenants_call(number, id, now.after(gap), ends_at, agenda);
            }
        }
        if !doing.awake {
            self.tenant_sleeps(id, now);
        }
    }

    /// A tenant calls, if it still does what it calls while doing.
    pub fn tenant_calls(
        &mut self,
        source: u16,
        id: TenantId,
        doing: Activity,
        agenda: &mut Agenda<impl Hosts>,
    ) {
        let (ends_at, dice) = (self.ends_at, self.dice);
        let at = SourceId(u32::from(source));
        let Calls::Tenants(crowd) = &mut self.sources[at.index()].calls else { return };
        let Some((number, gap)) = crowd.calls(id, doing, dice) else { return };
        plan_tenants_call(at.index(), id, agenda.now().after(gap), ends_at, agenda);
        let tier = Some(TierId::at(doing.tier));
        self.call_of(Caller { source: at, number, tenant: Some(id), tier }, agenda);
    }

    /// Whether a tenant of that tier makes a call when it starts.
    pub fn asks_at_start(&self, tier: usize) -> bool {
        self.sources.iter().any(|source| source.is_start_of(tier))
    }

    /// How long a tenant waits to be started again that has failed so often before.
    pub fn restart_wait(&self, tier: usize, failed: u32) -> Span {
        let found = self.sources.iter().find_map(|source| match &source.calls {
            Calls::Starts(starts) if starts.is_of(tier) => Some(starts.restart_wait(failed)),
            Calls::Open(_) | Calls::Closed(_) | Calls::Tenants(_) | Calls::Starts(_) => None,
        });
        found.unwrap_or(Span::ZERO)
    }

    /// A tenant has started, and its call was answered after so long, though it was not lived through.
    pub fn start_taken(&mut self, tier: usize, is_again: bool, takes: Span) {
        let found = self.sources.iter_mut().find(|source| source.is_start_of(tier));
        let Some(source) = found else { return };
        let calling = &mut source.calling;
        calling.calls += 1;
        calling.attempts += 1;
        calling.entered += 1;
        calling.started_again += u64::from(is_again);
        calling.response.add(takes.0);
    }

    /// A tenant starts for that time, again where its last start failed, and makes its call.
    pub fn start(
        &mut self,
        id: TenantId,
        tier: usize,
        (turn, is_again): (u32, bool),
        agenda: &mut Agenda<impl Hosts>,
    ) {
        let found = self.sources.iter().position(|source| source.is_start_of(tier));
        let Some(source) = found.and_then(|at| u32::try_from(at).ok()) else { return };
        self.sources[source as usize].calling.started_again += u64::from(is_again);
        let number = u64::from(id.0) << 32 | u64::from(turn);
        let (source, tier) = (SourceId(source), Some(TierId::at(tier)));
        self.call_of(Caller { source, number, tenant: Some(id), tier }, agenda);
    }

    /// A call whose draws are its own, whoever calls before it.
    fn call_of(&mut self, caller: Caller, agenda: &mut Agenda<impl Hosts>) {
        let source = &self.sources[caller.source.index()];
        let (demand, patience) = source.call_of(caller.number, self.dice);
        self.begin(Attempt::new(caller, agenda.now(), demand, patience), agenda);
    }

    /// The first attempt of a call.
    fn begin(&mut self, attempt: Attempt, agenda: &mut Agenda<impl Hosts>) {
        let source = &mut self.sources[attempt.caller.source.index()];
        source.calling.calls += 1;
        if let Some(retrying) = &mut source.retrying {
            retrying.earn();
        }
        let id = self.attempts.begin(attempt);
        self.attempt(id, agenda);
    }

    /// An attempt begins.
    pub fn attempt(&mut self, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
        let now = agenda.now();
        let attempt = self.attempts.get_mut(id);
        let source = &mut self.sources[attempt.caller.source.index()];
        source.calling.attempts += 1;
        attempt.place = Place::Service;
        if let Some(time_out) = source.time_out {
            let at = now.after(time_out);
            if at <= self.ends_at {
                attempt.deadline =
                    Some(agenda.schedule_timer(at, WORLD, Event::Overdue(id).into()));
            }
        }
        let Some(asking) = &mut source.asking else { return self.go_in(id, agenda) };
        let cache = self.caches[asking.cache].of(attempt.caller.tenant, now);
        let (key, takes) = asking.ask(cache, attempt.caller.tenant, now);
        if let (Calls::Tenants(crowd), Some(tenant)) = (&mut source.calls, attempt.caller.tenant)
            && asking.connections > 0
            && !link(crowd, tenant, (cache, asking.connections), now)
        {
            asking.pass();
            return self.go_in(id, agenda);
        }
        let takes = cache.slowed(takes, now);
        (attempt.key, attempt.place) = (Some(key), Place::Cache);
        let at = now.after(takes);
        if takes == Span::ZERO {
            self.looked_up(id, agenda);
        } else if at <= self.ends_at {
            agenda.schedule(at, WORLD, Event::LookedUp(id).into());
        }
    }

    /// A cache has looked: it answers, or the call goes on to the service.
    pub fn looked_up(&mut self, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
        if self.is_dropped(id, agenda) {
            return;
        }
        let now = agenda.now();
        let attempt = self.attempts.get_mut(id);
        attempt.place = Place::Service;
        let source = &mut self.sources[attempt.caller.source.index()];
        let (Some(asking), Some(key)) = (&mut source.asking, attempt.key) else { return };
        let cache = self.caches[asking.cache].of(attempt.caller.tenant, now);
        if !asking.look_up(key, cache, now) {
            return self.go_in(id, agenda);
        }
        if !attempt.is_orphan {
            asking.answered(now.since(attempt.called));
        }
        // It is there already, and need not be written.
        attempt.key = None;
        self.complete(id, agenda);
    }

    /// The call comes to its service, or asks databases at once.
    pub(super) fn go_in(&mut self, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
        let Attempt { caller, demand, patience, attempt, .. } = *self.attempts.get(id);
        self.sources[caller.source.index()].calling.entered += u64::from(attempt == 0);
        if self.sources[caller.source.index()].service.is_some() {
            self.enter(caller.source, demand, patience, id, agenda);
        } else {
            self.ask_next(id, agenda);
        }
    }

    /// A call comes to its service.
    #[inline]
    fn enter(
        &mut self,
        id: SourceId,
        demand: Span,
        patience: Option<Span>,
        attempt: AttemptId,
        agenda: &mut Agenda<impl Hosts>,
    ) {
        let now = agenda.now();
        let source = &mut self.sources[id.index()];
        let Some(called) = source.service else { return };
        source.seen.arrivals += 1;
        let service = &mut self.services[called];
        let found = service.choose(&self.replica_queues, &mut source.balance);
        let taken = found.filter(|chosen| {
            let replica_queue = &self.replica_queues[chosen.index()];
            let is_shed = service.sheds(replica_queue, source.level, &self.requests, now);
            service.shed += u64::from(is_shed);
            service.has_room(replica_queue) && !is_shed
        });
        if let Some(chosen) = taken {
            let request = Request::new(id, chosen, source.level, now, demand, attempt);
            let request = self.requests.admit(request);
            if let Some(attempt) = attempt.some() {
                let attempt = self.attempts.get_mut(attempt);
                (attempt.request, attempt.replica_queue) = (Some(request), Some(chosen));
            }
            let (replica_queue, mut context) = self.context(chosen, agenda);
            replica_queue.enter(request, patience, &mut context);
        } else {
            source.seen.refused += 1;
            let is_there = found.is_some_and(|chosen| !self.replica_queues[chosen.index()].is_lost);
            let why = if is_there { Failure::Refused } else { Failure::Absent };
            match attempt.some() {
                Some(attempt) => self.fail(attempt, why, agenda),
                None => self.think(id, now, agenda),
            }
        }
    }

    /// A request has been served.
    #[inline]
    pub fn served(&mut self, id: RequestId, agenda: &mut Agenda<impl Hosts>) {
        let request = self.requests.get(id);
        if request.replica_queue == ReplicaQueueId::NOWHERE {
            // Its copy was lost meanwhile; whoever waited for it knows already.
            self.requests.release(id);
            return;
        }
        let Some(attempt) = request.attempt.some() else {
            let source = request.source;
            self.leave_service(id, agenda);
            return self.think(source, agenda.now(), agenda);
        };
        let source = &self.sources[request.source.index()];
        self.attempts.get_mut(attempt).is_worked_for = true;
        let holds = source.service.is_some_and(|of| self.services[of].holds());
        if holds && !source.queries.is_empty() {
            self.requests.get_mut(id).began = agenda.now();
            let replica_queue = self.requests.get(id).replica_queue;
            let (replica_queue, context) = self.context(replica_queue, agenda);
            replica_queue.hold(context.now, context.servers);
        } else {
            self.attempts.get_mut(attempt).request = None;
            self.leave_service(id, agenda);
        }
        self.ask_next(attempt, agenda);
    }

    /// A request leaves its service: out of the line, or with all done.
    pub(super) fn leave_service(&mut self, id: RequestId, agenda: &mut Agenda<impl Hosts>) {
        let now = agenda.now();
        let request = *self.requests.get(id);
        let source = &self.sources[request.source.index()];
        let asks = request.attempt != AttemptId::NONE && !source.queries.is_empty();
        let was_held = asks && source.service.is_some_and(|of| self.services[of].holds());
        let (replica_queue, mut context) = self.context(request.replica_queue, agenda);
        if request.stands_in_line() {
            context.call_back(id);
            replica_queue.give_up(id, &mut context);
            self.requests.release(id);
            return self.sources[request.source.index()].seen.gave_up(&request, now);
        }
        replica_queue.leave(id, was_held, &mut context);
        let mut request = self.requests.release(id);
        let source = &mut self.sources[request.source.index()];
        let Some(called) = source.service else { return };
        let service = &self.services[called];
        if was_held {
            // What its server waited for the databases is no waiting for the server.
            let asked = now.since(request.began);
            request.demand = request.demand.saturating_add(asked);
        }
        let sojourn = source.seen.served(&request, now);
        if service.discipline == Discipline::Sharing {
            source.seen.slowed_down(sojourn, request.demand);
        }
    }

    /// A request has waited long enough.
    pub fn times_out(&mut self, id: RequestId, agenda: &mut Agenda<impl Hosts>) {
        let (replica_queue, mut context) =
            self.context(self.requests.get(id).replica_queue, agenda);
        replica_queue.give_up(id, &mut context);
        let request = self.requests.release(id);
        let (now, source) = (agenda.now(), &mut self.sources[request.source.index()]);
        source.seen.gave_up(&request, now);
        match request.attempt.some() {
            Some(attempt) => {
                self.attempts.get_mut(attempt).request = None;
                self.fail(attempt, Failure::Impatient, agenda);
            }
            None => self.think(request.source, now, agenda),
        }
    }

    /// Whoever waited for the answer thinks, and calls again.
    #[inline]
    pub(super) fn think(&mut self, id: SourceId, now: Moment, agenda: &mut Agenda<impl Hosts>) {
        if matches!(self.sources[id.index()].calls, Calls::Closed(_)) {
            self.plan_call(id, now, agenda);
        }
    }

    #[inline]
    pub(super) fn plan_call(&mut self, id: SourceId, now: Moment, agenda: &mut Agenda<impl Hosts>) {
        let source = &mut self.sources[id.index()];
        let at = source.next_call(now, self.ahead);
        if at > self.ends_at {
            return;
        }
        if self.is_sampled && source.has_rhythm() {
            source.planned = Some(agenda.schedule_timer(at, WORLD, Event::Calls(id).into()));
        } else {
            agenda.schedule(at, WORLD, Event::Calls(id).into());
        }
    }
}

/// A tenant keeps connections to a cache while it calls; whether it has them.
fn link(
    crowd: &mut TenantCallers,
    id: TenantId,
    (cache, count): (&mut Cache, u32),
    now: Moment,
) -> bool {
    let (calls, is_linked) = crowd.link(id);
    match (*is_linked, calls) {
        (true, false) => {
            cache.disconnect(count, now);
            *is_linked = false;
        }
        (false, true) => *is_linked = cache.connect(count, now),
        _ => {}
    }
    *is_linked
}

fn plan_tenants_call(
    source: usize,
    id: TenantId,
    at: Moment,
    ends_at: Moment,
    agenda: &mut Agenda<impl Hosts>,
) {
    if at <= ends_at {
        // The format lets through no more than a thousand sources.
        let source = u16::try_from(source).unwrap_or(u16::MAX);
        agenda.schedule(at, WORLD, Event::TenantCalls(source, id).into());
    }
}
