//! The versioned result data that the simulator and the bridge write and that reports read.
//!
//! A [`Record`] is what one run found; a [`Voyage`] is one or several runs of a scenario, merged.
//! Everything is plain data in a fixed order, so that equal runs are equal bytes. Knows no plant,
//! no file and no screen.

mod departure;
mod frames;
mod logbook;
mod metric;
mod record;
mod segments;
mod voyage;

pub use departure::{Departure, DeparturePool, DepartureTier};
pub use logbook::{Check, LogbookError, LogbookReader, LogbookWriter, Place, Torn};
pub use metric::{Metric, Unit};
pub use record::{
    Bill, BillLine, DayRow, DecisionRow, Json, NodeChange, ReasonCount, Record, TenantBill, TierRow,
};
pub use segments::{
    Frame, Newest, SegmentError, SegmentLimits, SegmentReader, SegmentWriter, Told, newest,
};
pub use voyage::{Bound, Estimate, Goal, GoalKind, Voyage};

/// The version of the data written here; it grows when a reader of the last one would stumble.
pub const VERSION: u32 = 1;
