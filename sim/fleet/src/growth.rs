//! Sign-ups and churn.

use crate::tenants::{Phase, Tenant};
use crate::{Event, Fleet, Hosts, restoring, sessions, starting, usage};
use seatrial_contract::units::Span;
use seatrial_contract::{Purpose, Stage, TenantId, TierId, UnitId};

const SIGN_UP: Purpose = Purpose::new("sign-up");
const LIFETIME: Purpose = Purpose::new("lifetime");

/// Adds a tenant, without a machine.
pub fn add_tenant<E: Hosts>(fleet: &mut Fleet<E>, tier: TierId) -> TenantId {
    add_tenant_of(fleet, tier, 0)
}

/// The same, with its tier's stack or one of those sized.
pub fn add_tenant_of<E: Hosts>(fleet: &mut Fleet<E>, tier: TierId, sized: u32) -> TenantId {
    let (id, now) = (TenantId::at(fleet.tenants.len()), fleet.now());
    // Parts are numbered one after the other, over all tenants.
    let first = fleet
        .tenants
        .last()
        .map_or(0, |last| last.parts.first.index() + fleet.design.parts(last).len());
    fleet.tenants.push(Tenant::new(tier, UnitId::at(first), sized, now));
    fleet.measures.count_tenant(now, tier, 1);
    fleet.touch(id);
    if let Some(lifetime) = &fleet.design.tier(tier).lifetime {
        let span = lifetime.sample(&mut fleet.dice.stream(u64::from(id.0), LIFETIME));
        fleet.later(span, Event::Leaves(id));
    }
    id
}

/// Plans the next sign-up.
pub fn plan_signup<E: Hosts>(fleet: &mut Fleet<E>) {
    let Some(growth) = &fleet.design.growth else { return };
    let mut stream = fleet.dice.turn(fleet.market.signups, SIGN_UP, 0);
    let gap = growth.gap.sample(&mut stream);
    let now = fleet.now();
    let at = match growth.rhythm {
        Some(rhythm) => fleet.design.rhythms[rhythm].advance(now, Span::ZERO, gap),
        None => now.after(gap),
    };
    fleet.later(at.since(now), Event::SignUp);
}

/// Somebody signs up, and is there.
pub fn sign_up<E: Hosts>(fleet: &mut Fleet<E>) {
    let Some(growth) = &fleet.design.growth else { return };
    let mut stream = fleet.dice.turn(fleet.market.signups, SIGN_UP, 1);
    let whole = growth.mix.last().map_or(0.0, |last| last.1);
    let drawn = stream.unit() * whole;
    let chosen = growth.mix.iter().find(|(_, sum)| drawn < *sum).or(growth.mix.last());
    let Some(tier) = chosen.map(|(tier, _)| TierId::at(*tier)) else { return };
    fleet.market.signups += 1;
    let id = add_tenant(fleet, tier);
    fleet.measures.counts.signups += 1;
    sessions::login(fleet, id);
    plan_signup(fleet);
}

/// A tenant leaves for good.
pub fn leave<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    let now = fleet.now();
    starting::abandon_start(fleet, id);
    usage::rehome(fleet, id, None);
    let tenant = &mut fleet.tenants[id.index()];
    let (tier, stage) = (tenant.tier, tenant.stage);
    let in_session = core::mem::take(&mut tenant.visits.in_session);
    tenant.phase = Phase::Gone;
    tenant.visits.wanted = false;
    tenant.since = now;
    fleet.measures.count_stage(now, tier, stage, Stage::AWAKE);
    fleet.measures.count_tenant(now, tier, -1);
    let measures = &mut fleet.measures.tiers[tier.index()];
    measures.waits(now, &mut tenant.visits, false);
    if in_session {
        measures.active.add(now, -1);
        fleet.measures.count_active(-1);
    }
    fleet.measures.counts.churned += 1;
    restoring::forget(fleet, id);
    fleet.measures.machines.losses.ends(id, now, false);
    fleet.touch(id);
}
