//! What pairs of runs allow to be said of two worlds: better, worse, as good, or not decided. A pair are two runs of one
//! seed. Knows no run and no metric by its name.
//!
//! All verdicts of one comparison hold at once: in at most one of twenty comparisons any of them is wrong, over all
//! metrics, all looks and both kinds of verdicts. That costs nothing but pairs: each interval is made at
//! 0.05 / (metrics × looks). The interval of a metric reaches over that of the mean (Student's t) and that of the
//! median (order statistics, which holds of any distribution), and only shrinks from look to look.

mod anytime;
mod differences;
mod intervals;
mod judged;
mod looks;
mod self_test;
mod verdict;
mod watched;
mod yes_no;

pub use differences::{Better, Measure, Scale};
pub use judged::{Judged, judge};
pub use looks::{Looks, PAIRS_MOST, exposure};
pub use self_test::{Pairs, false_verdicts};
pub use verdict::Verdict;
pub use watched::{Watched, watched};
pub use yes_no::DIFFERENT_MOST;

/// So likely any verdict of a comparison is wrong, at the most.
pub const FALSE_MOST: f64 = 0.05;
