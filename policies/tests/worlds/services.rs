//! Services of random clusters: replicas come up, fail and stop; some of them cannot be seen.

use super::{STARTS, World};
use seatrial_contract::units::{Frequency, Moment, Ppm, Span, mib, millicores};
use seatrial_contract::view::{Answers, NodeState, Release, Replica, ReplicaState, Service};
use seatrial_contract::{ClusterView, Footprint, NodeId, PoolId, Reading, ReplicaId, ServiceId};

/// What the services are called, so that policies can name them.
pub const SERVICES: [&str; 2] = ["portal", "api"];

impl World {
    fn draw_below(&mut self, n: u64) -> u64 {
        self.served.below(n)
    }

    pub(super) fn add_services(&mut self) {
        let count = usize::try_from(self.draw_below(3)).unwrap_or(0);
        for name in &SERVICES[..count] {
            let pool = (self.draw_below(2) == 0).then_some(PoolId::at(0));
            let requested = Footprint {
                cpu: millicores(50 + self.draw_below(300)),
                memory: mib(64 + self.draw_below(300)),
            };
            let wanted = u32::try_from(self.draw_below(9)).unwrap_or(0);
            let mut service = Service::new((*name).to_owned(), pool, wanted, requested);
            if self.draw_below(2) == 0 {
                let since = Moment(STARTS.0 - Span::minutes(self.draw_below(40)).0);
                service.release = Release { number: 7, since, before: Some(6) };
            }
            let id = self.view.add_service(service);
            for _ in 0..wanted {
                self.add_some_replica(id);
            }
        }
    }

    fn add_some_replica(&mut self, service: ServiceId) {
        use ReplicaState::{Failed, Pending, Ready, Starting, Stopping, Unready};
        let states =
            [Ready, Ready, Ready, Ready, Ready, Starting, Unready, Pending, Failed, Stopping];
        let state = states[usize::try_from(self.draw_below(10)).unwrap_or(0)];
        let since = Moment(STARTS.0 - Span::seconds(self.draw_below(1_200)).0);
        let nodes = self.view.nodes().len();
        let node = match state {
            Pending => None,
            _ if nodes == 0 => None,
            Starting | Ready | Unready | Stopping | Failed | ReplicaState::Gone => {
                usize::try_from(self.draw_below(nodes as u64)).ok().map(NodeId::at)
            }
        };
        let mut replica = Replica::new(service, node, state, since);
        replica.started_at = (state != Pending).then_some(since);
        self.view.add_replica(replica);
    }

    pub(super) fn see_services(&mut self) {
        for index in 0..self.view.services().len() {
            let id = ServiceId::at(index);
            let millionths = self.draw_below(500) * 1_000_000;
            let rate = Frequency { millionths, ..Default::default() };
            let waiting = u32::try_from(self.draw_below(200)).unwrap_or(0);
            if self.draw_below(6) > 0 {
                self.view.see_calls(id, rate);
                self.view.see_waiting(id, waiting);
            } else {
                self.view.lose_calls(id);
                self.view.lose_waiting(id);
            }
            let Footprint { cpu, memory } = self.view.service(id).requested;
            for replica in self.view.replicas_of(id).collect::<Vec<_>>() {
                let share = |of: u64| Ppm(u32::try_from(of).unwrap_or(0));
                let used = (share(self.draw_below(1_500_000)), share(self.draw_below(1_500_000)));
                let runs = matches!(
                    self.view.replica(replica).state,
                    ReplicaState::Ready | ReplicaState::Unready | ReplicaState::Starting
                );
                let all = u32::try_from(self.draw_below(200)).unwrap_or(0);
                let failed = u32::try_from(self.draw_below(u64::from(all) + 1)).unwrap_or(0);
                if runs && self.draw_below(9) > 0 {
                    self.view.see_answers(replica, Answers { all, failed });
                } else {
                    self.view.lose_answers(replica);
                }
                if runs && self.draw_below(9) > 0 {
                    self.view.see_replica(replica, cpu.part(used.0), memory.part(used.1));
                } else {
                    self.view.lose_replica(replica);
                }
            }
        }
        let now = self.view.taken_at;
        self.view.sweep_replicas(now);
        self.view.sweep_answers(now);
        self.view.sweep_calls(now);
        self.view.sweep_waiting(now);
    }

    /// Replicas go on their way, some fail, and others take their place.
    pub(super) fn serve(&mut self) {
        use ReplicaState::{Failed, Gone, Pending, Ready, Starting, Stopping, Unready};
        let now = self.view.taken_at;
        for index in 0..self.view.services().len() {
            let id = ServiceId::at(index);
            for replica in self.view.replicas_of(id).collect::<Vec<_>>() {
                let draw = self.draw_below(8);
                let nodes = self.view.nodes().len();
                self.view.update_replica(replica, |row| {
                    let next = match row.state {
                        Pending if nodes > 0 => Starting,
                        Starting => Ready,
                        Ready if draw == 0 => Unready,
                        Ready if draw == 1 => Failed,
                        Unready => Ready,
                        Failed | Stopping => Gone,
                        other @ (Pending | Ready | Gone) => other,
                    };
                    if next != row.state {
                        (row.state, row.since) = (next, now);
                    }
                    if next == Starting && row.node.is_none() {
                        row.node = Some(NodeId::at(replica.index() % nodes));
                        row.started_at = Some(now);
                    }
                });
            }
            fill(&mut self.view, id);
            if self.draw_below(12) == 0 {
                self.view.update_service(id, |row| {
                    let Release { number, .. } = row.release;
                    let before = Some(number);
                    row.release = Release { number: number + 1, since: now, before };
                });
            }
        }
    }

    /// Replicas on machines that do not answer are not seen either; one service is set to nothing.
    pub(super) fn suffer_services(&mut self) {
        for index in 0..self.view.replicas().len() {
            let id = ReplicaId::at(index);
            let node = self.view.replica(id).node;
            if node.is_some_and(|node| self.view.node(node).state == NodeState::Lost) {
                self.view.lose_replica(id);
                self.view.lose_answers(id);
            }
        }
        if !self.view.services().is_empty() && self.draw_below(5) == 0 {
            self.view.update_service(ServiceId::at(0), |row| row.wanted = 0);
            fill(&mut self.view, ServiceId::at(0));
        }
        if !self.view.services().is_empty() && self.draw_below(4) == 0 {
            // One that was read long ago, and one of which nothing is known.
            let seen_at = Moment(self.view.taken_at.0 - Span::minutes(9).0);
            let value = Frequency { millionths: 1_000_000, ..Default::default() };
            self.view.read_calls(ServiceId::at(0), Some(Reading { value, seen_at }));
            self.view.read_waiting(ServiceId::at(0), None);
        }
    }
}

/// As many replicas as there should be: more wait to be started, or some are told to stop.
pub fn fill(view: &mut ClusterView, id: ServiceId) {
    let stays = |view: &ClusterView, replica: &ReplicaId| {
        !matches!(view.replica(*replica).state, ReplicaState::Stopping | ReplicaState::Failed)
    };
    let there: Vec<ReplicaId> = view.replicas_of(id).filter(|of| stays(view, of)).collect();
    let wanted = usize::try_from(view.service(id).wanted).unwrap_or(0);
    let now = view.taken_at;
    for replica in there.iter().skip(wanted) {
        view.update_replica(*replica, |row| (row.state, row.since) = (ReplicaState::Stopping, now));
    }
    for _ in there.len()..wanted {
        view.add_replica(Replica::new(id, None, ReplicaState::Pending, now));
    }
}

/// The services of one view in another, without what was seen of them.
pub(super) fn copy(from: &ClusterView, to: &mut ClusterView) {
    for (index, service) in from.services().iter().enumerate() {
        to.add_service(service.clone());
        for replica in from.replicas_of(ServiceId::at(index)) {
            to.add_replica(*from.replica(replica));
        }
    }
}
