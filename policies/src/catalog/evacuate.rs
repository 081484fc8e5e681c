//! Brings up elsewhere what stood on machines that are lost: gives such a machine up for its tenants, those of
//! urgent tiers first, only so many at once. Where they go is for the policy that places tenants.
//! Knows no price, and does not know whether there is data of a tenant elsewhere: where there is none, the
//! cluster refuses.

use crate::kind::Kind;
use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::num::NonZeroU32;
use seatrial_contract::units::{Moment, Ppm, Span, percent};
use seatrial_contract::view::NodeState;
use seatrial_contract::{
    Action, ClusterView, Declared, Input, Memory, MemoryError, NodeId, Policy, Reason, Stage,
    Target, TenantId, Tick, element, reasons,
};
use serde::{Deserialize, Serialize};

element! {
    /// When a lost machine is given up, and how gently. A machine is lost once it was not seen for as long as
    /// `sensing` says. What may be given up at all, the guard says: `lost_most`, `tenants_an_hour`.
    pub struct Evacuate {
        /// How long a machine must be lost before its tenants are brought up elsewhere (Kubernetes: 5 min).
        lost_for: Span = Span::minutes(5),
        /// So many tenants may be on their way at the same time.
        at_once: NonZeroU32 = NonZeroU32::new(20).unwrap_or(NonZeroU32::MIN),
        /// Whether those that sleep are brought up elsewhere too, once all others are.
        sleepers: bool = true,
        /// How fast machines are given up, zone by zone; all that were lost for long enough where left out.
        by_zone: Option<ByZone> = None,
    }
}

element! {
    /// One machine after the other, and hardly any where most of a zone is lost, since it is then likelier that the
    /// way to it is. The figures are those of Kubernetes' node lifecycle.
    pub struct ByZone {
        /// A machine each so often.
        each: Span = Span::seconds(10),
        /// A zone of whose machines such a share is lost,
        unhealthy: Ppm = percent(55),
        /// and at least so many, is given up no faster than one machine each `slower`;
        least: NonZeroU32 = NonZeroU32::new(3).unwrap_or(NonZeroU32::MIN),
        /// see `least`;
        slower: Span = Span::seconds(100),
        /// and not at all, where it has no more machines than this.
        small: u32 = 50,
    }
}

reasons! {
    /// The tenant's machine was lost, and has not come back.
    pub LostFor = "machine-lost-for": "its machine has been lost for {gone}" {
        gone: Span,
    }
    /// Its zone gives up machines one after the other, and this one's turn has not come.
    pub TurnToCome = "turn-to-come": "machines of its zone are given up one each {each}" {
        each: Span,
    }
    /// Most of its zone is lost, so that none of it is given up.
    pub ZoneLost = "zone-lost": "{lost} of the {of} machines of its zone are lost: it may be the way there" {
        lost: u32,
        of: u32,
    }
    /// As many are on their way as may be.
    pub OnTheirWay = "on-their-way": "{count} are on their way, the limit is {limit}" {
        count: u32,
        limit: u32,
    }
}

impl Kind for Evacuate {
    const ABOUT: &'static str = "Brings up elsewhere what stood on machines that are lost.";
    const REASONS: &'static [&'static Declared] = REASONS;

    fn start(&self) -> Box<dyn Policy> {
        Box::new(EvacuatePolicy { config: self.clone(), memory: Lost::default() })
    }

    fn inputs(&self) -> Vec<Input> {
        [Input::MachineUse].into()
    }
}

struct EvacuatePolicy {
    config: Evacuate,
    memory: Lost,
}

/// Machines that are lost, and since when that is known.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Lost {
    since: BTreeMap<u32, Moment>,
    /// Those whose turn has come, where they are given up one after the other.
    given_up: BTreeSet<u32>,
    /// By zone, when the next one's turn comes at the earliest.
    turns: BTreeMap<u32, Moment>,
}

/// A zone that has given up none for so long begins with one.
const IDLE: Span = Span::minutes(1);

impl EvacuatePolicy {
    fn note(&mut self, tick: &Tick<'_>) {
        for id in tick.view.changes().nodes() {
            if tick.view.node(*id).state == NodeState::Lost {
                self.memory.since.entry(id.0).or_insert(tick.now());
            } else {
                self.memory.since.remove(&id.0);
                self.memory.given_up.remove(&id.0);
            }
        }
    }

    /// Whose turn comes, zone by zone, those lost first before the others.
    fn give_up(&mut self, tick: &mut Tick<'_>, by: &ByZone) {
        let (now, limit) = (tick.now(), self.config.lost_for);
        let mut zones: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
        for row in tick.view.nodes() {
            let of = zones.entry(u32::from(row.zone.0)).or_default();
            of.0 += u32::from(row.state == NodeState::Lost);
            of.1 += u32::from(matches!(row.state, NodeState::Lost | NodeState::Ready));
        }
        let is_due = |of: &(&u32, &Moment)| now.since(*of.1) >= limit;
        let due = self.memory.since.iter().filter(is_due);
        let mut due: Vec<(Moment, u32)> = due.map(|(id, since)| (*since, *id)).collect();
        due.retain(|(_, id)| !self.memory.given_up.contains(id));
        due.sort_unstable();
        for (_, id) in due {
            let zone = u32::from(tick.view.node(NodeId(id)).zone.0);
            let (lost, of) = zones.get(&zone).copied().unwrap_or_default();
            let part = u64::from(of) * u64::from(by.unhealthy.0);
            let is_unhealthy = lost >= by.least.get() && u64::from(lost) * 1_000_000 >= part;
            if is_unhealthy && of <= by.small {
                tick.hold(Target::Node(NodeId(id)), ZoneLost { lost, of });
                continue;
            }
            let each = if is_unhealthy { by.slower } else { by.each };
            let turn = self.memory.turns.entry(zone).or_insert(now);
            if *turn > now {
                tick.hold(Target::Node(NodeId(id)), TurnToCome { each });
                continue;
            }
            // Looks are further apart than turns: what came meanwhile comes now, since the last look at the most.
            let idle = now.since(*turn) > IDLE;
            *turn = if idle { now.after(each) } else { turn.after(each) };
            self.memory.given_up.insert(id);
        }
    }

    /// Who stands on machines that were lost long enough ago, the most urgent first, sleepers last.
    fn stranded(&self, tick: &Tick<'_>) -> Vec<(TenantId, NodeId)> {
        let (now, limit) = (tick.now(), self.config.lost_for);
        let is_given_up = |node: &NodeId| {
            let lost_since = self.memory.since.get(&node.0);
            let has_turn = || self.memory.given_up.contains(&node.0);
            lost_since.is_some_and(|since| now.since(*since) >= limit)
                && (self.config.by_zone.is_none() || has_turn())
        };
        let rows = tick.view.tenants().iter().enumerate();
        let mut all: Vec<_> = rows
            .filter_map(|(index, row)| {
                let (id, node) = (TenantId::at(index), row.node.filter(is_given_up)?);
                let sleeps = row.stage != Stage::AWAKE && row.wanted_since.is_none();
                let is_meant = row.phase.is_present()
                    && (self.config.sleepers || !sleeps)
                    && !tick.is_busy(Target::Tenant(id));
                let tier = tick.view.tiers().get(row.tier.index());
                let priority = Reverse(tier.map(|tier| tier.priority));
                is_meant.then_some(((sleeps, priority, id), node))
            })
            .collect();
        all.sort_unstable();
        all.into_iter().map(|((_, _, id), node)| (id, node)).collect()
    }
}

impl Policy for EvacuatePolicy {
    fn decide(&mut self, tick: &mut Tick<'_>) {
        self.note(tick);
        if self.memory.since.is_empty() {
            return;
        }
        let (now, limit) = (tick.now(), self.config.lost_for);
        let young: Vec<_> =
            self.memory.since.iter().map(|(id, since)| (NodeId(*id), *since)).collect();
        for (node, since) in young.into_iter().filter(|(_, since)| now.since(*since) < limit) {
            tick.hold(Target::Node(node), Reason::NotLongEnough { since, limit });
        }
        if let Some(by) = self.config.by_zone.clone() {
            self.give_up(tick, &by);
        }
        let at_once = self.config.at_once.get();
        let mut on_their_way = tick.view.starting();
        for (tenant, from) in self.stranded(tick) {
            if on_their_way >= at_once {
                return tick
                    .hold(Target::Node(from), OnTheirWay { count: on_their_way, limit: at_once });
            }
            let since = self.memory.since.get(&from.0).copied().unwrap_or(now);
            if tick.act(Action::Abandon { tenant, from }, LostFor { gone: now.since(since) }) {
                on_their_way += 1;
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
        let all = self.memory.since.keys().chain(&self.memory.given_up);
        all.copied().all(|id| (id as usize) < view.nodes().len())
    }
}
