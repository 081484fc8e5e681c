//! What tenants, machines, replicas and databases went through: one state after another is handed to who keeps it.
//! Keeps nothing itself.

/// What goes through states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LifeKind {
    /// A tenant.
    Tenant,
    /// A machine.
    Machine,
    /// A place among the replicas of a service: the next one takes it when one is gone.
    Replica,
    /// A database.
    Database,
}

impl LifeKind {
    /// The word for it in data.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Machine => "machine",
            Self::Replica => "replica",
            Self::Database => "database",
        }
    }
}

/// What brought a state about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LifeCause<'a> {
    /// It came by itself, or what was decided before went on.
    #[default]
    Own,
    /// A decision of this number.
    Decision(u64),
    /// A fault of this name that struck then, in nanoseconds since the start.
    Fault(&'a str, u64),
}

/// A state that something was in, and that is over, or lasts at the end of the run. Times are nanoseconds since the
/// start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LifeRow<'a> {
    /// What it is.
    pub kind: LifeKind,
    /// What it is called.
    pub name: &'a str,
    /// The tier of a tenant, the pool of a machine, the service of a replica.
    pub of: &'a str,
    /// The machine that it is on; empty where it is on none.
    pub machine: &'a str,
    /// The region, zone and rack where a machine stands; empty for others, and where there is none.
    pub place: [&'a str; 3],
    /// The state: `awake`.
    pub state: &'static str,
    /// Which stage of sleep, where it sleeps.
    pub stage: &'a str,
    /// From then on.
    pub from: u64,
    /// Until then.
    pub until: u64,
    /// What brought it about.
    pub cause: LifeCause<'a>,
}

/// Keeps states; is told of each as it ends.
pub trait LifeSink: Send + Sync {
    /// A state is over, or the run is.
    fn life(&self, row: &LifeRow<'_>);
}
