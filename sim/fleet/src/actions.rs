//! What can be done to a fleet, one function an action, once it is known that it can be done. Knows no policy
//! and no reason.

use crate::nodes::Node;
use crate::replicas::{lifecycle, releases};
use crate::tenants::Phase;
use crate::{
    Event, Fleet, Hosts, backups, databases, loss, nodes, resizing, restoring, sessions, starting,
    usage,
};
use seatrial_contract::{Action, NodeId, PoolId, Stage, TenantId};
use seatrial_traffic::limits;

/// Does it, if all that must be true for it is so; says whether it was done.
pub fn apply<E: Hosts>(fleet: &mut Fleet<E>, action: Action) -> bool {
    let may = action.may_be_done(fleet) && !is_out_of_reach(fleet, action);
    if may {
        perform(fleet, action);
    }
    may
}

/// What a tenant has stands on its machine: while that is down, nobody takes it off. And what is sold out cannot be
/// ordered.
fn is_out_of_reach<E: Hosts>(fleet: &Fleet<E>, action: Action) -> bool {
    match action {
        Action::Move { tenant, .. } | Action::Evict { tenant, .. } => {
            let node = fleet.tenants[tenant.index()].node;
            node.is_some_and(|node| fleet.nodes[node.index()].is_down())
        }
        // Without data elsewhere there is nothing to bring up.
        Action::Abandon { tenant, .. } => {
            !fleet.restoring.is_elsewhere(fleet.tenants[tenant.index()].tier)
        }
        Action::AddNodes { pool, .. } => nodes::next_spot(fleet, pool).is_none(),
        Action::BackUp { database, .. } => {
            databases::place(fleet, database).is_none_or(|of| !backups::may_begin(fleet, of, None))
        }
        Action::Restore { database, is_aside, .. } => databases::place(fleet, database)
            .is_none_or(|of| !backups::may_begin(fleet, of, Some(is_aside))),
        Action::Place { .. }
        | Action::Hibernate { .. }
        | Action::Wake { .. }
        | Action::Resize { .. }
        | Action::Cordon { .. }
        | Action::Uncordon { .. }
        | Action::Drain { .. }
        | Action::RemoveNode { .. }
        | Action::LimitConnections { .. }
        | Action::Scale { .. }
        | Action::RevertRelease { .. }
        // Whether there is a standby is asked before.
        | Action::FailOver { .. } => false,
    }
}

fn perform<E: Hosts>(fleet: &mut Fleet<E>, action: Action) {
    match action {
        Action::Place { tenant, node } => place(fleet, tenant, node),
        Action::Move { tenant, node, .. } => relocate(fleet, tenant, node),
        Action::Evict { tenant, .. } => evict(fleet, tenant),
        Action::Abandon { tenant, from } => {
            // No way leads to its machine, where it runs on.
            let runs_on =
                fleet.nodes[from.index()].is_ready() && loss::runs_something(fleet, tenant);
            fleet.measures.machines.losses.ran_twice += u64::from(runs_on);
            restoring::needs_data(fleet, tenant);
            evict(fleet, tenant);
        }
        Action::Hibernate { tenant, stage } => hibernate(fleet, tenant, stage),
        Action::Wake { tenant } => wake(fleet, tenant),
        Action::Resize { tenant, unit, to, .. } => resizing::resize(fleet, tenant, unit, to),
        Action::AddNodes { pool, count } => add_nodes(fleet, pool, count),
        Action::Cordon { node } => mark(fleet, node, |row| row.closed.cordoned = true),
        Action::Uncordon { node } => {
            mark(fleet, node, |row| (row.closed.cordoned, row.closed.draining) = (false, false));
        }
        Action::Drain { node } => {
            mark(fleet, node, |row| row.closed.draining = true);
            lifecycle::keep_all_replicas(fleet);
        }
        Action::RemoveNode { node } => nodes::retire_node(fleet, node),
        Action::LimitConnections { pooler, tier, most, .. } => {
            fleet.stir();
            let now = fleet.calls_now();
            let (stations, agenda) = fleet.calls();
            limits::limit_connections(stations, pooler, tier, most, now, agenda);
        }
        Action::Scale { service, to, .. } => lifecycle::scale(fleet, service.index(), to),
        Action::RevertRelease { service, .. } => releases::revert(fleet, service),
        Action::BackUp { database, is_full, .. } => {
            if let Some(database) = databases::place(fleet, database) {
                backups::back_up(fleet, database, is_full);
            }
        }
        Action::FailOver { database, .. } => databases::fail_over(fleet, database),
        Action::Restore { database, is_aside, .. } => {
            if let Some(database) = databases::place(fleet, database) {
                backups::restore(fleet, database, is_aside);
            }
        }
    }
}

fn place<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, node: NodeId) {
    usage::rehome(fleet, id, Some(node));
    if fleet.tenants[id.index()].visits.wanted {
        usage::enter_stage(fleet, id, Stage::AWAKE);
    }
    starting::begin_start(fleet, id);
}

fn relocate<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, node: NodeId) {
    sessions::count_interruption(fleet, id);
    starting::abandon_start(fleet, id);
    usage::rehome(fleet, id, Some(node));
    if fleet.tenants[id.index()].visits.wanted {
        usage::enter_stage(fleet, id, Stage::AWAKE);
    }
    fleet.measures.counts.moves += 1;
    starting::begin_start(fleet, id);
}

fn evict<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    sessions::count_interruption(fleet, id);
    starting::abandon_start(fleet, id);
    usage::rehome(fleet, id, None);
    fleet.tenants[id.index()].phase = Phase::Homeless;
}

fn hibernate<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, stage: Stage) {
    usage::enter_stage(fleet, id, stage);
    fleet.tenants[id.index()].parts.runs = stage;
    fleet.measures.counts.hibernations += 1;
    usage::refresh(fleet, id);
}

fn wake<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    usage::enter_stage(fleet, id, Stage::AWAKE);
    starting::begin_start(fleet, id);
}

fn add_nodes<E: Hosts>(fleet: &mut Fleet<E>, pool: PoolId, count: u32) {
    for _ in 0..count {
        if nodes::next_spot(fleet, pool).is_none() {
            return;
        }
        let id = nodes::order_node(fleet, pool);
        let boot = nodes::boot_time(fleet.dice, id, &fleet.design.pools[pool.index()]);
        fleet.later(boot, Event::NodeReady(id));
    }
}

/// A machine is to be emptied, or takes tenants again.
pub fn drains<E: Hosts>(fleet: &mut Fleet<E>, id: NodeId, so: bool) {
    if !fleet.nodes[id.index()].is_gone() {
        mark(fleet, id, |row| (row.closed.cordoned, row.closed.draining) = (so, so));
        lifecycle::keep_all_replicas(fleet);
    }
}

fn mark<E: Hosts>(fleet: &mut Fleet<E>, id: NodeId, change: impl FnOnce(&mut Node)) {
    change(&mut fleet.nodes[id.index()]);
    fleet.touch_node(id);
}
