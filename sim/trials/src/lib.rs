//! Many runs of one scenario: replications side by side on all cores, merged in the order of
//! their seeds, so that the result is the same for any number of threads.
//!
//! Knows no policy and no plant, only that a world runs. Beside it stands [`calibrate`], which fits
//! the curve of a database to what was measured of a real one.

pub mod calibrate;
pub mod compare;
mod drill;
pub mod explain;
pub mod gate;
pub mod judging;
mod rare;
mod receipt;
mod replicate;
mod rows;
pub mod sweep;

pub use drill::{DrillTerms, drill};
pub use rare::{NotFound, RareFound, RareTrial};
pub use receipt::{Rehearsal, receipt};
pub use replicate::{Series, Trial, log, replicate};
pub use rows::{half, metrics, row};
