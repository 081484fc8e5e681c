//! Stores and keys of which a file speaks once and each tenant has its own. Knows no store.

use seatrial_contract::config::words;

words! {
    /// Who has one of its own.
    pub enum Each {
        /// Each tenant that calls: what it asks nobody else asks, and what it crowds is its own.
        Tenant = "tenant",
    }
}
