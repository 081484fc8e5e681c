//! The simulated world: a kernel that knows time, order and chance, and a plant built on it.

pub mod kernel;
