//! The versioned result data that the simulator and the bridge write and that reports read.
//!
//! A [`Record`] is what one run found; a [`Runs`] is one or several runs of a scenario, merged.
//! Everything is plain data in a fixed order, so that equal runs are equal bytes. A logbook is a
//! file of frames, or a folder of them. Knows no plant, no policy and no screen.

mod comparison;
mod departure;
mod drill;
mod explained;
mod frames;
mod gated;
mod life;
mod logbook;
mod metric;
mod rare;
mod reading;
mod receipt;
mod record;
mod rows;
mod runs;
mod segments;
mod series;
mod swept;

pub use comparison::{
    BrokenRow, COMPARISON_VERSION, Comparison, Parting, ReasonRow, ScaleWord, VerdictRow,
    VerdictWord, WatchedRow,
};
pub use departure::{Departure, DeparturePool, DepartureTier};
pub use drill::{
    Backup, Beside, BesideRow, Check as DrillCheck, DRILL_VERSION, Drill, Finding, Held, Severity,
    Step, Subject, Target, Verdict,
};
pub use explained::{
    DecidedRow, EXPLAINED_VERSION, Explained, FlightRow, Forked, SeenRow, StoryRow,
    Subject as Explainee,
};
pub use frames::Effort;
pub use gated::{
    Baseline, BaselineCase, BaselineError, GATED_VERSION, Gated, GatedCase, GatedObjective,
    Outcome, Place as GatedPlace,
};
pub use life::{LifeCause, LifeKind, LifeRow, LifeSink};
pub use logbook::{BETWEEN, Check, LogbookError, LogbookReader, LogbookWriter, Place, Torn};
pub use metric::{Metric, Unit};
pub use rare::{Rare, RareLevel};
pub use reading::{Frame, SegmentError, SegmentReader, Told};
pub use receipt::{
    Against as ReceiptAgainst, Build, Held as HeldReceipts, NoKey, PublicKey, RECEIPT_VERSION,
    Receipt, ReceiptCase, ReceiptSuite, Refusal, Rehearsed, SEALED_VERSION, Sealed, SecretKey,
    Signature,
};
pub use record::{
    AlertRow, Bill, BillLine, Counted, DayRow, DecisionRow, IncidentRow, Json, NodeChange,
    ReasonCount, Record, Sampled, TenantBill, TierRow,
};
pub use rows::{Half, ROWS_VERSION, Row, Rows};
pub use runs::{About, Bound, Each, Estimate, Goal, GoalKind, Runs};
pub use segments::{Newest, SegmentLimits, SegmentWriter, newest};
pub use series::{Point, SeriesHead, SeriesSink, Shape, Stretch};
pub use swept::{
    FailureKind, PLAN_VERSION, PlannedFile, PlannedScenario, PlannedUnit, SWEPT_VERSION, SweepAxis,
    SweepPlan, Swept, SweptAlong, SweptBreak, SweptPoint, SweptScenario, UNIT_VERSION, UnitFailure,
    UnitFound, UnitOutcome, UnitRun,
};

/// The digest of bytes.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().as_str().into()
}

/// The version of the data written here; it grows when a reader of the last one would stumble.
pub const VERSION: u32 = 2;
