//! How replicas come and go: as many are kept as are wanted, on machines that take them; those that
//! are lost are missed after a while; those that end have time for what they are at.

use super::scheduling::room_for;
use super::uses::{begins_to_use, uses_nothing, worked};
use super::{Answered, Replica, State, Usage, Varying, releases};
use crate::{Event, Fleet, Hosts, Turn, cuts, pool_counting, usage};
use seatrial_contract::units::{MilliCores, Moment, Span};
use seatrial_contract::{Footprint, NodeId};
use seatrial_traffic::replica_queues;
use seatrial_traffic::{EndOfReplica, ReplicaQueueId};
use std::cmp::Reverse;

/// How long a replica that found no room waits until it looks again.
const LOOKS_AGAIN: Span = Span::seconds(5);
/// How often it is looked whether one that ends has ended.
const ENDS_EVERY: Span = Span::seconds(1);

/// Has the replicas of the beginning stand on machines, as far as there is room, and plans what is
/// to come.
pub fn begin_replicas<E: Hosts>(fleet: &mut Fleet<E>) {
    for service in 0..fleet.replicas.services.len() {
        for queue in replica_queues::queues_of(
            &fleet.traffic.stations,
            fleet.replicas.services[service].station,
        ) {
            shut_queue(fleet, queue);
            add_replica(fleet, service, queue);
        }
        seek_rooms(fleet, service);
        take_stock(fleet, service);
    }
    if !fleet.replicas.services.is_empty() {
        fleet.later(fleet.design.samples_every, Event::ReplicasSampled);
    }
}

/// Has a service keep so many replicas from now on.
pub fn scale<E: Hosts>(fleet: &mut Fleet<E>, service: usize, to: u32) {
    let of = &mut fleet.replicas.services[service];
    of.wanted = to;
    of.seen.scaled += 1;
    keep_replicas(fleet, service);
}

/// Starts replicas and ends others until there are as many as are wanted, and has one leave a
/// machine that is to be emptied.
pub fn keep_replicas<E: Hosts>(fleet: &mut Fleet<E>, service: usize) {
    // Nobody knows of those that are lost.
    let living = [State::Pending, State::Starting, State::Ready, State::Lost];
    let wanted = fleet.replicas.services[service].wanted as usize;
    while fleet.replicas.count(service, &living) < wanted {
        let queue = free_queue(fleet, service);
        add_replica(fleet, service, queue);
    }
    seek_rooms(fleet, service);
    while fleet.replicas.count(service, &living) > wanted
        && let Some(id) = least_needed(fleet, service)
    {
        end_replica(fleet, id);
    }
    // One at a time, the next once the other's substitute is ready.
    if fleet.replicas.count(service, &[State::Ready]) == wanted
        && let Some(id) = on_a_draining_machine(fleet, service)
    {
        end_replica(fleet, id);
        keep_replicas(fleet, service);
    }
    take_stock(fleet, service);
}

/// All services look after their replicas: a machine came, went, or is to be emptied.
pub fn keep_all_replicas<E: Hosts>(fleet: &mut Fleet<E>) {
    (0..fleet.replicas.services.len()).for_each(|service| keep_replicas(fleet, service));
}

fn free_queue<E: Hosts>(fleet: &mut Fleet<E>, service: usize) -> ReplicaQueueId {
    let of = &mut fleet.replicas.services[service];
    let station = of.station;
    of.stock
        .spare
        .pop()
        .unwrap_or_else(|| replica_queues::new_queue(&mut fleet.traffic.stations, station))
}

fn add_replica<E: Hosts>(fleet: &mut Fleet<E>, service: usize, queue: ReplicaQueueId) {
    let now = fleet.now();
    let of = &mut fleet.replicas.services[service];
    of.stock.made += 1;
    let number = of.stock.made - 1;
    fleet.replicas.all.push(Replica {
        of: service,
        number,
        state: State::Pending,
        node: None,
        since: now,
        started_at: None,
        usage: Usage {
            seen: Footprint::default(),
            sampled: worked(fleet, queue),
            counted: worked(fleet, queue),
            beside: MilliCores(0),
            memory: Varying::new(now),
        },
        answers: Answered::default(),
        queue,
        turn: 0,
        ends_by: now,
        is_dirty: false,
    });
    touch(fleet, fleet.replicas.all.len() - 1);
}

fn touch<E: Hosts>(fleet: &mut Fleet<E>, id: usize) {
    fleet.replicas.touch(id);
    if let Some(noted) = &mut fleet.changed.noted {
        noted.replicas.push(id);
    }
}

/// Of those that are there the one that is missed least, as Kubernetes picks it: first those that
/// are not ready, then one whose machine has others, then the youngest.
fn least_needed<E: Hosts>(fleet: &Fleet<E>, service: usize) -> Option<usize> {
    let beside = |of: &Replica| {
        let beside = fleet.replicas.of(service).filter(|(_, other)| {
            other.state == State::Ready && of.node.is_some() && other.node == of.node
        });
        beside.count()
    };
    let living = fleet.replicas.of(service).filter(|(_, of)| of.state <= State::Ready);
    let ranks = living.map(|(id, of)| ((of.state, Reverse((beside(of), of.since, id))), id));
    ranks.min().map(|(_, id)| id)
}

fn on_a_draining_machine<E: Hosts>(fleet: &Fleet<E>, service: usize) -> Option<usize> {
    let drains =
        |of: &Replica| of.node.is_some_and(|node| fleet.nodes[node.index()].closed.draining);
    let ready = fleet.replicas.of(service).filter(|(_, of)| of.state == State::Ready);
    ready.into_iter().find(|(_, of)| drains(of)).map(|(id, _)| id)
}

/// Those without a machine look for one, the first who came first. Where there is no room for one
/// there is none for the others, and they look again later.
fn seek_rooms<E: Hosts>(fleet: &mut Fleet<E>, service: usize) {
    let pending = fleet.replicas.of(service).filter(|(_, of)| of.state == State::Pending);
    let pending: Vec<usize> = pending.map(|(id, _)| id).collect();
    for id in pending {
        let Some(node) = room_for(fleet, service) else {
            let of = &mut fleet.replicas.services[service];
            if !core::mem::replace(&mut of.looks_again, true) {
                let service = u16::try_from(service).unwrap_or(u16::MAX);
                fleet.later(LOOKS_AGAIN, Event::ReplicasSeek(service));
            }
            return;
        };
        start_on(fleet, id, node);
    }
}

/// Replicas without a machine look again for one.
pub fn replicas_seek<E: Hosts>(fleet: &mut Fleet<E>, service: u16) {
    fleet.replicas.services[usize::from(service)].looks_again = false;
    seek_rooms(fleet, usize::from(service));
}

fn start_on<E: Hosts>(fleet: &mut Fleet<E>, id: usize, node: NodeId) {
    let service = fleet.replicas.all[id].of;
    settle_on(fleet, id, node);
    if !fleet.schedule.has_begun {
        return stand_from_the_start(fleet, id);
    }
    enter(fleet, id, State::Starting);
    fleet.replicas.all[id].started_at = Some(fleet.now());
    let of = &mut fleet.replicas.services[service];
    of.seen.started += 1;
    let number = fleet.replicas.all[id].number;
    let takes = of.lifecycle.starts_in.sample(&mut fleet.dice.stream(number, of.lifecycle.purpose));
    due_in(fleet, id, takes);
}

fn open_queue<E: Hosts>(fleet: &mut Fleet<E>, queue: ReplicaQueueId) {
    fleet.stir();
    let now = fleet.calls_now();
    replica_queues::open_queue(&mut fleet.traffic.stations, queue, now);
}

fn shut_queue<E: Hosts>(fleet: &mut Fleet<E>, queue: ReplicaQueueId) {
    fleet.stir();
    let now = fleet.calls_now();
    replica_queues::shut_queue(&mut fleet.traffic.stations, queue, now);
}

fn end_queue<E: Hosts>(fleet: &mut Fleet<E>, queue: ReplicaQueueId, how: EndOfReplica) {
    fleet.stir();
    let (stations, agenda) = fleet.calls();
    replica_queues::end_queue(stations, queue, how, agenda);
}

/// It has been there since the day before the run.
fn stand_from_the_start<E: Hosts>(fleet: &mut Fleet<E>, id: usize) {
    let now = fleet.now();
    enter(fleet, id, State::Ready);
    let since = Moment(now.0.saturating_sub(Span::days(1).0));
    let replica = &mut fleet.replicas.all[id];
    (replica.since, replica.started_at) = (since, Some(since));
    let queue = replica.queue;
    open_queue(fleet, queue);
}

/// What a replica was waiting for is there, unless it went on meanwhile.
pub fn replica_due<E: Hosts>(fleet: &mut Fleet<E>, id: u32, turn: u16) {
    let (id, now) = (id as usize, fleet.now());
    let replica = fleet.replicas.all[id];
    if replica.turn != turn {
        return;
    }
    match replica.state {
        State::Starting => {
            enter(fleet, id, State::Ready);
            open_queue(fleet, replica.queue);
            keep_replicas(fleet, replica.of);
        }
        State::Lost => {
            shut_queue(fleet, replica.queue);
            leave_machine(fleet, id);
        }
        State::Ending
            if now < replica.ends_by
                && !replica_queues::is_queue_idle(&fleet.traffic.stations, replica.queue) =>
        {
            due_in(fleet, id, ENDS_EVERY);
        }
        State::Ending => {
            end_queue(fleet, replica.queue, EndOfReplica::InTime);
            leave_machine(fleet, id);
        }
        State::Pending | State::Ready | State::Gone => {}
    }
}

/// It takes no more calls, and goes when it has ended those it has.
fn end_replica<E: Hosts>(fleet: &mut Fleet<E>, id: usize) {
    let (now, replica) = (fleet.now(), fleet.replicas.all[id]);
    if replica.state != State::Ready {
        return leave_machine(fleet, id);
    }
    enter(fleet, id, State::Ending);
    shut_queue(fleet, replica.queue);
    let within = fleet.replicas.services[replica.of].lifecycle.ends_within;
    fleet.replicas.all[id].ends_by = now.after(within);
    due_in(fleet, id, Span::ZERO);
}

/// So many replicas of a service are lost, those that have been ready for longest.
pub fn lose_oldest<E: Hosts>(fleet: &mut Fleet<E>, service: usize, count: usize) {
    let ready = fleet.replicas.of(service).filter(|(_, of)| of.state == State::Ready);
    let mut oldest: Vec<(Moment, usize)> = ready.map(|(id, of)| (of.since, id)).collect();
    oldest.sort_unstable();
    for (_, id) in oldest.into_iter().take(count) {
        lose_replica(fleet, id);
    }
}

/// Replicas on a machine are lost with it.
pub fn lose_those_on<E: Hosts>(fleet: &mut Fleet<E>, node: NodeId) {
    let here = fleet.replicas.all.iter().enumerate().filter(|(_, of)| of.node == Some(node));
    let here: Vec<(usize, State)> = here.map(|(id, of)| (id, of.state)).collect();
    for (id, state) in here {
        match state {
            State::Starting | State::Ready | State::Ending => lose_replica(fleet, id),
            State::Pending | State::Lost | State::Gone => {}
        }
    }
}

fn lose_replica<E: Hosts>(fleet: &mut Fleet<E>, id: usize) {
    let replica = fleet.replicas.all[id];
    let of = &mut fleet.replicas.services[replica.of];
    of.seen.lost += 1;
    let noticed_after = of.lifecycle.noticed_after;
    enter(fleet, id, State::Lost);
    end_queue(fleet, replica.queue, EndOfReplica::Lost);
    uses_nothing(fleet, id);
    take_stock(fleet, replica.of);
    due_in(fleet, id, noticed_after);
}

/// It is gone for good, and its room is free.
fn leave_machine<E: Hosts>(fleet: &mut Fleet<E>, id: usize) {
    uses_nothing(fleet, id);
    let (replica, now) = (fleet.replicas.all[id], fleet.now());
    if let Some(on) = replica.node {
        let requested = fleet.replicas.services[replica.of].requested;
        let node = &mut fleet.nodes[on.index()];
        node.replicas.requested = node.replicas.requested.minus(requested);
        node.replicas.left = Some(now);
        pool_counting::promised(fleet, on, requested, Footprint::default());
    }
    enter(fleet, id, State::Gone);
    fleet.replicas.all[id].node = None;
    fleet.replicas.services[replica.of].stock.spare.push(replica.queue);
    keep_all_replicas(fleet);
}

fn settle_on<E: Hosts>(fleet: &mut Fleet<E>, id: usize, node: NodeId) {
    let requested = fleet.replicas.services[fleet.replicas.all[id].of].requested;
    fleet.replicas.all[id].node = Some(node);
    let kept = &mut fleet.nodes[node.index()].replicas.requested;
    *kept = kept.plus(requested);
    pool_counting::promised(fleet, node, Footprint::default(), requested);
    begins_to_use(fleet, id);
    releases::share_of_machine(fleet, id);
    cuts::settles(fleet, id);
    usage::check_memory(fleet, node);
}

fn enter<E: Hosts>(fleet: &mut Fleet<E>, id: usize, state: State) {
    let now = fleet.now();
    let replica = &mut fleet.replicas.all[id];
    (replica.state, replica.since) = (state, now);
    replica.turn = replica.turn.wrapping_add(1);
    touch(fleet, id);
}

fn due_in<E: Hosts>(fleet: &mut Fleet<E>, id: usize, span: Span) {
    let turn = fleet.replicas.all[id].turn;
    let id = u32::try_from(id).expect("replicas can be numbered");
    fleet.later(span, Event::ReplicaDue(Turn(id, turn)));
}

fn take_stock<E: Hosts>(fleet: &mut Fleet<E>, service: usize) {
    let now = fleet.now();
    let ready = fleet.replicas.count(service, &[State::Ready]);
    let of = &mut fleet.replicas.services[service];
    of.seen.ready.set(now, ready as u64);
    of.seen.short.set(now, ready < of.wanted as usize);
}
