//! Worlds by the clock: what takes a fleet, faults and policies together.

mod replicas;
mod resizing;
mod swarm;
mod unseen;
mod week;
