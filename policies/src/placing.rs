//! What all placement policies share: who needs a machine, and the round through them.
//!
//! A tenant needs a machine when it has none, when its machine is being emptied, or when somebody
//! waits for it and its own machine has no room to wake it. How to choose among machines is the
//! policy's own.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use seatrial_contract::view::{NodeState, Phase};
use seatrial_contract::{
    Action, ClusterView, Footprint, Memory, MemoryError, NodeId, Policy, Reason, Stage, Target,
    TenantId, Tick, TierId,
};
use serde::{Deserialize, Serialize};

/// Chooses among machines that have room.
pub(crate) trait Choose {
    /// How many tenants may be on the move off machines that are emptied.
    fn moves_at_once(&self) -> u32;
    /// The machine and why; `candidates` is never empty.
    fn choose(&self, tick: &Tick<'_>, candidates: &[NodeId], need: Footprint) -> (NodeId, Reason);
}

/// A placement policy: who waits for a machine, and its own way to choose one.
pub(crate) struct Placing<C> {
    choose: C,
    waiting: Waiting,
}

impl<C> Placing<C> {
    pub(crate) fn new(choose: C) -> Self {
        Self { choose, waiting: Waiting::default() }
    }
}

impl<C: Choose + Send> Policy for Placing<C> {
    fn decide(&mut self, tick: &mut Tick<'_>) {
        self.waiting.round(tick, &self.choose);
    }
    fn save(&self) -> Memory {
        Memory::of(&self.waiting)
    }
    fn restore(&mut self, memory: &Memory) -> Result<(), MemoryError> {
        self.waiting = memory.read()?;
        Ok(())
    }
    fn fits(&self, view: &ClusterView) -> bool {
        self.waiting.tenants.iter().all(|(_, id)| id.index() < view.tenants().len())
            && self.waiting.emptying.iter().all(|id| id.index() < view.nodes().len())
    }
}

/// Who waits for a machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting {
    /// The most urgent first: priority counted down, then the longest known.
    tenants: BTreeSet<(u8, TenantId)>,
    emptying: BTreeSet<NodeId>,
    /// The last round found no room for some, with room as it was at this version.
    tried_at: Option<u64>,
}

/// What a tenant needs of a placement policy.
enum Need {
    Nothing,
    Place,
    Wake { from: NodeId },
    Leave { from: NodeId },
}

impl Waiting {
    /// One tick: notes who needs a machine and goes round them.
    fn round(&mut self, tick: &mut Tick<'_>, choose: &dyn Choose) {
        self.note(tick);
        let version = tick.room_version();
        if self.tenants.is_empty() || self.tried_at == Some(version) {
            return;
        }
        self.tried_at = Some(version);
        let mut round = Round { choose, candidates: Vec::new(), in_vain: Vec::new(), later: false };
        for (rank, tenant) in self.tenants.iter().copied().collect::<Vec<_>>() {
            let need = need_of(tick, tenant);
            if matches!(need, Need::Nothing) {
                self.tenants.remove(&(rank, tenant));
            } else if !tick.is_busy(Target::Tenant(tenant)) {
                round.serve(tick, tenant, &need);
            }
        }
        if round.later {
            self.tried_at = None;
        }
    }

    fn note(&mut self, tick: &Tick<'_>) {
        let view = tick.view;
        for id in view.changes().nodes() {
            if !view.node(*id).draining {
                self.emptying.remove(id);
            } else if self.emptying.insert(*id) {
                let here = view.tenants().iter().enumerate();
                for (index, _) in here.filter(|(_, tenant)| tenant.node == Some(*id)) {
                    self.add(tick, TenantId::at(index));
                }
            }
        }
        for id in view.changes().tenants() {
            if !matches!(need_of(tick, *id), Need::Nothing) {
                self.add(tick, *id);
            }
        }
    }

    fn add(&mut self, tick: &Tick<'_>, id: TenantId) {
        let tier = tick.view.tenant(id).tier;
        let rank = u8::MAX - tick.view.tiers()[tier.index()].priority as u8;
        if self.tenants.insert((rank, id)) {
            self.tried_at = None;
        }
    }
}

fn need_of(tick: &Tick<'_>, id: TenantId) -> Need {
    let row = tick.view.tenant(id);
    match (row.phase, row.node) {
        (Phase::Gone | Phase::Missing | Phase::Starting, _) => Need::Nothing,
        (_, None) => Need::Place,
        (_, Some(from)) if tick.view.node(from).draining => Need::Leave { from },
        (_, Some(from)) if row.wanted_since.is_some() && row.stage != Stage::AWAKE => {
            Need::Wake { from }
        }
        _ => Need::Nothing,
    }
}

/// One round through those who wait.
struct Round<'a> {
    choose: &'a dyn Choose,
    candidates: Vec<NodeId>,
    /// What found no room, by tier: whoever needs as much finds none either.
    in_vain: Vec<(TierId, Footprint, u32)>,
    /// Somebody waits for something else than room.
    later: bool,
}

impl Round<'_> {
    fn serve(&mut self, tick: &mut Tick<'_>, tenant: TenantId, need: &Need) {
        let (row, target) = (*tick.view.tenant(tenant), Target::Tenant(tenant));
        let footprint = match need {
            Need::Nothing => return,
            // Its own machine can wake it: that is for the policy of sleep to do.
            Need::Wake { from } if tick.has_room(*from, row.missing()) => return,
            Need::Place | Need::Wake { .. } | Need::Leave { .. } => tick.view.need(tenant),
        };
        if let Need::Leave { .. } = need {
            let moving = tick.book().moving() + tick.view.starting();
            let limit = self.choose.moves_at_once();
            if moving >= limit {
                self.later = true;
                return tick.hold(target, Reason::MovesAtOnce { moving, limit });
            }
        }
        let known = |of: &&(TierId, Footprint, u32)| of.0 == row.tier && footprint.fits(of.1);
        if let Some((.., eligible)) = self.in_vain.iter().find(known).copied() {
            return tick.hold(target, Reason::NoRoom { eligible, asked: footprint.cpu });
        }
        let eligible = gather(tick, row.tier, row.node, footprint, &mut self.candidates);
        if self.candidates.is_empty() {
            self.in_vain.push((row.tier, footprint, eligible));
            return tick.hold(target, Reason::NoRoom { eligible, asked: footprint.cpu });
        }
        let (node, reason) = self.choose.choose(tick, &self.candidates, footprint);
        let action = match *need {
            Need::Wake { from } | Need::Leave { from } => Action::Move { tenant, from, node },
            Need::Place | Need::Nothing => Action::Place { tenant, node },
        };
        // A guard that refused may let it pass at the next tick.
        self.later |= !tick.act(action, reason);
    }
}

/// The machines that take one tenant more of this tier; says how many take the tier at all.
fn gather(
    tick: &Tick<'_>,
    tier: TierId,
    home: Option<NodeId>,
    need: Footprint,
    candidates: &mut Vec<NodeId>,
) -> u32 {
    candidates.clear();
    let mut eligible = 0;
    for (index, node) in tick.view.nodes().iter().enumerate() {
        let id = NodeId::at(index);
        if node.state != NodeState::Ready || !tick.view.takes(node.pool, tier) || home == Some(id) {
            continue;
        }
        eligible += 1;
        if tick.takes_one_more(id, need) {
            candidates.push(id);
        }
    }
    eligible
}
