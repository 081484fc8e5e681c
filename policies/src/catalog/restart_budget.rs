//! Lets tenants sleep that are killed again and again while nobody is there, so that they take nothing from those beside
//! them; whoever comes wakes them, with a budget that is full again. Knows no memory and no machine.

use crate::kind::Kind;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;
use core::num::NonZeroU32;
use seatrial_contract::config::Located;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::{Phase, UnitState};
use seatrial_contract::{
    Action, ClusterView, Declared, Input, Memory, MemoryError, Policy, Stage, Target, TenantId,
    Tick, UnitId, element, reasons,
};
use serde::{Deserialize, Serialize};

element! {
    /// How often a tenant may be killed. Containers that were killed start again by themselves; a kill counts that is
    /// still to be seen when it is looked.
    pub struct RestartBudget {
        /// So many kills within `within` are put up with (systemd: StartLimitBurst). J.
        most: NonZeroU32 = NonZeroU32::new(5).unwrap_or(NonZeroU32::MIN),
        /// See `most`. J.
        within: Span = Span::hours(1),
        /// The stage of sleep that it goes to then; the first that there is where left out.
        stage: Option<Located<String>> = None,
    }
}

reasons! {
    /// It was killed too often.
    pub BudgetSpent = "budget-spent": "it was killed {kills} times within {within}" {
        kills: u32,
        within: Span,
    }
}

impl Kind for RestartBudget {
    const ABOUT: &'static str =
        "Lets tenants sleep that are killed again and again, and nobody is there.";
    const REASONS: &'static [&'static Declared] = REASONS;

    fn start(&self) -> Box<dyn Policy> {
        Box::new(RestartBudgetPolicy { config: self.clone(), memory: Seen::default() })
    }

    fn inputs(&self) -> Vec<Input> {
        [Input::LastActive, Input::Sessions].into()
    }

    fn stages(&self) -> Vec<&Located<String>> {
        self.stage.iter().collect()
    }
}

struct RestartBudgetPolicy {
    config: RestartBudget,
    memory: Seen,
}

/// What it remembers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    /// When tenants were killed, of those that were within the time that counts.
    kills: BTreeMap<TenantId, VecDeque<Moment>>,
    /// Since when containers lie that were killed, so that each kill counts once.
    lies_since: BTreeMap<UnitId, Moment>,
    /// Tenants that have spent their budget, and have not been put to sleep.
    spent: BTreeSet<TenantId>,
}

impl RestartBudgetPolicy {
    /// Notes who was killed, and forgets who sleeps or has left.
    fn follow(&mut self, tick: &Tick<'_>) {
        let (view, now) = (tick.view, tick.now());
        for id in view.changes().tenants() {
            let row = view.tenant(*id);
            let is_awake = row.phase != Phase::Gone && row.stage == Stage::AWAKE;
            if !is_awake {
                self.memory.kills.remove(id);
                self.memory.spent.remove(id);
            }
            for unit in view.units_of(*id) {
                let of = &view.units()[unit.index()];
                if of.state != UnitState::Killed {
                    self.memory.lies_since.remove(&unit);
                } else if self.memory.lies_since.insert(unit, of.since) != Some(of.since)
                    && is_awake
                {
                    self.memory.kills.entry(*id).or_default().push_back(now);
                    self.memory.spent.insert(*id);
                }
            }
        }
        let within = self.config.within;
        self.memory.kills.retain(|_, all| {
            while all.front().is_some_and(|at| now.since(*at) > within) {
                all.pop_front();
            }
            !all.is_empty()
        });
    }

    fn tenant(&self, tick: &mut Tick<'_>, id: TenantId, stage: Stage) {
        let row = *tick.view.tenant(id);
        let kills = self.memory.kills.get(&id).map_or(0, VecDeque::len);
        let kills = u32::try_from(kills).unwrap_or(u32::MAX);
        let may_sleep = row.phase == Phase::Settled && row.stage < stage;
        if kills > self.config.most.get() && may_sleep && !tick.is_busy(Target::Tenant(id)) {
            let within = self.config.within;
            tick.act(Action::Hibernate { tenant: id, stage }, BudgetSpent { kills, within });
        }
    }
}

impl Policy for RestartBudgetPolicy {
    fn decide(&mut self, tick: &mut Tick<'_>) {
        self.follow(tick);
        let stages = tick.view.stages();
        let named = self.config.stage.as_ref().map(|name| stages.find(&name.value));
        let Some(stage) = named.unwrap_or_else(|| stages.all().next()) else { return };
        let most = self.config.most.get() as usize;
        let of = &self.memory.kills;
        self.memory.spent.retain(|id| of.contains_key(id));
        let spent = self.memory.spent.iter();
        let spent: Vec<TenantId> =
            spent.filter(|id| of.get(id).is_some_and(|all| all.len() > most)).copied().collect();
        spent.into_iter().for_each(|id| self.tenant(tick, id, stage));
    }

    fn save(&self) -> Memory {
        Memory::of(&self.memory)
    }

    fn restore(&mut self, memory: &Memory) -> Result<(), MemoryError> {
        self.memory = memory.read()?;
        Ok(())
    }

    fn fits(&self, view: &ClusterView) -> bool {
        let (tenants, units) = (view.tenants().len(), view.units().len());
        let last = |of: Option<&TenantId>| of.is_none_or(|id| id.index() < tenants);
        let kills = self.memory.kills.last_key_value().map(|of| of.0);
        let lies = self.memory.lies_since.last_key_value().map(|of| of.0);
        last(kills) && last(self.memory.spent.last()) && lies.is_none_or(|id| id.index() < units)
    }
}
