//! Orders machines when use crosses a threshold for long enough, and gives them back by draining
//! the least loaded one when the rest can carry its load. Knows no price and no tenant by name.

use crate::kind::{ActsOn, Kind};
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use seatrial_contract::config::Located;
use seatrial_contract::units::{Moment, Ppm, Span, percent};
use seatrial_contract::view::{NodeState, Phase, PoolSums};
use seatrial_contract::{
    Action, ClusterView, Footprint, Input, Memory, MemoryError, NodeId, Policy, PoolId, Reason,
    Stage, Target, TenantId, Tick, TierId, element,
};
use serde::{Deserialize, Serialize};

element! {
    /// Limits on a pool's use. By default 70 % of cpu or 80 % of memory for 10 minutes, or 80 % of the
    /// tenants that its machines may hold.
    pub struct Threshold {
        /// The pools it looks after; all where left out.
        pools: Option<Vec<Located<String>>> = None,
        /// Mean cpu use above this calls for a machine more.
        cpu_above: Ppm = percent(70),
        /// Mean memory use above this calls for a machine more.
        memory_above: Ppm = percent(80),
        /// For this long it must be above.
        above_for: Span = Span::minutes(10),
        /// Tenants held, over tenants that may be held, above this call for a machine more.
        tenants_above: Ppm = percent(80),
        /// Tenants that found no room for this long call for a machine more; never where left out.
        waiting_for: Option<Span> = None,
        /// For this long one machine fewer must keep all limits before one is given back; none is
        /// given back where left out.
        spare_for: Option<Span> = Some(Span::minutes(30)),
        /// How far below the limits use must stay with one machine fewer.
        spare_margin: Ppm = percent(10),
        /// No machine is ordered sooner after the last one.
        pause_up: Span = Span::minutes(10),
        /// No machine is emptied sooner after one came or went.
        pause_down: Span = Span::minutes(30),
    }
}

impl Kind for Threshold {
    const ABOUT: &'static str = "Orders and gives back machines by thresholds on their use.";

    fn start(&self) -> Box<dyn Policy> {
        Box::new(ThresholdPolicy::new(self.clone()))
    }

    fn inputs(&self) -> Vec<Input> {
        let waiting = self.waiting_for.map(|_| Input::Waiting);
        core::iter::once(Input::MachineUse).chain(waiting).collect()
    }

    fn acts_on(&self) -> ActsOn {
        ActsOn::Pools
    }

    fn pools(&self) -> Vec<&Located<String>> {
        self.pools.iter().flatten().collect()
    }
}

pub(crate) struct ThresholdPolicy {
    config: Threshold,
    memory: Watch,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Watch {
    pools: Vec<PoolWatch>,
    /// Tenants that somebody waits for and that have no room yet.
    waiting: BTreeSet<TenantId>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct PoolWatch {
    cpu_since: Option<Moment>,
    memory_since: Option<Moment>,
    spare_since: Option<Moment>,
    ordered_at: Option<Moment>,
    changed_at: Option<Moment>,
}

/// Mean use over a pool.
#[derive(Clone, Copy)]
struct Means {
    cpu: Ppm,
    memory: Ppm,
    held: Ppm,
}

impl ThresholdPolicy {
    pub(crate) fn new(config: Threshold) -> Self {
        Self { config, memory: Watch::default() }
    }

    fn looks_after(&self, name: &str) -> bool {
        self.config.pools.as_ref().is_none_or(|pools| pools.iter().any(|pool| pool.value == name))
    }

    fn note_waiting(&mut self, tick: &Tick<'_>) {
        if self.config.waiting_for.is_none() {
            return;
        }
        for id in tick.view.changes().tenants() {
            let row = tick.view.tenant(*id);
            let unplaced = row.phase == Phase::Homeless || row.stage != Stage::AWAKE;
            let stuck = row.wanted_since.is_some() && unplaced && row.phase.is_present();
            if stuck && row.phase != Phase::Starting {
                self.memory.waiting.insert(*id);
            } else {
                self.memory.waiting.remove(id);
            }
        }
    }

    /// Tenants that have waited too long, if this pool is the one to take them.
    fn overdue(&self, tick: &Tick<'_>, pool: PoolId) -> Option<Reason> {
        let limit = self.config.waiting_for?;
        let (mut waiting, mut longest) = (0, Span::ZERO);
        for id in &self.memory.waiting {
            let row = tick.view.tenant(*id);
            let wait = row.wanted_since.map_or(Span::ZERO, |since| tick.now().since(since));
            let airborne = tick.is_busy(Target::Tenant(*id));
            if wait >= limit && !airborne && self.pool_for(tick, row.tier) == Some(pool) {
                (waiting, longest) = (waiting + 1, longest.max(wait));
            }
        }
        (waiting > 0).then_some(Reason::TenantsWait { waiting, longest })
    }

    /// The pool that grows for a tier: the first that takes it and may grow. A machine on its way
    /// to any pool that takes the tier is waited for instead.
    fn pool_for(&self, tick: &Tick<'_>, tier: TierId) -> Option<PoolId> {
        let pools = (0..tick.view.pools().len()).map(PoolId::at);
        let mut able = None;
        for id in pools.filter(|id| tick.view.takes(*id, tier)) {
            let pool = tick.view.pool(id);
            if pool.sums.booting > 0 || tick.is_busy(Target::Pool(id)) {
                return None;
            }
            let may_grow = pool.sums.ready < pool.most && self.looks_after(&pool.name);
            able = able.or(may_grow.then_some(id));
        }
        able
    }

    fn pool(&mut self, tick: &mut Tick<'_>, id: PoolId) {
        let (now, target) = (tick.now(), Target::Pool(id));
        let sums = tick.view.pool(id).sums;
        if sums.ready == 0 && sums.booting == 0 && tick.view.pool(id).most == 0 {
            return;
        }
        let swept = tick.now().since(tick.view.node_cpu().swept_at()) <= tick.guard.stale_after;
        if (sums.unconfirmed > 0 || !swept) && !confirmed(tick, id) {
            // Use that cannot be read is no low use: nothing is given back, nothing is ordered.
            let watch = &mut self.memory.pools[id.index()];
            (watch.cpu_since, watch.memory_since, watch.spare_since) = (None, None, None);
            return tick.hold(target, Reason::AbsentReading);
        }
        let means = means(tick, id, &sums);
        let watch = &mut self.memory.pools[id.index()];
        note(&mut watch.cpu_since, means.cpu > self.config.cpu_above, now);
        note(&mut watch.memory_since, means.memory > self.config.memory_above, now);
        let watch = *watch;
        match self.high(tick, id, means, &watch) {
            Some(reason) => {
                self.memory.pools[id.index()].spare_since = None;
                self.grow(tick, id, reason, &watch);
            }
            None => self.shrink(tick, id, &watch),
        }
    }

    /// The limit that is crossed for long enough.
    fn high(&self, tick: &Tick<'_>, id: PoolId, means: Means, watch: &PoolWatch) -> Option<Reason> {
        let config = &self.config;
        let long = |since: Option<Moment>| {
            since.is_some_and(|since| tick.now().since(since) >= config.above_for)
        };
        if long(watch.cpu_since) {
            return Some(Reason::CpuHigh { used: means.cpu, limit: config.cpu_above });
        }
        if long(watch.memory_since) {
            return Some(Reason::MemoryHigh { used: means.memory, limit: config.memory_above });
        }
        if means.held > config.tenants_above {
            return Some(Reason::TenantsHigh { held: means.held, limit: config.tenants_above });
        }
        self.overdue(tick, id)
    }

    fn grow(&mut self, tick: &mut Tick<'_>, id: PoolId, reason: Reason, watch: &PoolWatch) {
        let (pool, target) = (tick.view.pool(id), Target::Pool(id));
        let count = pool.sums.ready + pool.sums.booting;
        if let Some(node) = emptied_or_emptying(tick, id).next() {
            // A machine that is being emptied is nearer than a new one.
            if !tick.is_busy(Target::Node(node)) && tick.act(Action::Uncordon { node }, reason) {
                self.memory.pools[id.index()].changed_at = Some(tick.now());
            }
            return;
        }
        if pool.sums.booting > 0 {
            return tick.hold(target, Reason::Booting { count: pool.sums.booting });
        }
        if count >= pool.most {
            return tick.hold(target, Reason::PoolAtMost { count });
        }
        if let Some(until) = watch.ordered_at.map(|at| at.after(self.config.pause_up))
            && tick.now() < until
        {
            return tick.hold(target, Reason::CoolingDown { until });
        }
        if tick.act(Action::AddNodes { pool: id, count: 1 }, reason) {
            let watch = &mut self.memory.pools[id.index()];
            watch.ordered_at = Some(tick.now());
            watch.changed_at = Some(tick.now());
            (watch.cpu_since, watch.memory_since) = (None, None);
        }
    }

    fn shrink(&mut self, tick: &mut Tick<'_>, id: PoolId, watch: &PoolWatch) {
        let target = Target::Pool(id);
        let Some(spare_for) = self.config.spare_for else {
            let (Ok((_, why)) | Err(why)) = self.spare(tick, id);
            if let Reason::Spare { cpu, memory } = why {
                return tick.hold(target, Reason::WithinLimits { cpu, memory });
            }
            return tick.hold(target, why);
        };
        if let Some(node) = emptied_or_emptying(tick, id).next() {
            return self.give_back(tick, id, node);
        }
        let now = tick.now();
        // Where it is not known who waits, somebody may wait for the room that would go.
        let unknown = self.config.waiting_for.and_then(|_| tick.doubt_waiting_for());
        let spare = unknown.map_or_else(|| self.spare(tick, id), Err);
        note(&mut self.memory.pools[id.index()].spare_since, spare.is_ok(), now);
        let (node, reason) = match spare {
            Ok(spare) => spare,
            Err(reason) => return tick.hold(target, reason),
        };
        let since = self.memory.pools[id.index()].spare_since.unwrap_or(now);
        if now.since(since) < spare_for {
            return tick.hold(target, Reason::NotLongEnough { since, limit: spare_for });
        }
        if let Some(until) = watch.changed_at.map(|at| at.after(self.config.pause_down))
            && now < until
        {
            return tick.hold(target, Reason::CoolingDown { until });
        }
        if tick.act(Action::Drain { node }, reason) {
            let watch = &mut self.memory.pools[id.index()];
            (watch.changed_at, watch.spare_since) = (Some(now), None);
        }
    }

    fn give_back(&mut self, tick: &mut Tick<'_>, id: PoolId, node: NodeId) {
        let target = Target::Node(node);
        let empty = tick.view.node(node).is_empty() && tick.book().reserved(node).1 == 0;
        if empty && !tick.is_busy(target) && tick.act(Action::RemoveNode { node }, Reason::Emptied)
        {
            self.memory.pools[id.index()].changed_at = Some(tick.now());
        }
    }

    /// The machine to empty, if the others can carry its load; or why not.
    fn spare(&self, tick: &Tick<'_>, id: PoolId) -> Result<(NodeId, Reason), Reason> {
        let (pool, margin) = (tick.view.pool(id), self.config.spare_margin);
        let sums = pool.sums;
        if sums.booting > 0 {
            return Err(Reason::Booting { count: sums.booting });
        }
        if sums.ready - sums.closed <= pool.least.max(1) {
            return Err(Reason::PoolAtLeast { count: sums.ready - sums.closed });
        }
        let open =
            tick.view.nodes().iter().enumerate().filter(|(_, n)| n.pool == id && n.is_open());
        let load = |(index, node): (usize, &seatrial_contract::view::Node)| {
            (node.taken().share_of(node.capacity), NodeId::at(index))
        };
        let Some((_, node)) = open.map(load).min() else {
            return Err(Reason::PoolAtLeast { count: 0 });
        };
        let (row, rest) =
            (tick.view.node(node), sums.capacity.minus(tick.view.node(node).capacity));
        let (cpu, memory) =
            (sums.used.cpu.share_of(rest.cpu), sums.used.memory.share_of(rest.memory));
        let promisable = Footprint {
            cpu: rest.cpu.part(pool.overcommit_cpu),
            memory: rest.memory.part(pool.overcommit_memory),
        };
        let most = u64::from(pool.tenants_most) * u64::from(sums.ready - 1);
        let held = share(u64::from(sums.tenants), most);
        let below = |used: Ppm, limit: Ppm| used.0.saturating_add(margin.0) <= limit.0;
        let keeps = below(cpu, self.config.cpu_above)
            && below(memory, self.config.memory_above)
            && below(held, self.config.tenants_above)
            && promisable.fits(sums.promised)
            && self.memory.waiting.is_empty()
            && row.state == NodeState::Ready;
        if keeps {
            Ok((node, Reason::Spare { cpu, memory }))
        } else {
            Err(Reason::WithinLimits { cpu, memory })
        }
    }
}

/// The pool's machines that take no tenants because they are to go.
fn emptied_or_emptying<'a>(tick: &Tick<'a>, id: PoolId) -> impl Iterator<Item = NodeId> + use<'a> {
    let view = tick.view;
    let any = view.pool(id).sums.closed > 0;
    let nodes = view.nodes().iter().enumerate().filter(move |_| any);
    nodes
        .filter(move |(_, node)| node.pool == id && node.draining && node.state == NodeState::Ready)
        .map(|(index, _)| NodeId::at(index))
}

/// Whether every ready machine of the pool has a fresh reading of its own.
fn confirmed(tick: &Tick<'_>, id: PoolId) -> bool {
    let (view, limit) = (tick.view, tick.guard.stale_after);
    let ready =
        |node: &seatrial_contract::view::Node| node.pool == id && node.state == NodeState::Ready;
    view.nodes().iter().enumerate().filter(|(_, node)| ready(node)).all(|(index, _)| {
        view.node_cpu().fresh(index, tick.now(), limit).is_some()
            && view.node_memory().fresh(index, tick.now(), limit).is_some()
    })
}

fn means(tick: &Tick<'_>, id: PoolId, sums: &PoolSums) -> Means {
    let most = u64::from(tick.view.pool(id).tenants_most) * u64::from(sums.ready);
    Means {
        cpu: sums.used.cpu.share_of(sums.capacity.cpu),
        memory: sums.used.memory.share_of(sums.capacity.memory),
        held: share(u64::from(sums.tenants), most),
    }
}

fn share(part: u64, whole: u64) -> Ppm {
    Ppm(u32::try_from((part * 1_000_000).checked_div(whole).unwrap_or_default())
        .unwrap_or(u32::MAX))
}

/// Keeps since when something holds.
fn note(since: &mut Option<Moment>, holds: bool, now: Moment) {
    *since = if holds { since.or(Some(now)) } else { None };
}

impl Policy for ThresholdPolicy {
    fn decide(&mut self, tick: &mut Tick<'_>) {
        self.note_waiting(tick);
        let count = tick.view.pools().len();
        self.memory.pools.resize(count, PoolWatch::default());
        for index in 0..count {
            if self.looks_after(&tick.view.pools()[index].name) {
                self.pool(tick, PoolId::at(index));
            }
        }
    }
    fn save(&self) -> Memory {
        Memory::of(&self.memory)
    }
    fn restore(&mut self, memory: &Memory) -> Result<(), MemoryError> {
        self.memory = memory.read()?;
        Ok(())
    }
    fn fits(&self, view: &ClusterView) -> bool {
        let known = |id: &TenantId| id.index() < view.tenants().len();
        self.memory.pools.len() <= view.pools().len() && self.memory.waiting.iter().all(known)
    }
}
