//! Machines that are lost with all that runs on them, and come back with what their disks have. Knows no fault.

use crate::disks::Slow;
use crate::nodes::{self, StartQueue, State};
use crate::replicas::lifecycle;
use crate::tenants::Phase;
use crate::{Fleet, Hosts, pool_counting, restoring, sessions, starting, usage};
use seatrial_contract::units::{MilliCores, Ppm};
use seatrial_contract::{NodeId, TenantId};

/// A machine does not answer any more, and nothing on it runs. It may be lost for several reasons at once.
pub fn lose_machine<E: Hosts>(fleet: &mut Fleet<E>, id: NodeId) {
    fleet.changed.unreached.remove(&id);
    goes_down(fleet, id);
}

/// Nobody reaches a machine any more, and what its tenants run there runs on.
pub fn cut_off_machine<E: Hosts>(fleet: &mut Fleet<E>, id: NodeId) {
    let node = &fleet.nodes[id.index()];
    if node.is_ready() {
        let runs = |id: &TenantId| {
            let tenant = &fleet.tenants[id.index()];
            let is_up = tenant.phase == Phase::Settled && tenant.parts.runs == tenant.stage;
            is_up && runs_something(fleet, *id)
        };
        let run_on = node.tenants.iter().copied().filter(runs).collect();
        fleet.changed.unreached.insert(id, run_on);
    }
    goes_down(fleet, id);
}

fn goes_down<E: Hosts>(fleet: &mut Fleet<E>, id: NodeId) {
    let now = fleet.now();
    let state = fleet.nodes[id.index()].state;
    let (ready, booting) = match state {
        State::Gone => return,
        State::Down(reasons) => {
            fleet.nodes[id.index()].state = State::Down(reasons.saturating_add(1));
            return;
        }
        State::Ready => (-1, 0),
        State::Booting => (0, -1),
    };
    usage::settle_load(fleet, id);
    let node = &mut fleet.nodes[id.index()];
    (node.state, node.since, node.starts) = (State::Down(1), now, StartQueue::default());
    let (pool, rack, tenants) = (node.pool, node.spot.rack, node.tenants.clone());
    fleet.changed.down.push(id);
    let machines = &mut fleet.measures.machines;
    machines.losses.machines += 1;
    machines.losses.bursts.lost(id, rack, now);
    machines.pools[pool.index()].outages.count(now, 1);
    fleet.measures.count_node(now, pool, ready, booting);
    pool_counting::recount(fleet, id);
    lifecycle::lose_those_on(fleet, id);
    tenants.into_iter().for_each(|tenant| stop(fleet, tenant));
    fleet.touch_machine(id);
}

/// A machine is gone for good, with what its disk has: its tenants have no machine any more.
pub fn reclaim<E: Hosts>(fleet: &mut Fleet<E>, id: NodeId) {
    if fleet.nodes[id.index()].is_gone() {
        return;
    }
    lose_machine(fleet, id);
    for tenant in fleet.nodes[id.index()].tenants.clone() {
        restoring::needs_data(fleet, tenant);
        usage::rehome(fleet, tenant, None);
        fleet.tenants[tenant.index()].phase = Phase::Homeless;
    }
    nodes::retire_node(fleet, id);
}

/// A machine's disk is lost, and another is there at once: tenants that have their data there need it from elsewhere, or
/// begin with nothing.
pub fn lose_disk<E: Hosts>(fleet: &mut Fleet<E>, id: NodeId) {
    for tenant in fleet.nodes[id.index()].tenants.clone() {
        if !fleet.restoring.is_on_machine(fleet.tenants[tenant.index()].tier) {
            continue;
        }
        starting::abandon_start(fleet, tenant);
        stop(fleet, tenant);
        restoring::needs_data(fleet, tenant);
        resume(fleet, tenant);
    }
    fleet.touch_machine(id);
}

/// A machine's disk is full, or there is one reason less why: what has its data there stops, and does not start.
pub fn fill_disk<E: Hosts>(fleet: &mut Fleet<E>, id: NodeId, so: bool) {
    if !fleet.restoring.disks.fill(id, so) || !fleet.nodes[id.index()].is_ready() {
        return;
    }
    for tenant in fleet.nodes[id.index()].tenants.clone() {
        let of = &fleet.tenants[tenant.index()];
        let (is_down, tier) = (of.phase == Phase::Down, of.tier);
        if so && !is_down && fleet.restoring.is_on_machine(tier) {
            starting::abandon_start(fleet, tenant);
            stop(fleet, tenant);
        } else if !so && is_down {
            resume(fleet, tenant);
        }
    }
    fleet.touch_machine(id);
}

/// A machine's disk and network are slow, or there is that reason less why.
pub fn slow_disk<E: Hosts>(fleet: &mut Fleet<E>, id: NodeId, slow: Slow, so: bool) {
    fleet.restoring.disks.slow_down(id, slow, so);
    restoring::machine_takes(fleet, id);
}

/// A machine has such a part of its cpu from now on; the slowest of several reasons ends with the first that does.
pub fn slow_down<E: Hosts>(fleet: &mut Fleet<E>, id: NodeId, to: Ppm) {
    usage::settle_load(fleet, id);
    let node = &mut fleet.nodes[id.index()];
    let whole = *node.metered.whole.get_or_insert(node.capacity.cpu);
    node.capacity.cpu = MilliCores(whole.part(to).0.max(1));
    pool_counting::recount(fleet, id);
    fleet.touch_machine(id);
}

/// Nothing of a tenant runs any more. Who is there waits from now on.
fn stop<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    sessions::count_interruption(fleet, id);
    if fleet.tenants[id.index()].phase == Phase::Restoring {
        restoring::abandon(fleet, id);
    }
    let now = fleet.now();
    let tenant = &mut fleet.tenants[id.index()];
    if tenant.serves() {
        fleet.measures.machines.losses.begins(id, tenant.tier, now);
    }
    if tenant.visits.in_session && !tenant.visits.wanted {
        tenant.visits.wanted = true;
        fleet.measures.tiers[tenant.tier.index()].waits(now, &mut tenant.visits, true);
        tenant.visits.wanted_since = now;
    }
    (tenant.phase, tenant.since) = (Phase::Down, now);
    usage::refresh(fleet, id);
}

/// One reason less why a machine is lost; with the last one gone it takes tenants again, and what ran on it
/// starts anew.
pub fn machine_is_back<E: Hosts>(fleet: &mut Fleet<E>, id: NodeId) {
    let now = fleet.now();
    let node = &mut fleet.nodes[id.index()];
    match node.state {
        State::Down(1) => {}
        State::Down(reasons) => return node.state = State::Down(reasons.saturating_sub(1)),
        State::Booting | State::Ready | State::Gone => return,
    }
    (node.state, node.since) = (State::Ready, now);
    node.metered.load.goes_on(now);
    let (pool, tenants) = (node.pool, node.tenants.clone());
    fleet.changed.down.retain(|down| *down != id);
    fleet.measures.machines.pools[pool.index()].outages.count(now, -1);
    fleet.measures.count_node(now, pool, 1, 0);
    pool_counting::recount(fleet, id);
    let run_on = fleet.changed.unreached.remove(&id).unwrap_or_default();
    for tenant in tenants {
        let of = &fleet.tenants[tenant.index()];
        if of.phase == Phase::Down && of.parts.runs == of.stage && run_on.contains(&tenant) {
            starting::is_reached(fleet, tenant);
        } else if of.phase == Phase::Down {
            resume(fleet, tenant);
        }
    }
    // Others have been placed elsewhere meanwhile, and what runs here is stopped.
    let twice = |of: &&TenantId| fleet.tenants[of.index()].node.is_some_and(|node| node != id);
    let twice = run_on.iter().filter(twice).count() as u64;
    fleet.measures.machines.losses.ran_twice += twice;
    fleet.touch_machine(id);
    lifecycle::keep_all_replicas(fleet);
}

/// Whether a tenant is told to run anything: one that sleeps deeply is not.
pub(crate) fn runs_something<E: Hosts>(fleet: &Fleet<E>, id: TenantId) -> bool {
    let tenant = &fleet.tenants[id.index()];
    fleet.design.parts(tenant).iter().any(|part| tenant.is_told(part))
}

/// What a tenant was told to run starts; where that is nothing, it sleeps on.
fn resume<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    if runs_something(fleet, id) {
        return starting::begin_start(fleet, id);
    }
    fleet.tenants[id.index()].phase = Phase::Settled;
    usage::refresh(fleet, id);
}
