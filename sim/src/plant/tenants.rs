//! A tenant as it truly is, and what it uses.

use super::resizing::Size;
use super::{Design, Doing, TierDesign, World};
use crate::plant::design::PartDesign;
use seatrial_contract::units::{Bytes, MilliCores, Moment, Ppm};
use seatrial_contract::{Footprint, NodeId, Stage, TenantId, TierId, UnitId};
use std::sync::Arc;

/// What a tenant is going through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It has no machine.
    Homeless,
    /// It waits for its turn to start on its machine.
    Queued,
    /// Its stack is on the way up.
    Starting,
    /// What its stage lets run, runs.
    Settled,
    /// It left for good.
    Gone,
}

/// A tenant.
#[derive(Clone, Debug)]
pub(crate) struct Tenant {
    pub(crate) tier: TierId,
    pub(crate) phase: Phase,
    /// The stage that it was told to be in.
    pub(crate) stage: Stage,
    /// The stage whose parts really run.
    pub(crate) runs: Stage,
    pub(crate) in_session: bool,
    /// Somebody is there who waits for it.
    pub(crate) waiting: bool,
    /// A wake-up was asked for and has not come about.
    pub(crate) wanted: bool,
    /// Its row in the view is behind.
    pub(crate) dirty: bool,
    pub(crate) activity_dirty: bool,
    pub(crate) load_turns_on: bool,
    /// Parts that were killed, as bits.
    pub(crate) killed: u32,
    /// Parts that restart with another size, as bits.
    pub(crate) restarting: u32,
    pub(crate) node: Option<NodeId>,
    /// Its position in its machine's list.
    pub(crate) berth: u32,
    pub(crate) first_unit: UnitId,
    /// Its stack is its tier's, or that of this number, counted from one, among those sized.
    pub(crate) sized: u32,
    /// What its parts request and may use, once one of them was resized.
    pub(crate) sizes: Option<Arc<[Size]>>,
    /// How often it came, started, and had its load drawn.
    pub(crate) sessions: u32,
    pub(crate) starts: u32,
    /// The turn at which the start that is under way was begun.
    pub(crate) start_turn: u32,
    pub(crate) loads: u32,
    pub(crate) unserved: u32,
    pub(crate) load: Ppm,
    pub(crate) since: Moment,
    pub(crate) wanted_since: Moment,
    pub(crate) last_active: Moment,
    pub(crate) draws: Draws,
    /// What its calls depend on.
    pub(crate) does: Doing,
    /// Starts in a row whose call failed.
    pub(crate) starts_failed: u32,
    pub(crate) account: Account,
}

/// What a tenant uses now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Draws {
    pub(crate) footprint: Footprint,
    /// What is promised to it.
    pub(crate) requested: Footprint,
    pub(crate) bots: u32,
}

/// What a tenant has used so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Account {
    pub(crate) until: Moment,
    pub(crate) core_nanos: u128,
    pub(crate) byte_nanos: u128,
    pub(crate) bot_nanos: u128,
    /// Time in which its bots ran.
    pub(crate) awake_nanos: u128,
}

impl Tenant {
    pub(crate) fn new(tier: TierId, first_unit: UnitId, now: Moment) -> Self {
        Self {
            tier,
            phase: Phase::Homeless,
            stage: Stage::AWAKE,
            runs: Stage::AWAKE,
            in_session: false,
            waiting: false,
            wanted: false,
            dirty: false,
            activity_dirty: true,
            load_turns_on: false,
            killed: 0,
            restarting: 0,
            node: None,
            berth: 0,
            first_unit,
            sized: 0,
            sizes: None,
            sessions: 0,
            starts: 0,
            start_turn: 0,
            loads: 0,
            unserved: 0,
            load: Ppm::WHOLE,
            since: now,
            wanted_since: now,
            last_active: now,
            draws: Draws::default(),
            does: Doing { tier: tier.index(), awake: false, in_session: false, bots: 0 },
            starts_failed: 0,
            account: Account { until: now, ..Account::default() },
        }
    }

    /// Whether it serves whoever comes.
    pub(crate) fn serves(&self) -> bool {
        self.phase == Phase::Settled && self.stage == Stage::AWAKE
    }

    /// Whether a part runs now.
    pub(crate) fn part_runs(&self, index: usize, part: &PartDesign) -> bool {
        let lives = self.node.is_some() && self.phase != Phase::Gone;
        let down = self.killed | self.restarting;
        lives && down & (1 << index) == 0 && part.stops_at.is_none_or(|at| self.runs < at)
    }

    /// What a part uses now, its limit aside.
    pub(crate) fn part_wants(&self, part: &PartDesign) -> Footprint {
        let busy = self.in_session || self.phase == Phase::Starting;
        let used = if busy { part.busy } else { part.quiet };
        if part.bots == 0 {
            return used;
        }
        Footprint { cpu: used.cpu.part(self.load), memory: used.memory }
    }

    /// What a part uses now: cpu is capped at its limit.
    pub(crate) fn part_uses(&self, index: usize, part: &PartDesign) -> Footprint {
        if !self.part_runs(index, part) {
            return Footprint::default();
        }
        let wants = self.part_wants(part);
        let limit = self.limit(index, part);
        let cpu = limit.map_or(wants.cpu, |limit| wants.cpu.min(limit.cpu));
        Footprint { cpu, memory: wants.memory }
    }

    fn draws_now(&self, parts: &[PartDesign]) -> Draws {
        let mut draws = Draws::default();
        for (index, part) in parts.iter().enumerate() {
            if self.is_told(part) {
                draws.requested = draws.requested.plus(self.requested(index, part));
            }
            if self.part_runs(index, part) {
                draws.footprint = draws.footprint.plus(self.part_uses(index, part));
                draws.bots += part.bots;
            }
        }
        draws
    }

    /// Adds up what was used since the last time.
    pub(crate) fn settle_account(&mut self, now: Moment) {
        let span = u128::from(now.since(self.account.until).0);
        let Footprint { cpu: MilliCores(cpu), memory: Bytes(memory) } = self.draws.footprint;
        self.account.core_nanos += u128::from(cpu) * span;
        self.account.byte_nanos += u128::from(memory) * span;
        self.account.bot_nanos += u128::from(self.draws.bots) * span;
        self.account.awake_nanos += if self.does.awake { span } else { 0 };
        self.account.until = now;
    }
}

impl Design {
    pub(crate) fn tier(&self, id: TierId) -> &TierDesign {
        &self.tiers[id.index()]
    }

    /// What a tenant consists of.
    pub(crate) fn parts(&self, tenant: &Tenant) -> &[PartDesign] {
        self.stack(tenant.tier, tenant.sized)
    }

    /// The parts of a tier's stack, or those of a sized one.
    pub(super) fn stack(&self, tier: TierId, sized: u32) -> &[PartDesign] {
        match (sized as usize).checked_sub(1) {
            None => &self.tier(tier).parts,
            Some(sized) => &self.sized[sized],
        }
    }
}

impl World {
    /// A tenant's use may have changed: brings accounts and its machine up to date.
    pub(crate) fn refresh(&mut self, id: TenantId) {
        let now = self.now();
        let tenant = &mut self.tenants[id.index()];
        let draws = tenant.draws_now(self.design.parts(tenant));
        mark(&mut self.sensing.dirty_tenants, tenant, id);
        let doing = Doing {
            tier: tenant.tier.index(),
            awake: tenant.serves(),
            in_session: tenant.in_session && tenant.serves(),
            bots: draws.bots,
        };
        if doing.awake != tenant.does.awake {
            tenant.settle_account(now);
            self.measures.serving.add(now, if doing.awake { 1 } else { -1 });
        }
        if core::mem::replace(&mut tenant.does, doing) != doing && self.launched {
            let (stations, agenda) = self.calls();
            stations.tenant_does(id, doing, agenda);
            self.slide();
        }
        let tenant = &mut self.tenants[id.index()];
        if draws == tenant.draws {
            return;
        }
        tenant.settle_account(now);
        let before = core::mem::replace(&mut tenant.draws, draws);
        let node = tenant.node;
        self.measures.count_requested(now, before.requested, draws.requested);
        let Some(node) = node else { return };
        self.reload(node, before.footprint, draws.footprint);
        self.check_limits(id);
        self.check_memory(node);
    }

    /// The tenant's row in the view is behind.
    pub(crate) fn touch(&mut self, id: TenantId) {
        mark(&mut self.sensing.dirty_tenants, &mut self.tenants[id.index()], id);
    }

    /// Gives a tenant a machine, or takes it off one.
    pub(crate) fn rehome(&mut self, id: TenantId, node: Option<NodeId>) {
        let now = self.now();
        let tenant = &mut self.tenants[id.index()];
        tenant.settle_account(now);
        let draws = core::mem::take(&mut tenant.draws);
        self.measures.count_requested(now, draws.requested, Footprint::default());
        let tenant = &mut self.tenants[id.index()];
        if let Some(old) = tenant.node.take() {
            let berth = tenant.berth as usize;
            self.reload(old, draws.footprint, Footprint::default());
            let aboard = &mut self.nodes[old.index()].aboard;
            aboard.swap_remove(berth);
            if let Some(moved) = aboard.get(berth) {
                self.tenants[moved.index()].berth = self.tenants[id.index()].berth;
            }
            self.touch_node(old);
        }
        if let Some(new) = node {
            let aboard = &mut self.nodes[new.index()].aboard;
            self.tenants[id.index()].berth = u32::try_from(aboard.len()).unwrap_or(u32::MAX);
            aboard.push(id);
            self.tenants[id.index()].node = node;
            self.touch_node(new);
        }
        self.touch(id);
    }

    /// Enters a stage of sleep, and keeps count of who is awake.
    pub(crate) fn enter_stage(&mut self, id: TenantId, stage: Stage) {
        let now = self.now();
        let tenant = &mut self.tenants[id.index()];
        let (before, tier) = (tenant.stage, tenant.tier);
        tenant.stage = stage;
        self.measures.tiers[tier.index()].count_stage(now, before, stage);
    }
}

fn mark(dirty: &mut Vec<TenantId>, tenant: &mut Tenant, id: TenantId) {
    if !core::mem::replace(&mut tenant.dirty, true) {
        dirty.push(id);
    }
}
