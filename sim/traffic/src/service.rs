//! A service: replicas with servers and a queue each, and the choice among them. Draws nothing but
//! that choice, from the stream handed in.

use super::fifo::Fifo;
use super::figures::{Kept, Show};
use super::ids::{ReplicaQueueId, RequestId};
use super::preemptive::Preemptive;
use super::priority::Priority;
use super::requests::Requests;
use super::service_context::{Load, ServiceContext};
use super::sharing::Sharing;
use crate::event::Hosts;
use seatrial_contract::Stream;
use seatrial_contract::units::{Moment, Ppm, Span};
use seatrial_format::scenario::{
    Balance, Discipline, Scenario, Service as ServiceFile, WhileAsking,
};
use seatrial_kernel::statistics::TimeWeighted;

/// A service, all replicas together.
pub(super) struct Service {
    pub(super) name: String,
    pub(super) discipline: Discipline,
    /// The replicas that take requests, as the load balancer believes.
    pub(super) open: Vec<ReplicaQueueId>,
    /// How many those are, over time.
    pub(super) replicas: TimeWeighted,
    /// Of one replica.
    pub(super) servers: u32,
    pub(super) load: Load,
    balancing: Balancing,
    /// How many one replica holds at the most.
    room: u64,
    pub(super) while_asking: WhileAsking,
    shedding: Option<Shedding>,
    /// Callers who were turned away because others waited too long.
    pub(super) shed: u64,
    /// Whether replicas of it come and go.
    pub(super) is_placed: bool,
}

/// How requests are shared out among replicas.
struct Balancing {
    how: Balance,
    /// Which replica is next, in turn.
    turn: u32,
}

/// When callers are turned away.
#[derive(Clone, Copy, Debug)]
struct Shedding {
    waited: Span,
    /// Those of this level and more urgent are let in; nobody, where there is none.
    spares: Option<u8>,
}

/// One replica of a service.
pub(super) struct ReplicaQueue {
    /// The place of its service among the stations.
    pub(super) service: usize,
    /// Requests there, served or waiting.
    pub(super) present: u32,
    /// Requests that servers hold while they wait for databases, and do no work for.
    held: u32,
    work: Work,
    /// Work of calls that were not lived through, in nanoseconds.
    imagined: f64,
    /// It is gone, whatever the load balancer believes.
    pub(super) is_lost: bool,
    /// What was answered, or waited for in vain, and how much of it was failures.
    pub(super) answers: (u64, u64),
    /// The share of answers that are failures, by each reason that its own place has.
    pub(super) fails: Vec<Ppm>,
    order: Order,
}

/// How long servers have worked together, as a sum that changes only when another number of them works:
/// those who work now have worked for as long as now is after their beginnings.
#[derive(Clone, Copy, Debug, Default)]
struct Work {
    working: u32,
    /// Beginnings less ends, in nanoseconds.
    begun: i128,
}

impl Work {
    #[inline]
    fn goes_on(&mut self, working: u32, now: Moment) {
        let before = core::mem::replace(&mut self.working, working);
        if before == working {
            return;
        }
        let change = i64::from(working) - i64::from(before);
        self.begun += i128::from(change) * i128::from(now.0);
    }

    fn until(self, now: Moment) -> u128 {
        let worked = i128::from(self.working) * i128::from(now.0) - self.begun;
        u128::try_from(worked).unwrap_or_default()
    }
}

/// Who is served next at a replica queue.
enum Order {
    Fifo(Fifo),
    Sharing(Box<Sharing>),
    Preemptive(Box<Preemptive>),
    Priority(Box<Priority>),
}

impl Service {
    pub(super) fn new(file: &ServiceFile, first: u32, scenario: &Scenario, now: Moment) -> Self {
        let servers = file.concurrency.get();
        let waiting = file.waiting_room.map_or(u64::MAX, u64::from);
        Self {
            name: file.name.to_string(),
            discipline: file.discipline,
            open: (first..first + file.replicas.get()).map(ReplicaQueueId).collect(),
            replicas: TimeWeighted::new(now, u64::from(file.replicas.get())),
            servers,
            load: Load::new(now),
            balancing: Balancing { how: file.balance, turn: 0 },
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
            is_placed: file.on.is_some(),
        }
    }

    /// Shows its statistics.
    pub(super) fn show(&mut self, show: &mut Show<'_>) {
        show(Kept::Held(&mut self.load.busy));
        show(Kept::Held(&mut self.load.waiting));
        show(Kept::Held(&mut self.replicas));
        show(Kept::Count(&mut self.shed));
    }

    /// The replica that takes the next request, if any does.
    #[inline]
    pub(super) fn choose(
        &mut self,
        replica_queues: &[ReplicaQueue],
        stream: &mut Stream,
    ) -> Option<ReplicaQueueId> {
        if let [only] = self.open[..] {
            return Some(only);
        }
        let count = u32::try_from(self.open.len()).ok().filter(|count| *count > 0)?;
        let any = |stream: &mut Stream, of: u32| {
            // Below 2³², so nothing is cut off.
            u32::try_from(stream.below(u64::from(of))).unwrap_or_default()
        };
        let chosen = match self.balancing.how {
            Balance::Random => any(stream, count),
            Balance::InTurn => {
                // There may have been more of them at the last turn.
                let turn = if self.balancing.turn < count { self.balancing.turn } else { 0 };
                self.balancing.turn = if turn + 1 == count { 0 } else { turn + 1 };
                turn
            }
            Balance::LeastOfTwo => {
                let one = any(stream, count);
                let other = any(stream, count - 1);
                let other = if other < one { other } else { other + 1 };
                let present =
                    |replica: u32| replica_queues[self.open[replica as usize].index()].present;
                if present(other) < present(one) { other } else { one }
            }
        };
        Some(self.open[chosen as usize])
    }

    #[inline]
    pub(super) fn has_room(&self, replica_queue: &ReplicaQueue) -> bool {
        u64::from(replica_queue.present) < self.room && !replica_queue.is_lost
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
    pub(super) fn sheds(
        &self,
        replica_queue: &ReplicaQueue,
        level: u8,
        requests: &Requests,
        now: Moment,
    ) -> bool {
        let Some(Shedding { waited, spares }) = self.shedding else { return false };
        let is_spared = spares.is_some_and(|spares| level <= spares);
        let oldest = if is_spared { None } else { replica_queue.oldest(requests) };
        oldest.is_some_and(|id| now.since(requests.get(id).arrived) >= waited)
    }
}

impl ReplicaQueue {
    /// The replicas of a service.
    pub(super) fn all(
        service: usize,
        file: &ServiceFile,
        scenario: &Scenario,
    ) -> impl Iterator<Item = Self> {
        let levels = levels(file.name.as_str(), scenario).len().max(1);
        (0..file.replicas.get()).map(move |_| Self {
            service,
            present: 0,
            held: 0,
            work: Work::default(),
            imagined: 0.0,
            is_lost: false,
            answers: (0, 0),
            fails: Vec::new(),
            order: match file.discipline {
                Discipline::Fifo => Order::Fifo(Fifo::new()),
                Discipline::Sharing => Order::Sharing(Box::new(Sharing::new())),
                Discipline::Preemptive => Order::Preemptive(Box::new(Preemptive::new(levels))),
                Discipline::Priority => Order::Priority(Box::new(Priority::new(levels))),
            },
        })
    }

    /// One more replica like this one, with nobody there.
    pub(super) fn like(&self) -> Self {
        let order = match &self.order {
            Order::Fifo(_) => Order::Fifo(Fifo::new()),
            Order::Sharing(_) => Order::Sharing(Box::new(Sharing::new())),
            Order::Preemptive(of) => Order::Preemptive(Box::new(Preemptive::new(of.levels()))),
            Order::Priority(of) => Order::Priority(Box::new(Priority::new(of.levels()))),
        };
        let work = Work::default();
        Self {
            service: self.service,
            present: 0,
            held: 0,
            work,
            imagined: 0.0,
            is_lost: false,
            answers: (0, 0),
            fails: Vec::new(),
            order,
        }
    }

    /// A request comes.
    #[inline]
    pub(super) fn enter(
        &mut self,
        id: RequestId,
        patience: Option<Span>,
        context: &mut ServiceContext<'_, impl Hosts>,
    ) {
        self.present += 1;
        let has_to_wait = match &mut self.order {
            Order::Fifo(fifo) => fifo.enter(id, context),
            Order::Sharing(sharing) => {
                sharing.enter(id, context);
                false
            }
            Order::Preemptive(preemptive) => preemptive.enter(id, context),
            Order::Priority(priority) => priority.enter(id, context),
        };
        if has_to_wait {
            context.wait(id, patience);
        } else {
            self.count_work(context.now, context.servers);
        }
    }

    /// A request has been served, and its server waits for what it asks of databases.
    #[inline]
    pub(super) fn hold(&mut self, now: Moment, servers: u32) {
        self.held += 1;
        self.count_work(now, servers);
    }

    /// A request has been served; its server may have been held since.
    #[inline]
    pub(super) fn leave(
        &mut self,
        id: RequestId,
        was_held: bool,
        context: &mut ServiceContext<'_, impl Hosts>,
    ) {
        self.present -= 1;
        self.held -= u32::from(was_held);
        match &mut self.order {
            Order::Fifo(fifo) => fifo.leave(context),
            Order::Sharing(sharing) => sharing.leave(context),
            Order::Preemptive(preemptive) => preemptive.leave(id, context),
            Order::Priority(priority) => priority.leave(context),
        }
        self.count_work(context.now, context.servers);
    }

    /// A request that waits gives up.
    pub(super) fn give_up(&mut self, id: RequestId, context: &mut ServiceContext<'_, impl Hosts>) {
        self.present -= 1;
        match &mut self.order {
            Order::Fifo(fifo) => fifo.give_up(id, context),
            Order::Preemptive(preemptive) => preemptive.give_up(id, context),
            Order::Priority(priority) => priority.give_up(id, context),
            Order::Sharing(_) => unreachable!("nobody waits where servers are shared"),
        }
    }

    /// Forgets who is there: those in service and in line, whose timers are called back elsewhere.
    pub(super) fn empty(&mut self, context: &mut ServiceContext<'_, impl Hosts>) {
        let present = i64::from(core::mem::take(&mut self.present));
        let busy = i64::from(match &mut self.order {
            Order::Fifo(fifo) => fifo.empty(),
            Order::Sharing(sharing) => sharing.empty(context),
            Order::Preemptive(preemptive) => preemptive.empty(),
            Order::Priority(priority) => priority.empty(),
        });
        context.load.busy.add(context.now, -busy);
        context.load.waiting.add(context.now, busy - present);
        self.held = 0;
        self.count_work(context.now, context.servers);
    }

    /// How long servers have worked since the start, all together, in nanoseconds: also for those who
    /// are not done, and for those who never will be.
    pub(super) fn work(&self, now: Moment) -> u128 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let imagined = self.imagined as u128;
        self.work.until(now) + imagined
    }

    /// The same without what was not lived through.
    #[expect(clippy::cast_precision_loss, reason = "a reading, of which 53 bits are enough")]
    pub(super) fn lived_work(&self, now: Moment) -> f64 {
        self.work.until(now) as f64
    }

    /// Its servers would have worked so much more, had calls been lived through.
    pub(super) fn imagine(&mut self, more: f64) {
        self.imagined += more;
    }

    /// So many servers work from now on.
    #[inline]
    fn count_work(&mut self, now: Moment, servers: u32) {
        let busy = match &self.order {
            Order::Fifo(fifo) => fifo.busy(),
            Order::Sharing(sharing) => sharing.busy(servers),
            Order::Preemptive(preemptive) => preemptive.busy(),
            Order::Priority(priority) => priority.busy(),
        };
        self.work.goes_on(busy - self.held, now);
    }

    /// Whether the end of a service that has begun can be called back.
    pub(super) fn interrupts(&self) -> bool {
        matches!(self.order, Order::Sharing(_) | Order::Preemptive(_))
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
