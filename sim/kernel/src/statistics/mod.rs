//! What a run measures: whole numbers inside, so that parts merge into exactly the whole, in any
//! grouping. Floats appear only in what is read out. Knows no name, no unit beyond nanoseconds,
//! and nothing of what is measured.

mod batch_means;
mod count;
mod interval;
mod share;
mod sketch;
mod student;
mod tally;
mod time_weighted;
mod wide;

pub use batch_means::BatchMeans;
pub use count::Count;
pub use interval::{Interval, confidence_interval};
pub use share::Share;
pub use sketch::{Scaled, Sketch};
pub use student::{normal_quantile, student_quantile};
pub use tally::Tally;
pub use time_weighted::{Held, TimeWeighted};

/// A count as a float, for what is read out.
#[expect(clippy::cast_precision_loss, reason = "within 2⁻⁵³ of itself, and only for reading out")]
pub fn float(count: u64) -> f64 {
    count as f64
}

/// A sum as a float, for what is read out.
#[expect(clippy::cast_precision_loss, reason = "within 2⁻⁵³ of itself, and only for reading out")]
pub fn float_wide(sum: u128) -> f64 {
    sum as f64
}
