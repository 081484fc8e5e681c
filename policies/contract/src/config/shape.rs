//! What an element accepts, for editors and manuals.

use super::Value;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// What a value may look like.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// `true` or `false`.
    Bool,
    /// A whole number within bounds.
    Integer {
        /// The least that is accepted.
        least: i64,
        /// The most that is accepted.
        most: i64,
    },
    /// A number.
    Decimal,
    /// Text.
    Text {
        /// What it says.
        what: &'static str,
        /// How it is written.
        example: &'static str,
        /// A regular expression that it matches; empty for any text.
        pattern: String,
    },
    /// One of these words, each with its meaning.
    Words(Vec<(&'static str, &'static str)>),
    /// Several of a kind.
    List(Box<Shape>),
    /// Names of the reader's choosing, each with a value of this shape.
    Keyed(Box<Shape>),
    /// These keys and no others.
    Table(Vec<Field>),
    /// A table whose `kind` says which keys it has.
    Choice(Vec<Variant>),
    /// One of several.
    Either(Vec<Shape>),
    /// Read by its owner.
    Any,
}

/// One key of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// The key.
    pub key: &'static str,
    /// What it means.
    pub doc: String,
    /// What holds where it is absent; `None` where it must be given.
    pub default: Option<Value>,
    /// What it accepts.
    pub shape: Shape,
}

/// One kind of a choice.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// The word after `kind =`.
    pub word: &'static str,
    /// What it means.
    pub doc: String,
    /// The table that goes with it.
    pub shape: Shape,
}
