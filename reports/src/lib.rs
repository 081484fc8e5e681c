//! Results as text a planner reads in ten seconds, as one JSON document, and as files.
//!
//! Knows records and nothing of how they came about; reads no clock and no terminal.

mod charts;
mod comparison;
mod document;
mod drill;
mod explained;
mod figures;
mod files;
mod folder;
mod gate;
mod grid;
mod names;
mod page;
mod rare;
mod receipt;
mod results;
mod summary;
mod sweep;
mod trace;

pub use charts::charts;
pub use comparison::{comparison, comparison_markdown, comparison_verdict};
pub use document::document;
pub use drill::drill_markdown;
pub use explained::explained;
pub use figures::{count, money, quantity, span};
pub use files::{Streams, add_page, add_trace, write_files};
pub use folder::Folder;
pub use gate::{gate, gate_annotations, gate_junit, gate_markdown, gate_sarif, gate_verdict};
pub use grid::Grid;
pub use names::WriteError;
pub use page::{Found, ReadFailure, page};
pub use rare::rare;
pub use receipt::{receipt, rehearsed};
pub use results::{HalfFound, Results, claim, write_comparison, write_gated, write_sweep_tables};
pub use summary::{Style, summary};
pub use sweep::{
    Cluster, SweepJobs, sweep, sweep_document, sweep_kubernetes, sweep_markdown, sweep_parallel,
    sweep_scenarios, sweep_slurm,
};
pub use trace::{TraceCounts, TraceFailure, TraceWindow, trace};
