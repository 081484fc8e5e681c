//! How tenants stand when the voyage begins: as after a long time, or all awake.

use super::tenants::Phase;
use super::{PAST, World};
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{Action, Dice, Purpose, Stage, TenantId};
use seatrial_format::scenario::Start;
use seatrial_policies::{IdleLadder, PolicyConfig, PolicyFile};

/// How many tenants are placed in one tick before the voyage starts.
const CROWD: usize = 4_096;

const SETTLE: Purpose = Purpose::new("settle");

/// A tenant's past, drawn by living through many sessions before the start.
struct Past {
    /// How long nobody was there; or in a session now.
    idle: Option<Span>,
    /// Until the next login, or the end of the session.
    left: Span,
}

impl World {
    /// Gives every tenant a past, a first plan and a place. The most urgent come first, and not
    /// all at once, so that a large fleet is not decided on in a single tick.
    pub(crate) fn give_pasts(&mut self, policies: Option<&PolicyFile>) {
        let ladder = policies.and_then(|file| {
            file.policies.iter().find_map(|policy| match &policy.config {
                PolicyConfig::IdleLadder(ladder) => Some(ladder),
                _ => None,
            })
        });
        let mut order: Vec<TenantId> = (0..self.tenants.len()).map(TenantId::at).collect();
        let tier = |id: &TenantId| self.design.tier(self.tenants[id.index()].tier);
        order.sort_by_key(|id| core::cmp::Reverse(tier(id).priority));
        self.view.settle();
        for crowd in order.chunks(CROWD) {
            for id in crowd {
                match self.design.tier(self.tenants[id.index()].tier).start {
                    Start::Awake => {
                        let gap = self.gap_after(*id, 0);
                        self.plan_login(*id, gap);
                    }
                    Start::Settled => self.give_past(*id, ladder),
                }
                // Its row is written, and with its activity it counts as changed.
                self.touch(*id);
            }
            if self.pilot.is_some() {
                self.settle_in();
            }
        }
    }

    fn give_past(&mut self, id: TenantId, ladder: Option<&IdleLadder>) {
        let past = live_through(self, id);
        let Some(idle) = past.idle else {
            return self.begin_session(id, past.left);
        };
        let tier = self.design.tier(self.tenants[id.index()].tier);
        let stage = ladder.map_or(Stage::AWAKE, |ladder| {
            ladder.stage_after(&tier.name, self.view.stages(), idle)
        });
        self.enter_stage(id, stage);
        let tenant = &mut self.tenants[id.index()];
        tenant.runs = stage;
        tenant.last_active = Moment(self.design.starts.0 - idle.min(PAST).0);
        self.plan_login(id, past.left);
    }

    /// Has the pilot place everyone who is there from the start, at once and without a start-up:
    /// the voyage begins with a cluster that has been running.
    fn settle_in(&mut self) {
        // Each round sees what the one before has placed; somebody may let only so many in at once.
        loop {
            self.observe_now();
            let placed = self.tick_and(|world, action| {
                if matches!(action, Action::LimitConnections { .. } | Action::Scale { .. }) {
                    world.apply(action);
                } else if let Action::Place { tenant, node } = action
                    && world.tenants[tenant.index()].node.is_none()
                {
                    world.rehome(tenant, Some(node));
                    let row = &mut world.tenants[tenant.index()];
                    (row.phase, row.runs) = (Phase::Settled, row.stage);
                    world.serve_from_the_start(tenant);
                }
            });
            if placed == 0 {
                break;
            }
        }
    }

    fn serve_from_the_start(&mut self, id: TenantId) {
        let tenant = &mut self.tenants[id.index()];
        if core::mem::take(&mut tenant.wanted) && core::mem::take(&mut tenant.waiting) {
            let measures = &mut self.measures.tiers[tenant.tier.index()];
            measures.served += 1;
            measures.logins_cold -= 1;
        }
        if self.tenants[id.index()].serves() {
            self.arm_load(id);
        }
        self.refresh(id);
    }
}

/// Sixty mean cycles are past any beginning, even with gaps of a heavy tail.
const CYCLES: u64 = 60;

fn live_through(world: &World, id: TenantId) -> Past {
    let tier = world.design.tier(world.tenants[id.index()].tier);
    let mut stream = Dice::stream(world.dice, u64::from(id.0), SETTLE);
    let mean = tier.gap.mean().saturating_add(tier.length.mean());
    let mut before_start = Span(mean.0.saturating_mul(CYCLES));
    // A random beginning, so that cycles of fixed length are not all in step.
    before_start = before_start.saturating_add(Span(stream.below(mean.0.max(1))));
    for _ in 0..CYCLES * 20 {
        let gap = tier.gap.sample(&mut stream);
        if gap > before_start {
            return Past { idle: Some(before_start), left: gap.saturating_sub(before_start) };
        }
        before_start = before_start.saturating_sub(gap);
        let length = tier.length.sample(&mut stream);
        if length > before_start {
            return Past { idle: None, left: length.saturating_sub(before_start) };
        }
        before_start = before_start.saturating_sub(length);
    }
    Past { idle: Some(Span::ZERO), left: tier.gap.sample(&mut stream) }
}
