//! Results as text a planner reads.
