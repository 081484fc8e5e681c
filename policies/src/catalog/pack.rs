//! Empties a machine whose tenants fit elsewhere, gently, so that it can be given back: sleepers first,
//! nobody who is there, only so many at once. Knows no price; wakes nobody and orders nothing.
//!
//! It begins only where the whole machine can be emptied and its pool may lose it, closes that one
//! machine, moves its tenants onto fuller ones, and marks it as draining once it is empty; the policy that gives
//! machines back (`threshold`) then does so, or opens it again where one is needed. Tenants go from
//! emptier machines to fuller ones alone and then stay for a day, so that none goes back and forth.
//!
//! Where one pool shrinks by itself, `threshold` does as much. What this adds is to look across pools
//! that take the same tiers, and to disturb nobody; see CHANGELOG.md for what that came to.

mod plan;

use crate::kind::Kind;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::num::NonZeroU32;
use plan::Plan;
use seatrial_contract::units::{Moment, Ppm, Span, percent};
use seatrial_contract::view::{NodeState, Phase};
use seatrial_contract::{
    Action, ClusterView, Input, Memory, MemoryError, NodeId, Policy, PoolId, Priority, Reason,
    Stage, Target, TenantId, Tick, element,
};
use serde::{Deserialize, Serialize};

element! {
    /// How gently a machine is emptied, and when it is not worth it. All figures are our judgement.
    pub struct Pack {
        /// How often a machine to empty is looked for.
        every: Span = Span::minutes(10),
        /// So many tenants may be on the move or starting when another is moved.
        moves_at_once: NonZeroU32 = NonZeroU32::new(2).unwrap_or(NonZeroU32::MIN),
        /// So many are moved within an hour.
        moves_an_hour: NonZeroU32 = NonZeroU32::new(20).unwrap_or(NonZeroU32::MIN),
        /// Tenants of tiers as urgent as this are never moved, nor is the machine that they are on
        /// emptied.
        spare: Priority = Priority::Critical,
        /// So much of what a machine may promise stays free on those that are filled.
        leave: Ppm = percent(10),
        /// No machine is filled beyond this mean use of cpu, and neither is the pool that is left.
        cpu_below: Ppm = percent(60),
        /// The same for memory.
        memory_below: Ppm = percent(70),
        /// For so long it must have been so at every look that a machine of the pool can be emptied: a
        /// whole day, so that the busiest hour was among it.
        possible_for: Span = Span::hours(24),
        /// Within this time it must be empty; then it is opened again.
        within: Span = Span::hours(24),
        /// For this long after one was emptied or opened again no other is begun.
        pause: Span = Span::hours(6),
        /// A tenant that was moved is not moved again for this long.
        settled_for: Span = Span::hours(24),
        /// While somebody has waited for so long and does not start, no machine is closed.
        waiting_most: Span = Span::minutes(5),
    }
}

impl Kind for Pack {
    const ABOUT: &'static str = "Empties machines whose tenants fit elsewhere, gently.";

    fn start(&self) -> Box<dyn Policy> {
        Box::new(PackPolicy::new(self.clone()))
    }

    fn inputs(&self) -> Vec<Input> {
        [Input::MachineUse, Input::Sessions, Input::Waiting].into()
    }
}

pub(crate) struct PackPolicy {
    config: Pack,
    memory: Packing,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Packing {
    emptying: Option<Emptying>,
    looked_at: Option<Moment>,
    pause_until: Option<Moment>,
    /// By pool: since when one of its machines can be emptied.
    possible_since: Vec<Option<Moment>>,
    /// Who was moved, and when; a list of pairs, since a key of a memory is text.
    moved: Vec<(TenantId, Moment)>,
}

/// A machine that is being emptied, and who is left on it: sleepers first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Emptying {
    node: NodeId,
    since: Moment,
    left: Vec<TenantId>,
}

impl PackPolicy {
    pub(crate) fn new(config: Pack) -> Self {
        Self { config, memory: Packing::default() }
    }

    /// Looks for a machine to empty, and closes it.
    fn look(&mut self, tick: &mut Tick<'_>) {
        let now = tick.now();
        self.memory.looked_at = Some(now);
        self.memory.possible_since.resize(tick.view.pools().len(), None);
        if let Some(reason) = self.waits(tick) {
            self.memory.possible_since.fill(None);
            return hold_pools(tick, reason);
        }
        let moved: BTreeMap<TenantId, Moment> = self.memory.moved.iter().copied().collect();
        for index in 0..tick.view.pools().len() {
            let pool = PoolId::at(index);
            let Some(node) = emptiest(tick, pool) else { continue };
            let planned =
                may_lose_one(tick, pool).and_then(|()| Plan::of(tick, &self.config, node, &moved));
            let since = planned.as_ref().ok();
            let since = since.map(|_| self.memory.possible_since[index].unwrap_or(now));
            self.memory.possible_since[index] = since;
            let begun = planned.and_then(|plan| self.may_begin(now, since).map(|()| plan));
            let plan = match begun {
                Ok(plan) => plan,
                Err(reason) => {
                    tick.hold(Target::Node(node), reason);
                    continue;
                }
            };
            let tenants = u32::try_from(plan.tenants.len()).unwrap_or(u32::MAX);
            let reason = Reason::FitsElsewhere { tenants, onto: plan.onto };
            if tick.act(Action::Cordon { node }, reason) {
                self.memory.emptying = Some(Emptying { node, since: now, left: plan.tenants });
                return;
            }
        }
    }

    /// Whether what is possible since then is begun now.
    fn may_begin(&self, now: Moment, since: Option<Moment>) -> Result<(), Reason> {
        if let Some(until) = self.memory.pause_until.filter(|until| now < *until) {
            return Err(Reason::CoolingDown { until });
        }
        let (since, limit) = (since.unwrap_or(now), self.config.possible_for);
        if now.since(since) < limit { Err(Reason::NotLongEnough { since, limit }) } else { Ok(()) }
    }

    /// Goes on with the machine that is being emptied.
    fn go_on(&mut self, tick: &mut Tick<'_>, emptying: &mut Emptying) -> bool {
        let (now, node) = (tick.now(), emptying.node);
        let (row, target) = (*tick.view.node(node), Target::Node(node));
        if tick.flies_at(target) {
            return true;
        }
        // Given back, lost, or opened again or drained by somebody else.
        if row.state != NodeState::Ready || row.draining || !row.cordoned {
            self.rest(now);
            return false;
        }
        if row.tenants == 0 && tick.book().reserved(node).1 == 0 {
            let done = tick.act(Action::Drain { node }, Reason::Emptied);
            if done {
                self.rest(now);
            }
            return !done;
        }
        if let Some(reason) = self.in_vain(tick, emptying)
            && tick.act(Action::Uncordon { node }, reason)
        {
            self.rest(now);
            return false;
        }
        emptying.left.retain(|id| tick.view.tenant(*id).node == Some(node));
        for id in emptying.left.clone() {
            if let Some(reason) = self.over_budget(tick) {
                tick.hold(target, reason);
                break;
            }
            self.move_one(tick, node, id);
        }
        true
    }

    fn move_one(&mut self, tick: &mut Tick<'_>, from: NodeId, tenant: TenantId) {
        let (row, target) = (*tick.view.tenant(tenant), Target::Tenant(tenant));
        if row.phase != Phase::Settled || row.wanted_since.is_some() || tick.is_busy(target) {
            return; // It starts, or is about to; its turn comes.
        }
        if let Some(reason) = tick.doubt_away(tenant) {
            return tick.hold(target, reason);
        }
        let need = tick.view.need(tenant);
        let Some(node) = Plan::target(tick, &self.config, from, tenant) else {
            return tick.hold(target, Reason::NoRoom { eligible: 0, asked: need.cpu });
        };
        if tick.act(Action::Move { tenant, from, node }, Reason::Emptying { node: from }) {
            self.memory.moved.push((tenant, tick.now()));
        }
    }

    /// Why nobody more is moved now.
    fn over_budget(&self, tick: &Tick<'_>) -> Option<Reason> {
        let (moving, limit) =
            (tick.book().moving() + tick.view.starting(), self.config.moves_at_once.get());
        if moving >= limit {
            return Some(Reason::MovesAtOnce { moving, limit });
        }
        let within = |at: &Moment| tick.now().since(*at) < Span::hours(1);
        let done = self.memory.moved.iter().filter(|(_, at)| within(at)).count();
        let (done, limit) =
            (u32::try_from(done).unwrap_or(u32::MAX), self.config.moves_an_hour.get());
        (done >= limit).then_some(Reason::MovesAnHour { done, limit })
    }

    /// Why the machine is opened again instead.
    fn in_vain(&self, tick: &Tick<'_>, emptying: &Emptying) -> Option<Reason> {
        let limit = self.config.within;
        if tick.now().since(emptying.since) >= limit {
            return Some(Reason::NotEmptied { since: emptying.since, limit });
        }
        // Another machine of the pool goes, or comes: what was planned may no longer be true.
        let pool = tick.view.node(emptying.node).pool;
        let booting = tick.view.pool(pool).sums.booting;
        if booting > 0 {
            return Some(Reason::Booting { count: booting });
        }
        let other = drained(tick, pool).map(|node| Reason::Emptying { node });
        other.or_else(|| self.waits(tick))
    }

    /// Who has waited too long, if anyone has.
    fn waits(&self, tick: &Tick<'_>) -> Option<Reason> {
        let (mut waiting, mut longest) = (0, Span::ZERO);
        for row in tick.view.tenants() {
            let lies = row.phase.is_present() && row.phase != Phase::Starting;
            let Some(since) = row.wanted_since.filter(|_| lies) else { continue };
            let wait = tick.now().since(since);
            if wait >= self.config.waiting_most {
                (waiting, longest) = (waiting + 1, longest.max(wait));
            }
        }
        let waits = (waiting > 0).then_some(Reason::TenantsWait { waiting, longest });
        waits.or_else(|| tick.doubt_waiting_for())
    }

    fn rest(&mut self, now: Moment) {
        self.memory.possible_since.fill(None);
        self.memory.pause_until = Some(now.after(self.config.pause));
    }
}

fn hold_pools(tick: &mut Tick<'_>, reason: Reason) {
    for index in 0..tick.view.pools().len() {
        tick.hold(Target::Pool(PoolId::at(index)), reason);
    }
}

/// The pool's open machine that has promised least.
fn emptiest(tick: &Tick<'_>, pool: PoolId) -> Option<NodeId> {
    let nodes = tick.view.nodes().iter().enumerate();
    let open = nodes.filter(|(_, node)| node.pool == pool && node.is_open());
    let load = |(index, node): (usize, &seatrial_contract::view::Node)| {
        (node.taken().share_of(node.capacity), NodeId::at(index))
    };
    open.map(load).min().map(|(_, node)| node)
}

/// Whether the pool may have one machine fewer, and none is on its way in or out.
fn may_lose_one(tick: &Tick<'_>, id: PoolId) -> Result<(), Reason> {
    let pool = tick.view.pool(id);
    if pool.sums.booting > 0 {
        return Err(Reason::Booting { count: pool.sums.booting });
    }
    let count = pool.sums.ready - pool.sums.closed;
    if count <= pool.least.max(1) {
        return Err(Reason::PoolAtLeast { count });
    }
    drained(tick, id).map_or(Ok(()), |node| Err(Reason::Emptying { node }))
}

/// A machine of the pool that somebody empties already, or is about to.
fn drained(tick: &Tick<'_>, id: PoolId) -> Option<NodeId> {
    let drained = |node: &seatrial_contract::view::Node| {
        node.pool == id && node.draining && node.state == NodeState::Ready
    };
    let about_to = || {
        let mut flights = tick.book().flights();
        flights.find_map(|flight| {
            let Action::Drain { node } = flight.action else { return None };
            (tick.view.node(node).pool == id).then_some(node)
        })
    };
    tick.view.nodes().iter().position(drained).map(NodeId::at).or_else(about_to)
}

/// Sleepers first, the deepest before the others; then who was added first.
fn gentlest(tick: &Tick<'_>, id: TenantId) -> (core::cmp::Reverse<Stage>, TenantId) {
    (core::cmp::Reverse(tick.view.tenant(id).stage), id)
}

impl Policy for PackPolicy {
    fn decide(&mut self, tick: &mut Tick<'_>) {
        if let Some(mut emptying) = self.memory.emptying.take() {
            if self.go_on(tick, &mut emptying) {
                self.memory.emptying = Some(emptying);
            }
            return;
        }
        let looked = self.memory.looked_at;
        if looked.is_some_and(|at| tick.now().since(at) < self.config.every.max(Span::nanos(1))) {
            return;
        }
        let (now, settled) = (tick.now(), self.config.settled_for);
        self.memory.moved.retain(|(_, at)| now.since(*at) < settled);
        self.look(tick);
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
        let Packing { emptying, possible_since, moved, .. } = &self.memory;
        let left = emptying.as_ref().map_or(&[][..], |one| &one.left);
        possible_since.len() <= view.pools().len()
            && emptying.as_ref().is_none_or(|one| one.node.index() < view.nodes().len())
            && moved.iter().map(|(id, _)| id).chain(left).all(known)
    }
}
