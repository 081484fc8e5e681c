//! Which state a tenant, a machine or a replica is in, as one word. Knows no run.

use crate::living::State;
use seatrial_contract::Stage;
use seatrial_fleet::nodes::{Node, State as NodeState};
use seatrial_fleet::replicas::State as ReplicaState;
use seatrial_fleet::tenants::{Phase, Tenant};

pub(crate) fn state_of_node(node: &Node) -> Option<State> {
    Some(match node.state {
        NodeState::Booting => State::Booting,
        NodeState::Ready if node.closed.draining => State::Draining,
        NodeState::Ready if node.closed.cordoned => State::Cordoned,
        NodeState::Ready => State::Ready,
        NodeState::Down(_) => State::Down,
        NodeState::Gone => return None,
    })
}

pub(crate) fn state_of_tenant(tenant: &Tenant, before: Option<State>) -> Option<State> {
    let slept = before.is_some_and(State::is_before_waking);
    Some(match tenant.phase {
        Phase::Gone => return None,
        Phase::Homeless => State::Homeless,
        Phase::Queued if slept => State::QueuedToWake,
        Phase::Queued => State::Queued,
        Phase::Starting if slept => State::Waking,
        Phase::Starting => State::Starting,
        Phase::Restoring => State::Restoring,
        Phase::Down => State::Down,
        Phase::Settled if tenant.stage == Stage::AWAKE => State::Awake,
        Phase::Settled if tenant.visits.wanted => State::Waiting,
        Phase::Settled => State::Asleep(tenant.stage),
    })
}

pub(crate) const fn state_of_replica(state: ReplicaState) -> Option<State> {
    Some(match state {
        ReplicaState::Pending => State::Pending,
        ReplicaState::Starting => State::Starting,
        ReplicaState::Ready => State::Ready,
        ReplicaState::Lost => State::Lost,
        ReplicaState::Ending => State::Ending,
        ReplicaState::Gone => return None,
    })
}
