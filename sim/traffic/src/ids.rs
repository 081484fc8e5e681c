//! Names of what calls consist of and go through. Knows nothing of them.

use super::intrusive_list::Named;

/// Names a request as long as it is in the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId(pub(super) u32);

/// Names a traffic source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceId(pub(super) u32);

/// Names one replica of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReplicaQueueId(pub(super) u32);

impl SourceId {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

impl ReplicaQueueId {
    /// Of a request that is at no replica: its place is free, or its replica was lost while it was served.
    pub(super) const NOWHERE: Self = Self(u32::MAX);

    /// Its place among all of them.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl Named for RequestId {
    const NOBODY: Self = Self(u32::MAX);
}

/// Names an attempt as long as it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttemptId(pub(super) u32);

impl AttemptId {
    /// Of a request that is no attempt's.
    pub(super) const NONE: Self = Self(u32::MAX);

    #[inline]
    pub(super) fn some(self) -> Option<Self> {
        self.somebody()
    }
}

impl Named for AttemptId {
    const NOBODY: Self = Self(u32::MAX);
}
