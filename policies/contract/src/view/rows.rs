//! The rows of a view.

use super::Footprint;
use crate::units::{Moment, Ppm};
use crate::{NodeId, PoolId, Priority, Stage, TenantId, TierId, UnitId, ZoneId, words};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Tenants who pay for the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tier {
    /// Its name, by which policies are configured.
    pub name: String,
    /// Who goes first.
    pub priority: Priority,
}

/// A pool of equal machines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// Its name.
    pub name: String,
    /// The tiers it takes; all where empty.
    pub tiers: Vec<TierId>,
    /// The fewest machines it may have.
    pub least: u32,
    /// The most machines it may have.
    pub most: u32,
    /// The most tenants one of its machines holds.
    pub tenants_most: u32,
    /// Cpu that may be promised over cpu that is there.
    pub overcommit_cpu: Ppm,
    /// Memory that may be promised over memory that is there.
    pub overcommit_memory: Ppm,
    /// Sums over its machines, kept by the view.
    #[serde(skip)]
    pub sums: PoolSums,
}

/// Sums over a pool's machines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolSums {
    /// Machines that are ready, those that take no tenants included.
    pub ready: u32,
    /// Machines ordered and not yet ready.
    pub booting: u32,
    /// Ready machines that take no tenants.
    pub closed: u32,
    /// What the ready machines have.
    pub capacity: Footprint,
    /// What is promised on them, to tenants and to others.
    pub promised: Footprint,
    /// What was last seen in use on them.
    pub used: Footprint,
    /// Ready machines whose use the last sweep did not confirm.
    pub unconfirmed: u32,
    /// Tenants that live on them.
    pub tenants: u32,
    /// Machines that no longer answer.
    pub lost: u32,
    /// Tenants that live on those.
    pub tenants_lost: u32,
}

words! {
    /// How a machine is.
    pub enum NodeState {
        /// Ordered, not there yet.
        Booting = "booting",
        /// There.
        Ready = "ready",
        /// It no longer answers.
        Lost = "lost",
        /// Given back, for good.
        Gone = "gone",
    }
}

/// A machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// Its pool.
    pub pool: PoolId,
    /// Its zone.
    pub zone: ZoneId,
    /// How it is.
    pub state: NodeState,
    /// It takes no new tenants.
    pub cordoned: bool,
    /// Those it holds are to be moved away.
    pub draining: bool,
    /// What it has.
    pub capacity: Footprint,
    /// In this state since.
    pub since: Moment,
    /// What its units may take, kept by the view.
    pub promised: Footprint,
    /// Tenants that live on it, kept by the view.
    pub tenants: u32,
    /// What is requested there by containers that are neither a tenant's nor a replica's, as far as
    /// the host sees any.
    #[serde(default, skip_serializing_if = "Footprint::is_nothing")]
    pub beside: Footprint,
    /// What is requested there by others than tenants, kept by the view: replicas of services, and
    /// what is beside them.
    #[serde(default, skip_serializing_if = "Footprint::is_nothing")]
    pub others: Footprint,
    #[serde(skip)]
    pub(super) changed: bool,
}

words! {
    /// What a tenant is going through.
    pub enum Phase {
        /// It has no machine.
        Homeless = "homeless",
        /// Its stack is on the way up.
        Starting = "starting",
        /// What its stage lets run, runs.
        Settled = "settled",
        /// Something that its stage lets run does not, and nothing brings it up.
        Broken = "broken",
        /// Its machine answers and does not know it any more.
        Missing = "missing",
        /// It left for good.
        Gone = "gone",
    }
}

words! {
    /// How what is seen of a tenant contradicts itself. Until that is settled nothing is done to it
    /// but to wake it.
    pub enum Conflict {
        /// It does not.
        None = "none",
        /// Its containers name different tiers.
        Tier = "tier",
        /// One of its containers runs on two machines at the same time.
        RunsTwice = "runs-twice",
        /// One of its containers is there and could not be looked at.
        Unclear = "unclear",
    }
}

/// A tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// What it pays for.
    pub tier: TierId,
    /// Where it lives.
    pub node: Option<NodeId>,
    /// How deeply it sleeps, or will once its phase is settled.
    pub stage: Stage,
    /// What it is going through.
    pub phase: Phase,
    /// Somebody waits for it since then.
    pub wanted_since: Option<Moment>,
    /// It was there by then and not before, as far as that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Moment>,
    /// What is seen of it contradicts itself.
    #[serde(default, skip_serializing_if = "Conflict::is_none")]
    pub conflict: Conflict,
    /// What all of its units may take, kept by the view.
    pub whole: Footprint,
    /// What its units may take that are promised now, kept by the view.
    pub promised: Footprint,
    pub(super) first_unit: Option<UnitId>,
    #[serde(skip)]
    pub(super) changed: bool,
}

words! {
    /// How a container is.
    pub enum UnitState {
        /// It does not run and holds nothing.
        Stopped = "stopped",
        /// It is on its way up.
        Starting = "starting",
        /// It runs.
        Running = "running",
        /// It was killed for want of memory and will come back.
        Killed = "killed",
        /// It stands still and keeps what it holds.
        Paused = "paused",
        /// It was removed, for good.
        Gone = "gone",
    }
}

/// A container.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Whose it is.
    pub tenant: TenantId,
    /// Where it is.
    pub node: Option<NodeId>,
    /// How it is.
    pub state: UnitState,
    /// From which stage of sleep on it stands still; never where absent.
    pub stops_at: Option<Stage>,
    /// What it may take.
    pub requested: Footprint,
    /// In this state since.
    pub since: Moment,
    pub(super) next_of_tenant: Option<UnitId>,
}

impl Node {
    /// A machine of this pool and zone, with nobody on it.
    #[must_use]
    pub fn new(pool: PoolId, zone: ZoneId, state: NodeState, capacity: Footprint) -> Self {
        Self {
            pool,
            zone,
            state,
            cordoned: false,
            draining: false,
            capacity,
            since: Moment::START,
            promised: Footprint::default(),
            tenants: 0,
            beside: Footprint::default(),
            others: Footprint::default(),
            changed: false,
        }
    }

    /// What is promised to tenants and requested by others.
    #[must_use]
    pub fn taken(&self) -> Footprint {
        self.promised.plus(self.others)
    }

    /// Whether no tenant lives there and no replica stands there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tenants == 0 && self.others == self.beside
    }

    /// Whether it takes new tenants.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state == NodeState::Ready && !self.cordoned && !self.draining
    }
}

impl Tenant {
    /// A tenant of this tier without a machine.
    #[must_use]
    pub fn new(tier: TierId) -> Self {
        Self {
            tier,
            node: None,
            stage: Stage::AWAKE,
            phase: Phase::Homeless,
            wanted_since: None,
            since: None,
            conflict: Conflict::None,
            whole: Footprint::default(),
            promised: Footprint::default(),
            first_unit: None,
            changed: false,
        }
    }

    /// What waking it adds to what its machine has promised.
    #[must_use]
    pub fn missing(&self) -> Footprint {
        self.whole.minus(self.promised)
    }
}

impl Unit {
    /// A container of this tenant.
    #[must_use]
    pub fn new(
        tenant: TenantId,
        node: Option<NodeId>,
        state: UnitState,
        stops_at: Option<Stage>,
        requested: Footprint,
    ) -> Self {
        let since = Moment::START;
        Self { tenant, node, state, stops_at, requested, since, next_of_tenant: None }
    }
}

#[expect(clippy::derivable_impls, reason = "`words!` leaves no place to mark a default")]
impl Default for Conflict {
    fn default() -> Self {
        Self::None
    }
}

impl Conflict {
    /// Whether there is none.
    #[must_use]
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

impl Phase {
    /// Whether the tenant is there to be seen.
    #[must_use]
    pub fn is_present(self) -> bool {
        !matches!(self, Self::Gone | Self::Missing)
    }
}

impl UnitState {
    /// Whether its request counts as promised.
    #[must_use]
    pub fn is_promised(self) -> bool {
        !matches!(self, Self::Stopped | Self::Gone)
    }
}
