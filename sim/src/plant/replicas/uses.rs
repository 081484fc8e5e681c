//! What replicas use of their machines: as a scrape sees it, the mean since the last one, and as it is
//! booked, to the nanosecond. Knows no policy.

use super::super::design::LoadDesign;
use super::super::{Event, World};
use super::{Replica, State, Worked};
use seatrial_contract::units::{Bytes, Frequency, MilliCores, Moment, Ppm, Span};
use seatrial_contract::{Dice, Footprint, Purpose};
use seatrial_format::scenario::Standing;
use seatrial_traffic::{DeskId, Load};

/// What a replica of a service uses.
pub(super) struct Uses {
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
pub(super) struct Varying {
    factor: Ppm,
    until: Moment,
    turn: u64,
}

impl Varying {
    pub(super) const fn new(now: Moment) -> Self {
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
    pub(super) fn new(on: &Standing, service: &str) -> Self {
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

impl World {
    /// Takes down what replicas have used since the last time, and who called.
    pub(crate) fn sample_replicas(&mut self) {
        self.read_calls();
        let now = self.now();
        let asks = self.replicas.services.iter().any(|of| of.uses.asks_for_load());
        let loads = if asks { self.stations.loads() } else { Vec::new() };
        for id in 0..self.replicas.all.len() {
            let copy = self.replicas.all[id].copy;
            self.sample_replica(id, loads.get(copy.index()).copied().unwrap_or_default());
        }
        let elapsed = now.since(self.replicas.sampled_at);
        self.replicas.sampled_at = now;
        for of in &mut self.replicas.services {
            let (arrivals, waiting) = self.stations.demand(of.station);
            // Statistics that began anew count from nothing.
            let came = arrivals.checked_sub(of.arrivals).unwrap_or(arrivals);
            let calls = u128::from(came) * 1_000_000_000_000_000 / u128::from(elapsed.0.max(1));
            let millionths = u64::try_from(calls).unwrap_or(u64::MAX);
            let calls = Frequency { millionths, per: Span::seconds(1) };
            of.arrivals = arrivals;
            of.demand = (calls, u32::try_from(waiting).unwrap_or(u32::MAX));
        }
        self.later(self.sensing.every, Event::ReplicasSampled);
    }

    /// Takes down the cpu that one replica has used on the mean since the last time, and the memory that it
    /// uses now.
    fn sample_replica(&mut self, id: usize, load: Load) {
        let replica = self.replicas.all[id];
        if !matches!(replica.state, State::Ready | State::Ending) {
            return;
        }
        let worked = self.worked(replica.copy);
        let elapsed = worked.at.since(replica.sampled.at);
        if elapsed == Span::ZERO {
            return;
        }
        let taken = self.taken(&replica, replica.sampled, worked) / u128::from(elapsed.0);
        let cpu = MilliCores(u64::try_from(taken).unwrap_or(u64::MAX));
        let uses = &self.replicas.services[replica.of].uses;
        let row = &mut self.replicas.all[id];
        row.sampled = worked;
        let factor = row.memory.at(worked.at, replica.number, uses, self.dice);
        let memory = uses.memory(load, factor);
        self.use_of(id, Footprint { cpu, memory });
        if let Some(node) = replica.node {
            self.check_memory(node);
        }
    }

    /// A replica is on a machine from now on.
    pub(super) fn begins_to_use(&mut self, id: usize) {
        let worked = self.worked(self.replicas.all[id].copy);
        let replica = &mut self.replicas.all[id];
        let uses = &self.replicas.services[replica.of].uses;
        (replica.sampled, replica.counted) = (worked, worked);
        (replica.beside, replica.memory) = (uses.cpu, Varying::new(worked.at));
        let (cpu, memory) = (uses.cpu, uses.memory);
        self.use_of(id, Footprint { cpu, memory });
    }

    /// A replica is lost, or leaves its machine.
    pub(super) fn uses_nothing(&mut self, id: usize) {
        self.use_of(id, Footprint::default());
        self.replicas.all[id].beside = MilliCores(0);
    }

    /// A replica is seen to use so much from now on, of memory no more than other replicas leave it.
    fn use_of(&mut self, id: usize, mut uses: Footprint) {
        self.count_use(id);
        let now = self.now();
        let replica = &mut self.replicas.all[id];
        let before = replica.uses;
        if let Some(node) = replica.node {
            let node = &self.nodes[node.index()];
            let (Bytes(all), Bytes(own)) = (node.crew.memory, before.memory);
            let left = node.capacity.memory.0.saturating_sub(all - own);
            uses.memory = Bytes(uses.memory.0.min(left));
        }
        replica.uses = uses;
        if let Some(node) = replica.node.filter(|_| before != uses) {
            let seen = &mut self.replicas.services[replica.of].seen.memory;
            seen.set(now, seen.value() - before.memory.0 + uses.memory.0);
            self.reload(node, before, uses);
            let crew = &mut self.nodes[node.index()].crew;
            *crew = crew.minus(before).plus(uses);
            self.replicas.touch(id);
        }
    }

    /// Books on its machine what a replica took since the last time, in place of what it was seen to use.
    fn count_use(&mut self, id: usize) {
        let replica = self.replicas.all[id];
        let Some(node) = replica.node else { return };
        let worked = self.worked(replica.copy);
        let elapsed = worked.at.since(replica.counted.at);
        let taken = self.taken(&replica, replica.counted, worked);
        self.replicas.all[id].counted = worked;
        self.replicas.services[replica.of].seen.cpu += taken;
        self.settle_load(node);
        let booked = u128::from(replica.uses.cpu.0) * u128::from(elapsed.0);
        self.nodes[node.index()].load.correct(booked, taken);
    }

    /// Books what all replicas took until now.
    pub(crate) fn count_uses(&mut self) {
        self.read_calls();
        (0..self.replicas.all.len()).for_each(|id| self.count_use(id));
    }

    /// Cpu that a replica took between two moments, in millicores × nanoseconds.
    fn taken(&self, replica: &Replica, from: Worked, to: Worked) -> u128 {
        let per_request = self.replicas.services[replica.of].uses.cpu_per_request;
        let beside = u128::from(to.at.since(from.at).0) * u128::from(replica.beside.0);
        beside + to.nanos.saturating_sub(from.nanos) * u128::from(per_request.0)
    }

    /// How much the servers of a copy have worked.
    pub(super) fn worked(&self, copy: DeskId) -> Worked {
        let at = self.now();
        Worked { at, nanos: self.stations.copy_work(copy, self.calls_now()) }
    }
}
