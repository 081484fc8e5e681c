//! Sign-ups and churn.

use super::tenants::{Phase, Tenant};
use super::{Event, World};
use seatrial_contract::units::Span;
use seatrial_contract::view::{Tenant as Row, Unit, UnitState};
use seatrial_contract::{Purpose, TenantId, TierId, UnitId};

const SIGN_UP: Purpose = Purpose::new("sign-up");
const LIFETIME: Purpose = Purpose::new("lifetime");

impl World {
    /// Adds a tenant, without a machine, and what the view knows of it.
    pub(crate) fn add_tenant(&mut self, tier: TierId) -> TenantId {
        self.add_tenant_of(tier, 0)
    }

    /// The same, with its tier's stack or one of those sized.
    pub(super) fn add_tenant_of(&mut self, tier: TierId, sized: u32) -> TenantId {
        let (id, now) = (TenantId::at(self.tenants.len()), self.now());
        let first = UnitId::at(self.view.units().len());
        let mut row = Row::new(tier);
        // Whoever is there when the run starts may have been for long.
        row.since = (now > self.design.starts).then_some(now);
        self.view.add_tenant(row);
        let tenant = Tenant { sized, ..Tenant::new(tier, first, now) };
        for part in self.design.parts(&tenant) {
            let unit = Unit::new(id, None, UnitState::Stopped, part.stops_at, part.requested);
            self.view.add_unit(unit);
        }
        self.tenants.push(tenant);
        self.measures.tiers[tier.index()].count_tenant(now, 1);
        self.touch(id);
        if let Some(lifetime) = &self.design.tier(tier).lifetime {
            let span = lifetime.sample(&mut self.dice.stream(u64::from(id.0), LIFETIME));
            self.later(span, Event::Leaves(id));
        }
        id
    }

    /// Plans the next sign-up.
    pub(crate) fn plan_signup(&mut self) {
        let Some(growth) = &self.design.growth else { return };
        let mut stream = self.dice.turn(self.signups, SIGN_UP, 0);
        let gap = growth.gap.sample(&mut stream);
        let now = self.now();
        let at = match growth.rhythm {
            Some(rhythm) => self.design.rhythms[rhythm].advance(now, Span::ZERO, gap),
            None => now.after(gap),
        };
        self.later(at.since(now), Event::SignUp);
    }

    /// Somebody signs up, and is there.
    pub(crate) fn sign_up(&mut self) {
        let Some(growth) = &self.design.growth else { return };
        let mut stream = self.dice.turn(self.signups, SIGN_UP, 1);
        let whole = growth.mix.last().map_or(0.0, |last| last.1);
        let drawn = stream.unit() * whole;
        let chosen = growth.mix.iter().find(|(_, sum)| drawn < *sum).or(growth.mix.last());
        let Some(tier) = chosen.map(|(tier, _)| TierId::at(*tier)) else { return };
        self.signups += 1;
        let id = self.add_tenant(tier);
        self.measures.signups += 1;
        self.login(id);
        self.plan_signup();
    }

    /// A tenant leaves for good.
    pub(crate) fn leave(&mut self, id: TenantId) {
        let now = self.now();
        self.abandon_start(id);
        self.rehome(id, None);
        let tenant = &mut self.tenants[id.index()];
        let (tier, stage) = (tenant.tier, tenant.stage);
        let in_session = core::mem::take(&mut tenant.in_session);
        tenant.phase = Phase::Gone;
        (tenant.waiting, tenant.wanted) = (false, false);
        tenant.since = now;
        let measures = &mut self.measures.tiers[tier.index()];
        measures.count_stage(now, stage, seatrial_contract::Stage::AWAKE);
        measures.count_tenant(now, -1);
        if in_session {
            measures.active.add(now, -1);
            self.measures.count_active(-1);
        }
        self.measures.churned += 1;
        self.touch(id);
    }
}
