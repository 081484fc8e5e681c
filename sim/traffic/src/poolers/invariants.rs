//! What holds of a pooler at any moment. Changes nothing.

use super::Pooler;
use seatrial_format::scenario::PoolPer;

impl Pooler {
    /// What is wrong, if anything: a pool is larger than it may be, or keeps what it could give.
    pub(crate) fn broken(&self) -> Option<String> {
        let name = &self.name;
        let open: u64 = self.pools.iter().map(|pool| u64::from(pool.open)).sum();
        if open != self.open.value() || open > self.most {
            return Some(format!("{name} has {open} connections, counted {}", self.open.value()));
        }
        let idle: u64 = self.pools.iter().map(|pool| u64::from(pool.idle())).sum();
        if idle != self.idle {
            return Some(format!("{name} has {idle} idle connections, counted {}", self.idle));
        }
        let bad = self.pools.iter().find(|pool| {
            let idles_and_waits = pool.idle() > 0 && pool.line.first().is_some();
            let idles_beyond = pool.idle() > 0 && pool.open > pool.most;
            let is_fixed = self.apart != PoolPer::Tier && pool.open > self.pool_size;
            is_fixed || pool.idle() > pool.open || idles_and_waits || idles_beyond
        })?;
        Some(format!("{name}: {} idle of {} in a pool of {}", bad.idle(), bad.open, bad.most))
    }
}
