//! Names of things as small indexes. An id is never given to another thing within a run.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$meta:meta])* $id:ident($inner:ty)) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $id(pub $inner);

        impl $id {
            /// The id at this position.
            ///
            /// # Panics
            /// When there are more things than ids: a bug of the host, which counts them.
            #[must_use]
            pub fn at(index: usize) -> Self {
                Self(<$inner>::try_from(index).expect("more things than ids"))
            }
            /// Its position in the columns.
            #[must_use]
            pub fn index(self) -> usize {
                usize::try_from(self.0).unwrap_or(usize::MAX)
            }
        }
    };
}

id!(
    /// A group of tenants who pay for the same.
    TierId(u16)
);
id!(
    /// A pool of equal machines.
    PoolId(u16)
);
id!(
    /// A pooler: pools of connections to a database.
    PoolerId(u16)
);
id!(
    /// A zone: machines that fail together.
    ZoneId(u16)
);
id!(
    /// A machine.
    NodeId(u32)
);
id!(
    /// A tenant.
    TenantId(u32)
);
id!(
    /// A container.
    UnitId(u32)
);
id!(
    /// A policy of the set, by its position in the policy file.
    PolicyId(u8)
);
id!(
    /// A service that is not a tenant's.
    ServiceId(u16)
);
id!(
    /// A database that is not a tenant's.
    DatabaseId(u16)
);
id!(
    /// A replica of a service.
    ReplicaId(u32)
);
