//! What is counted as the world goes on.

use seatrial_contract::units::{Bytes, MilliCores, Moment};
use seatrial_contract::{Footprint, PoolId, Stage};
use seatrial_kernel::statistics::{Sketch, TimeWeighted};
use seatrial_record::NodeChange;

/// Counts over the whole world.
#[derive(Clone, Debug)]
pub(crate) struct Measures {
    /// When the voyage started.
    start: Moment,
    pub(crate) since: Moment,
    pub(crate) tiers: Vec<TierMeasures>,
    pub(crate) pools: Vec<PoolMeasures>,
    pub(crate) signups: u64,
    pub(crate) churned: u64,
    pub(crate) active_now: u64,
    /// Tenants that serve whoever comes.
    pub(crate) serving: TimeWeighted,
    pub(crate) active_most: u64,
    pub(crate) day_logins_before: u64,
    pub(crate) day_wakes: u64,
    pub(crate) hibernations: u64,
    pub(crate) moves: u64,
    /// Sessions during which their tenant was taken off its machine.
    pub(crate) interrupted: u64,
    pub(crate) refused: u64,
    /// Starts whose call was not answered.
    pub(crate) starts_failed: u64,
    pub(crate) resizes: u64,
    /// What is promised to all tenants together, in millicores and bytes.
    pub(crate) requested_cpu: TimeWeighted,
    pub(crate) requested_memory: TimeWeighted,
    pub(crate) node_changes: Vec<NodeChange>,
}

/// Counts over one tier.
#[derive(Clone, Debug)]
pub(crate) struct TierMeasures {
    pub(crate) logins: u64,
    pub(crate) logins_cold: u64,
    pub(crate) served: u64,
    pub(crate) unserved: u64,
    pub(crate) unserved_homeless: u64,
    pub(crate) tenants_unserved: u32,
    pub(crate) wakes: u64,
    pub(crate) kills: u64,
    pub(crate) wake_waits: Sketch,
    pub(crate) gave_up_after: Sketch,
    pub(crate) present: TimeWeighted,
    pub(crate) awake: TimeWeighted,
    pub(crate) active: TimeWeighted,
}

/// Machines of one pool.
#[derive(Clone, Debug)]
pub(crate) struct PoolMeasures {
    pub(crate) name: String,
    pub(crate) ready: TimeWeighted,
    pub(crate) booting: u32,
}

/// What was asked of one machine, over time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NodeLoad {
    until: Moment,
    /// Nanoseconds in service.
    pub(crate) ready: u128,
    /// Nanoseconds during which more cpu was asked for than there is.
    pub(crate) over: u128,
    pub(crate) cpu_capacity: u128,
    /// All that was asked for, whether there was as much or not.
    cpu_asked: u128,
    pub(crate) cpu_shed: u128,
    pub(crate) memory_capacity: u128,
    pub(crate) memory_used: u128,
}

impl Measures {
    pub(crate) fn new(start: Moment, tiers: usize, pools: impl Iterator<Item = String>) -> Self {
        Self {
            start,
            since: start,
            tiers: (0..tiers).map(|_| TierMeasures::new(start)).collect(),
            pools: pools
                .map(|name| PoolMeasures { name, ready: TimeWeighted::new(start, 0), booting: 0 })
                .collect(),
            signups: 0,
            churned: 0,
            active_now: 0,
            serving: TimeWeighted::new(start, 0),
            active_most: 0,
            day_logins_before: 0,
            day_wakes: 0,
            hibernations: 0,
            moves: 0,
            interrupted: 0,
            refused: 0,
            starts_failed: 0,
            resizes: 0,
            requested_cpu: TimeWeighted::new(start, 0),
            requested_memory: TimeWeighted::new(start, 0),
            node_changes: Vec::new(),
        }
    }

    /// Begins anew; what is there now stays there.
    pub(crate) fn reset(&mut self, now: Moment) {
        self.since = now;
        for tier in &mut self.tiers {
            let (present, awake, active) =
                (tier.present.value(), tier.awake.value(), tier.active.value());
            *tier = TierMeasures::new(now);
            tier.present = TimeWeighted::new(now, present);
            tier.awake = TimeWeighted::new(now, awake);
            tier.active = TimeWeighted::new(now, active);
        }
        for pool in &mut self.pools {
            pool.ready = TimeWeighted::new(now, pool.ready.value());
        }
        (self.signups, self.churned, self.day_logins_before) = (0, 0, 0);
        (self.hibernations, self.moves) = (0, 0);
        (self.interrupted, self.refused) = (0, 0);
        (self.starts_failed, self.resizes) = (0, 0);
        self.requested_cpu.reset(now);
        self.requested_memory.reset(now);
        self.active_most = self.active_now;
        self.serving.reset(now);
    }

    pub(crate) fn logins(&self) -> u64 {
        self.tiers.iter().map(|tier| tier.logins).sum()
    }

    pub(crate) fn count_active(&mut self, change: i64) {
        self.active_now = self.active_now.saturating_add_signed(change);
        self.active_most = self.active_most.max(self.active_now);
    }

    /// What is promised to a tenant changes.
    pub(crate) fn count_requested(&mut self, now: Moment, before: Footprint, after: Footprint) {
        if before != after {
            let (MilliCores(less), MilliCores(more)) = (before.cpu, after.cpu);
            self.requested_cpu.set(now, self.requested_cpu.value() - less + more);
            let (Bytes(less), Bytes(more)) = (before.memory, after.memory);
            self.requested_memory.set(now, self.requested_memory.value() - less + more);
        }
    }

    pub(crate) fn count_node(&mut self, now: Moment, pool: PoolId, ready: i64, booting: i32) {
        let pool = &mut self.pools[pool.index()];
        pool.ready.add(now, ready);
        pool.booting = pool.booting.saturating_add_signed(booting);
        self.node_changes.push(NodeChange {
            at: now.since(self.start).0,
            pool: pool.name.clone(),
            ready: u32::try_from(pool.ready.value()).unwrap_or(u32::MAX),
            booting: pool.booting,
        });
    }
}

impl TierMeasures {
    fn new(now: Moment) -> Self {
        Self {
            logins: 0,
            logins_cold: 0,
            served: 0,
            unserved: 0,
            unserved_homeless: 0,
            tenants_unserved: 0,
            wakes: 0,
            kills: 0,
            wake_waits: Sketch::default(),
            gave_up_after: Sketch::default(),
            present: TimeWeighted::new(now, 0),
            awake: TimeWeighted::new(now, 0),
            active: TimeWeighted::new(now, 0),
        }
    }

    /// A tenant comes, awake, or an awake one goes.
    pub(crate) fn count_tenant(&mut self, now: Moment, change: i64) {
        self.present.add(now, change);
        self.awake.add(now, change);
    }

    /// A tenant goes from one stage to another.
    pub(crate) fn count_stage(&mut self, now: Moment, before: Stage, after: Stage) {
        match (before == Stage::AWAKE, after == Stage::AWAKE) {
            (true, false) => self.awake.add(now, -1),
            (false, true) => self.awake.add(now, 1),
            _ => {}
        }
    }
}

impl NodeLoad {
    pub(crate) fn new(now: Moment) -> Self {
        Self { until: now, ..Self::default() }
    }

    pub(crate) fn settle(&mut self, now: Moment, asked: Footprint, capacity: Footprint) {
        let span = u128::from(now.since(self.until).0);
        if span == 0 {
            return;
        }
        let (MilliCores(asked_cpu), MilliCores(cpu)) = (asked.cpu, capacity.cpu);
        let (Bytes(used_memory), Bytes(memory)) = (asked.memory, capacity.memory);
        self.until = now;
        self.ready += span;
        self.over += if asked_cpu > cpu { span } else { 0 };
        self.cpu_capacity += u128::from(cpu) * span;
        self.cpu_asked += u128::from(asked_cpu) * span;
        self.cpu_shed += u128::from(asked_cpu.saturating_sub(cpu)) * span;
        self.memory_capacity += u128::from(memory) * span;
        self.memory_used += u128::from(used_memory) * span;
    }

    /// Millicores × nanoseconds that were used.
    pub(crate) fn cpu_used(&self) -> u128 {
        self.cpu_asked.saturating_sub(self.cpu_shed).min(self.cpu_capacity)
    }

    /// In place of so many millicores × nanoseconds that were booked, so many were asked for.
    pub(crate) fn correct(&mut self, booked: u128, taken: u128) {
        self.cpu_asked = (self.cpu_asked + taken).saturating_sub(booked);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.ready += other.ready;
        self.over += other.over;
        self.cpu_capacity += other.cpu_capacity;
        self.cpu_asked += other.cpu_asked;
        self.cpu_shed += other.cpu_shed;
        self.memory_capacity += other.memory_capacity;
        self.memory_used += other.memory_used;
    }
}
