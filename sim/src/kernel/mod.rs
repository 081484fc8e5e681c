//! Time, order, chance and statistics. Knows nothing of tenants.

pub mod chance;
pub mod statistics;
