//! Services and their replicas: what is seen of them, and what they take of machines. Knows no call,
//! no server and no queue; who calls and how replicas come up is the host's.
//!
//! A replica that is gone keeps its row, for an id is never given again, but leaves its service's
//! list: who walks that meets those that are there, however many came and went before.

use super::sums::Sign;
use super::{ClusterView, Footprint};
use crate::units::{Bytes, Frequency, MilliCores, Moment};
use crate::{NodeId, PoolId, Reading, ReplicaId, ServiceId, words};
use alloc::string::String;
use serde::{Deserialize, Serialize};

/// A service that is not a tenant's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// Its name, by which policies are configured.
    pub name: String,
    /// The machines that its replicas run on; any where absent.
    pub pool: Option<PoolId>,
    /// So many replicas it should have.
    pub wanted: u32,
    /// What it runs.
    #[serde(default)]
    pub release: Release,
    /// What one replica may take.
    pub requested: Footprint,
    /// Replicas that are there, kept by the view.
    pub replicas: u32,
    pub(super) first_replica: Option<ReplicaId>,
}

/// Which release of its software a service runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// Its number; a later release has a higher one.
    pub number: u32,
    /// Since when it runs.
    #[serde(default)]
    pub since: Moment,
    /// The one that it ran before and can run again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u32>,
}

/// What was answered since the look before, and how much of it was failures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answers {
    /// All answers, and what was waited for in vain.
    pub all: u32,
    /// Those of them that were failures.
    pub failed: u32,
}

words! {
    /// How a replica is.
    pub enum ReplicaState {
        /// It waits for a machine, or for what it is started from.
        Pending = "pending",
        /// It is on its way up and has not served yet.
        Starting = "starting",
        /// It serves.
        Ready = "ready",
        /// It served before and does not now.
        Unready = "unready",
        /// It was told to stop and has not yet.
        Stopping = "stopping",
        /// It ended of itself, and nothing brings it up again.
        Failed = "failed",
        /// It is there no more, for good.
        Gone = "gone",
    }
}

/// One replica of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replica {
    /// Of which service; never another one.
    pub service: ServiceId,
    /// Where it is.
    pub node: Option<NodeId>,
    /// How it is.
    pub state: ReplicaState,
    /// In this state since.
    pub since: Moment,
    /// When its machine began to start it.
    pub started_at: Option<Moment>,
    pub(super) next_of_service: Option<ReplicaId>,
}

impl Service {
    /// A service without a replica.
    #[must_use]
    pub fn new(name: String, pool: Option<PoolId>, wanted: u32, requested: Footprint) -> Self {
        let release = Release::default();
        Self { name, pool, wanted, requested, release, replicas: 0, first_replica: None }
    }
}

impl Replica {
    /// A replica of this service that nothing has started yet.
    #[must_use]
    pub fn new(
        service: ServiceId,
        node: Option<NodeId>,
        state: ReplicaState,
        since: Moment,
    ) -> Self {
        Self { service, node, state, since, started_at: None, next_of_service: None }
    }
}

impl ReplicaState {
    /// Whether its request counts on its machine.
    #[must_use]
    pub fn is_promised(self) -> bool {
        !matches!(self, Self::Failed | Self::Gone)
    }
}

impl ClusterView {
    /// The services.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        &self.services
    }
    /// One service.
    #[must_use]
    pub fn service(&self, id: ServiceId) -> &Service {
        &self.services[id.index()]
    }
    /// The replicas of all services, those gone included.
    #[must_use]
    pub fn replicas(&self) -> &[Replica] {
        &self.replicas
    }
    /// One replica.
    #[must_use]
    pub fn replica(&self, id: ReplicaId) -> &Replica {
        &self.replicas[id.index()]
    }
    /// Cpu used by replicas.
    #[must_use]
    pub fn replica_cpu(&self) -> &crate::Gauge<MilliCores> {
        &self.replica_cpu
    }
    /// Memory used by replicas.
    #[must_use]
    pub fn replica_memory(&self) -> &crate::Gauge<Bytes> {
        &self.replica_memory
    }
    /// How replicas answered of late.
    #[must_use]
    pub fn replica_answers(&self) -> &crate::Gauge<Answers> {
        &self.replica_answers
    }
    /// How often services are called.
    #[must_use]
    pub fn service_calls(&self) -> &crate::Gauge<Frequency> {
        &self.service_calls
    }
    /// How many calls wait at services.
    #[must_use]
    pub fn service_waiting(&self) -> &crate::Gauge<u32> {
        &self.service_waiting
    }

    /// The replicas of a service that are there, in the order added.
    pub fn replicas_of(&self, service: ServiceId) -> impl Iterator<Item = ReplicaId> + '_ {
        let mut next = self.service(service).first_replica;
        core::iter::from_fn(move || {
            let replica = next?;
            next = self.replicas[replica.index()].next_of_service;
            Some(replica)
        })
    }

    /// One more service. Replicas that it brings along are not believed: they are added one by one.
    pub fn add_service(&mut self, service: Service) -> ServiceId {
        let id = ServiceId::at(self.services.len());
        self.services.push(Service { replicas: 0, first_replica: None, ..service });
        self.service_calls.push();
        self.service_waiting.push();
        id
    }

    /// One more replica of a service.
    pub fn add_replica(&mut self, replica: Replica) -> ReplicaId {
        let id = ReplicaId::at(self.replicas.len());
        self.replicas.push(Replica { next_of_service: None, ..replica });
        self.replica_cpu.push();
        self.replica_memory.push();
        self.replica_answers.push();
        if replica.state != ReplicaState::Gone {
            self.list(id);
        }
        self.take(id, Sign::Add);
        id
    }

    /// Changes a service's row.
    pub fn update_service(&mut self, id: ServiceId, change: impl FnOnce(&mut Service)) {
        let mut after = self.service(id).clone();
        change(&mut after);
        let before = &self.services[id.index()];
        (after.replicas, after.first_replica) = (before.replicas, before.first_replica);
        if before.requested == after.requested {
            self.services[id.index()] = after;
            return;
        }
        let all: alloc::vec::Vec<ReplicaId> = self.replicas_of(id).collect();
        all.iter().for_each(|replica| self.take(*replica, Sign::Subtract));
        self.services[id.index()] = after;
        all.iter().for_each(|replica| self.take(*replica, Sign::Add));
    }

    /// Changes a replica's row. What was seen of one that is gone is forgotten.
    pub fn update_replica(&mut self, id: ReplicaId, change: impl FnOnce(&mut Replica)) {
        let before = self.replicas[id.index()];
        let mut after = before;
        change(&mut after);
        (after.service, after.next_of_service) = (before.service, before.next_of_service);
        if before == after {
            return;
        }
        self.take(id, Sign::Subtract);
        self.replicas[id.index()] = after;
        self.take(id, Sign::Add);
        match (before.state == ReplicaState::Gone, after.state == ReplicaState::Gone) {
            (false, true) => {
                self.unlist(id);
                self.replica_cpu.clear(id.index());
                self.replica_memory.clear(id.index());
                self.replica_answers.clear(id.index());
            }
            (true, false) => self.list(id),
            _ => {}
        }
    }

    /// What a sweep saw in use by a replica.
    pub fn see_replica(&mut self, id: ReplicaId, cpu: MilliCores, memory: Bytes) {
        self.replica_cpu.cover(id.index(), cpu);
        self.replica_memory.cover(id.index(), memory);
    }

    /// What was seen in use by a replica at a moment of its own.
    pub fn read_replica(
        &mut self,
        id: ReplicaId,
        cpu: Reading<MilliCores>,
        memory: Reading<Bytes>,
    ) {
        self.replica_cpu.set(id.index(), cpu);
        self.replica_memory.set(id.index(), memory);
    }

    /// How a sweep saw a replica answer.
    pub fn see_answers(&mut self, id: ReplicaId, answers: Answers) {
        self.replica_answers.cover(id.index(), answers);
    }

    /// How a replica answers, as known from a reading of its own.
    pub fn read_answers(&mut self, id: ReplicaId, reading: Reading<Answers>) {
        self.replica_answers.set(id.index(), reading);
    }

    /// How a replica answers can no longer be read.
    pub fn lose_answers(&mut self, id: ReplicaId) {
        self.replica_answers.lose(id.index());
    }

    /// A sweep over answers found the covered replicas as they stand.
    pub fn sweep_answers(&mut self, at: Moment) {
        self.replica_answers.sweep(at);
    }

    /// A replica's use can no longer be read.
    pub fn lose_replica(&mut self, id: ReplicaId) {
        self.replica_cpu.lose(id.index());
        self.replica_memory.lose(id.index());
    }

    /// A sweep over replicas found the covered ones as they stand.
    pub fn sweep_replicas(&mut self, at: Moment) {
        self.replica_cpu.sweep(at);
        self.replica_memory.sweep(at);
    }

    /// How often a sweep saw a service called.
    pub fn see_calls(&mut self, id: ServiceId, rate: Frequency) {
        self.service_calls.cover(id.index(), rate);
    }

    /// How often a service is called, as known from a reading of its own.
    pub fn read_calls(&mut self, id: ServiceId, reading: Option<Reading<Frequency>>) {
        match reading {
            Some(reading) => self.service_calls.set(id.index(), reading),
            None => self.service_calls.clear(id.index()),
        }
    }

    /// The calls of a service can no longer be read.
    pub fn lose_calls(&mut self, id: ServiceId) {
        self.service_calls.lose(id.index());
    }

    /// A sweep over calls found the covered services as they stand.
    pub fn sweep_calls(&mut self, at: Moment) {
        self.service_calls.sweep(at);
    }

    /// How many calls a sweep saw wait at a service.
    pub fn see_waiting(&mut self, id: ServiceId, waiting: u32) {
        self.service_waiting.cover(id.index(), waiting);
    }

    /// How many calls wait at a service, as known from a reading of its own.
    pub fn read_waiting(&mut self, id: ServiceId, reading: Option<Reading<u32>>) {
        match reading {
            Some(reading) => self.service_waiting.set(id.index(), reading),
            None => self.service_waiting.clear(id.index()),
        }
    }

    /// Who waits at a service can no longer be read.
    pub fn lose_waiting(&mut self, id: ServiceId) {
        self.service_waiting.lose(id.index());
    }

    /// A sweep over those who wait found the covered services as they stand.
    pub fn sweep_waiting(&mut self, at: Moment) {
        self.service_waiting.sweep(at);
    }

    /// Puts a replica at the end of its service's list, so that they are met in the order added.
    fn list(&mut self, id: ReplicaId) {
        let service = self.replicas[id.index()].service;
        let last = self.replicas_of(service).last();
        let row = &mut self.services[service.index()];
        row.replicas += 1;
        match last {
            Some(last) => self.replicas[last.index()].next_of_service = Some(id),
            None => row.first_replica = Some(id),
        }
    }

    fn unlist(&mut self, id: ReplicaId) {
        let Replica { service, next_of_service: next, .. } = self.replicas[id.index()];
        let before = self
            .replicas_of(service)
            .find(|other| self.replicas[other.index()].next_of_service == Some(id));
        let row = &mut self.services[service.index()];
        row.replicas -= 1;
        match before {
            Some(before) => self.replicas[before.index()].next_of_service = next,
            None => row.first_replica = next,
        }
        self.replicas[id.index()].next_of_service = None;
    }

    /// Counts what a replica requests on its machine, or no longer.
    fn take(&mut self, id: ReplicaId, sign: Sign) {
        let replica = self.replicas[id.index()];
        let Some(node) = replica.node.filter(|_| replica.state.is_promised()) else { return };
        let requested = self.service(replica.service).requested;
        self.take_beside(node, requested, sign);
    }
}
