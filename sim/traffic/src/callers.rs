//! The way of a call: to its cache, to its service, to its databases. Does not know how it ends.

use super::Stations;
use super::attempts::{Attempt, Call, Caller, Place};
use super::caches::Cache;
use super::failure::Failure;
use super::ids::{AttemptId, ReplicaQueueId, RequestId, SourceId};
use super::requests::Request;
use super::source::Calls;
use super::tenant_callers::{Activity, TenantCallers};
use crate::event::{Event, Hosts, WORLD};
use crate::{connecting, cuts, endings, next_calls, queries, serving, trouble};
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{TenantId, TierId};
use seatrial_kernel::agenda::Agenda;

/// A source calls.
#[inline]
pub(crate) fn call(stations: &mut Stations, id: SourceId, agenda: &mut Agenda<impl Hosts>) {
    let source = &mut stations.sources[id.index()];
    let (demand, patience) = source.call();
    let is_open = matches!(source.calls, Calls::Open(_));
    if source.followed.is_plain && stations.serving.cuts.has_lost(id.index()) {
        source.seen.arrivals += 1;
        turn_away(stations, id, AttemptId::NONE, agenda);
    } else if source.followed.is_plain {
        enter(stations, id, demand, patience, AttemptId::NONE, agenda);
    } else {
        source.next.made += 1;
        let number = source.next.made;
        let caller = Caller { source: id, number, tenant: None, tier: None };
        begin_call(stations, Call { caller, began: agenda.now(), demand, patience }, agenda);
    }
    // Last, so that of a call and an answer due at the same time the answer goes first.
    if is_open {
        next_calls::plan_call(stations, id, agenda.now(), agenda);
    }
}

/// A tenant does something else than before: it may begin to call, or stop.
pub fn tenant_does(
    stations: &mut Stations,
    id: TenantId,
    doing: Activity,
    agenda: &mut Agenda<impl Hosts>,
) {
    // Before the first event the agenda's clock stands at its own beginning.
    let (now, ends_at, dice) =
        (agenda.now().max(stations.clock.starts_at), stations.clock.ends_at, stations.dice);
    for (number, source) in stations.sources.iter_mut().enumerate() {
        let Calls::Tenants(crowd) = &mut source.calls else { continue };
        if stations.clock.is_sampled {
            crowd.count(id, doing);
        }
        if let Some(asking) = source.asking.as_ref().filter(|of| of.connections > 0) {
            let cache = &mut stations.stores.caches[asking.cache];
            crowd.note(id, doing);
            link(crowd, id, (cache, asking.connections), now);
        }
        if let Some(gap) = crowd.begins(id, doing, stations.clock.stands_still, dice) {
            next_calls::plan_tenants_call(number, id, now.after(gap), ends_at, agenda);
        }
    }
    if !doing.awake {
        connecting::tenant_sleeps(stations, id, now);
    }
}

/// A tenant calls, if it still does what it calls while doing.
pub fn tenant_calls(
    stations: &mut Stations,
    source: u16,
    id: TenantId,
    doing: Activity,
    agenda: &mut Agenda<impl Hosts>,
) {
    let (ends_at, dice) = (stations.clock.ends_at, stations.dice);
    let at = SourceId(u32::from(source));
    let Calls::Tenants(crowd) = &mut stations.sources[at.index()].calls else { return };
    let Some((number, gap)) = crowd.calls(id, doing, dice) else { return };
    next_calls::plan_tenants_call(at.index(), id, agenda.now().after(gap), ends_at, agenda);
    let tier = Some(TierId::at(doing.tier));
    call_of(stations, Caller { source: at, number, tenant: Some(id), tier }, agenda);
    endings::fail_cut_off(stations, agenda);
}

/// Whether a tenant of that tier makes a call when it starts.
pub fn asks_at_start(stations: &Stations, tier: usize) -> bool {
    stations.sources.iter().any(|source| source.is_start_of(tier))
}

/// How long a tenant waits to be started again that has failed so often before.
pub fn restart_wait(stations: &Stations, tier: usize, failed: u32) -> Span {
    let found = stations.sources.iter().find_map(|source| match &source.calls {
        Calls::Starts(starts) if starts.is_of(tier) => Some(starts.restart_wait(failed)),
        Calls::Open(_) | Calls::Closed(_) | Calls::Tenants(_) | Calls::Starts(_) => None,
    });
    found.unwrap_or(Span::ZERO)
}

/// A tenant has started, and its call was answered after so long, though it was not lived through.
pub fn start_taken(stations: &mut Stations, tier: usize, is_again: bool, takes: Span) {
    let found = stations.sources.iter_mut().find(|source| source.is_start_of(tier));
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
    stations: &mut Stations,
    id: TenantId,
    tier: usize,
    (turn, is_again): (u32, bool),
    agenda: &mut Agenda<impl Hosts>,
) {
    let found = stations.sources.iter().position(|source| source.is_start_of(tier));
    let Some(source) = found.and_then(|at| u32::try_from(at).ok()) else { return };
    stations.sources[source as usize].calling.started_again += u64::from(is_again);
    let number = u64::from(id.0) << 32 | u64::from(turn);
    let (source, tier) = (SourceId(source), Some(TierId::at(tier)));
    call_of(stations, Caller { source, number, tenant: Some(id), tier }, agenda);
    endings::fail_cut_off(stations, agenda);
}

/// A call whose draws are its own, whatever was called before.
fn call_of(stations: &mut Stations, caller: Caller, agenda: &mut Agenda<impl Hosts>) {
    let source = &stations.sources[caller.source.index()];
    let (demand, patience) = source.call_of(caller.number, stations.dice);
    begin_call(stations, Call { caller, began: agenda.now(), demand, patience }, agenda);
}

/// The first attempt of a call.
fn begin_call(stations: &mut Stations, call: Call, agenda: &mut Agenda<impl Hosts>) {
    let source = &mut stations.sources[call.caller.source.index()];
    source.calling.calls += 1;
    if let Some(retrying) = &mut source.giving_up.retrying {
        retrying.earn();
    }
    let id = stations.attempts.begin(Attempt::new(call));
    begin_attempt(stations, id, agenda);
}

/// An attempt begins.
pub(crate) fn begin_attempt(
    stations: &mut Stations,
    id: AttemptId,
    agenda: &mut Agenda<impl Hosts>,
) {
    let now = agenda.now();
    let attempt = stations.attempts.get_mut(id);
    let source = &mut stations.sources[attempt.call.caller.source.index()];
    source.calling.attempts += 1;
    attempt.place = Place::Service;
    if stations.serving.cuts.has_lost(attempt.call.caller.source.index()) {
        return endings::fail(stations, id, Failure::Absent, agenda);
    }
    if let Some(time_out) = source.giving_up.time_out {
        let at = now.after(time_out);
        if at <= stations.clock.ends_at {
            attempt.timers.deadline =
                Some(agenda.schedule_timer(at, WORLD, Event::Overdue(id).into()));
        }
    }
    let Some(asking) = &mut source.asking else { return go_in(stations, id, agenda) };
    let cache = stations.stores.caches[asking.cache].of(attempt.call.caller.tenant, now);
    let (key, takes) = asking.ask(cache, attempt.call.caller.tenant, now);
    if cache.is_down() || stations.serving.cuts.hides_cache(source.service, asking.cache) {
        asking.pass();
        return go_in(stations, id, agenda);
    }
    if let (Calls::Tenants(crowd), Some(tenant)) = (&mut source.calls, attempt.call.caller.tenant)
        && asking.connections > 0
        && !link(crowd, tenant, (cache, asking.connections), now)
    {
        asking.pass();
        return go_in(stations, id, agenda);
    }
    let takes = cache.slowed(takes, now);
    (attempt.key, attempt.place) = (Some(key), Place::Cache);
    let at = now.after(takes);
    if takes == Span::ZERO {
        looked_up(stations, id, agenda);
    } else if at <= stations.clock.ends_at {
        agenda.schedule(at, WORLD, Event::LookedUp(id).into());
    }
}

/// A cache has looked: it answers, or the call goes on to the service.
pub(crate) fn looked_up(stations: &mut Stations, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
    if endings::is_dropped(stations, id, agenda) {
        return;
    }
    let now = agenda.now();
    let attempt = stations.attempts.get_mut(id);
    attempt.place = Place::Service;
    let source = &mut stations.sources[attempt.call.caller.source.index()];
    let (Some(asking), Some(key)) = (&mut source.asking, attempt.key) else { return };
    let cache = stations.stores.caches[asking.cache].of(attempt.call.caller.tenant, now);
    if cache.is_down() || !asking.look_up(key, cache, now) {
        return go_in(stations, id, agenda);
    }
    if !attempt.is_orphan {
        asking.answered(now.since(attempt.call.began));
    }
    // It is there already, and need not be written.
    attempt.key = None;
    endings::complete(stations, id, agenda);
}

/// The call comes to its service, or asks databases at once.
pub(crate) fn go_in(stations: &mut Stations, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
    let Attempt { call: Call { caller, demand, patience, .. }, attempt, .. } =
        *stations.attempts.get(id);
    stations.sources[caller.source.index()].calling.entered += u64::from(attempt == 0);
    if stations.sources[caller.source.index()].service.is_some() {
        enter(stations, caller.source, demand, patience, id, agenda);
    } else {
        queries::ask_next(stations, id, agenda);
    }
}

/// A call comes to its service.
#[inline]
fn enter(
    stations: &mut Stations,
    id: SourceId,
    demand: Span,
    patience: Option<Span>,
    attempt: AttemptId,
    agenda: &mut Agenda<impl Hosts>,
) {
    let now = agenda.now();
    let source = &mut stations.sources[id.index()];
    let Some(called) = source.service else { return };
    source.seen.arrivals += 1;
    let demand = match stations.serving.troubles.get(called) {
        None => demand,
        Some(trouble) if trouble.refuses > 0 => return turn_away(stations, id, attempt, agenda),
        Some(trouble) => trouble.slowed(demand),
    };
    let (found, in_vain) = if stations.serving.cuts.is_none() {
        let balance = &mut source.draws.balance;
        let queues = &stations.serving.replica_queues;
        (stations.serving.services[called].choose(queues, balance), None)
    } else {
        cuts::choose(stations, id.index(), now)
    };
    if let Some(in_vain) = in_vain {
        return asks_in_vain(stations, id, (attempt, in_vain), agenda);
    }
    let source = &mut stations.sources[id.index()];
    let service = &mut stations.serving.services[called];
    let taken = found.filter(|chosen| {
        let replica_queue = &stations.serving.replica_queues[chosen.index()];
        let is_shed = service.sheds(replica_queue, source.level, &stations.serving.requests, now);
        service.shed += u64::from(is_shed);
        service.has_room(replica_queue) && !is_shed
    });
    if let Some(chosen) = taken {
        let request = Request::new(id, chosen, source.level, now, demand, attempt);
        let request = stations.serving.requests.admit(request);
        if let Some(attempt) = attempt.some() {
            let attempt = stations.attempts.get_mut(attempt);
            (attempt.holds.request, attempt.holds.replica_queue) = (Some(request), Some(chosen));
        }
        let (replica_queue, mut context) = stations.context(chosen, agenda);
        replica_queue.enter(request, patience, &mut context);
    } else {
        source.seen.refused += 1;
        let is_there =
            found.is_some_and(|chosen| !stations.serving.replica_queues[chosen.index()].is_lost);
        let why = if is_there { Failure::Refused } else { Failure::Absent };
        match attempt.some() {
            Some(attempt) => endings::fail(stations, attempt, why, agenda),
            None => next_calls::think(stations, id, now, agenda),
        }
    }
}

/// A call is sent across a way that is cut.
#[cold]
fn asks_in_vain(
    stations: &mut Stations,
    id: SourceId,
    (attempt, gives_up): (AttemptId, Span),
    agenda: &mut Agenda<impl Hosts>,
) {
    match attempt.some() {
        Some(attempt) => cuts::waits(stations, attempt, gives_up, agenda),
        None => turn_away(stations, id, attempt, agenda),
    }
}

/// A call is refused before anybody has looked at it.
#[cold]
fn turn_away(
    stations: &mut Stations,
    id: SourceId,
    attempt: AttemptId,
    agenda: &mut Agenda<impl Hosts>,
) {
    stations.sources[id.index()].seen.refused += 1;
    match attempt.some() {
        Some(attempt) => endings::fail(stations, attempt, Failure::Faulty, agenda),
        None => next_calls::think(stations, id, agenda.now(), agenda),
    }
}

/// A request has been served.
#[inline]
pub(crate) fn served(stations: &mut Stations, id: RequestId, agenda: &mut Agenda<impl Hosts>) {
    let request = stations.serving.requests.get(id);
    if request.replica_queue == ReplicaQueueId::NOWHERE {
        // Its replica was lost meanwhile; its caller knows already.
        stations.serving.requests.release(id);
        return;
    }
    let Some(attempt) = request.attempt.some() else {
        let source = request.source;
        serving::leave_service(stations, id, agenda);
        return next_calls::think(stations, source, agenda.now(), agenda);
    };
    let source = &stations.sources[request.source.index()];
    stations.attempts.get_mut(attempt).is_worked_for = true;
    let of = stations.attempts.get(attempt);
    let (number, turn) = (of.call.caller.number, u64::from(of.attempt));
    let trouble = source.service.and_then(|of| stations.serving.troubles.get(of));
    let is_faulty = trouble.is_some_and(|trouble| trouble.fails(number, turn, stations.dice)) || {
        let queue = stations.serving.requests.get(id).replica_queue;
        let own = &stations.serving.replica_queues[queue.index()].fails;
        trouble::fails(own, trouble::OF_REPLICA, (number, turn), stations.dice)
    };
    let holds = source.service.is_some_and(|of| stations.serving.services[of].holds());
    if holds && !source.queries.is_empty() {
        stations.serving.requests.get_mut(id).began = agenda.now();
        let replica_queue = stations.serving.requests.get(id).replica_queue;
        let (replica_queue, context) = stations.context(replica_queue, agenda);
        replica_queue.hold(context.now, context.servers);
    } else {
        stations.attempts.get_mut(attempt).holds.request = None;
        serving::leave_service(stations, id, agenda);
    }
    if is_faulty {
        return endings::fail(stations, attempt, Failure::Faulty, agenda);
    }
    queries::ask_next(stations, attempt, agenda);
}

/// A request has waited long enough.
pub(crate) fn times_out(stations: &mut Stations, id: RequestId, agenda: &mut Agenda<impl Hosts>) {
    let (replica_queue, mut context) =
        stations.context(stations.serving.requests.get(id).replica_queue, agenda);
    replica_queue.give_up(id, &mut context);
    let request = stations.serving.requests.release(id);
    let (now, source) = (agenda.now(), &mut stations.sources[request.source.index()]);
    source.seen.gave_up(&request, now);
    match request.attempt.some() {
        Some(attempt) => {
            stations.attempts.get_mut(attempt).holds.request = None;
            endings::fail(stations, attempt, Failure::Impatient, agenda);
        }
        None => next_calls::think(stations, request.source, now, agenda),
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

/// Schedules the first calls.
pub fn begin(stations: &mut Stations, agenda: &mut Agenda<impl Hosts>, now: Moment) {
    for at in 0..stations.sources.len() {
        let id = SourceId(u32::try_from(at).expect("sources can be numbered"));
        let callers = match stations.sources[at].calls {
            Calls::Open(_) => 1,
            Calls::Closed(clients) => clients,
            Calls::Tenants(_) | Calls::Starts(_) => 0,
        };
        for _ in 0..callers {
            next_calls::plan_call(stations, id, now, agenda);
        }
    }
}
