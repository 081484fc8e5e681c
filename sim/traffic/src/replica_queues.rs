//! Copies of a service that come and go: one that opens takes calls from then on, one that shuts takes
//! no more and ends what it has begun, and with one that is lost all is lost that it was at. Knows no
//! machine and no policy.

use super::Stations;
use super::attempts::{Link, Place};
use super::failure::Failure;
use super::ids::{AttemptId, ReplicaQueueId, RequestId};
use super::service::ReplicaQueue;
use crate::event::Hosts;
use crate::poolers;
use crate::{connecting, endings, imagining, next_calls};
use seatrial_contract::units::{Moment, Ppm};
use seatrial_format::scenario::PoolPer;
use seatrial_kernel::agenda::Agenda;

/// What a replica is at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Requests that wait, are served, or ask databases.
    pub calls: u32,
    /// Connections of its own pools, and those that its requests have or wait for elsewhere.
    pub connections: u32,
}

/// How a replica ends while it has calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndOfReplica {
    /// It was lost.
    Lost,
    /// It was told to, and its time is up.
    InTime,
}

/// What all replicas are at, by their places.
pub fn loads(stations: &Stations) -> Vec<Load> {
    let mut loads = vec![Load::default(); stations.serving.replica_queues.len()];
    stations
        .serving
        .requests
        .plain()
        .for_each(|replica_queue| loads[replica_queue.index()].calls += 1);
    for attempt in stations.attempts.under_way() {
        let Some(replica_queue) = attempt.holds.replica_queue.filter(|_| !attempt.is_cut) else {
            continue;
        };
        let load = &mut loads[replica_queue.index()];
        load.calls += 1;
        let is_own = matches!(attempt.holds.link, Some(Link::Pooled { pooler, .. })
            if stations.stores.poolers[usize::from(pooler)].terms.apart == PoolPer::Replica);
        load.connections += u32::from(attempt.holds.link.is_some() && !is_own);
    }
    for pooler in stations.stores.poolers.iter().filter(|of| of.terms.apart == PoolPer::Replica) {
        for (load, open) in loads.iter_mut().zip(poolers::figures::open_by_replica(pooler)) {
            load.connections += open;
        }
    }
    loads
}

/// The replicas that a service has when it is built.
pub fn queues_of(stations: &Stations, service: usize) -> Vec<ReplicaQueueId> {
    stations.serving.services[service].open.clone()
}

/// A place for one more replica, which takes no calls yet.
pub fn new_queue(stations: &mut Stations, service: usize) -> ReplicaQueueId {
    let id =
        u32::try_from(stations.serving.replica_queues.len()).expect("replicas can be numbered");
    let another = ReplicaQueue::like(
        stations
            .serving
            .replica_queues
            .iter()
            .find(|replica_queue| replica_queue.service == service)
            .expect("a service has a replica"),
    );
    stations.serving.replica_queues.push(another);
    ReplicaQueueId(id)
}

/// A replica takes calls from now on.
pub fn open_queue(stations: &mut Stations, queue: ReplicaQueueId, now: Moment) {
    let replica_queue = &mut stations.serving.replica_queues[queue.index()];
    (replica_queue.is_lost, replica_queue.answers) = (false, (0, 0));
    let service = &mut stations.serving.services[replica_queue.service];
    service.open.push(queue);
    service.replicas.add(now, 1);
}

/// Nobody sends calls to a replica any more.
pub fn shut_queue(stations: &mut Stations, queue: ReplicaQueueId, now: Moment) {
    let service =
        &mut stations.serving.services[stations.serving.replica_queues[queue.index()].service];
    let before = service.open.len();
    service.open.retain(|open| *open != queue);
    if service.open.len() < before {
        service.replicas.add(now, -1);
    }
}

/// Whether a replica has nothing left to do.
pub fn is_queue_idle(stations: &Stations, queue: ReplicaQueueId) -> bool {
    stations.serving.replica_queues[queue.index()].present == 0 && with(stations, queue).is_empty()
}

/// How long a replica's servers have worked since the start, all together, in nanoseconds.
pub fn queue_work(stations: &Stations, queue: ReplicaQueueId, now: Moment) -> u128 {
    stations.serving.replica_queues[queue.index()].work(now)
}

/// Calls that came to a service so far, and how many wait there now.
pub fn demand(stations: &Stations, service: usize) -> (u64, u64) {
    let of = stations.sources.iter().filter(|source| source.service == Some(service));
    let arrivals: u64 = of.map(|source| source.seen.arrivals).sum();
    let (more, waiting) = imagining::imagined_demand(stations, service);
    (arrivals + more, waiting.unwrap_or(stations.serving.services[service].load.waiting.value()))
}

/// What a replica answered so far, and how much of it was failures; nothing while the time of calls stands still.
#[must_use]
pub fn answers(stations: &Stations, queue: ReplicaQueueId) -> Option<(u64, u64)> {
    let of = &stations.serving.replica_queues[queue.index()];
    (!stations.clock.stands_still).then_some(of.answers)
}

/// A replica fails such shares of its calls, by each reason that its place has.
pub fn fails(stations: &mut Stations, queue: ReplicaQueueId, shares: Vec<Ppm>) {
    stations.serving.replica_queues[queue.index()].fails = shares;
}

/// A replica ends for good, or is lost: its connections are closed, and calls that it was at fail.
pub fn end_queue(
    stations: &mut Stations,
    queue: ReplicaQueueId,
    how: EndOfReplica,
    agenda: &mut Agenda<impl Hosts>,
) {
    stations.serving.replica_queues[queue.index()].is_lost = true;
    let why = match how {
        EndOfReplica::Lost => Failure::ReplicaLost,
        EndOfReplica::InTime => Failure::ReplicaEnded,
    };
    stations.needs.replica_is_out(stations.serving.replica_queues[queue.index()].service);
    close_connections(stations, queue, agenda.now());
    let mut calls = with(stations, queue);
    let (plain, ghosts) = empty_queue(stations, queue, agenda);
    for id in ghosts {
        let request = stations.serving.requests.get_mut(id);
        (request.replica_queue, request.attempt) = (ReplicaQueueId::NOWHERE, AttemptId::NONE);
    }
    // Calls that wait for a connection of this replica leave before others give theirs back.
    calls.sort_by_key(|id| stations.attempts.get(*id).place != Place::Pool);
    for id in calls {
        lose(stations, id, why, agenda);
    }
    for source in plain {
        next_calls::think(stations, source, agenda.now(), agenda);
    }
    // Other replicas may have what was closed.
    (0..)
        .take(stations.stores.poolers.len())
        .for_each(|number| connecting::feed_starved(stations, number, agenda));
    endings::fail_cut_off(stations, agenda);
}

/// Takes all requests off a replica. Those that are nothing but requests are told of by their
/// sources, and those whose end of service is on the agenda for good are left to it.
fn empty_queue(
    stations: &mut Stations,
    queue: ReplicaQueueId,
    agenda: &mut Agenda<impl Hosts>,
) -> (Vec<super::SourceId>, Vec<RequestId>) {
    let here = stations.serving.requests.at(queue);
    let interrupts = stations.serving.replica_queues[queue.index()].interrupts();
    let (replica_queue, mut context) = stations.context(queue, agenda);
    here.iter().for_each(|id| context.call_back(*id));
    replica_queue.empty(&mut context);
    let (mut plain, mut ghosts) = (Vec::new(), Vec::new());
    for id in here {
        let request = *stations.serving.requests.get(id);
        let source = &mut stations.sources[request.source.index()];
        source.seen.lost += 1;
        let is_served = match request.attempt.some() {
            None => {
                plain.push(request.source);
                true
            }
            Some(attempt) => {
                let attempt = stations.attempts.get_mut(attempt);
                attempt.holds.request = None;
                attempt.place == Place::Service
            }
        };
        if is_served && !request.stands_in_line() && !interrupts {
            ghosts.push(id);
        } else {
            stations.serving.requests.release(id);
        }
    }
    (plain, ghosts)
}

/// A call loses the replica or the pooler that it was sent to.
pub(crate) fn lose(
    stations: &mut Stations,
    id: AttemptId,
    why: Failure,
    agenda: &mut Agenda<impl Hosts>,
) {
    let attempt = *stations.attempts.get(id);
    match attempt.place {
        Place::Querying | Place::Committing => {}
        // It has ended, or is about to.
        Place::Away | Place::CutOff => return,
        Place::Caller
        | Place::Cache
        | Place::Service
        | Place::Pool
        | Place::Unreached
        | Place::Connecting => {
            return endings::fail(stations, id, why, agenda);
        }
    }
    // A database goes on with what it was asked, and finds nobody to answer.
    let rest = stations.attempts.get_mut(id);
    (rest.is_orphan, rest.is_cut) = (true, true);
    if let Some(deadline) = rest.timers.deadline.take() {
        agenda.cancel(deadline);
    }
    if !attempt.is_orphan {
        let source = &mut stations.sources[attempt.call.caller.source.index()];
        source.calling.failures[why as usize] += 1;
        endings::try_again(stations, &attempt, agenda);
    }
}

/// A replica's own connections are closed: idle ones now, others when they come back.
fn close_connections(stations: &mut Stations, queue: ReplicaQueueId, now: Moment) {
    for pooler in &mut stations.stores.poolers {
        let closed = pooler.replica_ends(queue, now);
        let database = &mut stations.stores.databases[usize::from(pooler.database)];
        (0..closed).for_each(|_| database.close(now));
    }
}

/// Connections to all databases that are open now.
#[must_use]
pub fn connections_open(stations: &Stations) -> u64 {
    stations.stores.databases.iter().map(super::Database::open_now).sum()
}

/// Calls that were sent to a replica and are under way, wherever they are.
fn with(stations: &Stations, queue: ReplicaQueueId) -> Vec<AttemptId> {
    stations.attempts.which(|attempt| attempt.holds.replica_queue == Some(queue) && !attempt.is_cut)
}
