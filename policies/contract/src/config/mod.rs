//! How a thing reads its own table of a configuration file: policies, faults and scenario
//! sections alike.
//!
//! A file becomes a tree of [`Node`]s that know their place; an [`Element`] reads itself from a
//! node, reports *every* problem with its remedy, describes its own shape (for editors) and writes
//! itself back in one canonical form (for digests). Knows no file, no TOML, no JSON.
//!
//! ```
//! use seatrial_contract::config::{Element, Node, Path, Problems, Value, element};
//! use seatrial_contract::units::Span;
//!
//! element! {
//!     /// When to give up.
//!     pub struct Patience {
//!         /// How long to wait.
//!         limit: Span,
//!         /// How often to try again.
//!         retries: u32 = 3,
//!     }
//! }
//!
//! let table = Node::table([("limit", Node::text("2 min"))]);
//! let mut problems = Problems::default();
//! let patience = Patience::read(&table, &Path::Root, &mut problems);
//! assert_eq!(patience.map(|p| (p.limit, p.retries)), Some((Span::minutes(2), 3)));
//! ```

mod basic;
mod fields;
mod macros;
#[doc(hidden)]
pub use macros::support;
mod node;
mod problem;
mod renamed;
mod shape;

pub use crate::{choice, element, words};
pub use basic::{Keyed, Located, Name};
pub use fields::{Fields, Kinds, choose, nearest};
pub use node::{Entry, Node, Place, Value};
pub use problem::{Path, Problem, Problems};
pub use renamed::renamed_keys;
pub use shape::{Field, Shape, Variant};

/// Something that reads itself from a configuration file.
pub trait Element: Sized {
    /// Reads itself; `None` (and at least one problem more) where it cannot.
    fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self>;
    /// What it accepts.
    fn shape() -> Shape;
    /// Writes itself in its one canonical form, defaults filled in.
    fn write(&self) -> Value;
}
