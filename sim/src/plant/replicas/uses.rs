//! What replicas use of their machines: as a scrape sees it, the mean since the last one, and as it is
//! booked, to the nanosecond. Knows no policy.

use super::super::{Event, World};
use super::{Replica, State, Worked};
use crate::plant::stations::DeskId;
use seatrial_contract::Footprint;
use seatrial_contract::units::{Frequency, MilliCores, Span};

impl World {
    /// Takes down what replicas have used since the last time, and who called.
    pub(crate) fn sample_replicas(&mut self) {
        let now = self.now();
        for id in 0..self.replicas.all.len() {
            self.sample_replica(id);
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

    /// Takes down what one replica has used on the mean since the last time.
    fn sample_replica(&mut self, id: usize) {
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
        self.replicas.all[id].sampled = worked;
        let cpu = MilliCores(u64::try_from(taken).unwrap_or(u64::MAX));
        let memory = self.replicas.services[replica.of].requested.memory;
        self.use_of(id, Footprint { cpu, memory });
    }

    /// A replica is on a machine from now on.
    pub(super) fn begins_to_use(&mut self, id: usize) {
        let worked = self.worked(self.replicas.all[id].copy);
        let replica = &mut self.replicas.all[id];
        (replica.sampled, replica.counted) = (worked, worked);
        let memory = self.replicas.services[replica.of].requested.memory;
        self.use_of(id, Footprint { cpu: MilliCores(0), memory });
    }

    /// A replica is lost, or leaves its machine.
    pub(super) fn uses_nothing(&mut self, id: usize) {
        self.use_of(id, Footprint::default());
    }

    /// A replica is seen to use so much from now on.
    fn use_of(&mut self, id: usize, uses: Footprint) {
        self.count_use(id);
        let replica = &mut self.replicas.all[id];
        let before = core::mem::replace(&mut replica.uses, uses);
        if let Some(node) = replica.node.filter(|_| before != uses) {
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
        (0..self.replicas.all.len()).for_each(|id| self.count_use(id));
    }

    /// Cpu that a replica took between two moments, in millicores × nanoseconds.
    fn taken(&self, replica: &Replica, from: Worked, to: Worked) -> u128 {
        let of = &self.replicas.services[replica.of];
        to.nanos.saturating_sub(from.nanos) * u128::from(of.per_request.0)
    }

    /// How much the servers of a copy have worked.
    pub(super) fn worked(&self, copy: DeskId) -> Worked {
        let at = self.now();
        Worked { at, nanos: self.stations.copy_work(copy, at) }
    }
}
