//! What holds of a pooler at any moment. Changes nothing.

use super::Pooler;
use seatrial_format::scenario::PoolPer;

/// What is wrong, if anything: a pool is larger than it may be, or keeps what it could give.
pub(crate) fn broken(pooler: &Pooler) -> Option<String> {
    let name = &pooler.name;
    let open: u64 = pooler.pools.iter().map(|pool| u64::from(pool.open)).sum();
    if open != pooler.counted.open.value() || open > pooler.terms.most {
        return Some(format!(
            "{name} has {open} connections, counted {}",
            pooler.counted.open.value()
        ));
    }
    let idle: u64 = pooler.pools.iter().map(|pool| u64::from(pool.idle())).sum();
    if idle != pooler.idle {
        return Some(format!("{name} has {idle} idle connections, counted {}", pooler.idle));
    }
    let bad = pooler.pools.iter().find(|pool| {
        let idles_and_waits = pool.idle() > 0 && pool.line.first().is_some();
        let idles_beyond = pool.idle() > 0 && pool.open > pool.most;
        let is_fixed = pooler.terms.apart != PoolPer::Tier && pool.open > pooler.terms.pool_size;
        is_fixed || pool.idle() > pool.open || idles_and_waits || idles_beyond
    })?;
    Some(format!("{name}: {} idle of {} in a pool of {}", bad.idle(), bad.open, bad.most))
}
