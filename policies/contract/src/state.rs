//! What must be true for an action, and what shows that it has worked: judged in one place, over a cluster as it
//! is seen or as it is. Knows no host.

use crate::view::{Database, Health, NodeState, Phase, Release};
use crate::{
    Action, ClusterView, DatabaseId, Effect, Footprint, NodeId, PoolId, PoolerId, Precondition,
    ServiceId, Stage, Target, TenantId, TierId, UnitId,
};

/// What is asked of a cluster.
pub trait State {
    /// What a tenant is going through.
    fn phase(&self, tenant: TenantId) -> Phase;
    /// Where it lives.
    fn home(&self, tenant: TenantId) -> Option<NodeId>;
    /// How deeply it sleeps.
    fn stage(&self, tenant: TenantId) -> Stage;
    /// Whether somebody is there, or waits for it, as far as that is known.
    fn is_visited(&self, tenant: TenantId) -> bool;
    /// What one of its containers requests; none where it is not its own.
    fn requests(&self, tenant: TenantId, unit: UnitId) -> Option<Footprint>;
    /// Whether the machine of a container has room for so much more of it.
    fn has_room(&self, unit: UnitId, more: Footprint) -> bool;
    /// How a machine is, and what is not to come to it any more.
    fn node(&self, node: NodeId) -> NodeFacts;
    /// Machines of a pool, those ordered included, and the most that there may be.
    fn machines(&self, pool: PoolId) -> (u32, u32);
    /// To how many connections a tier is limited.
    fn limit(&self, pooler: PoolerId, tier: TierId) -> Option<u32>;
    /// How many replicas a service should have.
    fn replicas_wanted(&self, service: ServiceId) -> u32;
    /// Which release a service runs, or comes back to.
    fn release(&self, service: ServiceId) -> Release;
    /// How a database is, and which backups there are of it, as far as that is known.
    fn database(&self, database: DatabaseId) -> Option<Database>;
}

/// A machine, as preconditions and effects ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeFacts {
    /// How it is.
    pub state: NodeState,
    /// It takes no new tenants.
    pub is_closed: bool,
    /// Nobody lives on it, and no replica stands there.
    pub is_empty: bool,
}

impl Action {
    /// Whether all that must be true for it is so.
    pub fn may_be_done(&self, state: &impl State) -> bool {
        self.preconditions().iter().all(|of| of.holds(self.target(), state))
    }
}

impl Precondition {
    /// Whether it is so. One that is about another kind of target is not.
    pub fn holds(self, target: Target, state: &impl State) -> bool {
        let (tenant, node) = (target.tenant(), target.node());
        match self {
            Self::Homeless => tenant.is_some_and(|id| state.phase(id) == Phase::Homeless),
            Self::LivesOn(node) => tenant.is_some_and(|id| state.home(id) == Some(node)),
            Self::LivesElsewhere(node) => tenant.is_some_and(|id| state.home(id) != Some(node)),
            Self::LighterThan(stage) => tenant.is_some_and(|id| state.stage(id) < stage),
            Self::Settled => tenant.is_some_and(|id| state.phase(id) == Phase::Settled),
            Self::Unvisited => tenant.is_some_and(|id| !state.is_visited(id)),
            Self::Asleep => tenant.is_some_and(|id| state.stage(id) != Stage::AWAKE),
            Self::Requests(unit, footprint) => {
                tenant.is_some_and(|id| state.requests(id, unit) == Some(footprint))
            }
            Self::HasRoom(unit, more) => state.has_room(unit, more),
            Self::PoolMayGrow(count) => target.pool().is_some_and(|pool| {
                let (machines, most) = state.machines(pool);
                machines.saturating_add(count) <= most
            }),
            Self::NodeIsReady(node) => state.node(node).state == NodeState::Ready,
            Self::NodeIsLost(node) => state.node(node).state == NodeState::Lost,
            Self::NodeIsThere => node.is_some_and(|id| state.node(id).state != NodeState::Gone),
            Self::NodeIsEmpty => node.is_some_and(|id| state.node(id).is_empty),
            Self::LimitIs(most) => is_limited(target, most, state),
            Self::ReplicasWanted(count) => are_wanted(target, count, state),
            Self::ReleaseIs(release) => release_of(target, state).0 == Some(release),
            Self::ReleaseWas(release) => release_of(target, state).1 == Some(release),
            Self::DatabaseServes => {
                database(target, state).is_some_and(|of| of.health == Health::Serves)
            }
            Self::DatabaseIsLost => database(target, state).is_some_and(|of| of.is_lost()),
            Self::HasBackup => database(target, state).is_some_and(|of| of.newest.is_some()),
            Self::BackupsAre(count) => {
                database(target, state).is_some_and(|of| of.backups == count)
            }
            Self::RestoresAre(count) => {
                database(target, state).is_some_and(|of| of.restores == count)
            }
            Self::HasHeir => database(target, state).is_some_and(|of| of.heir.is_some()),
            Self::FailoversAre(count) => {
                database(target, state).is_some_and(|of| of.failovers == count)
            }
        }
    }
}

impl Effect {
    /// Whether it can be seen. One that is about another kind of target cannot.
    pub fn is_seen(self, target: Target, state: &impl State) -> bool {
        let (tenant, node) = (target.tenant(), target.node());
        match self {
            Self::LivesOn(node) => tenant.is_some_and(|id| state.home(id) == Some(node)),
            Self::Homeless => tenant.is_some_and(|id| state.home(id).is_none()),
            Self::StageIs(Stage::AWAKE) => tenant.is_some_and(|id| state.stage(id) == Stage::AWAKE),
            Self::StageIs(stage) => tenant.is_some_and(|id| state.stage(id) >= stage),
            Self::Requests(unit, footprint) => {
                tenant.is_some_and(|id| state.requests(id, unit) == Some(footprint))
            }
            Self::Cordoned => node.is_some_and(|id| {
                let node = state.node(id);
                node.is_closed || node.state == NodeState::Gone
            }),
            Self::Open => node.is_some_and(|id| {
                let node = state.node(id);
                node.state == NodeState::Ready && !node.is_closed
            }),
            Self::Gone => node.is_some_and(|id| state.node(id).state == NodeState::Gone),
            Self::PoolHas(count) => target.pool().is_some_and(|id| state.machines(id).0 >= count),
            Self::LimitIs(most) => is_limited(target, most, state),
            Self::ReplicasWanted(count) => are_wanted(target, count, state),
            Self::ReleaseIs(release) => release_of(target, state).0 == Some(release),
            Self::BackupsAre(count) => {
                database(target, state).is_some_and(|of| of.backups >= count)
            }
            Self::RestoresAre(count) => {
                database(target, state).is_some_and(|of| of.restores >= count)
            }
            Self::FailoversAre(count) => {
                database(target, state).is_some_and(|of| of.failovers >= count)
            }
        }
    }
}

fn is_limited(target: Target, most: u32, state: &impl State) -> bool {
    target.connections().is_some_and(|(pooler, tier)| state.limit(pooler, tier) == Some(most))
}

fn are_wanted(target: Target, count: u32, state: &impl State) -> bool {
    target.service().is_some_and(|service| state.replicas_wanted(service) == count)
}

fn database(target: Target, state: &impl State) -> Option<Database> {
    state.database(target.database()?)
}

/// The release that a service runs, and the one before it.
fn release_of(target: Target, state: &impl State) -> (Option<u32>, Option<u32>) {
    let release = target.service().map(|service| state.release(service));
    (release.map(|of| of.number), release.and_then(|of| of.before))
}

/// The cluster as it is seen.
impl State for ClusterView {
    fn phase(&self, tenant: TenantId) -> Phase {
        self.tenant(tenant).phase
    }

    fn home(&self, tenant: TenantId) -> Option<NodeId> {
        self.tenant(tenant).node
    }

    fn stage(&self, tenant: TenantId) -> Stage {
        self.tenant(tenant).stage
    }

    fn is_visited(&self, tenant: TenantId) -> bool {
        let there = self.sessions().get(tenant.index()).is_some_and(|reading| reading.value);
        there || self.tenant(tenant).wanted_since.is_some()
    }

    fn requests(&self, tenant: TenantId, unit: UnitId) -> Option<Footprint> {
        let row = self.units().get(unit.index()).filter(|row| row.tenant == tenant)?;
        Some(row.requested)
    }

    fn has_room(&self, unit: UnitId, more: Footprint) -> bool {
        let row = self.units()[unit.index()];
        let fits = |node| self.room(node).fits(more);
        !row.state.is_promised() || row.node.is_none_or(fits)
    }

    fn node(&self, node: NodeId) -> NodeFacts {
        let row = ClusterView::node(self, node);
        let is_empty = row.tenants == 0 && row.others.minus(row.beside).is_nothing();
        NodeFacts { state: row.state, is_closed: row.cordoned || row.draining, is_empty }
    }

    fn machines(&self, pool: PoolId) -> (u32, u32) {
        let row = self.pool(pool);
        (row.sums.ready + row.sums.booting, row.most)
    }

    fn limit(&self, pooler: PoolerId, tier: TierId) -> Option<u32> {
        self.connections(pooler, tier).map(|reading| reading.value.most)
    }

    fn replicas_wanted(&self, service: ServiceId) -> u32 {
        self.service(service).wanted
    }

    fn release(&self, service: ServiceId) -> Release {
        self.service(service).release
    }

    fn database(&self, database: DatabaseId) -> Option<Database> {
        self.database(database).map(|of| of.value)
    }
}
