//! Lets only so many tenants start at the same time: the most urgent first, then who has waited
//! longest. It stands before the policies that wake and place, and wakes nobody itself.
//! Knows no load, no room and no machine.
//!
//! It puts wakes in order; it makes none of them faster. With fewer at once than machines can start,
//! all but the urgent wait longer (sim/host/tests/plant.rs says how much).

use crate::kind::Kind;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::num::NonZeroU32;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::{Phase, Tenant};
use seatrial_contract::{
    ClusterView, Input, Keep, Memory, MemoryError, Policy, Reason, Stage, Target, TenantId, Tick,
    element,
};
use serde::{Deserialize, Serialize};

element! {
    /// How many start at once. A tenant that somebody waits for and that does not run counts, whether it
    /// wakes where it lives, moves to wake, or gets its first machine.
    pub struct WakeAdmission {
        /// So many may start at the same time. By default as many as one machine starts at once.
        at_once: NonZeroU32 = NonZeroU32::new(8).unwrap_or(NonZeroU32::MIN),
        /// A start that takes longer than this is counted no more, so that starts which never end
        /// keep nobody from waking.
        start_within: Span = Span::minutes(10),
    }
}

impl Kind for WakeAdmission {
    const ABOUT: &'static str =
        "Lets only so many tenants start at the same time, the most urgent first.";

    fn start(&self) -> Box<dyn Policy> {
        Box::new(WakeAdmissionPolicy::new(self.clone()))
    }

    fn inputs(&self) -> Vec<Input> {
        [Input::Waiting].into()
    }
}

pub(crate) struct WakeAdmissionPolicy {
    config: WakeAdmission,
    memory: Gate,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Gate {
    /// Who waits for a turn, in the order of turns.
    queue: BTreeSet<Turn>,
    /// Each one's entry in the queue.
    of: BTreeMap<TenantId, Turn>,
    under_way: BTreeMap<TenantId, Start>,
    /// Counts how often room may have come about: tenants that found none are tried once a round.
    round: u32,
    /// The room version up to which that was counted.
    seen: u64,
}

/// A place in the queue: who was not tried for longest, the most urgent, the longest waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Turn {
    tried: u32,
    /// Priority counted down.
    rank: u8,
    since: Moment,
    tenant: TenantId,
}

/// One that was let through, or that starts anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Start {
    since: Moment,
    /// It was seen to start.
    started: bool,
    /// The round in which it was let through.
    round: u32,
}

impl WakeAdmissionPolicy {
    pub(crate) fn new(config: WakeAdmission) -> Self {
        Self { config, memory: Gate::default() }
    }

    /// Follows a tenant whose row changed; says whether it joined the queue.
    fn follow(&mut self, tick: &mut Tick<'_>, id: TenantId) -> bool {
        let row = tick.view.tenant(id);
        let under_way = self.memory.under_way.get_mut(&id);
        if row.phase == Phase::Starting {
            let round = self.memory.round;
            match under_way {
                Some(start) => start.started = true,
                None => {
                    let start = Start { since: tick.now(), started: true, round };
                    self.memory.under_way.insert(id, start);
                }
            }
            self.leave(tick, id);
            return false;
        }
        match (waits(row), under_way) {
            (None, _) => {
                self.memory.under_way.remove(&id);
                self.leave(tick, id);
                false
            }
            // Let through, and not seen to start yet.
            (Some(_), Some(start)) if !start.started => false,
            (Some(since), _) => {
                self.memory.under_way.remove(&id);
                self.join(tick, id, since, 0)
            }
        }
    }

    fn join(&mut self, tick: &mut Tick<'_>, id: TenantId, since: Moment, tried: u32) -> bool {
        let tier = tick.view.tenant(id).tier;
        let rank = u8::MAX - tick.view.tiers()[tier.index()].priority as u8;
        let before = self.memory.of.get(&id);
        let tried = before.map_or(tried, |turn| turn.tried);
        let turn = Turn { tried, rank, since, tenant: id };
        let is_new = before.is_none();
        if let Some(before) = self.memory.of.insert(id, turn) {
            self.memory.queue.remove(&before);
        }
        self.memory.queue.insert(turn);
        tick.keep(Keep::Waiting, id);
        is_new
    }

    fn leave(&mut self, tick: &mut Tick<'_>, id: TenantId) {
        if let Some(turn) = self.memory.of.remove(&id) {
            self.memory.queue.remove(&turn);
            tick.let_go(Keep::Waiting, id);
        }
    }

    /// A tenant that was let through and is not on the way found no room: another has the turn.
    fn take_back(&mut self, tick: &mut Tick<'_>) {
        let idle = |id: &TenantId, start: &Start| {
            !start.started && start.since < tick.now() && !tick.flies_at(Target::Tenant(*id))
        };
        let all = self.memory.under_way.iter().filter(|(id, start)| idle(id, start));
        for (id, start) in all.map(|(id, start)| (*id, *start)).collect::<Vec<_>>() {
            self.memory.under_way.remove(&id);
            if let Some(since) = waits(tick.view.tenant(id)) {
                self.join(tick, id, since, start.round);
            }
        }
    }

    fn admit(&mut self, tick: &mut Tick<'_>) {
        if tick.room_version() != self.memory.seen {
            self.memory.round += 1;
        }
        let free = self.config.at_once.get().saturating_sub(self.starting(tick.now()));
        for _ in 0..free {
            let next = self.memory.queue.first().copied();
            let Some(turn) = next.filter(|turn| turn.tried < self.memory.round) else { break };
            self.leave(tick, turn.tenant);
            let start = Start { since: tick.now(), started: false, round: self.memory.round };
            self.memory.under_way.insert(turn.tenant, start);
        }
        // Whom we let go ourselves made no room.
        self.memory.seen = tick.room_version();
    }

    /// Those on their way, but for starts that seem to have no end.
    fn starting(&self, now: Moment) -> u32 {
        let ends = |start: &&Start| now.since(start.since) < self.config.start_within;
        u32::try_from(self.memory.under_way.values().filter(ends).count()).unwrap_or(u32::MAX)
    }

    /// Says once to each that joined and is still waiting why it waits.
    fn tell(&self, tick: &mut Tick<'_>, joined: &[TenantId]) {
        let waiting: BTreeSet<Turn> =
            joined.iter().filter_map(|id| self.memory.of.get(id)).copied().collect();
        let Some(last) = waiting.last() else { return };
        let (starting, limit) = (self.starting(tick.now()), self.config.at_once.get());
        for (ahead, turn) in (0..).zip(self.memory.queue.range(..=*last)) {
            if waiting.contains(turn) {
                let reason = Reason::WakesAtOnce { starting, limit, ahead };
                tick.hold(Target::Tenant(turn.tenant), reason);
            }
        }
    }
}

/// Since when somebody waits for a tenant that does not run and could be started.
fn waits(row: &Tenant) -> Option<Moment> {
    let lies = row.stage != Stage::AWAKE || row.node.is_none();
    row.wanted_since.filter(|_| lies && row.phase.is_present() && row.phase != Phase::Starting)
}

impl Policy for WakeAdmissionPolicy {
    fn decide(&mut self, tick: &mut Tick<'_>) {
        let view = tick.view;
        let mut joined = Vec::new();
        for id in view.changes().tenants() {
            if self.follow(tick, *id) {
                joined.push(*id);
            }
        }
        self.take_back(tick);
        self.admit(tick);
        self.tell(tick, &joined);
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
        let Gate { queue, of, under_way, .. } = &self.memory;
        let is_own = |(id, turn): (&TenantId, &Turn)| *id == turn.tenant && queue.contains(turn);
        queue.len() == of.len()
            && of.iter().all(is_own)
            && of.keys().chain(under_way.keys()).all(known)
    }
}
