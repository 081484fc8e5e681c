//! What is read off a pooler. Changes nothing.

use super::Pooler;
use seatrial_contract::units::Moment;

impl Pooler {
    /// The connections of each replica's own pool, by the replicas' places.
    pub(crate) fn open_by_copy(&self) -> impl Iterator<Item = u32> {
        self.pools.iter().skip(1).map(|pool| pool.open)
    }

    /// Connections at the most, of a pooler with one pool.
    pub(crate) fn size(&self) -> u64 {
        u64::from(self.pool_size).min(self.most)
    }

    /// What pools are limited to, each by itself.
    pub(crate) fn limits(&self) -> impl Iterator<Item = u64> {
        self.pools.iter().map(|pool| u64::from(pool.most))
    }

    /// Connections in use and callers that wait, pool by pool.
    pub(crate) fn crowds(&self) -> impl Iterator<Item = (u32, u32)> {
        self.pools.iter().map(|pool| (pool.open - pool.idle(), pool.waiting))
    }

    /// How long callers have waited, all together, in nanoseconds.
    pub(crate) fn waited(&self, now: Moment) -> u128 {
        self.waiting.integral(now)
    }

    /// Connections that are open.
    pub(crate) fn open_now(&self) -> u64 {
        self.open.value()
    }
}
