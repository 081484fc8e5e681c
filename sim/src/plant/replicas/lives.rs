//! How replicas come and go: as many are kept as are wanted, on machines that take them; those that
//! are lost are missed after a while; those that end have time for what they are at.

use super::super::{Event, WORLD, World};
use super::{Replica, State, Varying};
use seatrial_contract::units::{MilliCores, Moment, Span};
use seatrial_contract::{Footprint, NodeId};
use seatrial_traffic::{DeskId, EndOfCopy};
use std::cmp::Reverse;

/// How long a replica that found no room waits until it looks again.
const LOOKS_AGAIN: Span = Span::seconds(5);
/// How often it is looked whether one that ends has ended.
const ENDS_EVERY: Span = Span::seconds(1);

impl World {
    /// Has the replicas of the beginning stand on machines, as far as there is room, and plans what is
    /// to come.
    pub(crate) fn launch_replicas(&mut self) {
        for service in 0..self.replicas.services.len() {
            for copy in self.stations.copies(self.replicas.services[service].station) {
                self.shut_copy(copy);
                self.add_replica(service, copy);
            }
            self.seek_rooms(service);
            self.take_stock(service);
            let losses = self.replicas.services[service].losses.iter().enumerate();
            for (index, (at, _)) in losses {
                let number = |of: usize| u16::try_from(of).unwrap_or(u16::MAX);
                let event = Event::ReplicasLost(number(service), number(index));
                self.agenda.schedule(*at, WORLD, event);
            }
        }
        if !self.replicas.services.is_empty() {
            self.later(self.sensing.every, Event::ReplicasSampled);
        }
    }

    /// Has a service keep so many replicas from now on; false where it kept another number before.
    pub(crate) fn scale(&mut self, service: usize, from: u32, to: u32) -> bool {
        let of = &mut self.replicas.services[service];
        if of.wanted != from || from == to {
            return false;
        }
        of.wanted = to;
        of.seen.scaled += 1;
        self.keep_replicas(service);
        true
    }

    /// Starts replicas and ends others until there are as many as are wanted, and has one leave a
    /// machine that is to be emptied.
    pub(crate) fn keep_replicas(&mut self, service: usize) {
        // Nobody knows of those that are lost.
        let living = [State::Pending, State::Starting, State::Ready, State::Lost];
        let wanted = self.replicas.services[service].wanted as usize;
        while self.replicas.count(service, &living) < wanted {
            let copy = self.free_copy(service);
            self.add_replica(service, copy);
        }
        self.seek_rooms(service);
        while self.replicas.count(service, &living) > wanted
            && let Some(id) = self.least_needed(service)
        {
            self.end_replica(id);
        }
        // One at a time, the next once the other's substitute is ready.
        if self.replicas.count(service, &[State::Ready]) == wanted
            && let Some(id) = self.on_a_draining_machine(service)
        {
            self.end_replica(id);
            self.keep_replicas(service);
        }
        self.take_stock(service);
    }

    /// All services look after their replicas: a machine came, went, or is to be emptied.
    pub(crate) fn keep_all_replicas(&mut self) {
        (0..self.replicas.services.len()).for_each(|service| self.keep_replicas(service));
    }

    fn free_copy(&mut self, service: usize) -> DeskId {
        let of = &mut self.replicas.services[service];
        let station = of.station;
        of.spare.pop().unwrap_or_else(|| self.stations.new_copy(station))
    }

    fn add_replica(&mut self, service: usize, copy: DeskId) {
        let now = self.now();
        let of = &mut self.replicas.services[service];
        of.made += 1;
        let number = of.made - 1;
        self.replicas.all.push(Replica {
            of: service,
            number,
            state: State::Pending,
            node: None,
            since: now,
            started_at: None,
            uses: Footprint::default(),
            copy,
            turn: 0,
            ends_by: now,
            sampled: self.worked(copy),
            counted: self.worked(copy),
            beside: MilliCores(0),
            memory: Varying::new(now),
            is_dirty: false,
        });
        self.replicas.touch(self.replicas.all.len() - 1);
    }

    /// Of those that are there the one that is missed least, as Kubernetes picks it: first those that
    /// are not ready, then one whose machine has others, then the youngest.
    fn least_needed(&self, service: usize) -> Option<usize> {
        let beside = |of: &Replica| {
            let beside = self.replicas.of(service).filter(|(_, other)| {
                other.state == State::Ready && of.node.is_some() && other.node == of.node
            });
            beside.count()
        };
        let living = self.replicas.of(service).filter(|(_, of)| of.state <= State::Ready);
        let ranks = living.map(|(id, of)| ((of.state, Reverse((beside(of), of.since, id))), id));
        ranks.min().map(|(_, id)| id)
    }

    fn on_a_draining_machine(&self, service: usize) -> Option<usize> {
        let drains = |of: &Replica| of.node.is_some_and(|node| self.nodes[node.index()].draining);
        let ready = self.replicas.of(service).filter(|(_, of)| of.state == State::Ready);
        ready.into_iter().find(|(_, of)| drains(of)).map(|(id, _)| id)
    }

    /// Those without a machine look for one, the first who came first. Where there is no room for one
    /// there is none for the others, and they look again later.
    fn seek_rooms(&mut self, service: usize) {
        let pending = self.replicas.of(service).filter(|(_, of)| of.state == State::Pending);
        let pending: Vec<usize> = pending.map(|(id, _)| id).collect();
        for id in pending {
            let Some(node) = self.room_for(service) else {
                let of = &mut self.replicas.services[service];
                if !core::mem::replace(&mut of.looks_again, true) {
                    let service = u16::try_from(service).unwrap_or(u16::MAX);
                    self.later(LOOKS_AGAIN, Event::ReplicasSeek(service));
                }
                return;
            };
            self.start_on(id, node);
        }
    }

    /// Replicas without a machine look again for one.
    pub(crate) fn replicas_seek(&mut self, service: u16) {
        self.replicas.services[usize::from(service)].looks_again = false;
        self.seek_rooms(usize::from(service));
    }

    fn start_on(&mut self, id: usize, node: NodeId) {
        let service = self.replicas.all[id].of;
        self.settle_on(id, node);
        if !self.launched {
            return self.stand_from_the_start(id);
        }
        self.enter(id, State::Starting);
        self.replicas.all[id].started_at = Some(self.now());
        let of = &mut self.replicas.services[service];
        of.seen.started += 1;
        let number = self.replicas.all[id].number;
        let takes = of.starts_in.sample(&mut self.dice.stream(number, of.purpose));
        self.due_in(id, takes);
    }

    fn open_copy(&mut self, copy: DeskId) {
        self.stir();
        let now = self.calls_now();
        self.stations.open_copy(copy, now);
    }

    fn shut_copy(&mut self, copy: DeskId) {
        self.stir();
        let now = self.calls_now();
        self.stations.shut_copy(copy, now);
    }

    fn end_copy(&mut self, copy: DeskId, how: EndOfCopy) {
        self.stir();
        let (stations, agenda) = self.calls();
        stations.end_copy(copy, how, agenda);
    }

    /// It has been there since the day before the voyage.
    fn stand_from_the_start(&mut self, id: usize) {
        let now = self.now();
        self.enter(id, State::Ready);
        let since = Moment(now.0.saturating_sub(Span::days(1).0));
        let replica = &mut self.replicas.all[id];
        (replica.since, replica.started_at) = (since, Some(since));
        let copy = replica.copy;
        self.open_copy(copy);
    }

    /// What a replica was waiting for is there, unless it went on meanwhile.
    pub(crate) fn replica_due(&mut self, id: u32, turn: u16) {
        let (id, now) = (id as usize, self.now());
        let replica = self.replicas.all[id];
        if replica.turn != turn {
            return;
        }
        match replica.state {
            State::Starting => {
                self.enter(id, State::Ready);
                self.open_copy(replica.copy);
                self.keep_replicas(replica.of);
            }
            State::Lost => {
                self.shut_copy(replica.copy);
                self.leave_machine(id);
            }
            State::Ending if now < replica.ends_by && !self.stations.is_copy_idle(replica.copy) => {
                self.due_in(id, ENDS_EVERY);
            }
            State::Ending => {
                self.end_copy(replica.copy, EndOfCopy::InTime);
                self.leave_machine(id);
            }
            State::Pending | State::Ready | State::Gone => {}
        }
    }

    /// It takes no more calls, and goes when it has ended those it has.
    fn end_replica(&mut self, id: usize) {
        let (now, replica) = (self.now(), self.replicas.all[id]);
        if replica.state != State::Ready {
            return self.leave_machine(id);
        }
        self.enter(id, State::Ending);
        self.shut_copy(replica.copy);
        let within = self.replicas.services[replica.of].ends_within;
        self.replicas.all[id].ends_by = now.after(within);
        self.due_in(id, Span::ZERO);
    }

    /// Replicas are lost as the scenario has it.
    pub(crate) fn replicas_lost(&mut self, service: u16, loss: u16) {
        let (service, loss) = (usize::from(service), usize::from(loss));
        let (_, count) = self.replicas.services[service].losses[loss];
        let ready = self.replicas.of(service).filter(|(_, of)| of.state == State::Ready);
        let mut oldest: Vec<(Moment, usize)> = ready.map(|(id, of)| (of.since, id)).collect();
        oldest.sort_unstable();
        for (_, id) in oldest.into_iter().take(count as usize) {
            self.lose_replica(id);
        }
    }

    fn lose_replica(&mut self, id: usize) {
        let replica = self.replicas.all[id];
        let of = &mut self.replicas.services[replica.of];
        of.seen.lost += 1;
        let noticed_after = of.noticed_after;
        self.enter(id, State::Lost);
        self.end_copy(replica.copy, EndOfCopy::Lost);
        self.uses_nothing(id);
        self.take_stock(replica.of);
        self.due_in(id, noticed_after);
    }

    /// It is gone for good, and its room is free.
    fn leave_machine(&mut self, id: usize) {
        self.uses_nothing(id);
        let replica = self.replicas.all[id];
        if let Some(node) = replica.node {
            let requested = self.replicas.services[replica.of].requested;
            let node = &mut self.nodes[node.index()];
            node.kept = node.kept.minus(requested);
        }
        self.enter(id, State::Gone);
        self.replicas.all[id].node = None;
        self.replicas.services[replica.of].spare.push(replica.copy);
        self.keep_all_replicas();
    }

    fn settle_on(&mut self, id: usize, node: NodeId) {
        let requested = self.replicas.services[self.replicas.all[id].of].requested;
        self.replicas.all[id].node = Some(node);
        let kept = &mut self.nodes[node.index()].kept;
        *kept = kept.plus(requested);
        self.begins_to_use(id);
        self.check_memory(node);
    }

    fn enter(&mut self, id: usize, state: State) {
        let now = self.now();
        let replica = &mut self.replicas.all[id];
        (replica.state, replica.since) = (state, now);
        replica.turn = replica.turn.wrapping_add(1);
        self.replicas.touch(id);
    }

    fn due_in(&mut self, id: usize, span: Span) {
        let turn = self.replicas.all[id].turn;
        let id = u32::try_from(id).expect("replicas can be numbered");
        self.later(span, Event::ReplicaDue(super::super::Turn(id, turn)));
    }

    fn take_stock(&mut self, service: usize) {
        let now = self.now();
        let ready = self.replicas.count(service, &[State::Ready]);
        let of = &mut self.replicas.services[service];
        of.seen.ready.set(now, ready as u64);
        of.seen.short.set(now, ready < of.wanted as usize);
    }
}
