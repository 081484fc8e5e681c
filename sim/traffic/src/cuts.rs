//! Ways that are cut: who asks across one waits in vain. Knows no place: whoever cuts a way says what stands at its
//! ends.

use crate::Stations;
use crate::attempts::{Attempt, Link, Place};
use crate::event::{Event, Hosts, WORLD};
use crate::failure::Failure;
use crate::ids::{AttemptId, ReplicaQueueId};
use crate::query::Target;
use crate::{endings, querying};
use seatrial_contract::units::{Moment, Span};
use seatrial_kernel::agenda::Agenda;
use std::collections::{BTreeMap, BTreeSet};

/// All ways that are cut now.
#[derive(Debug, Default)]
pub(crate) struct Cuts {
    all: Vec<Cut>,
    /// Load balancers that are lost, by the source whose calls come through them: so many reasons why.
    lost: BTreeMap<usize, u32>,
}

/// A way between two places that is cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Tells it from others.
    pub number: u64,
    /// Where what is sent gets lost.
    pub from: End,
    /// Where it does not arrive.
    pub to: End,
    /// What is sent the other way arrives.
    pub one_way: bool,
    /// How long somebody tries who gets no answer.
    pub gives_up: Span,
    /// Load balancers send nobody across it from then on, by the world's time.
    pub noticed: Moment,
}

/// What stands at an end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// Servers of databases: the database, and the server by its place at the start.
    pub servers: Vec<(u16, usize)>,
    /// Caches.
    pub caches: Vec<usize>,
    /// Services whose replicas all stand there.
    pub services: Vec<usize>,
    /// Poolers.
    pub poolers: Vec<u16>,
    /// Load balancers, by the source whose calls come through them.
    pub sources: Vec<usize>,
    /// Replicas of other services.
    pub queues: BTreeSet<ReplicaQueueId>,
}

/// What becomes of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    /// It does not arrive.
    Lost(Span),
    /// It arrives, and its answer does not.
    Unanswered(Span),
}

/// A way is cut.
pub fn cut(stations: &mut Stations, cut: Cut) {
    stations.serving.cuts.all.push(cut);
}

/// It is whole again. Who tried is at it until it gives up.
pub fn mend(stations: &mut Stations, number: u64) {
    stations.serving.cuts.all.retain(|cut| cut.number != number);
}

/// A load balancer is lost through which the calls of a source come, or is back.
pub fn lose_balancer(stations: &mut Stations, source: usize, so: bool) {
    let reasons = stations.serving.cuts.lost.entry(source).or_default();
    *reasons = if so { *reasons + 1 } else { reasons.saturating_sub(1) };
    stations.serving.cuts.lost.retain(|_, reasons| *reasons > 0);
}

/// A replica stands somewhere from now on: at these ends, by the number of the cut and whether it is the one that
/// sends in vain.
pub fn stands(stations: &mut Stations, queue: ReplicaQueueId, at: &[(u64, bool)]) {
    for cut in &mut stations.serving.cuts.all {
        for (end, sends) in [(&mut cut.from, true), (&mut cut.to, false)] {
            if at.contains(&(cut.number, sends)) {
                end.queues.insert(queue);
            } else {
                end.queues.remove(&queue);
            }
        }
    }
}

impl Cuts {
    /// What calls depend on.
    pub(crate) fn shape(&self, world: Moment) -> impl Iterator<Item = u64> {
        let cuts = self.all.iter().flat_map(move |cut| {
            let queues = |end: &End| end.queues.len() as u64;
            let is_noticed = u64::from(world >= cut.noticed);
            [cut.number, is_noticed, queues(&cut.from), queues(&cut.to)]
        });
        cuts.chain(self.lost.keys().map(|source| *source as u64))
    }

    /// Whether there is anything that calls would notice.
    #[inline]
    pub(crate) fn is_none(&self) -> bool {
        self.all.is_empty() && self.lost.is_empty()
    }

    /// Whether the load balancer is lost that a source's calls come through.
    pub(crate) fn has_lost(&self, source: usize) -> bool {
        self.lost.contains_key(&source)
    }

    /// Whether a cache cannot be reached from a service.
    pub(crate) fn hides_cache(&self, service: Option<usize>, cache: usize) -> bool {
        self.all.iter().any(|cut| {
            let asks = |end: &End| service.is_some_and(|of| end.services.contains(&of));
            cut.reach(asks, |end| end.caches.contains(&cache)).is_some()
        })
    }
}

impl Cut {
    /// What becomes of what is asked there by who stands here.
    fn reach(&self, asks: impl Fn(&End) -> bool, asked: impl Fn(&End) -> bool) -> Option<Reach> {
        if asks(&self.from) && asked(&self.to) {
            return Some(Reach::Lost(self.gives_up));
        }
        let other_way = asks(&self.to) && asked(&self.from);
        other_way.then_some(if self.one_way {
            Reach::Unanswered(self.gives_up)
        } else {
            Reach::Lost(self.gives_up)
        })
    }
}

/// A load balancer picks the replica that takes the next request; how long it waits for an answer in vain where the
/// way there is cut and it has not noticed.
#[cold]
pub(crate) fn choose(
    stations: &mut Stations,
    source: usize,
    now: Moment,
) -> (Option<ReplicaQueueId>, Option<Span>) {
    let Some(called) = stations.sources[source].service else { return (None, None) };
    let world = now.after(stations.clock.ahead);
    let cuts = &stations.serving.cuts.all;
    let balancer = |end: &End| end.sources.contains(&source);
    let cut_by = |queue: ReplicaQueueId| {
        let replica = |end: &End| end.queues.contains(&queue) || end.services.contains(&called);
        cuts.iter().find(|cut| cut.reach(balancer, replica).is_some())
    };
    let service = &mut stations.serving.services[called];
    let hidden = |queue: &ReplicaQueueId| cut_by(*queue).is_some_and(|cut| world >= cut.noticed);
    let left: Vec<_> = service.open.iter().copied().filter(|queue| !hidden(queue)).collect();
    let all = core::mem::replace(&mut service.open, left);
    let stream = &mut stations.sources[source].draws.balance;
    let chosen = service.choose(&stations.serving.replica_queues, stream);
    service.open = all;
    let in_vain = chosen.and_then(cut_by).map(|cut| cut.gives_up);
    (chosen, in_vain)
}

/// Whether what an attempt asks that database does not arrive there; it waits then.
pub(crate) fn is_lost(
    stations: &mut Stations,
    id: AttemptId,
    (asked, is_open): (Asked, bool),
    agenda: &mut Agenda<impl Hosts>,
) -> bool {
    // Nobody connects anew who hears no answer.
    let gives_up = match reach(stations, id, asked) {
        Some(Reach::Unanswered(_)) if is_open => return false,
        Some(Reach::Lost(gives_up) | Reach::Unanswered(gives_up)) => gives_up,
        None => return false,
    };
    waits(stations, id, gives_up, agenda);
    true
}

/// Whether the answer to an attempt does not arrive; it waits then.
pub(crate) fn is_unanswered(
    stations: &mut Stations,
    id: AttemptId,
    agenda: &mut Agenda<impl Hosts>,
) -> bool {
    let Some(asked) = asked_now(stations, id) else { return false };
    let reach = reach(stations, id, asked);
    let Some(Reach::Lost(gives_up) | Reach::Unanswered(gives_up)) = reach else { return false };
    waits(stations, id, gives_up, agenda);
    true
}

/// What is asked: a database, by way of a pooler or not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    pub(crate) database: u16,
    pub(crate) pooler: Option<u16>,
}

#[inline]
fn reach(stations: &Stations, id: AttemptId, asked: Asked) -> Option<Reach> {
    if stations.serving.cuts.all.is_empty() {
        return None;
    }
    worst(stations, stations.attempts.get(id), asked)
}

/// The worst of all ways that are cut between who asks and what is asked.
#[cold]
fn worst(stations: &Stations, attempt: &Attempt, asked: Asked) -> Option<Reach> {
    let service = stations.sources[attempt.call.caller.source.index()].service;
    let queue = attempt.holds.replica_queue;
    let primary = stations.stores.databases[usize::from(asked.database)].members.primary();
    let server = (asked.database, primary);
    let asks = |end: &End| {
        service.is_some_and(|of| end.services.contains(&of))
            || queue.is_some_and(|of| end.queues.contains(&of))
    };
    let has_server = |end: &End| end.servers.contains(&server);
    let has_pooler = |end: &End| asked.pooler.is_some_and(|of| end.poolers.contains(&of));
    let placed = stations.serving.cuts.all.iter();
    let mut ways: Vec<Reach> = Vec::new();
    for cut in placed {
        match asked.pooler {
            // Who goes by a pooler that has a place goes there first, and from there to the database.
            Some(pooler) if stations.stores.poolers[usize::from(pooler)].terms.has_place => {
                ways.extend(cut.reach(asks, has_pooler));
                ways.extend(cut.reach(has_pooler, has_server));
            }
            Some(_) | None => ways.extend(cut.reach(asks, has_server)),
        }
    }
    let lost = ways.iter().find(|of| matches!(of, Reach::Lost(_))).copied();
    lost.or_else(|| ways.first().copied())
}

/// An attempt waits in vain for so long.
pub(crate) fn waits(
    stations: &mut Stations,
    id: AttemptId,
    gives_up: Span,
    agenda: &mut Agenda<impl Hosts>,
) {
    let at = agenda.now().after(gives_up);
    let attempt = stations.attempts.get_mut(id);
    attempt.place = Place::Unreached;
    attempt.timers.next = (at <= stations.clock.ends_at)
        .then(|| agenda.schedule_timer(at, WORLD, Event::Unreached(id).into()));
}

/// Somebody who got no answer gives up.
pub(crate) fn gives_up(stations: &mut Stations, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
    stations.attempts.get_mut(id).timers.next = None;
    endings::fail(stations, id, Failure::Unreachable, agenda);
}

/// What is asked where a query goes there.
#[inline]
pub(crate) fn asked(stations: &Stations, target: Target) -> Asked {
    match target {
        Target::Database(database) => Asked { database, pooler: None },
        Target::Pooler(pooler) => Asked {
            database: stations.stores.poolers[usize::from(pooler)].database,
            pooler: Some(pooler),
        },
    }
}

/// What an attempt asks with the connection that it has.
#[inline]
fn asked_now(stations: &Stations, id: AttemptId) -> Option<Asked> {
    let link = stations.attempts.get(id).holds.link?;
    let pooler = match link {
        Link::Pooled { pooler, .. } => Some(pooler),
        Link::Direct { .. } => None,
    };
    Some(Asked { database: querying::database_of(stations, link), pooler })
}
