//! The words that the simulated and the real cluster share.
//!
//! Units, names, chance that is handed in, and how a thing reads its own configuration.
//! Knows no clock, no thread, no file, no socket, no policy.
#![no_std]

extern crate alloc;

pub mod config;
mod dice;
pub mod units;

#[doc(hidden)]
pub use config::support::{macro_doc, macro_text, macro_vec, macro_word};
pub use dice::{Dice, GENERATOR, Purpose, Stream};
