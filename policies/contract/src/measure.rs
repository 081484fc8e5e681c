//! By what replicas are counted, what keeps a count from being taken, and what is wrong with a moment.
//! Knows no reading.

use crate::words;

words! {
    /// By what it is worked out how many replicas a service should have.
    pub enum Measure {
        /// Cpu in use.
        Cpu = "cpu",
        /// Memory in use.
        Memory = "memory",
        /// How often it is called.
        Calls = "calls",
        /// How many calls wait.
        Waiting = "waiting",
    }
}

words! {
    /// What keeps a service from having as many replicas as its use calls for.
    pub enum Limited {
        /// Nothing does.
        Nothing = "nothing",
        /// Other counts were called for not long ago.
        Window = "window",
        /// So many came or went not long ago.
        Rate = "rate",
        /// So many were taken away within the hour, and the guard allows no more.
        Guard = "guard",
        /// The most that it may have.
        Most = "most",
        /// The fewest that it may have.
        Least = "least",
    }
}

words! {
    /// What is wrong with a moment at which somebody is told to have been at a tenant.
    pub enum Implausible {
        /// It is still to come.
        Future = "future",
        /// It is further back than is believed.
        TooLongAgo = "too-long-ago",
        /// The tenant was not there yet.
        BeforeTenant = "before-tenant",
        /// Many tenants were told the very same at once.
        SameForMany = "same-for-many",
    }
}
