//! What a scrape sees of services and replicas: what changed, and who calls. Knows no policy.

use seatrial_contract::units::Moment;
use seatrial_contract::view::{Release, Replica as Row, ReplicaState};
use seatrial_contract::{ClusterView, ReplicaId, ServiceId};
use seatrial_fleet::replicas::{Demand, Replica, Replicas, State};

/// What one scrape saw of services.
#[derive(Clone, Default)]
pub(crate) struct ServicesScrape {
    replicas: Vec<(ReplicaId, Replica)>,
    services: Vec<(ServiceId, (u32, Release), Demand)>,
}

impl ServicesScrape {
    /// Looks at what changed.
    pub(crate) fn look(&mut self, replicas: &mut Replicas) {
        self.replicas.clear();
        // By their numbers, as rows are added.
        replicas.dirty.sort_unstable();
        for id in replicas.dirty.drain(..) {
            replicas.all[id].is_dirty = false;
            self.replicas.push((ReplicaId::at(id), replicas.all[id]));
        }
        let services = replicas.services.iter().enumerate();
        let seen =
            services.map(|(at, of)| (ServiceId::at(at), (of.wanted, of.row().release), of.demand));
        self.services.clear();
        self.services.extend(seen);
    }

    /// Writes into a view what was seen at that moment.
    pub(crate) fn write(&self, view: &mut ClusterView, at: Moment) {
        if self.services.is_empty() {
            return;
        }
        for (id, replica) in &self.replicas {
            write_replica(view, *id, replica);
        }
        view.sweep_replicas(at);
        view.sweep_answers(at);
        for (id, (wanted, release), demand) in &self.services {
            view.update_service(*id, |row| (row.wanted, row.release) = (*wanted, *release));
            view.see_calls(*id, demand.calls);
            view.see_waiting(*id, demand.waiting);
        }
        view.sweep_calls(at);
        view.sweep_waiting(at);
    }
}

fn write_replica(view: &mut ClusterView, id: ReplicaId, replica: &Replica) {
    let state = match replica.state {
        State::Pending => ReplicaState::Pending,
        State::Starting => ReplicaState::Starting,
        // Nobody has noticed yet.
        State::Ready | State::Lost => ReplicaState::Ready,
        State::Ending => ReplicaState::Stopping,
        State::Gone => ReplicaState::Gone,
    };
    if id.index() >= view.replicas().len() {
        let service = ServiceId::at(replica.of);
        view.add_replica(Row::new(service, replica.node, state, replica.since));
    }
    view.update_replica(id, |row| {
        if row.state != state {
            row.since = replica.since;
        }
        (row.state, row.node, row.started_at) = (state, replica.node, replica.started_at);
    });
    match replica.state {
        State::Starting | State::Ready | State::Ending => {
            view.see_replica(id, replica.usage.seen.cpu, replica.usage.seen.memory);
            view.see_answers(id, replica.answers.of_late);
        }
        State::Lost => {
            view.lose_replica(id);
            view.lose_answers(id);
        }
        State::Pending | State::Gone => {}
    }
}
