//! Takes back what a view says was measured, for a host that can no longer tell how old that is.

use super::sums::Sign;
use super::{ClusterView, NodeId, TenantId, UnitId};
use crate::units::Moment;

impl ClusterView {
    /// Nothing that was measured counts as seen until it is seen again: no row has a reading, and
    /// sweeps are no later than this moment.
    pub fn forget_readings(&mut self, swept_at: Moment) {
        for index in 0..self.nodes.len() {
            let id = NodeId::at(index);
            self.weigh(id, Sign::Subtract);
            self.node_cpu.clear(index);
            self.node_memory.clear(index);
            self.weigh(id, Sign::Add);
        }
        for index in 0..self.units.len() {
            self.written.unit(UnitId::at(index));
            self.unit_cpu.clear(index);
            self.unit_memory.clear(index);
        }
        for index in 0..self.tenants.len() {
            self.read_activity(TenantId::at(index), None);
            self.read_session(TenantId::at(index), None);
            self.read_requests(TenantId::at(index), None);
        }
        self.sweep_machines(self.node_cpu.swept_at().min(swept_at));
        self.sweep_activity(self.last_active.swept_at().min(swept_at));
        self.sweep_sessions(self.sessions.swept_at().min(swept_at));
        self.sweep_wanted(self.wanted_seen_at.min(swept_at));
        self.sweep_requests(self.requests.swept_at().min(swept_at));
    }
}
