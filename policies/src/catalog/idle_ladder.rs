//! Lets idle tenants sleep, step by step, and wakes them when somebody comes.
//! Knows no load and no price; never moves anyone.

use crate::kind::Kind;
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use seatrial_contract::config::{Keyed, Located};
use seatrial_contract::units::{Frequency, Moment, Span};
use seatrial_contract::view::{Phase, Tenant};
use seatrial_contract::{
    Action, ClusterView, Input, Keep, Memory, MemoryError, Policy, Presence, Reason, Stage, Stages,
    Target, TenantId, Tick, TierId, element,
};
use serde::{Deserialize, Serialize};

element! {
    /// After how much idleness a tenant sleeps how deeply.
    pub struct IdleLadder {
        /// The idle time after which each stage of sleep is gone to, by the stage's name; a stage that is
        /// left out is not gone to. For tiers that are not named in `tiers`. Where left out, the first
        /// stages that there are: after 7, 14 and 30 days.
        ladder: Option<Keyed<Span>> = None,
        /// Ladders of their own, by tier; an empty one never sleeps.
        tiers: Keyed<Keyed<Span>> = Keyed::<Keyed<Span>>(Vec::new()),
        /// A tenant that is called as often as this is not idle, whenever somebody last logged in; calls do
        /// not count where left out.
        asked_below: Option<Frequency> = None,
    }
}

impl Kind for IdleLadder {
    const ABOUT: &'static str = "Lets idle tenants sleep, step by step, and wakes them.";

    fn start(&self) -> Box<dyn Policy> {
        Box::new(IdleLadderPolicy::new(self.clone()))
    }

    fn inputs(&self) -> Vec<Input> {
        let asked = self.asked_below.map(|_| Input::Requests);
        let always = [Input::LastActive, Input::Sessions, Input::Waiting];
        always.into_iter().chain(asked).collect()
    }

    fn tiers(&self) -> Vec<&Located<String>> {
        self.tiers.0.iter().map(|entry| &entry.0).collect()
    }

    fn stages(&self) -> Vec<&Located<String>> {
        let ladders = self.ladder.iter().chain(self.tiers.0.iter().map(|entry| &entry.1));
        ladders.flat_map(|ladder| ladder.0.iter().map(|entry| &entry.0)).collect()
    }
}

/// Where no ladder is given: those of the first stages.
const USUAL: [Span; 3] = [Span::days(7), Span::days(14), Span::days(30)];

/// Stages with the idle times after which they are gone to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rungs(Vec<(Stage, Span)>);

impl Rungs {
    /// The stages that there are of those named.
    fn of(named: &Keyed<Span>, stages: &Stages) -> Self {
        let there = |entry: &(Located<String>, Span)| Some((stages.find(&entry.0)?, entry.1));
        Self(named.0.iter().filter_map(there).collect())
    }

    fn usual(stages: &Stages) -> Self {
        Self(stages.all().zip(USUAL).collect())
    }

    /// How deeply a tenant idle for so long should sleep.
    fn stage_after(&self, idle: Span) -> Stage {
        let reached = self.0.iter().filter(|rung| rung.1 <= idle);
        reached.map(|rung| rung.0).max().unwrap_or(Stage::AWAKE)
    }

    /// The idle time after which this stage is gone to.
    fn limit_to(&self, stage: Stage) -> Option<Span> {
        self.0.iter().find(|rung| rung.0 == stage).map(|rung| rung.1)
    }

    /// The idle time after which a tenant at this stage goes deeper, soonest first.
    fn next_limit(&self, stage: Stage) -> Option<Span> {
        self.0.iter().filter(|rung| rung.0 > stage).map(|rung| rung.1).min()
    }
}

impl IdleLadder {
    fn rungs(&self, tier: &str, stages: &Stages) -> Rungs {
        match self.tiers.get(tier).or(self.ladder.as_ref()) {
            Some(named) => Rungs::of(named, stages),
            None => Rungs::usual(stages),
        }
    }
}

pub(crate) struct IdleLadderPolicy {
    config: IdleLadder,
    /// Ladders by tier id, found by name; worked out anew when tiers are added or stages are called
    /// otherwise.
    by_tier: Vec<Rungs>,
    stages: Stages,
    memory: Deadlines,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Deadlines {
    due: BTreeSet<(Moment, TenantId)>,
    /// Each tenant's entry in `due`; never where it has none.
    of: Vec<Moment>,
    wanted: BTreeSet<TenantId>,
    tried_at: Option<u64>,
}

impl IdleLadderPolicy {
    pub(crate) fn new(config: IdleLadder) -> Self {
        Self {
            config,
            by_tier: Vec::new(),
            stages: Stages::default(),
            memory: Deadlines::default(),
        }
    }

    /// Looks at one tenant: hibernates it if it is due, and notes when to look again.
    fn consider(&mut self, tick: &mut Tick<'_>, id: TenantId) {
        let row = *tick.view.tenant(id);
        let next = self.judge(tick, id, &row);
        self.memory.set(id, next);
    }

    fn judge(&self, tick: &mut Tick<'_>, id: TenantId, row: &Tenant) -> Option<Moment> {
        let target = Target::Tenant(id);
        if row.phase != Phase::Settled || row.node.is_none() || row.wanted_since.is_some() {
            return None;
        }
        let rungs = &self.by_tier[row.tier.index()];
        let Some(limit) = rungs.next_limit(row.stage) else {
            if row.stage != Stage::AWAKE || tick.presence(id) != Presence::There {
                tick.hold(target, Reason::DeepEnough { stage: row.stage });
            }
            return None;
        };
        if tick.presence(id) == Presence::There {
            tick.hold(target, Reason::InSession);
            return None;
        }
        // Refused for now: the data or the cap may be better in a minute.
        let later = Some(tick.now().after(tick.guard.stale_after.min(Span::minutes(1))));
        let last = match tick.last_active(id) {
            Ok(last) => last,
            Err(reason) => {
                tick.hold(target, reason);
                return later.filter(|_| reason != Reason::AbsentReading);
            }
        };
        let idle = tick.now().since(last.value);
        if idle < limit {
            tick.hold(target, Reason::NotIdleYet { idle, limit });
            return Some(last.value.after(limit));
        }
        if let Some((policy, until)) = tick.keeper(Keep::Awake, id) {
            tick.hold(target, Reason::OwnedBy { policy });
            return Some(until);
        }
        if let Some(reason) = tick.doubt_away(id).or_else(|| self.asked(tick, id)) {
            tick.hold(target, reason);
            return later;
        }
        let stage = rungs.stage_after(idle);
        let limit = rungs.limit_to(stage).unwrap_or(limit);
        if tick.is_busy(target)
            || !tick
                .act(Action::Hibernate { tenant: id, stage }, Reason::Idle { idle, limit, stage })
        {
            return later;
        }
        // If it has no effect, nothing changes that would have it looked at again.
        Some(tick.now().after(tick.guard.effect_within))
    }

    /// Why its requests do not let it sleep, if that is asked.
    fn asked(&self, tick: &Tick<'_>, id: TenantId) -> Option<Reason> {
        let limit = self.config.asked_below?;
        let Some(reading) = tick.view.requests().get(id.index()) else {
            return Some(Reason::AbsentReading);
        };
        let (age, stale) = (reading.age(tick.now()), tick.guard.stale_after);
        if age > stale {
            return Some(Reason::StaleReading { age, limit: stale });
        }
        let rate = reading.value;
        rate.reaches(limit).then_some(Reason::Asked { rate, limit })
    }

    fn wake(&mut self, tick: &mut Tick<'_>) {
        let version = tick.room_version();
        if self.memory.wanted.is_empty() || self.memory.tried_at == Some(version) {
            return;
        }
        self.memory.tried_at = Some(version);
        for id in self.memory.wanted.iter().copied().collect::<Vec<_>>() {
            let (row, target) = (*tick.view.tenant(id), Target::Tenant(id));
            let Some((node, since)) = waits(&row) else {
                self.memory.wanted.remove(&id);
                continue;
            };
            if tick.is_busy(target) {
                continue;
            }
            if tick.has_room(node, row.missing()) {
                tick.act(Action::Wake { tenant: id }, Reason::Wanted { since });
            } else {
                let asked = row.missing().cpu;
                tick.hold(target, Reason::NoRoom { eligible: 1, asked });
            }
        }
    }
}

/// The machine that could wake it, and since when somebody waits.
fn waits(row: &Tenant) -> Option<(seatrial_contract::NodeId, Moment)> {
    let lies = matches!(row.phase, Phase::Settled | Phase::Broken);
    let asleep = lies && row.stage != Stage::AWAKE;
    asleep.then_some(row.node?).zip(row.wanted_since)
}

impl Deadlines {
    fn set(&mut self, id: TenantId, due: Option<Moment>) {
        if self.of.len() <= id.index() {
            self.of.resize(id.index() + 1, Moment::NEVER);
        }
        let due = due.unwrap_or(Moment::NEVER);
        let before = core::mem::replace(&mut self.of[id.index()], due);
        if before == due {
            return;
        }
        if before != Moment::NEVER {
            self.due.remove(&(before, id));
        }
        if due != Moment::NEVER {
            self.due.insert((due, id));
        }
    }
}

impl Policy for IdleLadderPolicy {
    fn decide(&mut self, tick: &mut Tick<'_>) {
        let view = tick.view;
        if self.by_tier.len() != view.tiers().len() || self.stages != *view.stages() {
            self.stages.clone_from(view.stages());
            let tiers = view.tiers().iter();
            self.by_tier = tiers.map(|tier| self.config.rungs(&tier.name, &self.stages)).collect();
        }
        for id in view.changes().tenants() {
            if waits(view.tenant(*id)).is_some() && self.memory.wanted.insert(*id) {
                self.memory.tried_at = None;
            }
        }
        self.wake(tick);
        for id in view.changes().tenants() {
            self.consider(tick, *id);
        }
        while let Some((due, id)) = self.memory.due.first().copied() {
            if due > tick.now() {
                break;
            }
            self.memory.set(id, None);
            self.consider(tick, id);
        }
    }
    fn save(&self) -> Memory {
        Memory::of(&self.memory)
    }
    fn restore(&mut self, memory: &Memory) -> Result<(), MemoryError> {
        self.memory = memory.read()?;
        Ok(())
    }
    fn stage_after(&self, view: &ClusterView, tier: TierId, idle: Span) -> Option<Stage> {
        let name = &view.tiers()[tier.index()].name;
        Some(self.config.rungs(name, view.stages()).stage_after(idle))
    }
    fn fits(&self, view: &ClusterView) -> bool {
        let known = |id: &TenantId| id.index() < view.tenants().len();
        let Deadlines { due, of, wanted, .. } = &self.memory;
        let has_entry = |(at, id): &(Moment, TenantId)| of.get(id.index()) == Some(at);
        // An entry that is nobody's would never be taken out.
        let entries = of.iter().filter(|at| **at != Moment::NEVER).count();
        of.len() <= view.tenants().len()
            && due.len() == entries
            && due.iter().all(has_entry)
            && wanted.iter().all(known)
    }
}
