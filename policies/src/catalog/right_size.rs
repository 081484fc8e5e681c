//! Has each container ask for what it is seen to need, as the recommender of Kubernetes' vertical
//! autoscaler (VPA) works it out. Knows no price and no machine but its room; moves nobody.
//!
//! What a container should ask for is VPA's to the figure (policies/tests/vpa.rs): percentiles of a
//! histogram that forgets by half each day, memory by the peaks of eight days, a margin, bounds that
//! close in, more after a kill. When it is changed is VPA's updater but for what follows (our
//! judgement): VPA leaves alone whatever has no second replica, and here nothing has one, so that so
//! many a minute stand for "at most half of the replicas"; a tenant in use is left alone, since a
//! resize may restart, unless a part of theirs was killed; one in need only grows, and what
//! could shrink does so later; VPA judges every minute, here each tenant has its turn within the
//! hour, and at once where its memory peaks or it is killed.
//!
//! Where memory is overcommitted because requests are larger than use, take that back first: what is
//! promised comes near what is used, and the machine kills for the rest (CHANGELOG.md has figures).

mod buckets;
mod estimate;
mod histogram;
mod history;

pub use buckets::Buckets;
pub use estimate::{Confidence, footprint, scaled, with_margin};
pub use histogram::{Decay, Histogram};

use crate::kind::Kind;
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::num::NonZeroU32;
use estimate::float;
use history::{History, Range, Rule};
use seatrial_contract::units::{Bytes, MilliCores, Moment, Ppm, Span, mib, millicores, percent};
use seatrial_contract::view::{Phase, UnitState};
use seatrial_contract::{
    Action, ClusterView, Footprint, Input, Memory, MemoryError, NodeId, Policy, Reason, Target,
    TenantId, Tick, UnitId, element,
};
use serde::{Deserialize, Serialize};

element! {
    /// How what a container asks for follows what it is seen to use.
    pub struct RightSize {
        /// How often use is looked at, and containers resized.
        every: Span = Span::minutes(1),
        /// What was seen so long ago counts for half.
        half_life: Span = Span::hours(24),
        /// A container asks for what covers this share of what was seen.
        target: Ppm = percent(90),
        /// Below what covers this share it grows at once.
        lower: Ppm = percent(50),
        /// Above what covers this share it shrinks at once.
        upper: Ppm = percent(95),
        /// So much on top of each.
        margin: Ppm = percent(15),
        /// Between the two it changes by no less than this, cpu and memory added up.
        change_least: Ppm = percent(10),
        /// Between the two it stays so long after it started or was resized.
        settled_for: Span = Span::hours(12),
        /// A tenant's containers together ask for no less cpu than this.
        least_cpu: MilliCores = millicores(25),
        /// A tenant's containers together ask for no less memory than this.
        least_memory: Bytes = mib(250),
        /// Within this time each tenant is judged once.
        judged_within: Span = Span::hours(1),
        /// So many containers are resized each time. Each that shrinks counts as destructive
        /// (`guard.tenants_an_hour`); by default a thousand tenants' cap leaves room for others.
        at_once: NonZeroU32 = NonZeroU32::new(2).unwrap_or(NonZeroU32::MIN),
    }
}

impl Kind for RightSize {
    const ABOUT: &'static str = "Has containers ask for what they are seen to need.";

    fn start(&self) -> Box<dyn Policy> {
        Box::new(RightSizePolicy::new(self.clone()))
    }

    fn inputs(&self) -> Vec<Input> {
        [Input::ContainerUse, Input::Sessions, Input::Waiting].into()
    }
}

pub(crate) struct RightSizePolicy {
    config: RightSize,
    cores: Buckets,
    bytes: Buckets,
    /// The buckets of small amounts of cpu counted from one, once they were worked out.
    cores_known: Vec<u16>,
    memory: Seen,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    decay: Decay,
    looked_at: Option<Moment>,
    /// By container.
    histories: Vec<History>,
    /// Whose turn it is.
    next: u32,
    /// Those whose turn it is whatever the order.
    urgent: BTreeSet<TenantId>,
}

/// One container that should be resized.
struct Proposal {
    grows: bool,
    by: Ppm,
    tenant: TenantId,
    unit: UnitId,
    from: Footprint,
    to: Footprint,
    reason: Reason,
}

/// Cpu up to this is looked up.
const KNOWN_MOST: usize = 4_096;

impl RightSizePolicy {
    pub(crate) fn new(config: RightSize) -> Self {
        let memory = Seen {
            decay: Decay::new(config.half_life),
            looked_at: None,
            histories: Vec::new(),
            next: 0,
            urgent: BTreeSet::new(),
        };
        let (cores, bytes) = (Buckets::of_cores(), Buckets::of_bytes());
        Self { config, cores, bytes, cores_known: Vec::new(), memory }
    }

    /// Notes who was killed, and forgets who left.
    fn follow(&mut self, tick: &Tick<'_>) {
        let view = tick.view;
        self.memory.histories.resize(view.units().len(), History::default());
        for id in view.changes().tenants() {
            let gone = view.tenant(*id).phase == Phase::Gone;
            for unit in view.units_of(*id) {
                let (row, history) =
                    (&view.units()[unit.index()], &mut self.memory.histories[unit.index()]);
                if gone || row.state == UnitState::Gone {
                    *history = History::default();
                } else if row.state == UnitState::Killed && history.lies_since != Some(row.since) {
                    history.lies_since = Some(row.since);
                    history.kill(tick.now(), row.requested.memory, &self.bytes);
                    self.memory.urgent.insert(*id);
                }
            }
        }
    }

    /// Looks at what runs now.
    fn look(&mut self, tick: &Tick<'_>, before: Option<Moment>) {
        let (view, now, stale) = (tick.view, tick.now(), tick.guard.stale_after);
        let (factor, halvings) = self.memory.decay.factor(now);
        if halvings > 0 {
            self.memory.histories.iter_mut().for_each(|history| history.cpu.age(halvings));
        }
        self.cores_known.resize(KNOWN_MOST, 0);
        for (index, unit) in view.units().iter().enumerate() {
            if unit.state != UnitState::Running {
                continue;
            }
            let cpu = view.unit_cpu().get(index).filter(|reading| reading.age(now) <= stale);
            let memory = view.unit_memory().get(index).filter(|reading| reading.age(now) <= stale);
            let (Some(cpu), Some(memory)) = (cpu, memory) else { continue };
            if before.is_some_and(|before| cpu.seen_at <= before) {
                continue; // It was counted.
            }
            let bucket = self.bucket(cpu.value);
            let history = &mut self.memory.histories[index];
            // At least 0.1 core: VPA's `minSampleWeight`, so that a request of nothing counts too.
            let weight = float(unit.requested.cpu.0.max(100)) / 1_000.0;
            history.see(cpu.seen_at, (bucket, weight * factor));
            if history.see_memory(memory.seen_at, memory.value, &self.bytes) {
                self.memory.urgent.insert(unit.tenant);
            }
        }
    }

    fn bucket(&mut self, cpu: MilliCores) -> u16 {
        let find = || self.cores.find(float(cpu.0) / 1_000.0);
        let known = usize::try_from(cpu.0).ok().and_then(|cpu| self.cores_known.get_mut(cpu));
        let Some(known) = known else { return find() };
        if *known == 0 {
            *known = find() + 1;
        }
        *known - 1
    }

    /// Judges those whose turn it is, and resizes the neediest of them.
    fn judge(&mut self, tick: &mut Tick<'_>, passed: Span) {
        let mut proposals = Vec::new();
        let mut urgent = core::mem::take(&mut self.memory.urgent);
        urgent.extend(self.turns(tick.view.tenants().len(), passed));
        for id in urgent {
            if tick.is_busy(Target::Tenant(id)) {
                self.memory.urgent.insert(id);
                continue;
            }
            if self.still_killed(tick, id) {
                self.memory.urgent.insert(id);
            }
            match self.tenant(tick, id) {
                Some(Ok(proposal)) => proposals.push(proposal),
                Some(Err(reason)) => tick.hold(Target::Tenant(id), reason),
                None => {}
            }
        }
        proposals.sort_by_key(|found| (!found.grows, core::cmp::Reverse(found.by), found.tenant));
        let limit = self.config.at_once.get();
        let mut resized = 0;
        for Proposal { grows, tenant, unit, from, to, reason, .. } in proposals {
            if resized == limit {
                tick.hold(Target::Tenant(tenant), Reason::ResizesAtOnce { limit });
                if grows {
                    self.memory.urgent.insert(tenant);
                }
            } else if tick.act(Action::Resize { tenant, unit, from, to }, reason) {
                self.memory.histories[unit.index()].resized_at = Some(tick.now());
                resized += 1;
            }
        }
    }

    /// Whether a part lies killed. One that does for as long as an action may take to have its effect
    /// was not given enough: it came up and was killed again before anybody looked.
    fn still_killed(&mut self, tick: &Tick<'_>, id: TenantId) -> bool {
        let (view, now) = (tick.view, tick.now());
        let lies = |unit: &UnitId| view.units()[unit.index()].state == UnitState::Killed;
        let mut any = false;
        for unit in view.units_of(id).filter(lies) {
            any = true;
            let history = &mut self.memory.histories[unit.index()];
            let noted = history.killed_at.max(history.resized_at).unwrap_or(now);
            if now.since(noted) >= tick.guard.effect_within {
                history.kill(now, view.units()[unit.index()].requested.memory, &self.bytes);
            }
        }
        any
    }

    /// As many tenants as come to their turn in that time, one after the other.
    fn turns(&mut self, tenants: usize, passed: Span) -> impl Iterator<Item = TenantId> + use<> {
        let within = u128::from(self.config.judged_within.0.max(1));
        let due = (tenants as u128 * u128::from(passed.0)).div_ceil(within);
        let due = usize::try_from(due).unwrap_or(tenants).min(tenants);
        let from = usize::try_from(self.memory.next).unwrap_or_default();
        self.memory.next = u32::try_from((from + due) % tenants.max(1)).unwrap_or_default();
        (from..from + due).map(move |index| TenantId::at(index % tenants))
    }

    /// What should be done about a tenant: to the neediest of its containers, one at a time.
    fn tenant(&self, tick: &Tick<'_>, id: TenantId) -> Option<Result<Proposal, Reason>> {
        let row = tick.view.tenant(id);
        // A tenant that is about to be moved is not resized.
        let goes =
            |node: &NodeId| tick.view.node(*node).draining || tick.flies_at(Target::Node(*node));
        let node = row.node.filter(|node| !goes(node))?;
        if row.phase != Phase::Settled || row.wanted_since.is_some() {
            return None;
        }
        let parts = u64::try_from(tick.view.units_of(id).count()).unwrap_or(u64::MAX).max(1);
        let least = Footprint {
            cpu: MilliCores(self.config.least_cpu.0 / parts),
            memory: Bytes(self.config.least_memory.0 / parts),
        };
        let found = tick.view.units_of(id).filter_map(|unit| {
            let judged = self.unit(tick, unit, least)?;
            Some(judged.and_then(|proposal| fit(tick, node, proposal)))
        });
        found.max_by_key(|found| match found {
            Ok(proposal) => (1 + u8::from(proposal.grows), proposal.by),
            Err(_) => (0, Ppm::ZERO),
        })
    }

    fn unit(
        &self,
        tick: &Tick<'_>,
        unit: UnitId,
        least: Footprint,
    ) -> Option<Result<Proposal, Reason>> {
        let now = tick.now();
        let of = &tick.view.units()[unit.index()];
        let runs = matches!(of.state, UnitState::Running | UnitState::Killed);
        // What asks for nothing is not known to be limited by it.
        if !runs || of.requested == Footprint::default() {
            return None;
        }
        let history = &self.memory.histories[unit.index()];
        let Some(Range { lower, target, upper }) = self.range(history, least) else {
            return Some(Err(Reason::AbsentReading));
        };
        let from = of.requested;
        let killed = history.is_killed();
        let needy = killed || any_below(from, lower);
        let to = known(from, if needy { larger(from, target) } else { target });
        let by = change(from, to);
        let propose = |reason| {
            let tenant = of.tenant;
            Some(Ok(Proposal { grows: to.fits(from), by, tenant, unit, from, to, reason }))
        };
        if by == Ppm::ZERO {
            let limit = self.config.change_least;
            return Some(Err(Reason::RightSize { by, limit }));
        }
        if let Some(reason) = tick.doubt_away(of.tenant).filter(|_| !killed) {
            return Some(Err(reason));
        }
        if needy {
            return propose(Reason::Undersized { by });
        }
        if any_below(upper, from) {
            return propose(Reason::Oversized { by });
        }
        let since = history.resized_at.map_or(of.since, |at| at.max(of.since));
        let limit = self.config.settled_for;
        if now.since(since) < limit {
            return Some(Err(Reason::NotLongEnough { since, limit }));
        }
        let limit = self.config.change_least;
        if by < limit {
            return Some(Err(Reason::RightSize { by, limit }));
        }
        propose(Reason::OffSize { by, limit })
    }

    fn range(&self, history: &History, least: Footprint) -> Option<Range> {
        let share = |share: Ppm| f64::from(share.0) / 1e6;
        let config = &self.config;
        let rule = Rule {
            shares: [config.lower, config.target, config.upper].map(share),
            margin: share(config.margin),
            half_life: config.half_life,
        };
        let range = history.range(&rule, &self.cores, &self.bytes)?;
        Some(Range {
            lower: larger(range.lower, least),
            target: larger(range.target, least),
            upper: larger(range.upper, least),
        })
    }
}

/// What its machine has room for: where it has none for more, only what shrinks does.
fn fit(tick: &Tick<'_>, node: NodeId, proposal: Proposal) -> Result<Proposal, Reason> {
    let Proposal { from, to, .. } = proposal;
    let more = to.minus(from);
    if tick.has_room(node, more) {
        return Ok(proposal);
    }
    let to = Footprint { cpu: from.cpu.min(to.cpu), memory: from.memory.min(to.memory) };
    if to == from {
        return Err(Reason::NoRoom { eligible: 1, asked: more.cpu });
    }
    Ok(Proposal { to, by: change(from, to), ..proposal })
}

fn larger(one: Footprint, other: Footprint) -> Footprint {
    Footprint { cpu: one.cpu.max(other.cpu), memory: one.memory.max(other.memory) }
}

/// What is not asked for at all stays so.
fn known(from: Footprint, to: Footprint) -> Footprint {
    Footprint {
        cpu: if from.cpu.0 == 0 { from.cpu } else { to.cpu },
        memory: if from.memory.0 == 0 { from.memory } else { to.memory },
    }
}

/// Whether it asks for some, and for less than that.
fn any_below(one: Footprint, other: Footprint) -> bool {
    let asks = |amount: u64, than: u64| amount > 0 && amount < than;
    asks(one.cpu.0, other.cpu.0) || asks(one.memory.0, other.memory.0)
}

/// VPA's `ResourceDiff`: the changes of cpu and memory over what is asked for now, added up.
fn change(from: Footprint, to: Footprint) -> Ppm {
    let cpu = MilliCores(from.cpu.0.abs_diff(to.cpu.0)).share_of(from.cpu);
    let memory = Bytes(from.memory.0.abs_diff(to.memory.0)).share_of(from.memory);
    Ppm(cpu.0.saturating_add(memory.0))
}

impl Policy for RightSizePolicy {
    fn decide(&mut self, tick: &mut Tick<'_>) {
        self.follow(tick);
        let before = self.memory.looked_at;
        let passed = before.map_or(Span::ZERO, |at| tick.now().since(at));
        if before.is_some() && passed < self.config.every.max(Span::nanos(1)) {
            return;
        }
        self.memory.looked_at = Some(tick.now());
        self.look(tick, before);
        self.judge(tick, passed);
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
        self.memory.histories.len() <= view.units().len() && self.memory.urgent.iter().all(known)
    }
}
