//! What replicas use of their machines: as a scrape sees it, the mean since the last one, and as it is
//! booked, to the nanosecond. Knows no policy.

use super::{Demand, Replica, State, Worked};
use crate::design::LoadDesign;
use crate::{Event, Fleet, Hosts, usage};
use seatrial_contract::units::{Bytes, Frequency, MilliCores, Moment, Ppm, Span};
use seatrial_contract::view::Answers;
use seatrial_contract::{Dice, Footprint, Purpose};
use seatrial_format::scenario::Standing;
use seatrial_traffic::replica_queues;
use seatrial_traffic::{Load, ReplicaQueueId};

/// What a replica of a service uses.
pub(crate) struct Uses {
    /// For each server at work.
    cpu_per_request: MilliCores,
    /// As long as it is there.
    cpu: MilliCores,
    memory: Bytes,
    memory_per_request: Bytes,
    memory_per_connection: Bytes,
    varies: Option<LoadDesign>,
    purpose: Purpose,
}

/// A factor that holds until then, and how often it was drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Varying {
    factor: Ppm,
    until: Moment,
    turn: u64,
}

impl Varying {
    /// None yet.
    pub const fn new(now: Moment) -> Self {
        Self { factor: Ppm::WHOLE, until: now, turn: 0 }
    }

    /// The factor of that moment, of the replica of this number.
    fn at(&mut self, now: Moment, number: u64, uses: &Uses, dice: Dice) -> Ppm {
        let Some(varies) = &uses.varies else { return Ppm::WHOLE };
        while self.until <= now {
            self.turn += 1;
            let (factor, lasts) = varies.next(&mut dice.turn(number, uses.purpose, self.turn));
            (self.factor, self.until) = (factor, self.until.after(lasts));
        }
        self.factor
    }
}

impl Uses {
    /// What a scenario says.
    pub fn new(on: &Standing, service: &str) -> Self {
        let uses = &on.uses;
        Self {
            cpu_per_request: on.cpu_per_request,
            cpu: uses.cpu.value,
            memory: on.memory_at_rest(),
            memory_per_request: uses.memory_per_request,
            memory_per_connection: uses.memory_per_connection,
            varies: uses.varies.as_ref().map(LoadDesign::new),
            purpose: Purpose::new(&format!("service {service}: memory")),
        }
    }

    /// Whether it has to be known what a replica is at.
    const fn asks_for_load(&self) -> bool {
        self.memory_per_request.0 > 0 || self.memory_per_connection.0 > 0
    }

    fn memory(&self, load: Load, factor: Ppm) -> Bytes {
        let each = |bytes: Bytes, count: u32| u128::from(bytes.0) * u128::from(count);
        let sum = u128::from(self.memory.0)
            + each(self.memory_per_request, load.calls)
            + each(self.memory_per_connection, load.connections);
        let bytes = sum.saturating_mul(u128::from(factor.0)) / u128::from(Ppm::WHOLE.0);
        Bytes(u64::try_from(bytes).unwrap_or(u64::MAX))
    }
}

/// Takes down what replicas have used since the last time, and who called.
pub fn sample_replicas<E: Hosts>(fleet: &mut Fleet<E>) {
    fleet.read_calls();
    let now = fleet.now();
    let asks = fleet.replicas.services.iter().any(|of| of.uses.asks_for_load());
    let loads = if asks { replica_queues::loads(&fleet.traffic.stations) } else { Vec::new() };
    for id in 0..fleet.replicas.all.len() {
        let queue = fleet.replicas.all[id].queue;
        sample_replica(fleet, id, loads.get(queue.index()).copied().unwrap_or_default());
    }
    let elapsed = now.since(fleet.replicas.sampled_at);
    fleet.replicas.sampled_at = now;
    for of in &mut fleet.replicas.services {
        let (arrivals, waiting) = replica_queues::demand(&fleet.traffic.stations, of.station);
        // Statistics that began anew count from nothing.
        let came = arrivals.checked_sub(of.demand.arrivals).unwrap_or(arrivals);
        let calls = u128::from(came) * 1_000_000_000_000_000 / u128::from(elapsed.0.max(1));
        let millionths = u64::try_from(calls).unwrap_or(u64::MAX);
        let calls = Frequency { millionths, per: Span::seconds(1) };
        let waiting = u32::try_from(waiting).unwrap_or(u32::MAX);
        of.demand = Demand { arrivals, calls, waiting };
    }
    fleet.later(fleet.design.samples_every, Event::ReplicasSampled);
}

/// Takes down what one replica has answered since the last time; while the time of calls stands still, it is taken to
/// answer as it did.
fn sample_answers<E: Hosts>(fleet: &mut Fleet<E>, id: usize) {
    let queue = fleet.replicas.all[id].queue;
    let Some(now) = replica_queues::answers(&fleet.traffic.stations, queue) else { return };
    let answers = &mut fleet.replicas.all[id].answers;
    // Another replica may have had its place, and all is counted anew then.
    let since = |now: u64, before: u64| {
        u32::try_from(now.checked_sub(before).unwrap_or(now)).unwrap_or(u32::MAX)
    };
    let before = core::mem::replace(&mut answers.sampled, now);
    let of_late = Answers { all: since(now.0, before.0), failed: since(now.1, before.1) };
    if core::mem::replace(&mut answers.of_late, of_late) != of_late {
        fleet.replicas.touch(id);
    }
}

/// Takes down the cpu that one replica has used on the mean since the last time, and the memory that it
/// uses now.
fn sample_replica<E: Hosts>(fleet: &mut Fleet<E>, id: usize, load: Load) {
    let replica = fleet.replicas.all[id];
    if !matches!(replica.state, State::Ready | State::Ending) {
        return;
    }
    sample_answers(fleet, id);
    let worked = worked(fleet, replica.queue);
    let elapsed = worked.at.since(replica.usage.sampled.at);
    if elapsed == Span::ZERO {
        return;
    }
    let taken = taken(fleet, &replica, replica.usage.sampled, worked) / u128::from(elapsed.0);
    let cpu = MilliCores(u64::try_from(taken).unwrap_or(u64::MAX));
    let uses = &fleet.replicas.services[replica.of].uses;
    let row = &mut fleet.replicas.all[id];
    row.usage.sampled = worked;
    let factor = row.usage.memory.at(worked.at, replica.number, uses, fleet.dice);
    let memory = uses.memory(load, factor);
    use_of(fleet, id, Footprint { cpu, memory });
    if let Some(node) = replica.node {
        usage::check_memory(fleet, node);
    }
}

/// A replica is on a machine from now on.
pub fn begins_to_use<E: Hosts>(fleet: &mut Fleet<E>, id: usize) {
    let worked = worked(fleet, fleet.replicas.all[id].queue);
    let replica = &mut fleet.replicas.all[id];
    let uses = &fleet.replicas.services[replica.of].uses;
    (replica.usage.sampled, replica.usage.counted) = (worked, worked);
    (replica.usage.beside, replica.usage.memory) = (uses.cpu, Varying::new(worked.at));
    let (cpu, memory) = (uses.cpu, uses.memory);
    use_of(fleet, id, Footprint { cpu, memory });
}

/// A replica is lost, or leaves its machine.
pub fn uses_nothing<E: Hosts>(fleet: &mut Fleet<E>, id: usize) {
    use_of(fleet, id, Footprint::default());
    fleet.replicas.all[id].usage.beside = MilliCores(0);
}

/// A replica is seen to use so much from now on, of memory no more than other replicas leave it.
fn use_of<E: Hosts>(fleet: &mut Fleet<E>, id: usize, mut uses: Footprint) {
    count_use(fleet, id);
    let now = fleet.now();
    let replica = &mut fleet.replicas.all[id];
    let before = replica.usage.seen;
    if let Some(node) = replica.node {
        let node = &fleet.nodes[node.index()];
        let (Bytes(all), Bytes(own)) = (node.replicas.uses.memory, before.memory);
        let left = node.capacity.memory.0.saturating_sub(all - own);
        uses.memory = Bytes(uses.memory.0.min(left));
    }
    replica.usage.seen = uses;
    if let Some(node) = replica.node.filter(|_| before != uses) {
        let seen = &mut fleet.replicas.services[replica.of].seen.memory;
        seen.set(now, seen.value() - before.memory.0 + uses.memory.0);
        usage::reload(fleet, node, before, uses);
        let all = &mut fleet.nodes[node.index()].replicas.uses;
        *all = all.minus(before).plus(uses);
        fleet.replicas.touch(id);
    }
}

/// Books on its machine what a replica took since the last time, in place of what it was seen to use.
fn count_use<E: Hosts>(fleet: &mut Fleet<E>, id: usize) {
    let replica = fleet.replicas.all[id];
    let Some(node) = replica.node else { return };
    let worked = worked(fleet, replica.queue);
    let elapsed = worked.at.since(replica.usage.counted.at);
    let taken = taken(fleet, &replica, replica.usage.counted, worked);
    fleet.replicas.all[id].usage.counted = worked;
    fleet.replicas.services[replica.of].seen.cpu += taken;
    usage::settle_load(fleet, node);
    let booked = u128::from(replica.usage.seen.cpu.0) * u128::from(elapsed.0);
    fleet.nodes[node.index()].metered.load.correct(booked, taken);
}

/// Books what all replicas took until now.
pub fn count_uses<E: Hosts>(fleet: &mut Fleet<E>) {
    fleet.read_calls();
    (0..fleet.replicas.all.len()).for_each(|id| count_use(fleet, id));
}

/// Cpu that a replica took between two moments, in millicores × nanoseconds.
fn taken<E: Hosts>(fleet: &Fleet<E>, replica: &Replica, from: Worked, to: Worked) -> u128 {
    let per_request = fleet.replicas.services[replica.of].uses.cpu_per_request;
    let beside = u128::from(to.at.since(from.at).0) * u128::from(replica.usage.beside.0);
    beside + to.nanos.saturating_sub(from.nanos) * u128::from(per_request.0)
}

/// How much the servers of a queue have worked.
pub(super) fn worked<E: Hosts>(fleet: &Fleet<E>, queue: ReplicaQueueId) -> Worked {
    let at = fleet.now();
    Worked {
        at,
        nanos: replica_queues::queue_work(&fleet.traffic.stations, queue, fleet.calls_now()),
    }
}
