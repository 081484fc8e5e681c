//! Copies of a service that come and go: one that opens takes calls from then on, one that shuts takes
//! no more and ends what it has begun, and with one that is lost all is lost that it was at. Knows no
//! machine and no policy.

use super::Stations;
use super::attempts::{Link, Place};
use super::endings::Failure;
use super::ids::{AttemptId, ReplicaQueueId, RequestId};
use super::service::ReplicaQueue;
use crate::event::Hosts;
use seatrial_contract::units::Moment;
use seatrial_format::scenario::PoolPer;
use seatrial_kernel::agenda::Agenda;

/// What a copy is at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Requests that wait, are served, or ask databases.
    pub calls: u32,
    /// Connections of its own pools, and those that its requests have or wait for elsewhere.
    pub connections: u32,
}

/// How a copy ends while it has calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndOfReplica {
    /// It was lost.
    Lost,
    /// It was told to, and its time is up.
    InTime,
}

impl Stations {
    /// What all copies are at, by their places.
    pub fn loads(&self) -> Vec<Load> {
        let mut loads = vec![Load::default(); self.replica_queues.len()];
        self.requests.plain().for_each(|replica_queue| loads[replica_queue.index()].calls += 1);
        for attempt in self.attempts.under_way() {
            let Some(replica_queue) = attempt.replica_queue.filter(|_| !attempt.is_cut) else {
                continue;
            };
            let load = &mut loads[replica_queue.index()];
            load.calls += 1;
            let is_own = matches!(attempt.link, Some(Link::Pooled { pooler, .. })
                if self.poolers[usize::from(pooler)].apart == PoolPer::Replica);
            load.connections += u32::from(attempt.link.is_some() && !is_own);
        }
        for pooler in self.poolers.iter().filter(|of| of.apart == PoolPer::Replica) {
            for (load, open) in loads.iter_mut().zip(pooler.open_by_copy()) {
                load.connections += open;
            }
        }
        loads
    }

    /// The copies that a service has when it is built.
    pub fn queues_of(&self, service: usize) -> Vec<ReplicaQueueId> {
        self.services[service].open.clone()
    }

    /// A place for one more copy, which takes no calls yet.
    pub fn new_queue(&mut self, service: usize) -> ReplicaQueueId {
        let id = u32::try_from(self.replica_queues.len()).expect("copies can be numbered");
        let another = ReplicaQueue::like(
            self.replica_queues
                .iter()
                .find(|replica_queue| replica_queue.service == service)
                .expect("a service has a copy"),
        );
        self.replica_queues.push(another);
        ReplicaQueueId(id)
    }

    /// A copy takes calls from now on.
    pub fn open_queue(&mut self, copy: ReplicaQueueId, now: Moment) {
        let replica_queue = &mut self.replica_queues[copy.index()];
        replica_queue.is_lost = false;
        let service = &mut self.services[replica_queue.service];
        service.open.push(copy);
        service.copies.add(now, 1);
    }

    /// Nobody sends calls to a copy any more.
    pub fn shut_queue(&mut self, copy: ReplicaQueueId, now: Moment) {
        let service = &mut self.services[self.replica_queues[copy.index()].service];
        let before = service.open.len();
        service.open.retain(|open| *open != copy);
        if service.open.len() < before {
            service.copies.add(now, -1);
        }
    }

    /// Whether a copy has nothing left to do.
    pub fn is_queue_idle(&self, copy: ReplicaQueueId) -> bool {
        self.replica_queues[copy.index()].present == 0 && self.with(copy).is_empty()
    }

    /// How long a copy's servers have worked since the start, all together, in nanoseconds.
    pub fn queue_work(&self, copy: ReplicaQueueId, now: Moment) -> u128 {
        self.replica_queues[copy.index()].work(now)
    }

    /// Calls that came to a service so far, and how many wait there now.
    pub fn demand(&self, service: usize) -> (u64, u64) {
        let of = self.sources.iter().filter(|source| source.service == Some(service));
        let arrivals: u64 = of.map(|source| source.seen.arrivals).sum();
        let (more, waiting) = self.imagined_demand(service);
        (arrivals + more, waiting.unwrap_or(self.services[service].load.waiting.value()))
    }

    /// A copy ends for good, or is lost: its connections are closed, and calls that it was at fail.
    pub fn end_queue(
        &mut self,
        copy: ReplicaQueueId,
        how: EndOfReplica,
        agenda: &mut Agenda<impl Hosts>,
    ) {
        self.replica_queues[copy.index()].is_lost = true;
        let why = match how {
            EndOfReplica::Lost => Failure::CopyLost,
            EndOfReplica::InTime => Failure::CopyEnded,
        };
        self.needs.copy_is_out(self.replica_queues[copy.index()].service);
        self.close_connections(copy, agenda.now());
        let mut calls = self.with(copy);
        let (plain, ghosts) = self.empty_desk(copy, agenda);
        for id in ghosts {
            let request = self.requests.get_mut(id);
            (request.replica_queue, request.attempt) = (ReplicaQueueId::NOWHERE, AttemptId::NONE);
        }
        // Whoever waits for a connection of this copy leaves before others give theirs back.
        calls.sort_by_key(|id| self.attempts.get(*id).place != Place::Pool);
        for id in calls {
            self.lose(id, why, agenda);
        }
        for source in plain {
            self.think(source, agenda.now(), agenda);
        }
        // Other copies may have what was closed.
        (0..).take(self.poolers.len()).for_each(|number| self.feed_starved(number, agenda));
    }

    /// Takes all requests off a copy. Those that are nothing but requests are told of by their
    /// sources, and those whose end of service is on the agenda for good are left to it.
    fn empty_desk(
        &mut self,
        copy: ReplicaQueueId,
        agenda: &mut Agenda<impl Hosts>,
    ) -> (Vec<super::SourceId>, Vec<RequestId>) {
        let here = self.requests.at(copy);
        let interrupts = self.replica_queues[copy.index()].interrupts();
        let (replica_queue, mut context) = self.context(copy, agenda);
        here.iter().for_each(|id| context.call_back(*id));
        replica_queue.empty(&mut context);
        let (mut plain, mut ghosts) = (Vec::new(), Vec::new());
        for id in here {
            let request = *self.requests.get(id);
            let source = &mut self.sources[request.source.index()];
            source.seen.lost += 1;
            let is_served = match request.attempt.some() {
                None => {
                    plain.push(request.source);
                    true
                }
                Some(attempt) => {
                    let attempt = self.attempts.get_mut(attempt);
                    attempt.request = None;
                    attempt.place == Place::Service
                }
            };
            if is_served && !request.stands_in_line() && !interrupts {
                ghosts.push(id);
            } else {
                self.requests.release(id);
            }
        }
        (plain, ghosts)
    }

    /// A call loses the copy that it was sent to.
    fn lose(&mut self, id: AttemptId, why: Failure, agenda: &mut Agenda<impl Hosts>) {
        let attempt = *self.attempts.get(id);
        if !matches!(attempt.place, Place::Querying | Place::Committing) {
            return self.fail(id, why, agenda);
        }
        // A database goes on with what it was asked, and finds nobody to answer.
        let rest = self.attempts.get_mut(id);
        (rest.is_orphan, rest.is_cut) = (true, true);
        if let Some(deadline) = rest.deadline.take() {
            agenda.cancel(deadline);
        }
        if !attempt.is_orphan {
            let source = &mut self.sources[attempt.caller.source.index()];
            source.calling.failures[why as usize] += 1;
            self.try_again(&attempt, agenda);
        }
    }

    /// A copy's own connections are closed: idle ones now, others when they come back.
    fn close_connections(&mut self, copy: ReplicaQueueId, now: Moment) {
        for pooler in &mut self.poolers {
            let closed = pooler.copy_ends(copy, now);
            let database = &mut self.databases[usize::from(pooler.database)];
            (0..closed).for_each(|_| database.close(now));
        }
    }

    /// Connections to all databases that are open now.
    #[must_use]
    pub fn connections_open(&self) -> u64 {
        self.databases.iter().map(super::Database::open_now).sum()
    }

    /// Calls that were sent to a copy and are under way, wherever they are.
    fn with(&self, copy: ReplicaQueueId) -> Vec<AttemptId> {
        self.attempts.which(|attempt| attempt.replica_queue == Some(copy) && !attempt.is_cut)
    }
}
