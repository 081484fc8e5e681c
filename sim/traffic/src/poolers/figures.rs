//! What is read off a pooler. Changes nothing.

use super::Pooler;
use seatrial_contract::units::Moment;

/// The connections of each replica's own pool, by the replicas' places.
pub(crate) fn open_by_replica(pooler: &Pooler) -> impl Iterator<Item = u32> {
    pooler.pools.iter().skip(1).map(|pool| pool.open)
}

/// Connections at the most, of a pooler with one pool.
pub(crate) fn size(pooler: &Pooler) -> u64 {
    u64::from(pooler.terms.pool_size).min(pooler.terms.most)
}

/// What pools are limited to, each by itself.
pub(crate) fn limits(pooler: &Pooler) -> impl Iterator<Item = u64> {
    pooler.pools.iter().map(|pool| u64::from(pool.most))
}

/// Connections in use and callers that wait, pool by pool.
pub(crate) fn crowds(pooler: &Pooler) -> impl Iterator<Item = (u32, u32)> {
    pooler.pools.iter().map(|pool| (pool.open - pool.idle(), pool.waiting))
}

/// How long callers have waited, all together, in nanoseconds.
pub(crate) fn waited(pooler: &Pooler, now: Moment) -> u128 {
    pooler.counted.waiting.integral(now)
}

/// Connections that are open.
pub(crate) fn open_now(pooler: &Pooler) -> u64 {
    pooler.counted.open.value()
}
