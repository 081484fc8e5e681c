//! The words that the simulated and the real cluster share.
//!
//! Units, names, what can be known of a cluster ([`ClusterView`]), what may be done to it
//! ([`Action`]) and why ([`Reason`]), the shape of a [`Policy`] and the chance handed to it.
//! Knows no clock, no thread, no file, no socket, no policy.
#![no_std]

extern crate alloc;

mod dice;
pub mod units;

pub use dice::{Dice, GENERATOR, Purpose, Stream};
