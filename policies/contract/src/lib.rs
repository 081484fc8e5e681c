//! The words that the simulated and the real cluster share.
//!
//! Units, names, what can be known of a cluster ([`ClusterView`]), what may be done to it
//! ([`Action`]) and why ([`Reason`]), chance that is handed in ([`Dice`]), and how a thing reads
//! its own configuration ([`config`]). Knows no clock, no thread, no file, no socket, no policy.
#![no_std]

extern crate alloc;

mod action;
mod book;
mod caps;
pub mod config;
mod decision;
mod dice;
mod doubt;
mod guard;
mod ids;
mod input;
mod kept;
mod measure;
pub mod outside;
mod pairs;
mod policy;
mod reading;
mod reason;
mod stage;
mod state;
mod target;
mod tick;
mod turn;
pub mod units;
pub mod view;

pub use action::{Action, Effect, Precondition};
pub use book::{Book, Flight, FlightState};
pub use caps::Protected;
#[doc(hidden)]
pub use config::support::{macro_doc, macro_text, macro_vec, macro_word};
pub use decision::{ActionId, Decision, Decisions, Verdict};
pub use dice::{Dice, GENERATOR, Purpose, Stream};
pub use doubt::Presence;
pub use guard::{Guard, Sessions};
pub use ids::{
    DatabaseId, NodeId, PolicyId, PoolId, PoolerId, ReplicaId, ServiceId, TenantId, TierId, UnitId,
    ZoneId,
};
pub use input::Input;
pub use kept::{Keep, Kept};
pub use measure::{Implausible, Limited, Measure};
pub use policy::{Memory, MemoryError, Policy};
pub use reading::{Gauge, Reading, Standing};
pub use reason::{Declared, FACTS_MOST, Fact, FactKind, FactNames, Nameless, OwnReason, Reason};
pub use stage::{Priority, Stage, Stages};
pub use state::{NodeFacts, State};
pub use target::Target;
pub use tick::Tick;
pub use turn::{Turn, TurnTaker};
pub use view::{ClusterView, Footprint};
