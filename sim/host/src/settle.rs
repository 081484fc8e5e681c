//! How tenants stand when the run begins: as after a long time, or all awake.

use crate::past::PAST;
use crate::world::World;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{Action, Dice, Purpose, Stage, TenantId};
use seatrial_fleet::tenants::Phase;
use seatrial_fleet::{sessions, usage};
use seatrial_format::scenario::Start;

/// How many tenants are placed in one tick before the run starts.
const CROWD: usize = 4_096;

const SETTLE: Purpose = Purpose::new("settle");

/// A tenant's history, drawn by living through many sessions before the start.
struct History {
    /// How long nobody was there; or in a session now.
    idle: Option<Span>,
    /// Until the next login, or the end of the session.
    left: Span,
}

/// Gives every tenant a history, a first plan and a place. The most urgent come first, and not
/// all at once, so that a large fleet is not decided on in a single tick.
pub(crate) fn give_histories(world: &mut World) {
    let mut order: Vec<TenantId> = (0..world.fleet.tenants.len()).map(TenantId::at).collect();
    let tier = |id: &TenantId| world.fleet.design.tier(world.fleet.tenants[id.index()].tier);
    order.sort_by_key(|id| core::cmp::Reverse(tier(id).priority));
    world.view.settle();
    for crowd in order.chunks(CROWD) {
        for id in crowd {
            match world.fleet.design.tier(world.fleet.tenants[id.index()].tier).start {
                Start::Awake => {
                    let gap = sessions::gap_after(&world.fleet, *id, 0);
                    sessions::plan_login(&mut world.fleet, *id, gap);
                }
                Start::Settled => give_history(world, *id),
            }
            // Its row is written, and with its activity it counts as changed.
            world.fleet.touch(*id);
        }
        if world.pilot.is_some() {
            settle_in(world);
        }
    }
}

fn give_history(world: &mut World, id: TenantId) {
    let history = live_through(world, id);
    let Some(idle) = history.idle else {
        return sessions::begin_session(&mut world.fleet, id, history.left);
    };
    let tier = world.fleet.tenants[id.index()].tier;
    let stage = world
        .pilot
        .as_ref()
        .map_or(Stage::AWAKE, |pilot| pilot.stage_after(&world.view, tier, idle));
    usage::enter_stage(&mut world.fleet, id, stage);
    let tenant = &mut world.fleet.tenants[id.index()];
    tenant.parts.runs = stage;
    tenant.visits.last_active = Moment(world.fleet.schedule.starts.0 - idle.min(PAST).0);
    sessions::plan_login(&mut world.fleet, id, history.left);
}

/// Has the pilot place everyone who is there from the start, at once and without a start-up:
/// the run begins with a cluster that has been running.
fn settle_in(world: &mut World) {
    // Each round sees what the one before has placed; somebody may let only so many in at once.
    loop {
        world.observe_now();
        let placed = world.tick_and(|world, action| {
            if matches!(action, Action::LimitConnections { .. } | Action::Scale { .. }) {
                world.apply(action);
            } else if let Action::Place { tenant, node } = action
                && world.fleet.tenants[tenant.index()].node.is_none()
            {
                usage::rehome(&mut world.fleet, tenant, Some(node));
                let row = &mut world.fleet.tenants[tenant.index()];
                (row.phase, row.parts.runs) = (Phase::Settled, row.stage);
                serve_from_the_start(world, tenant);
            }
        });
        if placed == 0 {
            break;
        }
    }
}

fn serve_from_the_start(world: &mut World, id: TenantId) {
    let tenant = &mut world.fleet.tenants[id.index()];
    if core::mem::take(&mut tenant.visits.wanted) && tenant.visits.waiting {
        let measures = &mut world.fleet.measures.tiers[tenant.tier.index()];
        measures.waits(world.fleet.schedule.starts, &mut tenant.visits, false);
        measures.logins_cold -= 1;
    }
    if world.fleet.tenants[id.index()].serves() {
        sessions::arm_load(&mut world.fleet, id);
    }
    usage::refresh(&mut world.fleet, id);
}

/// Sixty mean cycles are past any beginning, even with gaps of a heavy tail.
const CYCLES: u64 = 60;

fn live_through(world: &World, id: TenantId) -> History {
    let tier = world.fleet.design.tier(world.fleet.tenants[id.index()].tier);
    let mut stream = Dice::stream(world.fleet.dice, u64::from(id.0), SETTLE);
    let mean = tier.gap.mean().saturating_add(tier.length.mean());
    let mut before_start = Span(mean.0.saturating_mul(CYCLES));
    // A random beginning, so that cycles of fixed length are not all in step.
    before_start = before_start.saturating_add(Span(stream.below(mean.0.max(1))));
    for _ in 0..CYCLES * 20 {
        let gap = tier.gap.sample(&mut stream);
        if gap > before_start {
            return History { idle: Some(before_start), left: gap.saturating_sub(before_start) };
        }
        before_start = before_start.saturating_sub(gap);
        let length = tier.length.sample(&mut stream);
        if length > before_start {
            return History { idle: None, left: length.saturating_sub(before_start) };
        }
        before_start = before_start.saturating_sub(length);
    }
    History { idle: Some(Span::ZERO), left: tier.gap.sample(&mut stream) }
}
