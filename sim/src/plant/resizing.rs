//! Parts that request more or less than their stack lays down. What they use stays what it was.
//! Knows no policy.

use super::{Event, Phase, Tenant, World};
use crate::plant::design::PartDesign;
use seatrial_contract::units::{Bytes, MilliCores, Span};
use seatrial_contract::{Footprint, NodeId, TenantId, UnitId};
use seatrial_format::scenario::{Limits, Resizing};
use std::sync::Arc;

/// What a part requests, and what it may use at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    requested: Footprint,
    limit: Option<Footprint>,
}

impl Tenant {
    /// What a part requests.
    pub(crate) fn requested(&self, index: usize, part: &PartDesign) -> Footprint {
        self.sizes.as_ref().map_or(part.requested, |sizes| sizes[index].requested)
    }

    /// What a part may use at most.
    pub(crate) fn limit(&self, index: usize, part: &PartDesign) -> Option<Footprint> {
        self.sizes.as_ref().map_or(part.limit, |sizes| sizes[index].limit)
    }

    /// Whether a part was told to run: then its request is promised, started or not.
    pub(crate) fn is_told(&self, part: &PartDesign) -> bool {
        let lives = self.node.is_some() && self.phase != Phase::Gone;
        lives && part.stops_at.is_none_or(|at| self.stage < at)
    }
}

impl World {
    /// Has a part request something else from now on, if it requests what was thought and its machine
    /// has room for more.
    pub(crate) fn resize(
        &mut self,
        id: TenantId,
        unit: UnitId,
        from: Footprint,
        to: Footprint,
    ) -> bool {
        let tenant = &self.tenants[id.index()];
        let parts = self.design.parts(tenant);
        let index = unit.index().checked_sub(tenant.first_unit.index());
        let Some((index, part)) = index.and_then(|index| Some((index, parts.get(index)?))) else {
            return false;
        };
        let told = tenant.is_told(part);
        let fits = |node| !told || self.room(node).fits(to.minus(from));
        if tenant.requested(index, part) != from || !tenant.node.is_none_or(fits) {
            return false;
        }
        let limits = self.design.limits;
        let designed = |part: &PartDesign| Size { requested: part.requested, limit: part.limit };
        let mut sizes: Vec<Size> = match &tenant.sizes {
            Some(sizes) => sizes.to_vec(),
            None => parts.iter().map(designed).collect(),
        };
        let limit = part.limit.map(|limit| match limits {
            Limits::Kept => limit,
            Limits::Scaled => scaled(limit, part.requested, to),
        });
        sizes[index] = Size { requested: to, limit };
        let running = tenant.part_runs(index, part);
        self.tenants[id.index()].sizes = Some(Arc::from(sizes));
        self.measures.resizes += 1;
        if running && self.design.resizing == Resizing::Restart {
            self.restart(id, index);
        }
        self.refresh(id);
        self.check_limits(id);
        true
    }

    /// What a machine may still promise.
    fn room(&self, id: NodeId) -> Footprint {
        let node = &self.nodes[id.index()];
        let pool = self.view.pool(node.pool);
        let aboard = node.aboard.iter();
        let promised = aboard.map(|id| self.tenants[id.index()].draws.requested);
        let promised = promised.fold(Footprint::default(), Footprint::plus);
        let most = Footprint {
            cpu: node.capacity.cpu.part(pool.overcommit_cpu),
            memory: node.capacity.memory.part(pool.overcommit_memory),
        };
        most.minus(promised)
    }

    /// A part is taken down and comes back with its new size.
    fn restart(&mut self, id: TenantId, part: usize) {
        self.count_interruption(id);
        let tenant = &mut self.tenants[id.index()];
        tenant.restarting |= 1 << part;
        tenant.starts += 1;
        let turn = tenant.starts;
        let takes = self.start_takes(id, turn).max(Span::seconds(1));
        self.later(takes, Event::Revived(id, u8::try_from(part).unwrap_or(u8::MAX)));
    }
}

/// A limit that stays as many times the request as it was.
fn scaled(limit: Footprint, before: Footprint, after: Footprint) -> Footprint {
    let times = |limit: u64, before: u64, after: u64| {
        let product = u128::from(limit) * u128::from(after);
        u64::try_from(product / u128::from(before.max(1))).unwrap_or(u64::MAX)
    };
    Footprint {
        cpu: MilliCores(times(limit.cpu.0, before.cpu.0, after.cpu.0)),
        memory: Bytes(times(limit.memory.0, before.memory.0, after.memory.0)),
    }
}
