//! What a destructive action rests on, and why that is not to be relied on: each reading that is absent,
//! too old or in contradiction with another. `docs/columns.md` tells it as a table.

use crate::units::{Bytes, MilliCores, Moment, Span};
use crate::view::{Conflict, NodeState};
use crate::{
    Action, DatabaseId, Implausible, NodeId, PoolerId, Reading, Reason, ServiceId, Sessions, Stage,
    TenantId, Tick, TierId, UnitId,
};

/// A tenant may be told to have been there a little later than somebody was at it.
const BEFORE_MOST: Span = Span::days(1);

/// Whether somebody is at a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Somebody is.
    There,
    /// Nobody is.
    Away,
    /// Nobody knows, for this reason. A tenant that may be in use is not idle.
    Unknown(Reason),
}

impl Tick<'_> {
    /// Why what a destructive action rests on is not to be relied on, if it is not.
    pub(crate) fn doubt(&self, action: Action) -> Option<Reason> {
        match action {
            Action::Hibernate { tenant, .. } => self
                .doubt_away(tenant)
                .or_else(|| self.doubt_waiting_for())
                .or_else(|| self.doubt_idleness(tenant))
                .or_else(|| self.doubt_home(tenant)),
            Action::Resize { tenant, unit, .. } => self
                .doubt_away(tenant)
                .or_else(|| self.doubt_waiting_for())
                .or_else(|| self.doubt_unit(unit))
                .or_else(|| self.doubt_home(tenant)),
            Action::Move { tenant, from, .. } | Action::Evict { tenant, from } => {
                self.doubt_leaving(tenant).or_else(|| self.doubt_node(from))
            }
            Action::Cordon { node } | Action::Drain { node } | Action::RemoveNode { node } => {
                self.doubt_node(node)
            }
            Action::LimitConnections { pooler, tier, .. } => self.doubt_connections(pooler, tier),
            Action::Scale { service, .. } => self.doubt_service(service),
            Action::RevertRelease { service, .. } => self.doubt_answers(service),
            // What is seen of a lost machine is old, and nobody is there any more.
            Action::Abandon { .. }
            // These take nothing from anyone.
            | Action::Place { .. }
            | Action::Wake { .. }
            | Action::AddNodes { .. }
            | Action::Uncordon { .. }
            | Action::BackUp { .. }
            | Action::Restore { .. } => None,
            Action::FailOver { database, .. } => self.doubt_database(database),
        }
    }

    /// Why it is not believed that machines are lost. That some are is what giving them up rests on, so it alone
    /// keeps nobody from it; that most are, or that nothing is seen any more, does.
    pub(crate) fn doubt_loss(&self, distrust: Option<Reason>) -> Option<Reason> {
        match distrust {
            None | Some(Reason::MachinesLost { .. } | Reason::TenantsUnseen { .. }) => {}
            Some(_) => return distrust,
        }
        let swept_at = self.view.node_cpu().swept_at();
        if swept_at == Moment::START || self.is_to_come(swept_at) {
            return Some(Reason::AbsentReading); // Who never saw a machine has not lost one.
        }
        let (age, limit) = (self.now().since(swept_at), self.guard.stale_after);
        if age > limit {
            return Some(Reason::StaleReading { age, limit });
        }
        let sums = self.view.pools().iter().map(|pool| pool.sums);
        let (lost, of) = sums.fold((0, 0), |all: (u32, u32), sums| {
            (all.0 + sums.lost, all.1 + sums.lost + sums.ready)
        });
        let most = u64::from(of) * u64::from(self.guard.lost_most.0);
        (u64::from(lost) * 1_000_000 > most).then_some(Reason::MachinesLost { lost, of })
    }

    fn doubt_idleness(&self, tenant: TenantId) -> Option<Reason> {
        match self.last_active(tenant) {
            Ok(reading) => self.doubt_age(Some(reading.seen_at)),
            Err(reason) => Some(reason),
        }
    }

    /// When somebody was last at a tenant; or why that is not known, which includes that it cannot
    /// have been then. How old the reading is does not matter here.
    ///
    /// # Errors
    /// With what is to be told.
    pub fn last_active(&self, tenant: TenantId) -> Result<Reading<Moment>, Reason> {
        let reading = self.view.last_active().get(tenant.index());
        let reading = reading.ok_or(Reason::AbsentReading)?;
        let (now, idle) = (self.now(), reading.age_of_value(self.now()));
        let before = |since: Moment| since.since(reading.value) > BEFORE_MOST;
        let what = if reading.value > now {
            // Clocks differ by as little as readings may be old.
            (reading.value.since(now) > self.guard.stale_after).then_some(Implausible::Future)
        } else if idle > self.guard.idle_most {
            Some(Implausible::TooLongAgo)
        } else if self.view.tenant(tenant).since.is_some_and(before) {
            Some(Implausible::BeforeTenant)
        } else {
            self.book().doubts(reading.value).then_some(Implausible::SameForMany)
        };
        what.map_or(Ok(reading), |what| Err(Reason::Implausible { what, idle }))
    }

    fn doubt_home(&self, tenant: TenantId) -> Option<Reason> {
        self.view.tenant(tenant).node.and_then(|node| self.doubt_node(node))
    }

    /// Whether somebody is at a tenant now, as far as that is known.
    #[must_use]
    pub fn presence(&self, tenant: TenantId) -> Presence {
        let limit = self.guard.stale_after;
        match (self.view.sessions().get(tenant.index()), self.guard.sessions) {
            (None, Sessions::Required) => {
                Presence::Unknown(Reason::PresenceUnknown { age: None, limit })
            }
            (None, Sessions::NotKnownHere) => Presence::Away,
            (Some(reading), _) if self.is_to_come(reading.seen_at) => {
                Presence::Unknown(Reason::PresenceUnknown { age: None, limit })
            }
            (Some(reading), _) => match (reading.age(self.now()), reading.value) {
                (age, _) if age > limit => {
                    Presence::Unknown(Reason::PresenceUnknown { age: Some(age), limit })
                }
                (_, true) => Presence::There,
                (_, false) => Presence::Away,
            },
        }
    }

    /// Why it is not sure that nobody is at a tenant.
    #[must_use]
    pub fn doubt_away(&self, tenant: TenantId) -> Option<Reason> {
        match self.presence(tenant) {
            Presence::There => Some(Reason::InSession),
            Presence::Away => None,
            Presence::Unknown(reason) => Some(reason),
        }
    }

    /// Why it is not sure whether somebody waits for a tenant.
    #[must_use]
    pub fn doubt_waiting_for(&self) -> Option<Reason> {
        let (seen_at, limit) = (self.view.wanted_seen_at(), self.guard.stale_after);
        if seen_at == Moment::START || self.is_to_come(seen_at) {
            return Some(Reason::WaitingUnknown { age: None, limit });
        }
        let age = self.now().since(seen_at);
        (age > limit).then_some(Reason::WaitingUnknown { age: Some(age), limit })
    }

    /// Why a tenant is not taken off its machine. Who is there may be moved where a policy says so,
    /// but nobody of whom nothing is known; a tenant that sleeps while somebody waits is moved to be woken.
    fn doubt_leaving(&self, tenant: TenantId) -> Option<Reason> {
        let row = self.view.tenant(tenant);
        if row.stage != Stage::AWAKE && row.wanted_since.is_some() {
            return None;
        }
        match self.presence(tenant) {
            Presence::There | Presence::Away => self.doubt_waiting_for(),
            Presence::Unknown(reason) => Some(reason),
        }
    }

    /// What contradicts itself at the tenant that this is about, or at one that lives on the machine.
    pub(crate) fn contested(&self, action: Action) -> Option<Reason> {
        let contested = |by: Conflict| (!by.is_none()).then_some(Reason::Contested { by });
        match action {
            Action::Hibernate { tenant, .. }
            | Action::Resize { tenant, .. }
            | Action::Move { tenant, .. }
            | Action::Evict { tenant, .. }
            | Action::Abandon { tenant, .. } => contested(self.view.tenant(tenant).conflict),
            Action::Drain { node } | Action::RemoveNode { node } => {
                let mut rows = self.view.tenants().iter().enumerate();
                let here = rows.find(|(index, row)| {
                    let mut units = self.view.units_of(TenantId::at(*index));
                    !row.conflict.is_none()
                        && (row.node == Some(node)
                            || units.any(|unit| self.view.units()[unit.index()].node == Some(node)))
                });
                here.and_then(|(_, row)| contested(row.conflict))
            }
            Action::Place { .. }
            | Action::Wake { .. }
            | Action::AddNodes { .. }
            | Action::Cordon { .. }
            | Action::Uncordon { .. }
            | Action::LimitConnections { .. }
            | Action::Scale { .. }
            | Action::RevertRelease { .. }
            | Action::BackUp { .. }
            | Action::Restore { .. }
            | Action::FailOver { .. } => None,
        }
    }

    /// Why what is seen of a tier's connections is not to be relied on, if it is not.
    #[must_use]
    pub fn doubt_connections(&self, pooler: PoolerId, tier: TierId) -> Option<Reason> {
        let seen_at = self.view.connections(pooler, tier).map(|reading| reading.seen_at);
        self.doubt_age(seen_at)
    }

    /// Why how often a service is called is not to be relied on, if it is not.
    #[must_use]
    pub fn doubt_calls(&self, service: ServiceId) -> Option<Reason> {
        let reading = self.view.service_calls().get(service.index());
        self.doubt_age(reading.map(|reading| reading.seen_at))
    }

    /// Why how many wait at a service is not to be relied on, if it is not.
    #[must_use]
    pub fn doubt_waiting(&self, service: ServiceId) -> Option<Reason> {
        let reading = self.view.service_waiting().get(service.index());
        self.doubt_age(reading.map(|reading| reading.seen_at))
    }

    /// Why nothing of what is seen of a service is to be relied on, if so. Which of it somebody goes
    /// by is theirs to look at: one reading that is fresh is enough here.
    #[must_use]
    pub fn doubt_service(&self, service: ServiceId) -> Option<Reason> {
        let view = self.view;
        let calls = view.service_calls().get(service.index()).map(|reading| reading.seen_at);
        let waiting = view.service_waiting().get(service.index()).map(|reading| reading.seen_at);
        let used = view.replicas_of(service).filter_map(|replica| {
            let cpu = view.replica_cpu().get(replica.index())?.seen_at;
            Some(cpu.min(view.replica_memory().get(replica.index())?.seen_at))
        });
        let all = calls.into_iter().chain(waiting).chain(used);
        self.doubt_age(all.filter(|seen_at| !self.is_to_come(*seen_at)).max())
    }

    /// Why what is seen of a database is not to be relied on, if it is not.
    #[must_use]
    pub fn doubt_database(&self, database: DatabaseId) -> Option<Reason> {
        self.doubt_age(self.view.database(database).map(|of| of.seen_at))
    }

    /// Why what is seen of a service's answers is not to be relied on, if it is not: nothing fresh is seen of any replica.
    #[must_use]
    pub fn doubt_answers(&self, service: ServiceId) -> Option<Reason> {
        let view = self.view;
        let seen = view
            .replicas_of(service)
            .filter_map(|replica| Some(view.replica_answers().get(replica.index())?.seen_at));
        self.doubt_age(seen.filter(|seen_at| !self.is_to_come(*seen_at)).max())
    }

    /// Why what was seen then is not to be relied on, if it is not.
    fn doubt_age(&self, seen_at: Option<Moment>) -> Option<Reason> {
        // What is still to come was seen by nobody; it would count as fresh until then.
        let seen_at = seen_at.filter(|seen_at| !self.is_to_come(*seen_at));
        let Some(seen_at) = seen_at else { return Some(Reason::AbsentReading) };
        let (age, limit) = (self.now().since(seen_at), self.guard.stale_after);
        (age > limit).then_some(Reason::StaleReading { age, limit })
    }

    /// Clocks differ by as little as readings may be old.
    fn is_to_come(&self, seen_at: Moment) -> bool {
        seen_at.since(self.now()) > self.guard.stale_after
    }

    fn doubt_node(&self, node: NodeId) -> Option<Reason> {
        if self.view.node(node).state == NodeState::Lost {
            return Some(Reason::MachineLost { node });
        }
        let cpu = self.view.node_cpu().get(node.index());
        self.doubt_use(cpu, self.view.node_memory().get(node.index()))
    }

    fn doubt_unit(&self, unit: UnitId) -> Option<Reason> {
        let cpu = self.view.unit_cpu().get(unit.index());
        self.doubt_use(cpu, self.view.unit_memory().get(unit.index()))
    }

    fn doubt_use(
        &self,
        cpu: Option<Reading<MilliCores>>,
        memory: Option<Reading<Bytes>>,
    ) -> Option<Reason> {
        let (Some(cpu), Some(memory)) = (cpu, memory) else {
            return Some(Reason::AbsentReading);
        };
        // The one may be seen at a moment to come while the other is fresh.
        let memory = || self.doubt_age(Some(memory.seen_at));
        self.doubt_age(Some(cpu.seen_at)).or_else(memory)
    }
}
