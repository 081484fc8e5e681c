//! The tree that a file becomes, each node with its place.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{self, Write};

/// Where in which file something stands, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which of the files that were read.
    pub file: u16,
    /// Its first byte.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it stands.
    pub place: Place,
}

/// What a file can say.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Decimal(f64),
    /// Text, most often a quantity or a name.
    Text(String),
    /// Several of a kind.
    List(Vec<Node>),
    /// Keys and values, in the order written.
    Table(Vec<Entry>),
    /// Something that no element reads, by what it is called: `"a date"`.
    Other(&'static str),
}

/// One line of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub place: Place,
    /// The value.
    pub node: Node,
}

impl Node {
    /// A text that stands nowhere.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Value::Text(text.to_string()).nowhere()
    }

    /// A table that stands nowhere.
    #[must_use]
    pub fn table<const N: usize>(entries: [(&str, Node); N]) -> Self {
        Value::table(entries.into_iter().map(|(key, node)| (key.to_string(), node.value))).nowhere()
    }

    /// The entry of that key, where this is a table that has it.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Value::Table(entries) => entries.iter().find(|entry| entry.key == key),
            Value::Bool(_)
            | Value::Integer(_)
            | Value::Decimal(_)
            | Value::Text(_)
            | Value::List(_)
            | Value::Other(_) => None,
        }
    }

    /// The node of that key, where this is a table that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }
}

impl Value {
    /// What an absent option is written as.
    pub const NOTHING: Self = Self::Other("nothing");

    /// A node of this value that stands nowhere.
    #[must_use]
    pub fn nowhere(self) -> Node {
        Node { value: self, place: Place::default() }
    }

    /// A table of these.
    #[must_use]
    pub fn table(entries: impl IntoIterator<Item = (String, Value)>) -> Self {
        Self::Table(
            entries
                .into_iter()
                .map(|(key, value)| Entry { key, place: Place::default(), node: value.nowhere() })
                .collect(),
        )
    }

    /// What this is called in a message.
    #[must_use]
    pub fn called(&self) -> &'static str {
        match self {
            Self::Bool(_) => "true or false",
            Self::Integer(_) => "a whole number",
            Self::Decimal(_) => "a decimal number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Other(what) => what,
        }
    }
}

/// The canonical text: JSON without spaces, keys in the order declared.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Decimal(value) => write!(f, "{value:?}"),
            Self::Text(text) => quoted(f, text),
            Self::List(nodes) => {
                f.write_char('[')?;
                for (index, node) in nodes.iter().enumerate() {
                    if index > 0 {
                        f.write_char(',')?;
                    }
                    write!(f, "{}", node.value)?;
                }
                f.write_char(']')
            }
            Self::Table(entries) => {
                f.write_char('{')?;
                for (index, entry) in entries.iter().enumerate() {
                    if index > 0 {
                        f.write_char(',')?;
                    }
                    quoted(f, &entry.key)?;
                    write!(f, ":{}", entry.node.value)?;
                }
                f.write_char('}')
            }
            Self::Other(_) => f.write_str("null"),
        }
    }
}

fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            c if u32::from(c) < 0x20 => write!(f, "\\u{:04x}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}
