//! The sleep ladder, and who goes first.

use crate::words;

words! {
    /// How deeply a tenant sleeps; later is deeper.
    pub enum Stage {
        /// Everything runs.
        Awake = "awake",
        /// The bots stand still.
        BotsStopped = "bots-stopped",
        /// The dashboard and the cache stand still too.
        DashboardStopped = "dashboard-stopped",
        /// Only the database is left.
        DatabaseOnly = "database-only",
    }
}

words! {
    /// Who goes first when not all can be served; later is more urgent.
    pub enum Priority {
        /// Last.
        Low = "low",
        /// Before low.
        Medium = "medium",
        /// Before medium.
        High = "high",
        /// First.
        Critical = "critical",
    }
}

impl Stage {
    /// The stage after this one, where there is one.
    #[must_use]
    pub fn deeper(self) -> Option<Self> {
        Self::ALL.get(usize::from(self as u8) + 1).copied()
    }
}
