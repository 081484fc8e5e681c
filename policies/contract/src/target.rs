//! What actions are aimed at, and what decisions are about. Knows no action.

use crate::{DatabaseId, NodeId, PoolId, PoolerId, ServiceId, TenantId, TierId};
use serde::{Deserialize, Serialize};

/// What an action is aimed at. Two actions never fly at one target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// A tenant with its whole stack.
    Tenant(TenantId),
    /// A machine.
    Node(NodeId),
    /// A pool of machines.
    Pool(PoolId),
    /// A tier's connections at a pooler.
    Connections(PoolerId, TierId),
    /// A service with all its replicas.
    Service(ServiceId),
    /// A database with all its servers.
    Database(DatabaseId),
}

impl Target {
    /// The tenant, if it is one.
    #[must_use]
    pub const fn tenant(self) -> Option<TenantId> {
        match self {
            Self::Tenant(id) => Some(id),
            Self::Node(_)
            | Self::Pool(_)
            | Self::Connections(..)
            | Self::Service(_)
            | Self::Database(_) => None,
        }
    }

    /// The machine, if it is one.
    #[must_use]
    pub const fn node(self) -> Option<NodeId> {
        match self {
            Self::Node(id) => Some(id),
            Self::Tenant(_)
            | Self::Pool(_)
            | Self::Connections(..)
            | Self::Service(_)
            | Self::Database(_) => None,
        }
    }

    /// The pool, if it is one.
    #[must_use]
    pub const fn pool(self) -> Option<PoolId> {
        match self {
            Self::Pool(id) => Some(id),
            Self::Tenant(_)
            | Self::Node(_)
            | Self::Connections(..)
            | Self::Service(_)
            | Self::Database(_) => None,
        }
    }

    /// The pooler and the tier, if it is a tier's connections.
    #[must_use]
    pub const fn connections(self) -> Option<(PoolerId, TierId)> {
        match self {
            Self::Connections(pooler, tier) => Some((pooler, tier)),
            Self::Tenant(_)
            | Self::Node(_)
            | Self::Pool(_)
            | Self::Service(_)
            | Self::Database(_) => None,
        }
    }

    /// The service, if it is one.
    #[must_use]
    pub const fn service(self) -> Option<ServiceId> {
        match self {
            Self::Service(id) => Some(id),
            Self::Tenant(_)
            | Self::Node(_)
            | Self::Pool(_)
            | Self::Connections(..)
            | Self::Database(_) => None,
        }
    }

    /// The database, if it is one.
    #[must_use]
    pub const fn database(self) -> Option<DatabaseId> {
        match self {
            Self::Database(id) => Some(id),
            Self::Tenant(_)
            | Self::Node(_)
            | Self::Pool(_)
            | Self::Connections(..)
            | Self::Service(_) => None,
        }
    }
}
