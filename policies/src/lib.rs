//! The policies, one a file, and the [`Pilot`] that both worlds call.
//!
//! ```
//! use seatrial_contract::config::{Element, Node, Path, Problems, Value};
//! use seatrial_contract::{ClusterView, Dice};
//! use seatrial_policies::{Pilot, PolicyFile};
//!
//! let ladder = Node::table([("kind", Node::text("idle-ladder"))]);
//! let file = Node::table([("policies", Value::List(vec![ladder]).nowhere())]);
//! let file = PolicyFile::read(&file, &Path::Root, &mut Problems::default()).unwrap();
//! let mut pilot = Pilot::new(&file);
//! let mut view = ClusterView::default();
//! assert!(pilot.tick(&view, Dice::new(1)).all.is_empty());
//! view.settle();
//! ```
//!
//! Knows no clock, no file, no thread; nothing here logs.
#![no_std]

extern crate alloc;

mod best_fit;
mod catalog;
mod clock;
mod connection_budget;
mod digest;
mod file;
pub mod hpa;
mod idle_ladder;
mod least_loaded;
mod logbook;
mod named;
mod pack;
mod pilot;
mod placing;
mod pre_wake;
mod recovery;
mod replay;
pub mod right_size;
mod scribe;
mod spread;
mod telling;
mod threshold;
mod told_view;
mod wake_admission;

pub use best_fit::BestFit;
pub use catalog::PolicyConfig;
pub use clock::Clock;
pub use connection_budget::ConnectionBudget;
pub use digest::{digest, program, sources};
pub use file::{PolicyFile, TickLength};
pub use hpa::Hpa;
pub use idle_ladder::IdleLadder;
pub use least_loaded::LeastLoaded;
pub use logbook::{FrameError, LogbookHead, LogbookHost, LogbookMode, Said, TurnReader};
pub use named::{NamedPolicy, PolicyList};
pub use pack::Pack;
pub use pilot::{Pilot, PilotMemory};
pub use pre_wake::PreWake;
pub use recovery::{Rebuilt, Recovered, Recovery, RecoveryError};
pub use replay::{Apart, Replay, Replayed, Tally};
pub use right_size::RightSize;
pub use scribe::Scribe;
pub use spread::Spread;
pub use telling::{Document, Teller};
pub use threshold::Threshold;
pub use told_view::{TextError, read_view, tell_view};
pub use wake_admission::WakeAdmission;
