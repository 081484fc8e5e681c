//! What tenants ask of their machines, and what comes of it: accounts and loads go on, what is over its limit
//! or finds no memory is killed and comes back.

use crate::tenants::{Behind, Phase, Tenant};
use crate::{Event, Fleet, Hosts, Turn, pool_counting};
use seatrial_contract::units::Span;
use seatrial_contract::{Footprint, NodeId, Purpose, Stage, TenantId};
use seatrial_traffic::callers;
use seatrial_traffic::{Activity, WORLD};

const START: Purpose = Purpose::new("tenant start");

/// A tenant on the machine asks for more or less.
pub fn reload<E: Hosts>(fleet: &mut Fleet<E>, id: NodeId, before: Footprint, after: Footprint) {
    settle_load(fleet, id);
    let node = &mut fleet.nodes[id.index()];
    node.asked = Footprint {
        cpu: node.asked.cpu - before.cpu + after.cpu,
        memory: node.asked.memory - before.memory + after.memory,
    };
    fleet.touch_node(id);
    pool_counting::recount(fleet, id);
}

/// Adds up the machine's load since the last time.
pub fn settle_load<E: Hosts>(fleet: &mut Fleet<E>, id: NodeId) {
    let now = fleet.now();
    let node = &mut fleet.nodes[id.index()];
    if node.is_ready() {
        node.metered.load.settle(now, node.asked, node.capacity);
    }
}

/// A part over its memory limit is killed.
pub fn check_limits<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    let tenant = &fleet.tenants[id.index()];
    let parts = fleet.design.parts(tenant);
    let over = parts.iter().enumerate().position(|(index, part)| {
        let limit = tenant.limit(index, part).map(|limit| limit.memory);
        tenant.part_runs(index, part)
            && limit.is_some_and(|limit| tenant.part_wants(part).memory > limit)
    });
    if let Some(part) = over {
        kill(fleet, id, part);
    }
}

/// Kills as long as the machine has less memory than is asked for: of the least urgent tenants
/// the one that uses most, and of its parts the largest.
pub fn check_memory<E: Hosts>(fleet: &mut Fleet<E>, node: NodeId) {
    while fleet.nodes[node.index()].asked.memory > fleet.nodes[node.index()].capacity.memory {
        let Some((tenant, part)) = victim(fleet, node) else { return };
        kill(fleet, tenant, part);
    }
}

fn victim<E: Hosts>(fleet: &Fleet<E>, node: NodeId) -> Option<(TenantId, usize)> {
    let here = fleet.nodes[node.index()].tenants.iter();
    let rank = |id: &TenantId| {
        let tenant = &fleet.tenants[id.index()];
        let priority = fleet.design.tier(tenant.tier).priority;
        let memory = tenant.usage.draws.footprint.memory;
        (core::cmp::Reverse(priority), memory, core::cmp::Reverse(*id))
    };
    let using = |id: &&TenantId| fleet.tenants[id.index()].usage.draws.footprint.memory.0 > 0;
    let id = here.filter(using).copied().max_by_key(rank)?;
    let tenant = &fleet.tenants[id.index()];
    let parts = fleet.design.parts(tenant).iter().enumerate();
    let sizes = parts.map(|(index, part)| (tenant.part_uses(index, part).memory, index));
    sizes.max_by_key(|size| (size.0, core::cmp::Reverse(size.1))).map(|size| (id, size.1))
}

fn kill<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, part: usize) {
    let now = fleet.now();
    let tenant = &mut fleet.tenants[id.index()];
    tenant.parts.killed |= 1 << part;
    tenant.starts.count += 1;
    let (tier, turn) = (tenant.tier, tenant.starts.count);
    fleet.measures.tiers[tier.index()].kills += 1;
    fleet.changed.killed.push(id);
    let takes = start_takes(fleet, id, turn);
    let part = u16::try_from(part).unwrap_or(u16::MAX);
    let at = now.after(takes.max(Span::seconds(1)));
    if at <= fleet.schedule.ends_at {
        let event = Event::Revived(Turn(id, part)).into();
        fleet.schedule.agenda.schedule(at, WORLD, event);
    }
    refresh(fleet, id);
}

/// Tenants of tiers that are meant, with a part of each that runs.
pub fn with_running_parts<E: Hosts>(
    fleet: &Fleet<E>,
    is_meant: impl Fn(usize) -> bool,
) -> Vec<(TenantId, usize)> {
    let all = fleet.tenants.iter().enumerate();
    let meant = all.filter(|(_, tenant)| is_meant(tenant.tier.index()));
    let part = |tenant: &Tenant| {
        let mut parts = fleet.design.parts(tenant).iter().enumerate();
        parts.position(|(index, part)| tenant.part_runs(index, part))
    };
    meant.filter_map(|(at, tenant)| Some((TenantId::at(at), part(tenant)?))).collect()
}

/// A part of a tenant is killed, whatever it uses.
pub fn kill_part<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, part: usize) {
    let tenant = &fleet.tenants[id.index()];
    let runs = fleet.design.parts(tenant).get(part).is_some_and(|of| tenant.part_runs(part, of));
    if runs {
        kill(fleet, id, part);
    }
}

/// A part that was killed, or restarts, comes back.
pub fn revive<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, part: u16) {
    let tenant = &mut fleet.tenants[id.index()];
    tenant.parts.killed &= !(1u32 << part);
    tenant.parts.restarting &= !(1u32 << part);
    if tenant.phase != Phase::Gone {
        refresh(fleet, id);
    }
}

/// How long the start of that turn takes: a crowded machine is as much slower as more cpu is
/// asked of it than it has.
pub fn start_takes<E: Hosts>(fleet: &Fleet<E>, id: TenantId, turn: u32) -> Span {
    let mut stream = fleet.dice.turn(u64::from(id.0), START, u64::from(turn));
    let takes = fleet.design.waking.sample(&mut stream);
    let Some(node) = fleet.tenants[id.index()].node else { return takes };
    let node = &fleet.nodes[node.index()];
    if node.asked.cpu <= node.capacity.cpu || node.capacity.cpu.0 == 0 {
        return takes;
    }
    let slowed = u128::from(takes.0) * u128::from(node.asked.cpu.0);
    Span(u64::try_from(slowed / u128::from(node.capacity.cpu.0)).unwrap_or(u64::MAX))
}

/// A tenant's use may have changed: brings accounts and its machine up to date.
pub fn refresh<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    refresh_as(fleet, id, Behind::All);
}

/// The same, where nothing but the load of its bots has changed.
pub fn load_changed<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    refresh_as(fleet, id, Behind::Load);
}

fn refresh_as<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, behind: Behind) {
    let now = fleet.now();
    let tenant = &mut fleet.tenants[id.index()];
    let draws = tenant.draws_now(fleet.design.parts(tenant));
    fleet.changed.tenant(id, tenant, behind);
    let doing = Activity {
        tier: tenant.tier.index(),
        awake: tenant.serves(),
        in_session: tenant.visits.in_session && tenant.serves(),
        bots: draws.bots,
    };
    if doing.awake != tenant.usage.does.awake {
        tenant.settle_account(now);
        fleet.measures.serving.add(now, if doing.awake { 1 } else { -1 });
    }
    if core::mem::replace(&mut tenant.usage.does, doing) != doing && fleet.schedule.has_begun {
        let (stations, agenda) = fleet.calls();
        callers::tenant_does(stations, id, doing, agenda);
        fleet.slide();
    }
    let tenant = &mut fleet.tenants[id.index()];
    if draws == tenant.usage.draws {
        return;
    }
    tenant.settle_account(now);
    let before = core::mem::replace(&mut tenant.usage.draws, draws);
    let node = tenant.node;
    fleet.measures.count_requested(now, before.requested, draws.requested);
    let Some(node) = node else { return };
    pool_counting::promised(fleet, node, before.requested, draws.requested);
    reload(fleet, node, before.footprint, draws.footprint);
    check_limits(fleet, id);
    check_memory(fleet, node);
}

/// Gives a tenant a machine, or takes it off one.
pub fn rehome<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, node: Option<NodeId>) {
    let now = fleet.now();
    let tenant = &mut fleet.tenants[id.index()];
    tenant.settle_account(now);
    let draws = core::mem::take(&mut tenant.usage.draws);
    fleet.measures.count_requested(now, draws.requested, Footprint::default());
    let tenant = &mut fleet.tenants[id.index()];
    if let Some(old) = tenant.node.take() {
        let slot = tenant.slot as usize;
        pool_counting::promised(fleet, old, draws.requested, Footprint::default());
        reload(fleet, old, draws.footprint, Footprint::default());
        let here = &mut fleet.nodes[old.index()].tenants;
        here.swap_remove(slot);
        if let Some(moved) = here.get(slot) {
            fleet.tenants[moved.index()].slot = fleet.tenants[id.index()].slot;
        }
        fleet.touch_node(old);
    }
    if let Some(new) = node {
        let here = &mut fleet.nodes[new.index()].tenants;
        fleet.tenants[id.index()].slot = u32::try_from(here.len()).unwrap_or(u32::MAX);
        here.push(id);
        fleet.tenants[id.index()].node = node;
        fleet.touch_node(new);
    }
    fleet.touch(id);
}

/// Enters a stage of sleep, and keeps count of who is awake.
pub fn enter_stage<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, stage: Stage) {
    let now = fleet.now();
    let tenant = &mut fleet.tenants[id.index()];
    let (before, tier) = (tenant.stage, tenant.tier);
    tenant.stage = stage;
    fleet.measures.count_stage(now, tier, before, stage);
}
