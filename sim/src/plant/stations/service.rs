//! A service: copies with servers and a queue each, and the choice among them. Draws nothing but
//! that choice, from the stream handed in.

use super::fifo::Fifo;
use super::floor::{Floor, Load};
use super::preemptive::Preemptive;
use super::requests::{DeskId, RequestId};
use super::sharing::Sharing;
use seatrial_contract::Stream;
use seatrial_contract::units::{Moment, Span};
use seatrial_format::scenario::{Balance, Discipline, Scenario, Service as ServiceFile};

/// A service, all copies together.
pub(super) struct Service {
    pub(super) name: String,
    pub(super) discipline: Discipline,
    pub(super) replicas: u32,
    /// Of one copy.
    pub(super) servers: u32,
    pub(super) load: Load,
    balance: Balance,
    /// The place of the first copy among all desks.
    first: u32,
    /// Which copy is next, in turn.
    turn: u32,
    /// How many one copy holds at the most.
    room: u64,
}

/// One copy of a service.
pub(super) struct Desk {
    /// The place of its service among the stations.
    pub(super) service: usize,
    /// Requests there, served or waiting.
    pub(super) present: u32,
    order: Order,
}

/// Who is served next at a desk.
enum Order {
    Fifo(Fifo),
    Sharing(Box<Sharing>),
    Preemptive(Box<Preemptive>),
}

impl Service {
    pub(super) fn new(file: &ServiceFile, first: u32, now: Moment) -> Self {
        let servers = file.servers.get();
        let waiting = file.waiting_room.map_or(u64::MAX, u64::from);
        Self {
            name: file.name.to_string(),
            discipline: file.discipline,
            replicas: file.replicas.get(),
            servers,
            load: Load::new(now),
            balance: file.balance,
            first,
            turn: 0,
            room: u64::from(servers).saturating_add(waiting),
        }
    }

    /// The copy that takes the next request.
    #[inline]
    pub(super) fn choose(&mut self, desks: &[Desk], stream: &mut Stream) -> DeskId {
        if self.replicas == 1 {
            return DeskId(self.first);
        }
        let any = |stream: &mut Stream, of: u32| {
            // Below 2³², so nothing is cut off.
            u32::try_from(stream.below(u64::from(of))).unwrap_or_default()
        };
        let chosen = match self.balance {
            Balance::Random => any(stream, self.replicas),
            Balance::InTurn => {
                let turn = self.turn;
                self.turn = if turn + 1 == self.replicas { 0 } else { turn + 1 };
                turn
            }
            Balance::LeastOfTwo => {
                let one = any(stream, self.replicas);
                let other = any(stream, self.replicas - 1);
                let other = if other < one { other } else { other + 1 };
                let present = |copy: u32| desks[DeskId(self.first + copy).index()].present;
                if present(other) < present(one) { other } else { one }
            }
        };
        DeskId(self.first + chosen)
    }

    #[inline]
    pub(super) fn has_room(&self, desk: &Desk) -> bool {
        u64::from(desk.present) < self.room
    }
}

impl Desk {
    /// The copies of a service.
    pub(super) fn all(
        service: usize,
        file: &ServiceFile,
        scenario: &Scenario,
    ) -> impl Iterator<Item = Self> {
        let callers = scenario.traffic.iter().filter(|of| of.service.value == file.name.as_str());
        let levels = callers.count().clamp(1, 256);
        (0..file.replicas.get()).map(move |_| Self {
            service,
            present: 0,
            order: match file.discipline {
                Discipline::Fifo => Order::Fifo(Fifo::new()),
                Discipline::Sharing => Order::Sharing(Box::new(Sharing::new())),
                Discipline::Preemptive => Order::Preemptive(Box::new(Preemptive::new(levels))),
            },
        })
    }

    /// A request comes.
    #[inline]
    pub(super) fn enter(&mut self, id: RequestId, patience: Option<Span>, floor: &mut Floor<'_>) {
        self.present += 1;
        let has_to_wait = match &mut self.order {
            Order::Fifo(fifo) => fifo.enter(id, floor),
            Order::Sharing(sharing) => {
                sharing.enter(id, floor);
                false
            }
            Order::Preemptive(preemptive) => preemptive.enter(id, floor),
        };
        if has_to_wait {
            floor.wait(id, patience);
        }
    }

    /// A request has been served.
    #[inline]
    pub(super) fn leave(&mut self, id: RequestId, floor: &mut Floor<'_>) {
        self.present -= 1;
        match &mut self.order {
            Order::Fifo(fifo) => fifo.leave(floor),
            Order::Sharing(sharing) => sharing.leave(floor),
            Order::Preemptive(preemptive) => preemptive.leave(id, floor),
        }
    }

    /// A request that waits gives up.
    pub(super) fn give_up(&mut self, id: RequestId, floor: &mut Floor<'_>) {
        self.present -= 1;
        match &mut self.order {
            Order::Fifo(fifo) => fifo.give_up(id, floor),
            Order::Preemptive(preemptive) => preemptive.give_up(id, floor),
            Order::Sharing(_) => unreachable!("nobody waits where servers are shared"),
        }
    }
}
