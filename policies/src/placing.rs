//! What all placement policies share: who needs a machine, and the round through them.
//!
//! A tenant needs a machine when it has none, when its machine is being emptied, or when somebody
//! waits for it and its own machine has no room to wake it. How to choose among machines is the
//! policy's own.

mod choice;
mod index;
mod tree;

pub(crate) use choice::{Asked, Chosen, Machine, Need, Place, Zone};

use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use index::{COMPARED_MOST, Found, Index, scan};
use seatrial_contract::view::{NodeState, Phase};
use seatrial_contract::{
    Action, ClusterView, Memory, MemoryError, NodeId, Policy, PoolId, Reason, Stage, Target,
    TenantId, Tick, TierId,
};
use serde::{Deserialize, Serialize};

/// A placement policy: who waits for a machine, and its own way to choose one.
pub(crate) struct Placing<P> {
    policy: P,
    waiting: Waiting,
    index: Index,
}

impl<P> Placing<P> {
    pub(crate) fn new(policy: P) -> Self {
        Self { policy, waiting: Waiting::default(), index: Index::default() }
    }
}

impl<P: Place> Policy for Placing<P> {
    fn decide(&mut self, tick: &mut Tick<'_>) {
        self.index.note(tick);
        self.round(tick);
    }
    fn save(&self) -> Memory {
        Memory::of(&Saved { waiting: self.waiting.clone(), own: self.policy.save() })
    }
    fn restore(&mut self, memory: &Memory) -> Result<(), MemoryError> {
        let Saved { waiting, own } = memory.read()?;
        self.waiting = waiting;
        self.index = Index::default();
        own.map_or(Ok(()), |own| self.policy.restore(&own))
    }
    fn fits(&self, view: &ClusterView) -> bool {
        self.waiting.tenants.iter().all(|(_, id)| id.index() < view.tenants().len())
            && self.waiting.emptying.iter().all(|id| id.index() < view.nodes().len())
    }
}

/// What a placement policy remembers.
#[derive(Serialize, Deserialize)]
struct Saved {
    #[serde(flatten)]
    waiting: Waiting,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    own: Option<Memory>,
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

/// What a tenant wants of a placement policy.
enum Wants {
    Nothing,
    Place,
    Wake { from: NodeId },
    Leave { from: NodeId },
}

impl Waiting {
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
            if !matches!(wants_of(tick, *id), Wants::Nothing) {
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

fn wants_of(tick: &Tick<'_>, id: TenantId) -> Wants {
    let row = tick.view.tenant(id);
    match row.phase {
        Phase::Gone | Phase::Missing | Phase::Starting => return Wants::Nothing,
        Phase::Homeless | Phase::Settled | Phase::Broken => {}
    }
    let is_wanted = row.wanted_since.is_some() && row.stage != Stage::AWAKE;
    match row.node {
        None => Wants::Place,
        Some(from) if tick.view.node(from).draining => Wants::Leave { from },
        Some(from) if is_wanted => Wants::Wake { from },
        Some(_) => Wants::Nothing,
    }
}

/// One round through those who wait.
#[derive(Default)]
struct Round {
    /// What is kept of machines is up to date.
    is_fresh: bool,
    /// What found no room, by tier: a tenant that needs as much finds none either.
    in_vain: Vec<(Need, u32)>,
    /// Somebody waits for something else than room.
    later: bool,
}

impl<P: Place> Placing<P> {
    /// One tick: notes who needs a machine and goes round them.
    fn round(&mut self, tick: &mut Tick<'_>) {
        self.waiting.note(tick);
        let version = tick.room_version();
        if self.waiting.tenants.is_empty() || self.waiting.tried_at == Some(version) {
            return;
        }
        self.waiting.tried_at = Some(version);
        let mut round = Round::default();
        for (rank, tenant) in self.waiting.tenants.iter().copied().collect::<Vec<_>>() {
            let wants = wants_of(tick, tenant);
            if matches!(wants, Wants::Nothing) {
                self.waiting.tenants.remove(&(rank, tenant));
            } else if !tick.is_busy(Target::Tenant(tenant)) {
                self.serve(tick, tenant, &wants, &mut round);
            }
        }
        if round.later {
            self.waiting.tried_at = None;
        }
    }

    fn serve(&mut self, tick: &mut Tick<'_>, tenant: TenantId, wants: &Wants, round: &mut Round) {
        let (row, target) = (*tick.view.tenant(tenant), Target::Tenant(tenant));
        let footprint = match wants {
            Wants::Nothing => return,
            // Its own machine can wake it: that is for the policy of sleep to do.
            Wants::Wake { from } if tick.has_room(*from, row.missing()) => return,
            Wants::Place | Wants::Wake { .. } | Wants::Leave { .. } => tick.view.need(tenant),
        };
        if let Wants::Leave { .. } = wants {
            let moving = tick.book().moving() + tick.view.starting();
            let limit = self.policy.moves_at_once();
            if moving >= limit {
                round.later = true;
                return tick.hold(target, Reason::MovesAtOnce { moving, limit });
            }
        }
        let asked = Asked { tenant, home: row.node, need: Need { tier: row.tier, footprint } };
        if let Some(reason) = self.policy.refuses(tick, &asked) {
            round.later = true;
            return tick.hold(target, reason);
        }
        let known = |of: &&(Need, u32)| of.0.tier == row.tier && footprint.fits(of.0.footprint);
        if let Some((_, eligible)) = round.in_vain.iter().find(known).copied() {
            return tick.hold(target, Reason::NoRoom { eligible, asked: footprint.cpu });
        }
        match self.search(tick, &asked, round) {
            Found::None => {
                let eligible = eligible(tick, row.tier, row.node);
                round.in_vain.push((asked.need, eligible));
                tick.hold(target, Reason::NoRoom { eligible, asked: footprint.cpu });
            }
            Found::Refused(reason) => tick.hold(target, reason),
            Found::Node { node, rank, zone, of } => {
                let machine = self.index.machine(node);
                let reason = self.policy.reason(&Chosen { node, machine, rank, zone, of });
                let action = match *wants {
                    Wants::Wake { from } | Wants::Leave { from } => {
                        Action::Move { tenant, from, node }
                    }
                    Wants::Place | Wants::Nothing => Action::Place { tenant, node },
                };
                if tick.act(action, reason) {
                    self.index.placed(tick, &asked, node);
                    self.policy.placed(tick, &asked, node);
                } else {
                    // A guard that refused may let it pass at the next tick.
                    round.later = true;
                }
            }
        }
    }

    fn search(&mut self, tick: &Tick<'_>, asked: &Asked, round: &mut Round) -> Found {
        if !core::mem::replace(&mut round.is_fresh, true) {
            self.index.refresh(tick);
        }
        let found = self.index.search(&self.policy, tick, asked);
        let compares = cfg!(debug_assertions) && tick.view.tenants().len() <= COMPARED_MOST;
        debug_assert!(
            !compares || found == scan(&self.policy, tick, asked),
            "{found:?}: {asked:?}"
        );
        found
    }
}

/// How many machines take the tier at all, its own aside.
fn eligible(tick: &Tick<'_>, tier: TierId, home: Option<NodeId>) -> u32 {
    let view = tick.view;
    let pools = (0..view.pools().len()).map(PoolId::at).filter(|pool| view.takes(*pool, tier));
    let ready: u32 = pools.map(|pool| view.pool(pool).sums.ready).sum();
    let counted = |home: NodeId| {
        let node = view.node(home);
        node.state == NodeState::Ready && view.takes(node.pool, tier)
    };
    ready.saturating_sub(u32::from(home.is_some_and(counted)))
}
