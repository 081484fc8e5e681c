//! Which rows were written of late, so that a logbook looks at those alone: most of a large view is
//! the same from tick to tick. No part of what is seen.

use super::ClusterView;
use crate::{NodeId, TenantId, UnitId};
use alloc::vec::Vec;

/// Rows written since the view was settled last, and in the tick before.
#[derive(Clone, Debug, Default)]
pub(super) struct Written {
    nodes: Rows<NodeId>,
    tenants: Rows<TenantId>,
    units: Rows<UnitId>,
    settled: u64,
}

#[derive(Clone, Debug, Default)]
struct Rows<I> {
    now: Vec<I>,
    before: Vec<I>,
}

/// Two views are equal whatever was written to get there.
impl PartialEq for Written {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl<I: Copy + Ord> Rows<I> {
    fn add(&mut self, id: I) {
        if self.now.last() == Some(&id) {
            return;
        }
        // Written again and again in one tick: each is kept once.
        if self.now.len() == self.now.capacity() {
            self.now.sort_unstable();
            self.now.dedup();
        }
        self.now.push(id);
    }

    fn settle(&mut self) {
        core::mem::swap(&mut self.now, &mut self.before);
        self.now.clear();
    }

    fn all(&self) -> Vec<I> {
        let mut all: Vec<I> = self.before.iter().chain(&self.now).copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

impl Written {
    pub(super) fn node(&mut self, id: NodeId) {
        self.nodes.add(id);
    }

    pub(super) fn tenant(&mut self, id: TenantId) {
        self.tenants.add(id);
    }

    pub(super) fn unit(&mut self, id: UnitId) {
        self.units.add(id);
    }

    pub(super) fn settle(&mut self) {
        self.nodes.settle();
        self.tenants.settle();
        self.units.settle();
        self.settled += 1;
    }
}

impl ClusterView {
    /// How often it was settled.
    pub(crate) fn settled(&self) -> u64 {
        self.written.settled
    }

    /// The machines of which anything was written since it was last settled, their use too; some of them more
    /// than once.
    #[must_use]
    pub fn nodes_written(&self) -> &[NodeId] {
        &self.written.nodes.now
    }

    /// The machines written since it was settled the last time but one.
    pub(super) fn nodes_of_late(&self) -> Vec<NodeId> {
        self.written.nodes.all()
    }

    /// The tenants written since it was settled the last time but one.
    pub(super) fn tenants_written(&self) -> Vec<TenantId> {
        self.written.tenants.all()
    }

    /// The containers written since it was settled the last time but one.
    pub(super) fn units_written(&self) -> Vec<UnitId> {
        self.written.units.all()
    }
}
