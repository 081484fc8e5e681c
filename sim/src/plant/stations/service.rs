//! A service: copies with servers and a queue each, and the choice among them. Draws nothing but
//! that choice, from the stream handed in.

use super::fifo::Fifo;
use super::floor::{Floor, Load};
use super::preemptive::Preemptive;
use super::priority::Priority;
use super::requests::{DeskId, RequestId, Requests};
use super::sharing::Sharing;
use seatrial_contract::Stream;
use seatrial_contract::units::{Moment, Span};
use seatrial_format::scenario::{
    Balance, Discipline, Scenario, Service as ServiceFile, WhileAsking,
};

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
    pub(super) while_asking: WhileAsking,
    shedding: Option<Shedding>,
    /// Callers who were turned away because others waited too long.
    pub(super) shed: u64,
}

/// When callers are turned away.
#[derive(Clone, Copy, Debug)]
struct Shedding {
    waited: Span,
    /// Those of this level and more urgent are let in; nobody, where there is none.
    spares: Option<u8>,
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
    Priority(Box<Priority>),
}

impl Service {
    pub(super) fn new(file: &ServiceFile, first: u32, scenario: &Scenario, now: Moment) -> Self {
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
            while_asking: file.while_asking,
            shedding: file.shedding.as_ref().map(|of| Shedding {
                waited: of.waited.value,
                spares: of.spares.and_then(|spares| {
                    let mut levels = levels(file.name.as_str(), scenario);
                    let spared = levels.iter_mut().take_while(|level| **level <= spares).count();
                    u8::try_from(spared.checked_sub(1)?).ok()
                }),
            }),
            shed: 0,
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

    /// Whether a server waits for what its calls ask of databases.
    pub(super) fn holds(&self) -> bool {
        self.while_asking == WhileAsking::Held
    }

    pub(super) fn is_shedding(&self) -> bool {
        self.shedding.is_some()
    }

    /// Whether a caller of this level is turned away because others have waited too long.
    #[inline]
    pub(super) fn sheds(&self, desk: &Desk, level: u8, requests: &Requests, now: Moment) -> bool {
        let Some(Shedding { waited, spares }) = self.shedding else { return false };
        let is_spared = spares.is_some_and(|spares| level <= spares);
        let oldest = if is_spared { None } else { desk.oldest(requests) };
        oldest.is_some_and(|id| now.since(requests.get(id).arrived) >= waited)
    }
}

impl Desk {
    /// The copies of a service.
    pub(super) fn all(
        service: usize,
        file: &ServiceFile,
        scenario: &Scenario,
    ) -> impl Iterator<Item = Self> {
        let levels = levels(file.name.as_str(), scenario).len().max(1);
        (0..file.replicas.get()).map(move |_| Self {
            service,
            present: 0,
            order: match file.discipline {
                Discipline::Fifo => Order::Fifo(Fifo::new()),
                Discipline::Sharing => Order::Sharing(Box::new(Sharing::new())),
                Discipline::Preemptive => Order::Preemptive(Box::new(Preemptive::new(levels))),
                Discipline::Priority => Order::Priority(Box::new(Priority::new(levels))),
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
            Order::Priority(priority) => priority.enter(id, floor),
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
            Order::Priority(priority) => priority.leave(floor),
        }
    }

    /// A request that waits gives up.
    pub(super) fn give_up(&mut self, id: RequestId, floor: &mut Floor<'_>) {
        self.present -= 1;
        match &mut self.order {
            Order::Fifo(fifo) => fifo.give_up(id, floor),
            Order::Preemptive(preemptive) => preemptive.give_up(id, floor),
            Order::Priority(priority) => priority.give_up(id, floor),
            Order::Sharing(_) => unreachable!("nobody waits where servers are shared"),
        }
    }

    /// Who stands in its line the longest.
    fn oldest(&self, requests: &Requests) -> Option<RequestId> {
        match &self.order {
            Order::Fifo(fifo) => fifo.oldest(),
            Order::Preemptive(preemptive) => preemptive.oldest(requests),
            Order::Priority(priority) => priority.oldest(requests),
            Order::Sharing(_) => None,
        }
    }
}

/// The priorities of a service's callers, each once, the most urgent first.
pub(super) fn levels(service: &str, scenario: &Scenario) -> Vec<u8> {
    let callers = scenario.traffic.iter().filter(|of| of.called() == Some(service));
    let mut levels: Vec<u8> = callers.map(|of| of.priority).collect();
    levels.sort_unstable();
    levels.dedup();
    levels
}
