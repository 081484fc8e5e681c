//! The fleet as preconditions and effects ask for it: as it is, not as it is seen.

use crate::cuts::{self, Lost};
use crate::nodes::{self, room};
use crate::places::Stands;
use crate::tenants::Phase;
use crate::{Fleet, Hosts};
use seatrial_contract::view::{Database, NodeState, Phase as Seen, Release};
use seatrial_contract::{
    DatabaseId, Footprint, NodeFacts, NodeId, PoolId, PoolerId, ServiceId, Stage, State, TenantId,
    TierId, UnitId,
};
use seatrial_traffic::limits;

impl<E: Hosts> State for Fleet<E> {
    fn phase(&self, tenant: TenantId) -> Seen {
        match self.tenants[tenant.index()].phase {
            Phase::Homeless => Seen::Homeless,
            Phase::Queued | Phase::Starting | Phase::Restoring => Seen::Starting,
            Phase::Settled => Seen::Settled,
            Phase::Down => Seen::Broken,
            Phase::Gone => Seen::Gone,
        }
    }

    fn home(&self, tenant: TenantId) -> Option<NodeId> {
        self.tenants[tenant.index()].node
    }

    fn stage(&self, tenant: TenantId) -> Stage {
        self.tenants[tenant.index()].stage
    }

    fn is_visited(&self, tenant: TenantId) -> bool {
        let visits = &self.tenants[tenant.index()].visits;
        visits.in_session || visits.wanted
    }

    fn requests(&self, tenant: TenantId, unit: UnitId) -> Option<Footprint> {
        let tenant = &self.tenants[tenant.index()];
        let index = unit.index().checked_sub(tenant.parts.first.index())?;
        Some(tenant.requested(index, self.design.parts(tenant).get(index)?))
    }

    fn has_room(&self, unit: UnitId, more: Footprint) -> bool {
        // Parts are numbered one after the other, over all tenants.
        let after = self.tenants.partition_point(|tenant| tenant.parts.first <= unit);
        let Some(tenant) = after.checked_sub(1).map(|at| &self.tenants[at]) else { return false };
        let index = unit.index() - tenant.parts.first.index();
        let Some(part) = self.design.parts(tenant).get(index) else { return false };
        !tenant.is_told(part) || tenant.node.is_none_or(|node| room(self, node).fits(more))
    }

    fn node(&self, node: NodeId) -> NodeFacts {
        // Who steers cannot tell a machine that is lost from one that no way leads to.
        let is_unreached = cuts::lost(self, Stands::Policies, node) != Lost::default();
        let node = &self.nodes[node.index()];
        NodeFacts {
            state: match node.state {
                nodes::State::Booting => NodeState::Booting,
                nodes::State::Ready if is_unreached => NodeState::Lost,
                nodes::State::Ready => NodeState::Ready,
                nodes::State::Down(_) => NodeState::Lost,
                nodes::State::Gone => NodeState::Gone,
            },
            is_closed: node.closed.cordoned || node.closed.draining,
            is_empty: node.tenants.is_empty() && node.replicas.requested == Footprint::default(),
        }
    }

    fn machines(&self, pool: PoolId) -> (u32, u32) {
        let here = self.nodes.iter().filter(|node| node.pool == pool && !node.is_gone()).count();
        (u32::try_from(here).unwrap_or(u32::MAX), self.design.pools[pool.index()].most)
    }

    fn limit(&self, pooler: PoolerId, tier: TierId) -> Option<u32> {
        limits::limit(&self.traffic.stations, pooler, tier)
    }

    fn replicas_wanted(&self, service: ServiceId) -> u32 {
        self.replicas.services[service.index()].wanted
    }

    fn release(&self, service: ServiceId) -> Release {
        self.replicas.services[service.index()].releases.row()
    }

    fn database(&self, database: DatabaseId) -> Option<Database> {
        crate::databases::look(self, database)
    }
}
