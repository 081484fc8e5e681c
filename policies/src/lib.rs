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

mod answers;
mod calendar;
pub mod catalog;
mod clock;
mod databases;
mod digest;
mod file;
mod kind;
mod logbook;
mod named;
mod pilot;
mod placing;
mod recovery;
mod replay;
mod scribe;
mod telling;
mod told_view;

pub use catalog::PolicyConfig;
pub use clock::Clock;
pub use digest::{digest, program, sources};
pub use file::{PolicyFile, TickLength};
pub use kind::{ActsOn, Kind};
pub use logbook::{FrameError, LogbookHead, LogbookHost, LogbookMode, Said, TurnReader};
pub use named::{NamedPolicy, PolicyList};
pub use pilot::{Pilot, PilotMemory};
pub use recovery::{Rebuilt, Recovered, Recovery, RecoveryError};
pub use replay::{Apart, Replay, Replayed, Tally};
pub use scribe::Scribe;
pub use telling::{Document, Teller};
pub use told_view::{TextError, read_view, tell_view};
