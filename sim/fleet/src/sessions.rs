//! People: when they come, how long they stay and wait. They come and go whatever the cluster
//! does, so that two policies are judged on the same logins.

use crate::tenants::Phase;
use crate::{Event, Fleet, Hosts, Turn, restoring, usage};
use seatrial_contract::units::Span;
use seatrial_contract::{Purpose, TenantId};

const GAP: Purpose = Purpose::new("session gap");
const LENGTH: Purpose = Purpose::new("session length");
const PATIENCE: Purpose = Purpose::new("session patience");
const LOAD: Purpose = Purpose::new("bot load");

/// Plans the next login, so much operational time from now.
pub fn plan_login<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, gap: Span) {
    let tenant = &fleet.tenants[id.index()];
    let tier = fleet.design.tier(tenant.tier);
    let now = fleet.now();
    let at = match tier.rhythm {
        Some(rhythm) => fleet.design.rhythms[rhythm].advance(now, Span::ZERO, gap),
        None => now.after(gap),
    };
    fleet.later(at.since(now), Event::Login(id));
}

/// The gap after the session of that number.
pub fn gap_after<E: Hosts>(fleet: &Fleet<E>, id: TenantId, session: u32) -> Span {
    let tier = fleet.design.tier(fleet.tenants[id.index()].tier);
    tier.gap.sample(&mut fleet.dice.turn(u64::from(id.0), GAP, u64::from(session)))
}

/// Somebody comes.
pub fn login<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    let tenant = &mut fleet.tenants[id.index()];
    if tenant.phase == Phase::Gone {
        return;
    }
    tenant.visits.count += 1;
    let (entity, turn) = (u64::from(id.0), u64::from(tenant.visits.count));
    let tier = &fleet.design.tiers[tenant.tier.index()];
    let length = tier.length.sample(&mut fleet.dice.turn(entity, LENGTH, turn));
    begin_session(fleet, id, length);
}

/// A session of this length begins now.
pub fn begin_session<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, length: Span) {
    let waits = !fleet.tenants[id.index()].serves();
    be_there(fleet, id, length, waits.then_some(Span::ZERO));
}

/// Somebody is there, for so long from now; where it does not serve, waiting since so long.
pub fn be_there<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, left: Span, waited: Option<Span>) {
    let now = fleet.now();
    let tenant = &mut fleet.tenants[id.index()];
    let (entity, turn) = (u64::from(id.0), u64::from(tenant.visits.count));
    let tier = &fleet.design.tiers[tenant.tier.index()];
    let measures = &mut fleet.measures.tiers[tenant.tier.index()];
    tenant.visits.in_session = true;
    measures.logins += 1;
    measures.active.add(now, 1);
    if let Some(waited) = waited {
        measures.logins_cold += 1;
        if !tenant.visits.wanted {
            tenant.visits.wanted = true;
            tenant.visits.wanted_since = now;
        }
        let patience = tier.patience.as_ref();
        let patience = patience
            .map(|distribution| distribution.sample(&mut fleet.dice.turn(entity, PATIENCE, turn)));
        // Users who have waited longer than that gave up before.
        let waits = patience.is_none_or(|all| waited == Span::ZERO || all > waited);
        measures.waits(now, &mut tenant.visits, waits);
        let patience = patience.map(|all| all.saturating_sub(waited));
        if let Some(patience) = patience.filter(|rest| tenant.visits.waiting && *rest < left) {
            #[expect(clippy::cast_possible_truncation, reason = "its low bits")]
            fleet.later(patience, Event::GiveUp(Turn(id, turn as u16)));
        }
    }
    fleet.measures.count_active(1);
    fleet.later(left, Event::SessionEnds(id));
    if waited.is_none() {
        restoring::writes(fleet, id);
    }
    usage::refresh(fleet, id);
}

/// The user leaves.
pub fn session_ends<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    let now = fleet.now();
    let tenant = &mut fleet.tenants[id.index()];
    if tenant.phase == Phase::Gone {
        return;
    }
    tenant.visits.in_session = false;
    tenant.visits.last_active = now;
    tenant.visits.is_news = true;
    let (tier, session) = (tenant.tier, tenant.visits.count);
    fleet.measures.tiers[tier.index()].active.add(now, -1);
    fleet.measures.count_active(-1);
    not_served(fleet, id);
    usage::refresh(fleet, id);
    let gap = gap_after(fleet, id, session);
    plan_login(fleet, id, gap);
}

/// The user who waits has waited long enough.
pub fn give_up<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, session: u16) {
    #[expect(clippy::cast_possible_truncation, reason = "compared by its low bits")]
    if fleet.tenants[id.index()].visits.count as u16 == session {
        not_served(fleet, id);
    }
}

/// Users who still wait were not served.
fn not_served<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    let now = fleet.now();
    let tenant = &mut fleet.tenants[id.index()];
    if !tenant.visits.waiting {
        return;
    }
    fleet.measures.tiers[tenant.tier.index()].waits(now, &mut tenant.visits, false);
    tenant.visits.unserved += 1;
    let homeless = tenant.node.is_none();
    let waited = now.since(tenant.visits.wanted_since);
    let measures = &mut fleet.measures.tiers[tenant.tier.index()];
    measures.unserved += 1;
    measures.tenants_unserved += u32::from(tenant.visits.unserved == 1);
    measures.unserved_homeless += u64::from(homeless);
    measures.waiting.gave_up_after.add(waited.0);
}

/// A tenant serves again: a user who waits is served, and the wake-up has come about.
pub fn serve_waiting<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    let now = fleet.now();
    let tenant = &mut fleet.tenants[id.index()];
    let wanted = core::mem::take(&mut tenant.visits.wanted);
    fleet.measures.tiers[tenant.tier.index()].waits(now, &mut tenant.visits, false);
    if !wanted {
        return;
    }
    let waited = now.since(tenant.visits.wanted_since);
    let measures = &mut fleet.measures.tiers[tenant.tier.index()];
    measures.wakes += 1;
    measures.wake_waits.add(waited.0);
    fleet.measures.day.wakes += 1;
}

/// Has a tenant's load wander while it is awake.
pub fn arm_load<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    let tenant = &mut fleet.tenants[id.index()];
    let tier = &fleet.design.tiers[tenant.tier.index()];
    if tier.load.is_none() || core::mem::replace(&mut tenant.load.is_on, true) {
        return;
    }
    load_turns(fleet, id);
}

/// A new load factor, and the moment of the next.
pub fn load_turns<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    let tenant = &mut fleet.tenants[id.index()];
    let tier = &fleet.design.tiers[tenant.tier.index()];
    let Some(load) = &tier.load else { return };
    if !tenant.serves() {
        tenant.load.is_on = false;
        return;
    }
    tenant.load.drawn += 1;
    let mut stream = fleet.dice.turn(u64::from(id.0), LOAD, u64::from(tenant.load.drawn));
    let (factor, every) = load.next(&mut stream);
    tenant.load.factor = factor;
    fleet.later(every, Event::LoadTurns(id));
    usage::load_changed(fleet, id);
}

/// A user who is served now is so no longer.
pub fn count_interruption<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId) {
    let tenant = &fleet.tenants[id.index()];
    fleet.measures.counts.interrupted += u64::from(tenant.visits.in_session && tenant.serves());
}
