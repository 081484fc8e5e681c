//! Keeps connections to databases for each tier: what a tier is guaranteed it gets back within a few
//! ticks after its callers begin to wait, and what it does not use others may borrow meanwhile.
//! Knows no query and no tenant; never opens or cuts off a connection.
//!
//! Limits are what it sets, so they never allow more connections together than there are: it lowers
//! one first and raises another when the view shows that to have worked.

mod sharing;

use crate::kind::{ActsOn, Kind};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;
use seatrial_contract::config::{Keyed, Located};
use seatrial_contract::units::{Moment, Ppm, Span, percent};
use seatrial_contract::view::Connections;
use seatrial_contract::{
    Action, ClusterView, Declared, Input, Memory, MemoryError, Policy, PoolerId, Priority, Reason,
    Target, Tick, TierId, element, reasons,
};
use serde::{Deserialize, Serialize};
use sharing::{Need, guarantees, share_out};

element! {
    /// What each tier is guaranteed of a pooler's connections, and how they are lent. Callers who wait
    /// where a tier has less than that get it back.
    // Half and a quarter of an hour: with a quarter and five minutes limits changed four times as often
    // in scenarios/connection-budget.toml (197 times in four hours, not 54, over three seeds).
    pub struct ConnectionBudget {
        /// Shares of all connections that are guaranteed, by tier. What is left is guaranteed to the
        /// other tiers by their priority: to critical ones four times as much as to low ones. A tier has
        /// one connection at the least, for a limit of none turns everybody away.
        shares: Keyed<Ppm> = Keyed::<Ppm>(Vec::new()),
        /// So much of what it is guaranteed a tier keeps although it does not use it, for those who
        /// come first after a while.
        kept: Ppm = percent(50),
        /// For this long a tier must have done with less before others may borrow the rest.
        unused_for: Span = Span::minutes(15),
        /// At most this share of a tier's limit is taken away at once.
        step_most: Ppm = percent(50),
        /// A limit is left alone for this long after it was changed.
        pause: Span = Span::seconds(10),
        /// A limit that is wrong by less than this share of it, or of what is guaranteed where that is
        /// more, stays, unless somebody is owed.
        change_least: Ppm = percent(20),
    }
}

reasons! {
    /// Callers wait although the tier has fewer connections than it is guaranteed.
    pub Owed = "owed": "{waiting} wait, and it is guaranteed {guaranteed} connections" {
        waiting: u32,
        guaranteed: u32,
    }
    /// Another tier has fewer connections than it is guaranteed, and callers wait there.
    pub TakenBack = "taken-back": "{owed} is owed connections, and {waiting} wait there" {
        owed: TierId,
        waiting: u32,
    }
    /// The tier has more use for connections than it is guaranteed, and others leave some unused.
    pub Borrows = "borrows":
        "{wanted} had use for one of late, {guaranteed} are guaranteed; others leave some unused" {
        wanted: u32,
        guaranteed: u32,
    }
    /// The tier has not had use for all that it may have of late.
    pub Lends = "lends": "no more than {wanted} had use for one of late; the rest goes to others" {
        wanted: u32,
    }
    /// Nobody else has use for what the tier is guaranteed and has lent.
    pub Returned = "returned": "nobody else has use for the {guaranteed} that it is guaranteed" {
        guaranteed: u32,
    }
    /// The tiers may have more connections together than there are.
    pub LimitsTooHigh = "limits-too-high":
        "the limits allow {limits} connections together, {most} are there" {
        limits: u32,
        most: u32,
    }
    /// The limit is as it should be, or nearly so.
    pub LimitFits = "limit-fits": "{wanted} have use for one, the limit is {limit}" {
        wanted: u32,
        limit: u32,
    }
    /// Callers wait, and all connections are given to others who have use for them.
    pub NoneToSpare = "none-to-spare": "{waiting} wait at a limit of {limit}, and others use the rest" {
        waiting: u32,
        limit: u32,
    }
}

impl Kind for ConnectionBudget {
    const REASONS: &'static [&'static Declared] = REASONS;
    const ABOUT: &'static str =
        "Keeps connections to databases for each tier, and lends those that are not used.";

    fn start(&self) -> Box<dyn Policy> {
        Box::new(ConnectionBudgetPolicy::new(self.clone()))
    }

    fn inputs(&self) -> Vec<Input> {
        [Input::Connections].into()
    }

    fn acts_on(&self) -> ActsOn {
        ActsOn::Connections
    }

    fn tiers(&self) -> Vec<&Located<String>> {
        self.shares.0.iter().map(|of| &of.0).collect()
    }
}

pub(crate) struct ConnectionBudgetPolicy {
    config: ConnectionBudget,
    memory: Ledger,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Ledger {
    /// By pooler, and there by tier.
    poolers: Vec<BTreeMap<TierId, Account>>,
}

/// What is remembered of a tier at a pooler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Account {
    /// The most who had use for a connection of late, and when they last were so many.
    peak: u32,
    peak_at: Moment,
    /// The same of the time since then.
    next: u32,
    next_at: Moment,
    /// Its limit was last changed then.
    changed_at: Option<Moment>,
}

/// A tier at a pooler on this tick.
struct Pool {
    tier: TierId,
    priority: Priority,
    seen: Connections,
    need: Need,
    /// What it may have at the most until all that flies has landed.
    committed: u32,
    /// What it should have.
    aim: u32,
}

impl Pool {
    fn is_owed(&self) -> bool {
        self.seen.waiting > 0 && self.seen.most < self.need.guaranteed
    }
}

impl ConnectionBudgetPolicy {
    pub(crate) fn new(config: ConnectionBudget) -> Self {
        Self { config, memory: Ledger::default() }
    }

    fn pooler(&mut self, tick: &mut Tick<'_>, id: PoolerId) {
        let tiers = &tick.view.pooler(id).tiers;
        let doubts = tiers.iter().map(|tier| (*tier, tick.doubt_connections(id, *tier)));
        let doubts: Vec<_> = doubts.filter_map(|(tier, doubt)| Some((tier, doubt?))).collect();
        if !doubts.is_empty() {
            // Who cannot say what all have can give nothing to anyone.
            let all = doubts.into_iter();
            return all.for_each(|(tier, doubt)| tick.hold(Target::Connections(id, tier), doubt));
        }
        let pools = self.pools(tick, id);
        let most = tick.view.pooler(id).most;
        let limits = pools.iter().fold(0u32, |sum, pool| sum.saturating_add(pool.seen.most));
        if (most as usize) < pools.len() {
            let reason = Reason::from(LimitsTooHigh { limits, most });
            let all = pools.iter();
            return all.for_each(|pool| tick.hold(Target::Connections(id, pool.tier), reason));
        }
        let owed = pools.iter().filter(|pool| pool.is_owed());
        let owed = owed.max_by_key(|pool| (pool.priority, Reverse(pool.tier)));
        let owed = owed.map(|pool| (pool.tier, pool.seen.waiting));
        let pressed = match owed {
            _ if limits > most => Some(Reason::from(LimitsTooHigh { limits, most })),
            Some((tier, waiting)) => Some(Reason::from(TakenBack { owed: tier, waiting })),
            None => None,
        };
        let committed = pools.iter().fold(0u32, |sum, pool| sum.saturating_add(pool.committed));
        let mut room = most.saturating_sub(committed);
        // Who is owed is served first, then the most urgent.
        let mut order: Vec<&Pool> = pools.iter().collect();
        order.sort_by_key(|pool| (!pool.is_owed(), Reverse(pool.priority), pool.tier));
        for pool in order {
            self.settle(tick, id, pool, pressed, &mut room);
        }
    }

    /// What there is to know of each tier, and what it should have.
    fn pools(&mut self, tick: &Tick<'_>, id: PoolerId) -> Vec<Pool> {
        let (view, now) = (tick.view, tick.now());
        let pooler = view.pooler(id);
        let row = |tier: &TierId| &view.tiers()[tier.index()];
        let claims = pooler.tiers.iter().map(|tier| {
            let own = self.config.shares.get(&row(tier).name);
            own.map_or(sharing::Claim::Rest(row(tier).priority as u32 + 1), |of| {
                sharing::Claim::Share(*of)
            })
        });
        let guaranteed = guarantees(pooler.most, &claims.collect::<Vec<_>>());
        let mut pools = Vec::new();
        for (tier, guaranteed) in pooler.tiers.iter().zip(guaranteed) {
            let Some(seen) = view.connections(id, *tier).map(|reading| reading.value) else {
                continue;
            };
            let account = self.memory.poolers[id.index()].entry(*tier).or_default();
            account.note(seen.wanted(), now, self.config.unused_for);
            let flight = tick.book().flight(Target::Connections(id, *tier));
            let flying = flight.map_or(0, |flight| match flight.action {
                Action::LimitConnections { most, .. } => most,
                Action::Place { .. }
                | Action::Move { .. }
                | Action::Evict { .. }
                | Action::Abandon { .. }
                | Action::Hibernate { .. }
                | Action::Wake { .. }
                | Action::Resize { .. }
                | Action::AddNodes { .. }
                | Action::Cordon { .. }
                | Action::Uncordon { .. }
                | Action::Drain { .. }
                | Action::RemoveNode { .. }
                | Action::Scale { .. }
                | Action::RevertRelease { .. }
                | Action::BackUp { .. }
                | Action::Restore { .. }
                | Action::FailOver { .. } => 0,
            });
            let need = Need {
                wanted: account.peak,
                guaranteed,
                kept: part(guaranteed, self.config.kept).max(1),
            };
            let priority = row(tier).priority;
            let committed = seen.most.max(flying);
            pools.push(Pool { tier: *tier, priority, seen, need, committed, aim: 0 });
        }
        let needs: Vec<Need> = pools.iter().map(|pool| pool.need).collect();
        for (pool, aim) in pools.iter_mut().zip(share_out(pooler.most, &needs)) {
            pool.aim = aim;
        }
        pools
    }

    /// Moves a limit towards what it should be, or says why not.
    fn settle(
        &mut self,
        tick: &mut Tick<'_>,
        id: PoolerId,
        pool: &Pool,
        pressed: Option<Reason>,
        room: &mut u32,
    ) {
        let Pool { tier, seen, need, aim, .. } = *pool;
        let target = Target::Connections(id, tier);
        let fits = Reason::from(LimitFits { wanted: seen.wanted(), limit: seen.most });
        let (most, reason) = if aim < seen.most {
            let step = part(seen.most, self.config.step_most).max(1);
            let lends = Reason::from(Lends { wanted: need.wanted });
            (aim.max(seen.most.saturating_sub(step)), pressed.unwrap_or(lends))
        } else {
            let most = aim.min(seen.most.saturating_add(*room));
            let reason = match (seen.waiting, need.guaranteed) {
                (waiting @ 1.., guaranteed) if seen.most < guaranteed => {
                    Reason::from(Owed { waiting, guaranteed })
                }
                (_, guaranteed) if aim > guaranteed => {
                    Reason::from(Borrows { wanted: need.wanted, guaranteed })
                }
                (_, guaranteed) => Reason::from(Returned { guaranteed }),
            };
            (most, reason)
        };
        let by = most.abs_diff(seen.most);
        if by == 0 {
            let (waiting, guaranteed) = (seen.waiting, need.guaranteed);
            let why_not = match waiting {
                0 => fits,
                // What is taken back for it is not there yet.
                _ if pool.is_owed() => Reason::from(Owed { waiting, guaranteed }),
                _ => Reason::from(NoneToSpare { waiting, limit: seen.most }),
            };
            return tick.hold(target, why_not);
        }
        let whole = u64::from(seen.most.max(need.guaranteed));
        let least = whole * u64::from(self.config.change_least.0);
        let is_urgent = pool.is_owed() || (most < seen.most && pressed.is_some());
        if u64::from(by) * 1_000_000 < least && !is_urgent {
            return tick.hold(target, fits);
        }
        let account = self.memory.poolers[id.index()].entry(tier).or_default();
        if let Some(until) = account.changed_at.map(|at| at.after(self.config.pause))
            && tick.now() < until
        {
            return tick.hold(target, Reason::CoolingDown { until });
        }
        let action = Action::LimitConnections { pooler: id, tier, from: seen.most, most };
        if tick.act(action, reason) {
            account.changed_at = Some(tick.now());
            *room -= most.saturating_sub(seen.most);
        }
    }
}

impl Account {
    fn note(&mut self, wanted: u32, now: Moment, window: Span) {
        if wanted >= self.next {
            (self.next, self.next_at) = (wanted, now);
        }
        if self.next >= self.peak || now.since(self.peak_at) >= window {
            (self.peak, self.peak_at) = (self.next, self.next_at);
            (self.next, self.next_at) = (wanted, now);
        }
    }
}

/// This share of so many, rounded down.
fn part(of: u32, share: Ppm) -> u32 {
    let part = u64::from(of) * u64::from(share.0) / 1_000_000;
    u32::try_from(part).unwrap_or(u32::MAX)
}

impl Policy for ConnectionBudgetPolicy {
    fn decide(&mut self, tick: &mut Tick<'_>) {
        let count = tick.view.poolers().len();
        self.memory.poolers.resize_with(count, BTreeMap::new);
        for index in 0..count {
            self.pooler(tick, PoolerId::at(index));
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
        let (poolers, tiers) = (view.poolers().len(), view.tiers().len());
        let known = |tier: &TierId| tier.index() < tiers;
        self.memory.poolers.len() <= poolers
            && self.memory.poolers.iter().all(|of| of.keys().all(known))
    }
}
