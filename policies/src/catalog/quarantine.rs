//! Empties machines on which services answer with failures that they do not have elsewhere, though the machine looks
//! well: its replicas start elsewhere, and whoever places tenants moves them. After a while it is tried again.
//! Knows no cause, and no tenant.

use crate::answers::{Recent, failed, fresh, plus};
use crate::kind::{ActsOn, Kind};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::num::NonZeroU32;
use seatrial_contract::units::{Moment, Ppm, Span, percent};
use seatrial_contract::view::{Answers, NodeState};
use seatrial_contract::{
    Action, ClusterView, Declared, Input, Memory, MemoryError, NodeId, Policy, ServiceId, Target,
    Tick, element, reasons,
};
use serde::{Deserialize, Serialize};

element! {
    /// When a machine is taken for a gray one, and for how long it is left out.
    pub struct Quarantine {
        /// The share of failures on a machine must be so much larger than on all others. J.
        fails: Ppm = percent(10),
        /// How many answers must have been seen from there. J.
        least: NonZeroU32 = NonZeroU32::new(50).unwrap_or(NonZeroU32::MIN),
        /// Answers of this long count. J.
        over: Span = Span::minutes(5),
        /// So many machines are left out at the same time; where more fail, the machines are not the cause. J.
        at_once: NonZeroU32 = NonZeroU32::MIN,
        /// After so long a machine is tried again. J.
        tried_after: Span = Span::hours(24),
    }
}

reasons! {
    /// What stands on a machine fails, and what stands elsewhere does not.
    pub MachineFails = "machine-fails": "{failed} of {all} answers from there were failures; elsewhere {elsewhere}" {
        failed: u32,
        all: u32,
        elsewhere: Ppm,
    }
    /// As many machines are left out as may be.
    pub LeftOut = "left-out": "{count} are left out, the limit is {limit}" {
        count: u32,
        limit: u32,
    }
    /// A machine was left out for long enough.
    pub TriedAgain = "tried-again": "it was left out for {out}" {
        out: Span,
    }
}

impl Kind for Quarantine {
    const ABOUT: &'static str = "Empties machines on which services fail that do well elsewhere.";
    const REASONS: &'static [&'static Declared] = REASONS;

    fn start(&self) -> Box<dyn Policy> {
        Box::new(QuarantinePolicy { config: self.clone(), memory: Seen::default() })
    }

    fn inputs(&self) -> Vec<Input> {
        [Input::MachineUse, Input::Replicas, Input::ReplicaAnswers].into()
    }

    fn acts_on(&self) -> ActsOn {
        ActsOn::Replicas
    }
}

struct QuarantinePolicy {
    config: Quarantine,
    memory: Seen,
}

/// What was seen of machines.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    seen_until: Moment,
    machines: BTreeMap<u32, Recent>,
    /// Those that are left out, and since when.
    out: BTreeMap<u32, Moment>,
}

impl QuarantinePolicy {
    fn look(&mut self, tick: &Tick<'_>) {
        let (view, now, stale) = (tick.view, tick.now(), tick.guard.stale_after);
        let (mut seen_until, memory) = (self.memory.seen_until, &mut self.memory);
        let services = (0..view.services().len()).map(ServiceId::at);
        for replica in services.flat_map(|service| view.replicas_of(service)) {
            let Some(node) = view.replica(replica).node else { continue };
            let reading = fresh(view, replica, memory.seen_until, stale);
            let Some(reading) = reading else { continue };
            seen_until = seen_until.max(reading.seen_at);
            memory.machines.entry(node.0).or_default().add(reading);
        }
        memory.seen_until = seen_until;
        for recent in memory.machines.values_mut() {
            recent.keep(now, self.config.over, Moment::START);
        }
        memory.machines.retain(|_, recent| recent.sum().all > 0);
        let is_there = |node: &u32| view.node(NodeId(*node)).state != NodeState::Gone;
        memory.out.retain(|node, _| is_there(node));
    }

    fn try_again(&mut self, tick: &mut Tick<'_>) {
        let (now, limit) = (tick.now(), self.config.tried_after);
        let out: Vec<(u32, Moment)> = self.memory.out.iter().map(|of| (*of.0, *of.1)).collect();
        for (node, since) in out {
            let node = NodeId(node);
            if now.since(since) >= limit
                && tick.act(Action::Uncordon { node }, TriedAgain { out: now.since(since) })
            {
                tick.need_not_be_closed(node);
                self.memory.out.remove(&node.0);
                self.memory.machines.remove(&node.0);
            }
        }
    }

    /// Machines that fail where others do not, the worst first.
    fn gray(&self) -> Vec<(NodeId, Answers, Ppm)> {
        let machines = &self.memory.machines;
        let sums: Vec<(u32, Answers)> = machines.iter().map(|of| (*of.0, of.1.sum())).collect();
        let all = sums.iter().fold(Answers::default(), |sum, (_, of)| plus(sum, *of));
        let mut gray: Vec<_> = sums
            .into_iter()
            .filter_map(|(node, here)| {
                let elsewhere =
                    Answers { all: all.all - here.all, failed: all.failed - here.failed };
                let worse = failed(here).0.saturating_sub(failed(elsewhere).0);
                // Where nothing stands elsewhere there is nothing to go by.
                let is_gray = here.all >= self.config.least.get()
                    && elsewhere.all >= self.config.least.get()
                    && worse >= self.config.fails.0
                    && !self.memory.out.contains_key(&node);
                is_gray.then_some((NodeId(node), here, failed(elsewhere)))
            })
            .collect();
        gray.sort_by_key(|(node, here, _)| (core::cmp::Reverse(failed(*here)), *node));
        gray
    }
}

impl Policy for QuarantinePolicy {
    fn decide(&mut self, tick: &mut Tick<'_>) {
        self.look(tick);
        self.try_again(tick);
        let limit = self.config.at_once.get();
        for (node, here, elsewhere) in self.gray() {
            let row = tick.view.node(node);
            if row.state != NodeState::Ready {
                continue;
            }
            if row.draining {
                // Somebody else empties it; as long as it fails nobody has use for it.
                tick.keep_closed(node, tick.now().after(self.config.over));
                continue;
            }
            let count = u32::try_from(self.memory.out.len()).unwrap_or(u32::MAX);
            if count >= limit {
                tick.hold(Target::Node(node), LeftOut { count, limit });
                continue;
            }
            let Answers { all, failed } = here;
            if tick.act(Action::Drain { node }, MachineFails { failed, all, elsewhere }) {
                // Until it has been tried again; that may take a tick or two.
                let until = tick.now().after(self.config.tried_after).after(self.config.over);
                tick.keep_closed(node, until);
                self.memory.out.insert(node.0, tick.now());
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
        let nodes = view.nodes().len();
        let all = self.memory.machines.keys().chain(self.memory.out.keys());
        all.copied().all(|node| (node as usize) < nodes)
    }
}
