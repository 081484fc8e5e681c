//! What may be done to a cluster. Knows no host that does it.

mod words;

use crate::{
    DatabaseId, Footprint, NodeId, PoolId, PoolerId, ServiceId, Stage, Target, TenantId, TierId,
    UnitId,
};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// One thing to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Action {
    /// Give a tenant without a machine a home, and start it there.
    Place {
        /// Who.
        tenant: TenantId,
        /// Where.
        node: NodeId,
    },
    /// Take a tenant with its data to another machine, and wake it if someone waits for it.
    Move {
        /// Who.
        tenant: TenantId,
        /// Where from.
        from: NodeId,
        /// Where to.
        node: NodeId,
    },
    /// Take a tenant off its machine; it has no home then.
    Evict {
        /// Who.
        tenant: TenantId,
        /// Where from.
        from: NodeId,
    },
    /// Give up a tenant's machine that is lost: it has no home then, and where it is placed next it is brought
    /// up with the data that there is of it elsewhere.
    Abandon {
        /// Who.
        tenant: TenantId,
        /// Which machine.
        from: NodeId,
    },
    /// Let a tenant sleep this deeply.
    Hibernate {
        /// Who.
        tenant: TenantId,
        /// How deeply.
        stage: Stage,
    },
    /// Start all of a sleeping tenant's stack where it lives.
    Wake {
        /// Who.
        tenant: TenantId,
    },
    /// Have one container of a tenant request more or less. It may have to restart for that.
    Resize {
        /// Whose.
        tenant: TenantId,
        /// Which container.
        unit: UnitId,
        /// What it requests.
        from: Footprint,
        /// What it is to request.
        to: Footprint,
    },
    /// Order machines.
    AddNodes {
        /// Of which pool.
        pool: PoolId,
        /// How many.
        count: u32,
    },
    /// Take no more tenants on a machine.
    Cordon {
        /// Which.
        node: NodeId,
    },
    /// Take tenants again.
    Uncordon {
        /// Which.
        node: NodeId,
    },
    /// Take no more tenants on a machine, and have those it holds moved away.
    Drain {
        /// Which.
        node: NodeId,
    },
    /// Give a machine back.
    RemoveNode {
        /// Which.
        node: NodeId,
    },
    /// Let a tier have so many connections of a pooler at the most. With fewer, idle ones are closed
    /// at once and others when they come back; with more, those who wait get one at once.
    LimitConnections {
        /// At which pooler.
        pooler: PoolerId,
        /// Whose.
        tier: TierId,
        /// The limit before.
        from: u32,
        /// The limit from then on.
        most: u32,
    },
    /// Have a service run so many replicas. Which of them stop where there are to be fewer is the
    /// cluster's to choose.
    Scale {
        /// Which.
        service: ServiceId,
        /// So many it should have before.
        from: u32,
        /// So many it should have from then on.
        to: u32,
    },
    /// Have a service run the release that it ran before, on all its replicas.
    RevertRelease {
        /// Which.
        service: ServiceId,
        /// The release that it runs.
        from: u32,
        /// The one that it ran before.
        to: u32,
    },
    /// Back a database up.
    BackUp {
        /// Which.
        database: DatabaseId,
        /// All of it, and not only what was written since the last backup.
        is_full: bool,
        /// So many backups of it were begun before.
        from: u32,
    },
    /// Restore a database from its newest backup.
    Restore {
        /// Which.
        database: DatabaseId,
        /// Beside it, to see whether that can be done: a drill.
        is_aside: bool,
        /// So many restores of it were begun before.
        from: u32,
    },
    /// Make a standby of a database its primary.
    FailOver {
        /// Which.
        database: DatabaseId,
        /// While its primary serves, so that it is known that this can be done.
        is_drill: bool,
        /// So many times it was told to before.
        from: u32,
    },
}

/// What must be true when an action arrives; otherwise it is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precondition {
    /// The tenant has no machine.
    Homeless,
    /// The tenant lives there.
    LivesOn(NodeId),
    /// The tenant does not live there.
    LivesElsewhere(NodeId),
    /// The tenant sleeps less deeply.
    LighterThan(Stage),
    /// The tenant neither starts nor has left.
    Settled,
    /// Nobody is there, and nobody waits for it.
    Unvisited,
    /// The tenant does not run in full.
    Asleep,
    /// The tenant's container requests that.
    Requests(UnitId, Footprint),
    /// The machine of the container has room for so much more.
    HasRoom(UnitId, Footprint),
    /// The pool may have so many machines more.
    PoolMayGrow(u32),
    /// The machine takes tenants, or would if it were not closed.
    NodeIsReady(NodeId),
    /// The machine is lost.
    NodeIsLost(NodeId),
    /// The machine is there.
    NodeIsThere,
    /// Nobody lives on the machine, and no replica stands there.
    NodeIsEmpty,
    /// The tier's connections are limited to this.
    LimitIs(u32),
    /// The service should have so many replicas.
    ReplicasWanted(u32),
    /// The service runs this release, or comes back to it.
    ReleaseIs(u32),
    /// That is the release which the service ran before.
    ReleaseWas(u32),
    /// The database takes writes.
    DatabaseServes,
    /// The database takes none, and nobody takes over.
    DatabaseIsLost,
    /// There is a backup of the database.
    HasBackup,
    /// So many backups of the database were begun.
    BackupsAre(u32),
    /// So many restores of the database were begun.
    RestoresAre(u32),
    /// A standby of the database would take over if it were told to.
    HasHeir,
    /// So many times the database was told to fail over.
    FailoversAre(u32),
}

/// What will be seen once an action has worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// The tenant lives there.
    LivesOn(NodeId),
    /// The tenant lives nowhere.
    Homeless,
    /// The tenant's stage is this.
    StageIs(Stage),
    /// The container requests that.
    Requests(UnitId, Footprint),
    /// The pool has that many machines, those ordered included.
    PoolHas(u32),
    /// The machine takes no tenants.
    Cordoned,
    /// The machine takes tenants.
    Open,
    /// The machine is gone.
    Gone,
    /// The tier's connections are limited to this.
    LimitIs(u32),
    /// The service should have so many replicas.
    ReplicasWanted(u32),
    /// The service runs this release.
    ReleaseIs(u32),
    /// So many backups of the database were begun, or more.
    BackupsAre(u32),
    /// So many restores of the database were begun, or more.
    RestoresAre(u32),
    /// So many times the database was told to fail over, or more.
    FailoversAre(u32),
}

impl Action {
    /// What it is aimed at.
    #[must_use]
    pub fn target(&self) -> Target {
        match *self {
            Self::Place { tenant, .. }
            | Self::Move { tenant, .. }
            | Self::Evict { tenant, .. }
            | Self::Abandon { tenant, .. }
            | Self::Hibernate { tenant, .. }
            | Self::Resize { tenant, .. }
            | Self::Wake { tenant } => Target::Tenant(tenant),
            Self::AddNodes { pool, .. } => Target::Pool(pool),
            Self::Cordon { node }
            | Self::Uncordon { node }
            | Self::Drain { node }
            | Self::RemoveNode { node } => Target::Node(node),
            Self::LimitConnections { pooler, tier, .. } => Target::Connections(pooler, tier),
            Self::Scale { service, .. } | Self::RevertRelease { service, .. } => {
                Target::Service(service)
            }
            Self::BackUp { database, .. }
            | Self::Restore { database, .. }
            | Self::FailOver { database, .. } => Target::Database(database),
        }
    }

    /// Whether it takes something from someone, so that it needs good data and a leash.
    #[must_use]
    pub fn is_destructive(&self) -> bool {
        match *self {
            Self::Move { .. }
            | Self::Evict { .. }
            | Self::Abandon { .. }
            | Self::Hibernate { .. }
            | Self::Cordon { .. }
            | Self::Drain { .. }
            | Self::RemoveNode { .. }
            | Self::RevertRelease { .. } => true,
            // A container that is given more loses nothing that it needs; less of either may kill or slow it.
            Self::Resize { from, to, .. } => !to.fits(from),
            Self::Place { .. }
            | Self::Wake { .. }
            | Self::AddNodes { .. }
            | Self::Uncordon { .. }
            | Self::BackUp { .. }
            // What does not serve is brought back on another disk; what serves by then is left as it is.
            | Self::Restore { .. } => false,
            // Who is connected to one that serves is cut off.
            Self::FailOver { is_drill, .. } => is_drill,
            // A caller that has a connection keeps it until it is done; those who come then wait.
            Self::LimitConnections { from, most, .. } => most < from,
            // Those that are left have to carry what the others did.
            Self::Scale { from, to, .. } => to < from,
        }
    }

    /// What must be true when it arrives.
    #[must_use]
    pub fn preconditions(&self) -> Vec<Precondition> {
        match *self {
            Self::Place { node, .. } => {
                [Precondition::Homeless, Precondition::NodeIsReady(node)].into()
            }
            Self::Move { from, node, .. } => [
                Precondition::LivesOn(from),
                Precondition::NodeIsReady(node),
                Precondition::LivesElsewhere(node),
            ]
            .into(),
            Self::Evict { from, .. } => [Precondition::LivesOn(from)].into(),
            Self::Abandon { from, .. } => {
                [Precondition::LivesOn(from), Precondition::NodeIsLost(from)].into()
            }
            Self::Hibernate { stage, .. } => {
                [Precondition::LighterThan(stage), Precondition::Settled, Precondition::Unvisited]
                    .into()
            }
            Self::Wake { .. } => [Precondition::Asleep, Precondition::Settled].into(),
            Self::Resize { unit, from, to, .. } => {
                let more = to.minus(from);
                [Precondition::Requests(unit, from), Precondition::HasRoom(unit, more)].into()
            }
            Self::AddNodes { count, .. } => [Precondition::PoolMayGrow(count)].into(),
            Self::Cordon { .. } | Self::Uncordon { .. } | Self::Drain { .. } => {
                [Precondition::NodeIsThere].into()
            }
            Self::RemoveNode { .. } => {
                [Precondition::NodeIsThere, Precondition::NodeIsEmpty].into()
            }
            Self::LimitConnections { from, .. } => [Precondition::LimitIs(from)].into(),
            Self::Scale { from, .. } => [Precondition::ReplicasWanted(from)].into(),
            Self::RevertRelease { from, to, .. } => {
                [Precondition::ReleaseIs(from), Precondition::ReleaseWas(to)].into()
            }
            Self::BackUp { from, .. } => {
                [Precondition::DatabaseServes, Precondition::BackupsAre(from)].into()
            }
            Self::Restore { is_aside: true, from, .. } => {
                [Precondition::HasBackup, Precondition::RestoresAre(from)].into()
            }
            Self::Restore { from, .. } => [
                Precondition::DatabaseIsLost,
                Precondition::HasBackup,
                Precondition::RestoresAre(from),
            ]
            .into(),
            Self::FailOver { is_drill, from, .. } => [
                if is_drill { Precondition::DatabaseServes } else { Precondition::DatabaseIsLost },
                Precondition::HasHeir,
                Precondition::FailoversAre(from),
            ]
            .into(),
        }
    }

    /// What will be seen once it has worked, given how many machines the pool has now.
    #[must_use]
    pub fn effect(&self, pool_has: u32) -> Effect {
        match *self {
            Self::Place { node, .. } | Self::Move { node, .. } => Effect::LivesOn(node),
            Self::Evict { .. } | Self::Abandon { .. } => Effect::Homeless,
            Self::Hibernate { stage, .. } => Effect::StageIs(stage),
            Self::Wake { .. } => Effect::StageIs(Stage::AWAKE),
            Self::Resize { unit, to, .. } => Effect::Requests(unit, to),
            Self::AddNodes { count, .. } => Effect::PoolHas(pool_has + count),
            Self::Cordon { .. } | Self::Drain { .. } => Effect::Cordoned,
            Self::Uncordon { .. } => Effect::Open,
            Self::RemoveNode { .. } => Effect::Gone,
            Self::LimitConnections { most, .. } => Effect::LimitIs(most),
            Self::Scale { to, .. } => Effect::ReplicasWanted(to),
            Self::RevertRelease { to, .. } => Effect::ReleaseIs(to),
            Self::BackUp { from, .. } => Effect::BackupsAre(from.saturating_add(1)),
            Self::Restore { from, .. } => Effect::RestoresAre(from.saturating_add(1)),
            Self::FailOver { from, .. } => Effect::FailoversAre(from.saturating_add(1)),
        }
    }
}
