//! Units as types, and integers: no bare number crosses a crate.
//!
//! Each unit reads itself from text as people write it (`"64 GiB"`, `"0.5 cores"`, `"7 d"`)
//! and writes itself back in a form that reads to the same value. Knows no file format.

mod compute;
mod money;
mod quantity;
mod rate;
mod share;
mod size;
mod time;

pub use compute::{MilliCores, MilliGpu, cores, millicores};
pub use money::{Money, Price, dollars};
pub use quantity::{Quantity, QuantityError};
pub use rate::Frequency;
pub use share::{Ppm, percent};
pub use size::{Bytes, gib, mib};
pub use time::{Moment, Span};
