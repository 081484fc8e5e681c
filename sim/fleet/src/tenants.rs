//! A tenant as it truly is, and what it uses.

use crate::design::{Design, PartDesign, TierDesign};
use seatrial_contract::units::{Bytes, MilliCores, Moment, Ppm};
use seatrial_contract::{Footprint, NodeId, Stage, TierId, UnitId};
use seatrial_traffic::Activity;
use std::sync::Arc;

/// What a tenant is going through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It has no machine.
    Homeless,
    /// It waits for its turn to start on its machine.
    Queued,
    /// Its stack is on the way up.
    Starting,
    /// What its stage lets run, runs.
    Settled,
    /// Its machine waits for its data.
    Restoring,
    /// Its machine was lost, and nothing of it runs.
    Down,
    /// It left for good.
    Gone,
}

/// A tenant.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Its tier.
    pub tier: TierId,
    /// What it is going through.
    pub phase: Phase,
    /// In this phase since, or in its queue.
    pub since: Moment,
    /// The stage that it was told to be in.
    pub stage: Stage,
    /// Where it lives.
    pub node: Option<NodeId>,
    /// Its position in its machine's list.
    pub slot: u32,
    /// What somebody who looks sees otherwise than at the last look.
    pub behind: Behind,
    /// Those who come to it.
    pub visits: Visits,
    /// What it consists of.
    pub parts: Parts,
    /// Its starts.
    pub starts: Starts,
    /// How much its bots have to do.
    pub load: Load,
    /// What it uses and has used.
    pub usage: Usage,
}

/// What somebody who looks sees otherwise than at the last look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Behind {
    /// Nothing.
    Nothing,
    /// What its bots use, and nothing else.
    Load,
    /// Whatever there is to see.
    All,
}

/// Those who come to a tenant.
#[derive(Clone, Debug)]
pub struct Visits {
    /// Somebody is there.
    pub in_session: bool,
    /// Somebody is there who waits for it.
    pub waiting: bool,
    /// A wake-up was asked for and has not come about.
    pub wanted: bool,
    /// Since then.
    pub wanted_since: Moment,
    /// When somebody was last there.
    pub last_active: Moment,
    /// Since when something was written that is in no backup; the beginning of time where nothing is. Kept only
    /// where there are backups.
    pub unsaved: Moment,
    /// Nobody who looks has seen that yet.
    pub is_news: bool,
    /// How often somebody came.
    pub count: u32,
    /// How often in vain.
    pub unserved: u32,
}

/// What a tenant consists of.
#[derive(Clone, Debug)]
pub struct Parts {
    /// The stage whose parts really run.
    pub runs: Stage,
    /// Those that were killed, as bits.
    pub killed: u32,
    /// Those that restart with another size, as bits.
    pub restarting: u32,
    /// The number of the first; the others follow.
    pub first: UnitId,
    /// They are its tier's, or the stack of this number, counted from one, among those sized.
    pub sized: u32,
    /// What they request and may use, once one of them was resized.
    pub sizes: Option<Arc<[Size]>>,
}

/// A tenant's starts.
#[derive(Clone, Debug, Default)]
pub struct Starts {
    /// How many there were, of the tenant or a part.
    pub count: u32,
    /// The turn at which the one that is under way was begun.
    pub turn: u32,
    /// Those in a row whose call failed.
    pub failed: u32,
}

/// How much a tenant's bots have to do.
#[derive(Clone, Debug)]
pub struct Load {
    /// Of what they have to do on the mean.
    pub factor: Ppm,
    /// It changes while the tenant is awake.
    pub is_on: bool,
    /// How often it was drawn.
    pub drawn: u32,
}

/// What a tenant uses and has used.
#[derive(Clone, Debug)]
pub struct Usage {
    /// What it uses now.
    pub draws: Draws,
    /// What its calls depend on.
    pub does: Activity,
    /// What it has used so far.
    pub account: Account,
}

/// What a part requests, and what it may use at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// What is promised to it.
    pub requested: Footprint,
    /// What it may use at most.
    pub limit: Option<Footprint>,
}

/// What a tenant uses now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Draws {
    /// Its cpu and memory.
    pub footprint: Footprint,
    /// What is promised to it.
    pub requested: Footprint,
    /// Bots that run.
    pub bots: u32,
}

/// What a tenant has used so far.
#[derive(Clone, Copy, Debug, Default)]
pub struct Account {
    /// Up to then it is counted.
    pub until: Moment,
    /// Millicores times nanoseconds.
    pub core_nanos: u128,
    /// Bytes times nanoseconds.
    pub byte_nanos: u128,
    /// Bots times nanoseconds.
    pub bot_nanos: u128,
    /// Nanoseconds in which it served its users.
    pub awake_nanos: u128,
}

impl Tenant {
    /// One that comes now: awake, without a machine.
    pub fn new(tier: TierId, first: UnitId, sized: u32, now: Moment) -> Self {
        let does = Activity { tier: tier.index(), awake: false, in_session: false, bots: 0 };
        Self {
            tier,
            phase: Phase::Homeless,
            since: now,
            stage: Stage::AWAKE,
            node: None,
            slot: 0,
            behind: Behind::Nothing,
            visits: Visits {
                in_session: false,
                waiting: false,
                wanted: false,
                wanted_since: now,
                last_active: now,
                unsaved: Moment::START,
                is_news: true,
                count: 0,
                unserved: 0,
            },
            parts: Parts {
                runs: Stage::AWAKE,
                killed: 0,
                restarting: 0,
                first,
                sized,
                sizes: None,
            },
            starts: Starts::default(),
            load: Load { factor: Ppm::WHOLE, is_on: false, drawn: 0 },
            usage: Usage {
                draws: Draws::default(),
                does,
                account: Account { until: now, ..Account::default() },
            },
        }
    }

    /// Whether it serves its users.
    pub fn serves(&self) -> bool {
        self.phase == Phase::Settled && self.stage == Stage::AWAKE
    }

    /// What a part requests.
    pub fn requested(&self, index: usize, part: &PartDesign) -> Footprint {
        self.parts.sizes.as_ref().map_or(part.requested, |sizes| sizes[index].requested)
    }

    /// What a part may use at most.
    pub fn limit(&self, index: usize, part: &PartDesign) -> Option<Footprint> {
        self.parts.sizes.as_ref().map_or(part.limit, |sizes| sizes[index].limit)
    }

    /// Whether a part was told to run: then its request is promised, started or not.
    pub fn is_told(&self, part: &PartDesign) -> bool {
        let lives = self.node.is_some() && self.phase != Phase::Gone;
        lives && part.stops_at.is_none_or(|at| self.stage < at)
    }

    /// Whether a part runs now.
    pub fn part_runs(&self, index: usize, part: &PartDesign) -> bool {
        let waits = matches!(self.phase, Phase::Gone | Phase::Down | Phase::Restoring);
        let lives = self.node.is_some() && !waits;
        let down = self.parts.killed | self.parts.restarting;
        lives && down & (1 << index) == 0 && part.stops_at.is_none_or(|at| self.parts.runs < at)
    }

    /// What a part uses now, its limit aside.
    pub fn part_wants(&self, part: &PartDesign) -> Footprint {
        let busy = self.visits.in_session || self.phase == Phase::Starting;
        let used = if busy { part.busy } else { part.quiet };
        if part.bots == 0 {
            return used;
        }
        Footprint { cpu: used.cpu.part(self.load.factor), memory: used.memory }
    }

    /// What a part uses now: cpu is capped at its limit.
    pub fn part_uses(&self, index: usize, part: &PartDesign) -> Footprint {
        if !self.part_runs(index, part) {
            return Footprint::default();
        }
        let wants = self.part_wants(part);
        let limit = self.limit(index, part);
        let cpu = limit.map_or(wants.cpu, |limit| wants.cpu.min(limit.cpu));
        Footprint { cpu, memory: wants.memory }
    }

    /// What it uses now, worked out anew.
    pub fn draws_now(&self, parts: &[PartDesign]) -> Draws {
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
    pub fn settle_account(&mut self, now: Moment) {
        let span = u128::from(now.since(self.usage.account.until).0);
        let Footprint { cpu: MilliCores(cpu), memory: Bytes(memory) } = self.usage.draws.footprint;
        self.usage.account.core_nanos += u128::from(cpu) * span;
        self.usage.account.byte_nanos += u128::from(memory) * span;
        self.usage.account.bot_nanos += u128::from(self.usage.draws.bots) * span;
        self.usage.account.awake_nanos += if self.usage.does.awake { span } else { 0 };
        self.usage.account.until = now;
    }
}

impl Design {
    /// What a tier lays down.
    pub fn tier(&self, id: TierId) -> &TierDesign {
        &self.tiers[id.index()]
    }

    /// What a tenant consists of.
    pub fn parts(&self, tenant: &Tenant) -> &[PartDesign] {
        self.stack(tenant.tier, tenant.parts.sized)
    }

    /// The parts of a tier's stack, or those of a sized one.
    pub fn stack(&self, tier: TierId, sized: u32) -> &[PartDesign] {
        match (sized as usize).checked_sub(1) {
            None => &self.tier(tier).parts,
            Some(sized) => &self.sized[sized],
        }
    }
}
