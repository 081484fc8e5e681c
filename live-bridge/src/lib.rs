//! Runs the policies of sea trials on real clusters.
//!
//! Drivers look at real systems and say what they saw ([`Sighting`]); the [`Registry`] keeps the
//! one [`ClusterView`](seatrial_contract::ClusterView) that policies read; [`watch`](watch()) hands
//! it to the pilot, tick after tick, and writes all of it into the logbook. Decides nothing itself,
//! and has no way to change anything yet.

mod check;
mod clock;
mod config;
mod drivers;
mod registry;
mod sighting;
mod stack;
mod watch;
mod wire;

pub use check::{Finding, Report, look_round};
pub use clock::{Clocks, Now, SystemClocks, Timeline, of_text, of_unix};
pub use config::{Bridge, open};
pub use drivers::{Source, sources};
pub use registry::{Note, Registry};
pub use sighting::{Column, ColumnSeen, MachineSeen, RowSeen, Sighting, UnitSeen, Use};
pub use watch::{Ending, Mode, Told, watch, watch_by};
pub use wire::{Answer, Bound, Route, Wire, WireError};
