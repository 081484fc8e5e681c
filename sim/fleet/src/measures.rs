//! What is counted as the world goes on.

use crate::outages::{Bursts, PoolOutages};
use crate::pool_levels::PoolLevels;
use crate::tenants::Visits;
use seatrial_contract::units::{Bytes, MilliCores, Moment, Ppm, Span};
use seatrial_contract::{Footprint, PoolId, Stage, TenantId, TierId};
use seatrial_kernel::statistics::{Sketch, TimeWeighted};
use seatrial_record::NodeChange;
use std::collections::BTreeMap;

/// Counts over the whole world.
#[derive(Clone, Debug)]
pub struct Measures {
    /// When the run started.
    start: Moment,
    /// Since then it is counted.
    pub since: Moment,
    /// Tier by tier.
    pub tiers: Vec<TierMeasures>,
    /// Of machines.
    pub machines: MachineMeasures,
    /// How often things happened.
    pub counts: Counts,
    /// Tenants with somebody there.
    pub active: Active,
    /// Tenants that serve their users.
    pub serving: TimeWeighted,
    /// What is promised to all tenants together.
    pub requested: Requested,
    /// Tenants that were told to be at each stage of sleep.
    pub stages: Vec<TimeWeighted>,
    /// What is counted day by day.
    pub day: Day,
}

/// What is counted of machines.
#[derive(Clone, Debug, Default)]
pub struct MachineMeasures {
    /// Pool by pool.
    pub pools: Vec<PoolMeasures>,
    /// When they came and went.
    pub changes: Vec<NodeChange>,
    /// Of tenants whose machine was lost.
    pub losses: Losses,
}

/// Tenants that served their users until their machine was lost.
#[derive(Clone, Debug, Default)]
pub struct Losses {
    /// Whether anything may be lost in this scenario.
    pub may_come: bool,
    /// Machines that were lost, as often as they were.
    pub machines: u64,
    /// Those tenants that do not serve again yet, with their tier, and since when.
    pub down: BTreeMap<TenantId, (TierId, Moment)>,
    /// Those that have come down, and those that are not any more, until somebody asks.
    pub fresh: Vec<TenantId>,
    /// The latter, and when.
    pub back: Vec<(TenantId, Moment)>,
    /// How long it took until they served again, tier by tier.
    pub recoveries: Vec<Sketch>,
    /// How old the oldest write was that a restored tenant lost, tier by tier; nothing where it lost none.
    pub points: Vec<Sketch>,
    /// For how long tenants were down, tier by tier, in nanoseconds, since that moment.
    pub down_time: (Vec<u128>, Moment),
    /// Tenants that came up again without any data.
    pub without_data: u64,
    /// Tenants that ran on where nobody reached them, and elsewhere too.
    pub ran_twice: u64,
    /// What is asked of recoveries, tier by tier.
    pub targets: Vec<Targets>,
    /// How losses come together.
    pub bursts: Bursts,
}

/// What is asked of recoveries of a tier, and how often it was not kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct Targets {
    /// How soon a tenant is to serve again.
    pub rto: Option<Span>,
    /// How old the oldest write may be that is lost.
    pub rpo: Option<Span>,
    /// What part of the time its tenants are to be served.
    pub served: Option<Ppm>,
    /// Times that it took longer.
    pub rto_missed: u64,
    /// Times that an older one was.
    pub rpo_missed: u64,
}

/// How often things happened.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Tenants that signed up.
    pub signups: u64,
    /// Tenants that left for good.
    pub churned: u64,
    /// Steps into deeper sleep.
    pub hibernations: u64,
    /// Tenants moved from one machine to another.
    pub moves: u64,
    /// Sessions during which their tenant was taken off its machine.
    pub interrupted: u64,
    /// Actions whose precondition no longer held.
    pub refused: u64,
    /// Starts whose call was not answered.
    pub starts_failed: u64,
    /// Parts given another size.
    pub resizes: u64,
}

/// Tenants with somebody there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Active {
    /// How many now.
    pub now: u64,
    /// The most at once.
    pub most: u64,
}

/// What is promised to all tenants together.
#[derive(Clone, Debug)]
pub struct Requested {
    /// In millicores.
    pub cpu: TimeWeighted,
    /// In bytes.
    pub memory: TimeWeighted,
}

/// What is counted day by day.
#[derive(Clone, Copy, Debug, Default)]
pub struct Day {
    /// Logins before it began.
    pub logins_before: u64,
    /// Wake-ups on it.
    pub wakes: u64,
}

/// Counts over one tier.
#[derive(Clone, Debug)]
pub struct TierMeasures {
    /// Times that somebody came.
    pub logins: u64,
    /// Of those, to a tenant that did not serve.
    pub logins_cold: u64,
    /// Of those, who left before it served.
    pub unserved: u64,
    /// Of those, from a tenant without a machine.
    pub unserved_homeless: u64,
    /// Tenants from which somebody left so.
    pub tenants_unserved: u32,
    /// Tenants that serve again after somebody asked for it.
    pub wakes: u64,
    /// Parts that were killed.
    pub kills: u64,
    /// How long wakes took.
    pub wake_waits: Sketch,
    /// Those who wait.
    pub waiting: Waiting,
    /// Tenants that are there.
    pub present: TimeWeighted,
    /// Tenants that were told to be awake.
    pub awake: TimeWeighted,
    /// Tenants with somebody there.
    pub active: TimeWeighted,
}

/// Those who wait for a tenant.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Tenants that somebody waits for.
    pub tenants: TimeWeighted,
    /// How long those waited who left.
    pub gave_up_after: Sketch,
}

/// Machines of one pool.
#[derive(Clone, Debug)]
pub struct PoolMeasures {
    /// What it is called.
    pub name: String,
    /// Machines that take tenants.
    pub ready: TimeWeighted,
    /// Machines that were ordered and are not there yet.
    pub booting: u32,
    /// Machines that are down.
    pub outages: PoolOutages,
    /// What they have, have promised and give.
    pub levels: PoolLevels,
}

impl Measures {
    /// Counts from the start of a run on.
    pub fn new(
        start: Moment,
        (tiers, stages): (usize, usize),
        pools: impl Iterator<Item = (String, u32)>,
    ) -> Self {
        Self {
            start,
            since: start,
            tiers: (0..tiers).map(|_| TierMeasures::new(start)).collect(),
            machines: MachineMeasures {
                pools: pools
                    .map(|(name, needs)| PoolMeasures {
                        name,
                        ready: TimeWeighted::new(start, 0),
                        booting: 0,
                        outages: PoolOutages::new(start, needs),
                        levels: PoolLevels::new(start),
                    })
                    .collect(),
                ..MachineMeasures::default()
            },
            counts: Counts::default(),
            active: Active::default(),
            serving: TimeWeighted::new(start, 0),
            requested: Requested {
                cpu: TimeWeighted::new(start, 0),
                memory: TimeWeighted::new(start, 0),
            },
            stages: vec![TimeWeighted::new(start, 0); stages],
            day: Day::default(),
        }
    }

    /// Begins anew; what is there now stays there.
    pub fn reset(&mut self, now: Moment) {
        self.since = now;
        for tier in &mut self.tiers {
            let held = |of: &TimeWeighted| TimeWeighted::new(now, of.value());
            *tier = TierMeasures {
                present: held(&tier.present),
                awake: held(&tier.awake),
                active: held(&tier.active),
                waiting: Waiting {
                    tenants: held(&tier.waiting.tenants),
                    gave_up_after: Sketch::default(),
                },
                ..TierMeasures::new(now)
            };
        }
        self.machines.losses.reset(now);
        for pool in &mut self.machines.pools {
            pool.ready = TimeWeighted::new(now, pool.ready.value());
            pool.outages.reset(now);
            pool.levels.reset(now);
        }
        self.counts = Counts::default();
        self.day.logins_before = 0;
        self.requested.cpu.reset(now);
        self.requested.memory.reset(now);
        self.active.most = self.active.now;
        self.serving.reset(now);
        self.stages.iter_mut().for_each(|stage| stage.reset(now));
    }

    /// Times that somebody came.
    pub fn logins(&self) -> u64 {
        self.tiers.iter().map(|tier| tier.logins).sum()
    }

    /// Tenants with somebody there are more, or fewer.
    pub fn count_active(&mut self, change: i64) {
        self.active.now = self.active.now.saturating_add_signed(change);
        self.active.most = self.active.most.max(self.active.now);
    }

    /// A tenant comes, awake, or an awake one goes.
    pub fn count_tenant(&mut self, now: Moment, tier: TierId, change: i64) {
        let of = &mut self.tiers[tier.index()];
        of.present.add(now, change);
        of.awake.add(now, change);
        if let Some(awake) = self.stages.first_mut() {
            awake.add(now, change);
        }
    }

    /// A tenant goes from one stage to another.
    pub fn count_stage(&mut self, now: Moment, tier: TierId, before: Stage, after: Stage) {
        let awake = &mut self.tiers[tier.index()].awake;
        match (before == Stage::AWAKE, after == Stage::AWAKE) {
            (true, false) => awake.add(now, -1),
            (false, true) => awake.add(now, 1),
            (true, true) | (false, false) => {}
        }
        for (stage, change) in [(before, -1), (after, 1)] {
            if let Some(level) = self.stages.get_mut(usize::from(stage.0)) {
                level.add(now, change);
            }
        }
    }

    /// What is promised to a tenant changes.
    pub fn count_requested(&mut self, now: Moment, before: Footprint, after: Footprint) {
        if before != after {
            let (MilliCores(less), MilliCores(more)) = (before.cpu, after.cpu);
            self.requested.cpu.set(now, self.requested.cpu.value() - less + more);
            let (Bytes(less), Bytes(more)) = (before.memory, after.memory);
            self.requested.memory.set(now, self.requested.memory.value() - less + more);
        }
    }

    /// Machines of a pool come or go.
    pub fn count_node(&mut self, now: Moment, pool: PoolId, ready: i64, booting: i32) {
        let pool = &mut self.machines.pools[pool.index()];
        pool.ready.add(now, ready);
        pool.outages.up(now, pool.ready.value());
        pool.booting = pool.booting.saturating_add_signed(booting);
        pool.levels.booting.set(now, u64::from(pool.booting));
        self.machines.changes.push(NodeChange {
            at: now.since(self.start).0,
            pool: pool.name.clone(),
            ready: u32::try_from(pool.ready.value()).unwrap_or(u32::MAX),
            booting: pool.booting,
        });
    }
}

impl Losses {
    /// A tenant does not serve its users any more, since its machine was lost.
    pub fn begins(&mut self, id: TenantId, tier: TierId, now: Moment) {
        if self.down.insert(id, self.down.get(&id).copied().unwrap_or((tier, now))).is_none() {
            self.fresh.push(id);
        }
    }

    /// Since when a tenant does not serve its users, if so.
    pub(crate) fn since(&self, id: TenantId) -> Option<Moment> {
        self.down.get(&id).map(|of| of.1)
    }

    /// A tenant of a tier is brought up with data from elsewhere, which lacks writes as old as that; or with none.
    pub(crate) fn restores(&mut self, tier: TierId, lost: Option<Span>) {
        let at = tier.index();
        if self.points.len() <= at {
            self.points.resize_with(at + 1, Sketch::default);
        }
        let is_over = |limit: Option<Span>| match (limit, lost) {
            (None, _) => false,
            (Some(limit), Some(lost)) => lost > limit,
            (Some(_), None) => true,
        };
        if let Some(targets) = self.targets.get_mut(at) {
            targets.rpo_missed += u64::from(is_over(targets.rpo));
        }
        match lost {
            Some(lost) => self.points[at].add(lost.0),
            None => self.without_data += 1,
        }
    }

    /// A tenant serves its users, or nobody minds that it does not.
    pub fn ends(&mut self, id: TenantId, now: Moment, serves: bool) {
        let was_down = self.down.remove(&id);
        if let Some((tier, since)) = was_down {
            self.back.push((id, now));
            let (all, from) = &mut self.down_time;
            if all.len() <= tier.index() {
                all.resize(tier.index() + 1, 0);
            }
            all[tier.index()] += u128::from(now.since(since.max(*from)).0);
        }
        if let Some((tier, since)) = was_down.filter(|_| serves) {
            if self.recoveries.len() <= tier.index() {
                self.recoveries.resize_with(tier.index() + 1, Sketch::default);
            }
            self.recoveries[tier.index()].add(now.since(since).0);
            if let Some(targets) = self.targets.get_mut(tier.index()) {
                let is_over = targets.rto.is_some_and(|rto| now.since(since) > rto);
                targets.rto_missed += u64::from(is_over);
            }
        }
    }

    /// For how long a tier's tenants were down until now, all together.
    pub fn down_for(&self, tier: usize, now: Moment) -> u128 {
        let (all, from) = &self.down_time;
        let still = self.down.values().filter(|(of, _)| of.index() == tier);
        let still = still.map(|(_, since)| u128::from(now.since(*since.max(from)).0));
        all.get(tier).copied().unwrap_or_default() + still.sum::<u128>()
    }

    /// Forgets the warm-up; those that are down are.
    fn reset(&mut self, now: Moment) {
        self.machines = 0;
        self.down_time = (Vec::new(), now);
        self.recoveries.clear();
        self.points.clear();
        (self.without_data, self.ran_twice) = (0, 0);
        for targets in &mut self.targets {
            (targets.rto_missed, targets.rpo_missed) = (0, 0);
        }
        self.bursts = Bursts::default();
    }
}

impl TierMeasures {
    fn new(now: Moment) -> Self {
        Self {
            logins: 0,
            logins_cold: 0,
            unserved: 0,
            unserved_homeless: 0,
            tenants_unserved: 0,
            wakes: 0,
            kills: 0,
            wake_waits: Sketch::default(),
            waiting: Waiting {
                tenants: TimeWeighted::new(now, 0),
                gave_up_after: Sketch::default(),
            },
            present: TimeWeighted::new(now, 0),
            awake: TimeWeighted::new(now, 0),
            active: TimeWeighted::new(now, 0),
        }
    }

    /// Somebody waits for a tenant, or nobody does any more.
    pub fn waits(&mut self, now: Moment, visits: &mut Visits, so: bool) {
        if core::mem::replace(&mut visits.waiting, so) != so {
            self.waiting.tenants.add(now, if so { 1 } else { -1 });
        }
    }
}
