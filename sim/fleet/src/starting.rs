//! Starts: after sleep, after a move, after a first placement. One machine starts only so many at
//! the same time; others queue.

use crate::tenants::Phase;
use crate::{Event, Fleet, Hosts, Turn, restoring, sessions, usage};
use seatrial_contract::units::Moment;
use seatrial_contract::{Stage, TenantId};
use seatrial_traffic::StartCall;
use seatrial_traffic::callers;

/// Begins to start a tenant on its machine, or queues it there.
pub fn begin_start<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    let now = fleet.now();
    let tenant = &mut fleet.tenants[id.index()];
    let Some(node) = tenant.node else { return };
    tenant.since = now;
    let has_no_room =
        fleet.restoring.is_on_machine(tenant.tier) && fleet.restoring.disks.is_full(node);
    if fleet.nodes[node.index()].is_down() || has_no_room {
        let tenant = &mut fleet.tenants[id.index()];
        tenant.phase = Phase::Down;
        return usage::refresh(fleet, id);
    }
    if restoring::begin(fleet, id) {
        return;
    }
    let pool = fleet.nodes[node.index()].pool;
    let at_once = fleet.design.pools[pool.index()].starts_at_once;
    if fleet.nodes[node.index()].starts.running >= at_once {
        fleet.tenants[id.index()].phase = Phase::Queued;
        fleet.nodes[node.index()].starts.waiting.push_back(id);
        usage::refresh(fleet, id);
        return;
    }
    fleet.nodes[node.index()].starts.running += 1;
    start_now(fleet, id);
}

fn start_now<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    let tenant = &mut fleet.tenants[id.index()];
    tenant.phase = Phase::Starting;
    tenant.parts.runs = tenant.stage;
    tenant.starts.count += 1;
    let turn = tenant.starts.count;
    tenant.starts.turn = turn;
    usage::refresh(fleet, id);
    let takes = usage::start_takes(fleet, id, turn);
    #[expect(clippy::cast_possible_truncation, reason = "its low bits, as the event says")]
    fleet.later(takes, Event::Started(Turn(id, turn as u16)));
}

/// A start is done, unless it was given up meanwhile.
pub fn started<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, turn: u16) {
    let now = fleet.now();
    let tenant = &mut fleet.tenants[id.index()];
    #[expect(clippy::cast_possible_truncation, reason = "compared by its low bits")]
    if tenant.phase != Phase::Starting || tenant.starts.turn as u16 != turn {
        return;
    }
    let tier = tenant.tier.index();
    if tenant.stage == Stage::AWAKE && callers::asks_at_start(&fleet.traffic.stations, tier) {
        let turn = tenant.starts.count;
        let is_again = fleet.tenants[id.index()].starts.failed > 0;
        if let Some(takes) = fleet.start_taking(id) {
            callers::start_taken(&mut fleet.traffic.stations, tier, is_again, takes);
            #[expect(clippy::cast_possible_truncation, reason = "its low bits")]
            return fleet.later(takes, Event::StartTaken(Turn(id, turn as u16)));
        }
        let (stations, agenda) = fleet.calls();
        return callers::start(stations, id, tier, (turn, is_again), agenda);
    }
    has_started(fleet, id, now);
}

/// Its start has been answered, or has failed: then it is started again.
pub fn start_answered<E: Hosts>(fleet: &mut Fleet<E>, call: StartCall, is_lived: bool) {
    let (id, now) = (call.tenant, fleet.now());
    fleet.start_is_over(call, is_lived);
    let tenant = &mut fleet.tenants[id.index()];
    #[expect(clippy::cast_possible_truncation, reason = "compared by its low bits")]
    if tenant.phase != Phase::Starting || tenant.starts.count as u16 != call.turn {
        return;
    }
    if call.is_answered {
        tenant.starts.failed = 0;
        return has_started(fleet, id, now);
    }
    let failed = tenant.starts.failed;
    tenant.starts.failed += 1;
    fleet.measures.counts.starts_failed += 1;
    let wait = callers::restart_wait(&fleet.traffic.stations, tenant.tier.index(), failed);
    fleet.later(wait, Event::Restarts(Turn(id, call.turn)));
}

/// A tenant whose start has failed is started again, unless that was given up meanwhile.
pub fn restarts<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, turn: u16) {
    let tenant = &fleet.tenants[id.index()];
    #[expect(clippy::cast_possible_truncation, reason = "compared by its low bits")]
    if tenant.phase == Phase::Starting && tenant.starts.count as u16 == turn {
        start_now(fleet, id);
    }
}

/// A tenant that ran on while nobody reached it serves again.
pub(crate) fn is_reached<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    let now = fleet.now();
    runs_from_now(fleet, id, now);
    goes_on(fleet, id);
}

fn has_started<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, now: Moment) {
    runs_from_now(fleet, id, now);
    leave_start(fleet, id);
    goes_on(fleet, id);
}

fn runs_from_now<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, now: Moment) {
    let tenant = &mut fleet.tenants[id.index()];
    tenant.phase = Phase::Settled;
    tenant.since = now;
    let awake = tenant.serves();
    fleet.measures.machines.losses.ends(id, now, awake);
}

fn goes_on<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    if fleet.tenants[id.index()].serves() {
        sessions::serve_waiting(fleet, id);
        sessions::arm_load(fleet, id);
        restoring::writes(fleet, id);
    }
    usage::refresh(fleet, id);
}

/// A tenant leaves its machine or goes back to sleep while it starts or queues.
pub fn abandon_start<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    let tenant = &mut fleet.tenants[id.index()];
    let Some(node) = tenant.node else { return };
    match tenant.phase {
        Phase::Starting => {
            tenant.phase = Phase::Settled;
            leave_start(fleet, id);
        }
        Phase::Queued => {
            tenant.phase = Phase::Settled;
            fleet.nodes[node.index()].starts.waiting.retain(|queued| *queued != id);
        }
        Phase::Restoring => {
            tenant.phase = Phase::Settled;
            restoring::abandon(fleet, id);
        }
        Phase::Homeless | Phase::Settled | Phase::Down | Phase::Gone => {}
    }
}

/// The next in the machine's queue takes the place of one that has started.
fn leave_start<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    let Some(node) = fleet.tenants[id.index()].node else { return };
    match fleet.nodes[node.index()].starts.waiting.pop_front() {
        Some(next) => start_now(fleet, next),
        None => fleet.nodes[node.index()].starts.running -= 1,
    }
}
