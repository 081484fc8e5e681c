//! Writes down what was seen of tenants, column by column: by a sweep, at a moment of its own, or
//! no longer.

use super::ClusterView;
use crate::units::{Frequency, Moment};
use crate::{Reading, TenantId};

impl ClusterView {
    /// When a sweep saw somebody last at a tenant.
    pub fn see_activity(&mut self, id: TenantId, last: Moment) {
        self.last_active.cover(id.index(), last);
        self.touch_tenant(id);
    }

    /// When somebody was last at a tenant, as known from a reading of its own.
    pub fn read_activity(&mut self, id: TenantId, reading: Option<Reading<Moment>>) {
        match reading {
            Some(reading) => self.last_active.set(id.index(), reading),
            None => self.last_active.clear(id.index()),
        }
        self.touch_tenant(id);
    }

    /// How often a sweep saw a tenant asked for something. That touches no row: a host that wants to
    /// know looks when something else is due.
    pub fn see_requests(&mut self, id: TenantId, rate: Frequency) {
        self.written.tenant(id);
        self.requests.cover(id.index(), rate);
    }

    /// How often a tenant is asked for something, as known from a reading of its own.
    pub fn read_requests(&mut self, id: TenantId, reading: Option<Reading<Frequency>>) {
        self.written.tenant(id);
        match reading {
            Some(reading) => self.requests.set(id.index(), reading),
            None => self.requests.clear(id.index()),
        }
    }

    /// The requests of a tenant can no longer be read.
    pub fn lose_requests(&mut self, id: TenantId) {
        self.written.tenant(id);
        self.requests.lose(id.index());
    }

    /// The activity of a tenant can no longer be read.
    pub fn lose_activity(&mut self, id: TenantId) {
        self.written.tenant(id);
        self.last_active.lose(id.index());
    }

    /// A sweep over requests found the covered tenants as they stand.
    pub fn sweep_requests(&mut self, at: Moment) {
        self.requests.sweep(at);
    }

    /// A sweep over activity found the covered tenants as they stand.
    pub fn sweep_activity(&mut self, at: Moment) {
        self.last_active.sweep(at);
    }

    /// Whether a sweep saw somebody at a tenant.
    pub fn see_session(&mut self, id: TenantId, there: bool) {
        self.written.tenant(id);
        let row = id.index();
        if !self.sessions.covered(row) || self.sessions.last(row) != there {
            self.sessions.cover(row, there);
            self.touch_tenant(id);
        }
    }

    /// Whether somebody is at a tenant, as known from a reading of its own.
    pub fn read_session(&mut self, id: TenantId, reading: Option<Reading<bool>>) {
        self.written.tenant(id);
        let (row, before) = (id.index(), self.sessions.get(id.index()));
        match reading {
            Some(reading) => self.sessions.set(row, reading),
            None => self.sessions.clear(row),
        }
        if before.map(|before| before.value) != reading.map(|reading| reading.value) {
            self.touch_tenant(id);
        }
    }

    /// Whether somebody is at a tenant can no longer be read.
    pub fn lose_session(&mut self, id: TenantId) {
        self.written.tenant(id);
        self.sessions.lose(id.index());
    }

    /// A sweep over sessions found the covered tenants as they stand.
    pub fn sweep_sessions(&mut self, at: Moment) {
        self.sessions.sweep(at);
    }

    /// As of then, who waits for a tenant is in its row, and for all others nobody waits.
    pub fn sweep_wanted(&mut self, at: Moment) {
        self.wanted_seen_at = at;
    }

    pub(super) fn push_tenant_columns(&mut self) {
        self.last_active.push();
        self.sessions.push();
        self.requests.push();
    }
}
