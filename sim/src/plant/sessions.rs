//! People: when they come, how long they stay and wait. They come and go whatever the cluster
//! does, so that two policies are judged on the same logins.

use super::{Event, Phase, World};
use seatrial_contract::units::Span;
use seatrial_contract::{Purpose, TenantId};

const GAP: Purpose = Purpose::new("session gap");
const LENGTH: Purpose = Purpose::new("session length");
const PATIENCE: Purpose = Purpose::new("session patience");
const LOAD: Purpose = Purpose::new("bot load");

impl World {
    /// Plans the next login, so much operational time from now.
    pub(crate) fn plan_login(&mut self, id: TenantId, gap: Span) {
        let tenant = &self.tenants[id.index()];
        let tier = self.design.tier(tenant.tier);
        let now = self.now();
        let at = match tier.rhythm {
            Some(rhythm) => self.design.rhythms[rhythm].advance(now, Span::ZERO, gap),
            None => now.after(gap),
        };
        self.later(at.since(now), Event::Login(id));
    }

    /// The gap after the session of that number.
    pub(crate) fn gap_after(&self, id: TenantId, session: u32) -> Span {
        let tier = self.design.tier(self.tenants[id.index()].tier);
        tier.gap.sample(&mut self.dice.turn(u64::from(id.0), GAP, u64::from(session)))
    }

    /// Somebody comes.
    pub(crate) fn login(&mut self, id: TenantId) {
        let tenant = &mut self.tenants[id.index()];
        if tenant.phase == Phase::Gone {
            return;
        }
        tenant.sessions += 1;
        let (entity, turn) = (u64::from(id.0), u64::from(tenant.sessions));
        let tier = &self.design.tiers[tenant.tier.index()];
        let length = tier.length.sample(&mut self.dice.turn(entity, LENGTH, turn));
        self.begin_session(id, length);
    }

    /// A session of this length begins now.
    pub(crate) fn begin_session(&mut self, id: TenantId, length: Span) {
        let waits = !self.tenants[id.index()].serves();
        self.be_there(id, length, waits.then_some(Span::ZERO));
    }

    /// Somebody is there, for so long from now; where it does not serve, waiting since so long.
    pub(super) fn be_there(&mut self, id: TenantId, left: Span, waited: Option<Span>) {
        let now = self.now();
        let tenant = &mut self.tenants[id.index()];
        let (entity, turn) = (u64::from(id.0), u64::from(tenant.sessions));
        let tier = &self.design.tiers[tenant.tier.index()];
        let measures = &mut self.measures.tiers[tenant.tier.index()];
        tenant.in_session = true;
        measures.logins += 1;
        measures.active.add(now, 1);
        if let Some(waited) = waited {
            measures.logins_cold += 1;
            if !tenant.wanted {
                tenant.wanted = true;
                tenant.wanted_since = now;
            }
            let patience = tier.patience.as_ref();
            let patience =
                patience.map(|law| law.sample(&mut self.dice.turn(entity, PATIENCE, turn)));
            // Whoever has waited longer than that gave up before.
            tenant.waiting = patience.is_none_or(|all| waited == Span::ZERO || all > waited);
            let patience = patience.map(|all| all.saturating_sub(waited));
            if let Some(patience) = patience.filter(|rest| tenant.waiting && *rest < left) {
                #[expect(clippy::cast_possible_truncation, reason = "its low bits")]
                self.later(patience, Event::GiveUp(super::Turn(id, turn as u16)));
            }
        } else {
            measures.served += 1;
        }
        self.measures.count_active(1);
        self.later(left, Event::SessionEnds(id));
        self.refresh(id);
    }

    /// Whoever was there leaves.
    pub(crate) fn session_ends(&mut self, id: TenantId) {
        let now = self.now();
        let tenant = &mut self.tenants[id.index()];
        if tenant.phase == Phase::Gone {
            return;
        }
        tenant.in_session = false;
        tenant.last_active = now;
        tenant.activity_dirty = true;
        let (tier, session) = (tenant.tier, tenant.sessions);
        self.measures.tiers[tier.index()].active.add(now, -1);
        self.measures.count_active(-1);
        self.not_served(id);
        self.refresh(id);
        let gap = self.gap_after(id, session);
        self.plan_login(id, gap);
    }

    /// Whoever waits has waited long enough.
    pub(crate) fn give_up(&mut self, id: TenantId, session: u16) {
        #[expect(clippy::cast_possible_truncation, reason = "compared by its low bits")]
        if self.tenants[id.index()].sessions as u16 == session {
            self.not_served(id);
        }
    }

    /// Whoever still waits was not served.
    fn not_served(&mut self, id: TenantId) {
        let now = self.now();
        let tenant = &mut self.tenants[id.index()];
        if !core::mem::take(&mut tenant.waiting) {
            return;
        }
        tenant.unserved += 1;
        let homeless = tenant.node.is_none();
        let waited = now.since(tenant.wanted_since);
        let measures = &mut self.measures.tiers[tenant.tier.index()];
        measures.unserved += 1;
        measures.tenants_unserved += u32::from(tenant.unserved == 1);
        measures.unserved_homeless += u64::from(homeless);
        measures.gave_up_after.add(waited.0);
    }

    /// A tenant serves again: whoever waits is served, and the wake-up has come about.
    pub(crate) fn serve_waiting(&mut self, id: TenantId) {
        let now = self.now();
        let tenant = &mut self.tenants[id.index()];
        let wanted = core::mem::take(&mut tenant.wanted);
        let waiting = core::mem::take(&mut tenant.waiting);
        if !wanted {
            return;
        }
        let waited = now.since(tenant.wanted_since);
        let measures = &mut self.measures.tiers[tenant.tier.index()];
        measures.wakes += 1;
        measures.wake_waits.add(waited.0);
        self.measures.day_wakes += 1;
        if waiting {
            self.measures.tiers[self.tenants[id.index()].tier.index()].served += 1;
        }
    }

    /// Has a tenant's load wander while it is awake.
    pub(crate) fn arm_load(&mut self, id: TenantId) {
        let tenant = &mut self.tenants[id.index()];
        let tier = &self.design.tiers[tenant.tier.index()];
        if tier.load.is_none() || core::mem::replace(&mut tenant.load_turns_on, true) {
            return;
        }
        self.load_turns(id);
    }

    /// A new load factor, and the moment of the next.
    pub(crate) fn load_turns(&mut self, id: TenantId) {
        let tenant = &mut self.tenants[id.index()];
        let tier = &self.design.tiers[tenant.tier.index()];
        let Some(load) = &tier.load else { return };
        if !tenant.serves() {
            tenant.load_turns_on = false;
            return;
        }
        tenant.loads += 1;
        let mut stream = self.dice.turn(u64::from(id.0), LOAD, u64::from(tenant.loads));
        let (factor, every) = load.next(&mut stream);
        tenant.load = factor;
        self.later(every, Event::LoadTurns(id));
        self.refresh(id);
    }
}
