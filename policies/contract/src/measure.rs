//! By what replicas are counted, and what keeps a count from being taken. Knows no reading.

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
