//! Reads scenario files.
