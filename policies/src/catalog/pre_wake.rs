//! Wakes sleepers before they are likely to be wanted, as they were in the weeks before, and keeps
//! them awake until that time has passed. Knows no session ahead and no price; lets nobody sleep.
//!
//! It remembers, per tenant, in which four hours of the week somebody was there, for the last seven
//! weeks: 42 bytes, and 8 more for how long that is known. What it can foresee is habit. A user who
//! comes at random once in a while has none: on scenarios/thousand-users.toml, where sleepers come
//! back after a week and more at any hour, nothing is gained (see CHANGELOG.md for the figures).

use crate::kind::Kind;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;
use core::num::NonZeroU32;
use seatrial_contract::units::{Moment, Ppm, Span, percent};
use seatrial_contract::view::{Phase, Tenant};
use seatrial_contract::{
    Action, ClusterView, Footprint, Input, Keep, Memory, MemoryError, NodeId, Policy, Presence,
    Reason, Stage, Target, TenantId, Tick, element,
};
use serde::{Deserialize, Serialize};

element! {
    /// Who is woken ahead of time, and how many.
    pub struct PreWake {
        /// So long before the four hours begin in which somebody is expected.
        ahead: Span = Span::minutes(10),
        /// Who came in the same four hours of at least so many of the weeks before is expected.
        likely: Ppm = percent(50),
        /// Where a tenant is known for fewer weeks, its tier's habits stand for its own.
        weeks_least: u32 = 2,
        /// So much of what a machine may promise stays free for those who come unexpected.
        leave: Ppm = percent(20),
        /// So many of them start at the same time.
        at_once: NonZeroU32 = NonZeroU32::new(4).unwrap_or(NonZeroU32::MIN),
    }
}

impl Kind for PreWake {
    const ABOUT: &'static str = "Wakes sleepers before they are likely to be wanted.";

    fn start(&self) -> Box<dyn Policy> {
        Box::new(PreWakePolicy::new(self.clone()))
    }

    fn inputs(&self) -> Vec<Input> {
        [Input::Sessions, Input::Waiting].into()
    }
}

/// The bins of a week: coarse, so that a few weeks tell something.
const BIN: u64 = Span::hours(4).0;
const BINS: usize = 42;
/// One bit for this week and seven before it.
const WEEKS: u32 = 7;

pub(crate) struct PreWakePolicy {
    config: PreWake,
    memory: Habits,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Habits {
    /// By tenant and bin: a bit for each week in which somebody was there, this week's the lowest.
    bins: Vec<u8>,
    /// By tenant: the first whole week known, and the one up to which its bits stand.
    weeks: Vec<(u32, u32)>,
    /// The bin, counted from the zero, that was looked at last.
    looked: Option<u64>,
    /// Those to be woken, the most likely last.
    queue: Vec<(Ppm, TenantId)>,
    /// On their way up.
    rising: BTreeSet<TenantId>,
    /// Kept awake until then.
    kept: BTreeMap<TenantId, Moment>,
}

impl Habits {
    /// Makes room for tenants that were not known.
    fn know(&mut self, tenants: usize, now: Moment) {
        // A week that is seen from its first bin on is whole.
        let first = u32::from(!(now.0 / BIN).is_multiple_of(BINS as u64));
        let week = week(now.0 / BIN);
        self.weeks.resize(tenants.max(self.weeks.len()), (week + first, week));
        self.bins.resize(self.weeks.len() * BINS, 0);
    }

    /// Brings a tenant's bits up to a week; says how far behind it that week now is.
    fn turn(&mut self, tenant: usize, week: u32) -> u32 {
        let upto = &mut self.weeks[tenant].1;
        let weeks = week.saturating_sub(*upto);
        *upto += weeks;
        if weeks > 0 {
            for bits in &mut self.bins[tenant * BINS..(tenant + 1) * BINS] {
                *bits = bits.checked_shl(weeks).unwrap_or_default();
            }
        }
        *upto - week
    }

    fn came(&mut self, tenant: TenantId, now: Moment) {
        let bin = now.0 / BIN;
        let behind = self.turn(tenant.index(), week(bin));
        self.bins[tenant.index() * BINS + of_week(bin)] |=
            1u8.checked_shl(behind).unwrap_or_default();
    }

    /// In how many of the whole weeks before it somebody came in this bin, and how many are known.
    fn habit(&mut self, tenant: usize, bin: u64) -> (u32, u32) {
        self.turn(tenant, week(bin));
        let known = week(bin).saturating_sub(self.weeks[tenant].0).min(WEEKS);
        let before = self.bins[tenant * BINS + of_week(bin)] >> 1;
        (before.count_ones().min(known), known)
    }
}

fn week(bin: u64) -> u32 {
    u32::try_from(bin / BINS as u64).unwrap_or(u32::MAX)
}

fn of_week(bin: u64) -> usize {
    usize::try_from(bin % BINS as u64).unwrap_or_default()
}

impl PreWakePolicy {
    pub(crate) fn new(config: PreWake) -> Self {
        Self { config, memory: Habits::default() }
    }

    /// Follows whose row changed.
    fn follow(&mut self, tick: &Tick<'_>) {
        self.memory.know(tick.view.tenants().len(), tick.now());
        for id in tick.view.changes().tenants() {
            let row = tick.view.tenant(*id);
            let there = tick.presence(*id) == Presence::There;
            if row.phase.is_present() && (there || row.wanted_since.is_some()) {
                self.memory.came(*id, tick.now());
            }
        }
    }

    /// Looks at all sleepers once for each four hours.
    fn look(&mut self, tick: &mut Tick<'_>, bin: u64) {
        self.memory.looked = Some(bin);
        self.memory.queue.clear();
        let tiers = self.by_tier(tick, bin);
        for index in 0..tick.view.tenants().len() {
            let (id, row) = (TenantId::at(index), tick.view.tenant(TenantId::at(index)));
            if sleeps(tick, id, row).is_none() {
                continue;
            }
            let (came, known) = match self.memory.habit(index, bin) {
                (_, known) if known < self.config.weeks_least => tiers[row.tier.index()],
                own => own,
            };
            let chance = chance(came, known);
            if chance >= self.config.likely && came > 0 {
                self.memory.queue.push((chance, id));
            } else if came > 0 {
                let limit = self.config.likely;
                tick.hold(Target::Tenant(id), Reason::Unexpected { chance, limit });
            }
        }
        // The most likely is taken from the end; of equals, the one known longest.
        self.memory.queue.sort_by_key(|(chance, id)| (*chance, core::cmp::Reverse(*id)));
    }

    fn by_tier(&mut self, tick: &Tick<'_>, bin: u64) -> Vec<(u32, u32)> {
        let mut tiers = vec![(0, 0); tick.view.tiers().len()];
        for (index, row) in tick.view.tenants().iter().enumerate() {
            if row.phase.is_present() {
                let (came, known) = self.memory.habit(index, bin);
                let tier: &mut (u32, u32) = &mut tiers[row.tier.index()];
                *tier = (tier.0 + came, tier.1 + known);
            }
        }
        tiers
    }

    fn wake(&mut self, tick: &mut Tick<'_>, until: Moment) {
        let view = tick.view;
        self.memory.rising.retain(|id| {
            tick.flies_at(Target::Tenant(*id)) || view.tenant(*id).phase == Phase::Starting
        });
        while self.memory.rising.len() < self.config.at_once.get() as usize {
            let Some((chance, id)) = self.memory.queue.pop() else { return };
            let (row, target) = (*view.tenant(id), Target::Tenant(id));
            let Some(node) = sleeps(tick, id, &row).filter(|_| !tick.is_busy(target)) else {
                continue;
            };
            let need = row.missing();
            if !tick.has_room(node, need.plus(self.left_free(tick, node))) {
                tick.hold(target, Reason::NoRoom { eligible: 1, asked: need.cpu });
                continue;
            }
            if tick.act(Action::Wake { tenant: id }, Reason::Expected { chance, until }) {
                self.memory.rising.insert(id);
                self.memory.kept.insert(id, until);
                tick.keep_until(Keep::Awake, id, until);
            }
        }
    }

    fn left_free(&self, tick: &Tick<'_>, node: NodeId) -> Footprint {
        let node = tick.view.node(node);
        let pool = tick.view.pool(node.pool);
        Footprint {
            cpu: node.capacity.cpu.part(pool.overcommit_cpu).part(self.config.leave),
            memory: node.capacity.memory.part(pool.overcommit_memory).part(self.config.leave),
        }
    }

    fn let_go(&mut self, tick: &mut Tick<'_>) {
        let now = tick.now();
        self.memory.kept.retain(|id, until| {
            let keeps = now < *until;
            if !keeps {
                tick.let_go(Keep::Awake, *id);
            }
            keeps
        });
    }
}

/// Where it sleeps, if it could be woken there and nobody waits for it.
fn sleeps(tick: &Tick<'_>, id: TenantId, row: &Tenant) -> Option<NodeId> {
    let asleep = row.phase == Phase::Settled && row.stage != Stage::AWAKE;
    let awaited = row.wanted_since.is_some() || tick.presence(id) == Presence::There;
    row.node.filter(|_| asleep && !awaited)
}

fn chance(came: u32, known: u32) -> Ppm {
    let share = (u64::from(came) * 1_000_000).checked_div(u64::from(known)).unwrap_or_default();
    Ppm(u32::try_from(share).unwrap_or(u32::MAX))
}

impl Policy for PreWakePolicy {
    fn decide(&mut self, tick: &mut Tick<'_>) {
        self.follow(tick);
        self.let_go(tick);
        let bin = tick.now().after(self.config.ahead).0 / BIN;
        if self.memory.looked != Some(bin) {
            self.look(tick, bin);
        }
        self.wake(tick, Moment((bin + 1).saturating_mul(BIN)));
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
        let Habits { bins, weeks, queue, rising, kept, .. } = &self.memory;
        weeks.len() <= view.tenants().len()
            && bins.len() == weeks.len() * BINS
            && queue.iter().map(|(_, id)| id).chain(rising).chain(kept.keys()).all(known)
    }
}
