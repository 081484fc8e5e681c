//! The policies and the pilot that run in both worlds.
