//! Brings up elsewhere what stood on machines that are lost: gives such a machine up for its tenants, those of
//! urgent tiers first, only so many at once. Where they go is for the policy that places tenants.
//! Knows no price, and does not know whether there is data of a tenant elsewhere: where there is none, the
//! cluster refuses.

use crate::kind::Kind;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::num::NonZeroU32;
use seatrial_contract::units::{Moment, Span};
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
    }
}

reasons! {
    /// The tenant's machine was lost, and has not come back.
    pub LostFor = "machine-lost-for": "its machine has been lost for {gone}" {
        gone: Span,
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
struct Lost {
    since: BTreeMap<u32, Moment>,
}

impl EvacuatePolicy {
    fn note(&mut self, tick: &Tick<'_>) {
        for id in tick.view.changes().nodes() {
            if tick.view.node(*id).state == NodeState::Lost {
                self.memory.since.entry(id.0).or_insert(tick.now());
            } else {
                self.memory.since.remove(&id.0);
            }
        }
    }

    /// Who stands on machines that were lost long enough ago, the most urgent first, sleepers last.
    fn stranded(&self, tick: &Tick<'_>) -> Vec<(TenantId, NodeId)> {
        let (now, limit) = (tick.now(), self.config.lost_for);
        let is_given_up = |node: &NodeId| {
            self.memory.since.get(&node.0).is_some_and(|since| now.since(*since) >= limit)
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
        self.memory.since.keys().all(|id| (*id as usize) < view.nodes().len())
    }
}
