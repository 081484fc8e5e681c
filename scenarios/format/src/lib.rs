//! Reads scenario files.

pub mod scenario;
