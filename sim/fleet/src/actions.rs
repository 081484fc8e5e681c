//! What can be done to a fleet, one function an action. Each says whether it was done: an action whose
//! precondition no longer holds is refused. Knows no policy and no reason.

use crate::nodes::Node;
use crate::replicas::lives;
use crate::tenants::Phase;
use crate::{Event, Fleet, Hosts, nodes, resizing, sessions, starting, usage};
use seatrial_contract::{Action, Footprint, NodeId, PoolId, Stage, TenantId};

/// Does it, if it still can be done; says whether it was.
pub fn apply<E: Hosts>(fleet: &mut Fleet<E>, action: Action) -> bool {
    match action {
        Action::Place { tenant, node } => place(fleet, tenant, node),
        Action::Move { tenant, from, node } => relocate(fleet, tenant, from, node),
        Action::Evict { tenant, from } => evict(fleet, tenant, from),
        Action::Hibernate { tenant, stage } => hibernate(fleet, tenant, stage),
        Action::Wake { tenant } => wake(fleet, tenant),
        Action::Resize { tenant, unit, from, to } => {
            resizing::resize(fleet, tenant, unit, from, to)
        }
        Action::AddNodes { pool, count } => add_nodes(fleet, pool, count),
        Action::Cordon { node } => mark(fleet, node, |row| row.closed.cordoned = true),
        Action::Uncordon { node } => {
            mark(fleet, node, |row| (row.closed.cordoned, row.closed.draining) = (false, false))
        }
        Action::Drain { node } => {
            let done = mark(fleet, node, |row| row.closed.draining = true);
            lives::keep_all_replicas(fleet);
            done
        }
        Action::RemoveNode { node } => remove(fleet, node),
        Action::LimitConnections { pooler, tier, from, most } => {
            fleet.stir();
            let now = fleet.calls_now();
            let (stations, agenda) = fleet.calls();
            stations.limit_connections(pooler, tier, (from, most), now, agenda)
        }
        Action::Scale { service, from, to } => lives::scale(fleet, service.index(), from, to),
    }
}

fn is_there<E: Hosts>(fleet: &Fleet<E>, node: NodeId) -> bool {
    fleet.nodes[node.index()].is_ready()
}

fn place<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, node: NodeId) -> bool {
    if fleet.tenants[id.index()].phase != Phase::Homeless || !is_there(fleet, node) {
        return false;
    }
    usage::rehome(fleet, id, Some(node));
    if fleet.tenants[id.index()].visits.wanted {
        usage::enter_stage(fleet, id, Stage::AWAKE);
    }
    starting::begin_start(fleet, id);
    true
}

fn relocate<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, from: NodeId, node: NodeId) -> bool {
    let tenant = &fleet.tenants[id.index()];
    if tenant.node != Some(from) || !is_there(fleet, node) || node == from {
        return false;
    }
    sessions::count_interruption(fleet, id);
    starting::abandon_start(fleet, id);
    usage::rehome(fleet, id, Some(node));
    if fleet.tenants[id.index()].visits.wanted {
        usage::enter_stage(fleet, id, Stage::AWAKE);
    }
    fleet.measures.counts.moves += 1;
    starting::begin_start(fleet, id);
    true
}

fn evict<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, from: NodeId) -> bool {
    if fleet.tenants[id.index()].node != Some(from) {
        return false;
    }
    sessions::count_interruption(fleet, id);
    starting::abandon_start(fleet, id);
    usage::rehome(fleet, id, None);
    fleet.tenants[id.index()].phase = Phase::Homeless;
    true
}

fn hibernate<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, stage: Stage) -> bool {
    let tenant = &fleet.tenants[id.index()];
    let free = !tenant.visits.in_session && !tenant.visits.wanted && tenant.phase == Phase::Settled;
    if !free || tenant.stage >= stage {
        return false;
    }
    usage::enter_stage(fleet, id, stage);
    fleet.tenants[id.index()].parts.runs = stage;
    fleet.measures.counts.hibernations += 1;
    usage::refresh(fleet, id);
    true
}

fn wake<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) -> bool {
    let tenant = &fleet.tenants[id.index()];
    if tenant.phase != Phase::Settled || tenant.stage == Stage::AWAKE {
        return false;
    }
    usage::enter_stage(fleet, id, Stage::AWAKE);
    starting::begin_start(fleet, id);
    true
}

fn add_nodes<E: Hosts>(fleet: &mut Fleet<E>, pool: PoolId, count: u32) -> bool {
    let here = fleet.nodes.iter().filter(|node| node.pool == pool && !node.is_gone()).count();
    let most = fleet.design.pools[pool.index()].most;
    if u32::try_from(here).unwrap_or(u32::MAX).saturating_add(count) > most {
        return false;
    }
    for _ in 0..count {
        let id = nodes::order_node(fleet, pool);
        let boot = nodes::boot_time(fleet.dice, id, &fleet.design.pools[pool.index()]);
        fleet.later(boot, Event::NodeReady(id));
    }
    true
}

fn mark<E: Hosts>(fleet: &mut Fleet<E>, id: NodeId, change: impl FnOnce(&mut Node)) -> bool {
    let node = &mut fleet.nodes[id.index()];
    if node.is_gone() {
        return false;
    }
    change(node);
    fleet.touch_node(id);
    true
}

fn remove<E: Hosts>(fleet: &mut Fleet<E>, id: NodeId) -> bool {
    let node = &fleet.nodes[id.index()];
    if node.is_gone() || !node.tenants.is_empty() || node.replicas.requested != Footprint::default()
    {
        return false;
    }
    nodes::retire_node(fleet, id);
    true
}
