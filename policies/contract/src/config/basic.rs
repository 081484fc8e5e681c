//! The plain things that elements are made of: numbers, names, lists, quantities.

use super::{Element, Node, Path, Place, Problems, Shape, Value};
use crate::units::{
    Bytes, Frequency, MilliCores, MilliGpu, Moment, Money, Ppm, Price, Quantity, Span,
};
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroU32;

/// A name: lower-case letters, digits and dashes, beginning with a letter.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// A value that remembers where it stands, for checks that come later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

impl<T> Located<T> {
    /// A value that no file says, such as a default.
    #[must_use]
    pub const fn nowhere(value: T) -> Self {
        Self { value, place: Place { file: 0, start: 0, end: 0 } }
    }
}

/// Code that does not ask where it stands reads the value.
impl<T> core::ops::Deref for Located<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// Names of the writer's choosing, each with a value, in the order written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyed<T>(pub Vec<(Located<String>, T)>);

impl<T> Default for Keyed<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Keyed<T> {
    /// The value of that name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&T> {
        self.0.iter().find(|entry| entry.0.value == name).map(|entry| &entry.1)
    }
}

impl Name {
    /// Longer names make tables unreadable.
    const LENGTH_MAX: usize = 64;

    /// The name, where it is one.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let first = text.chars().next()?;
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        (first.is_ascii_lowercase() && text.len() <= Self::LENGTH_MAX && text.chars().all(fits))
            .then(|| Self(text.to_string()))
    }

    /// The name that a text comes to in small letters, with dashes for blanks and underscores.
    #[must_use]
    pub fn near(text: &str) -> Option<Self> {
        let dashed = text.trim().replace([' ', '_'], "-");
        Self::new(&dashed.to_ascii_lowercase())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Element for Name {
    fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
        let text = String::read(node, path, problems)?;
        let name = Self::new(&text);
        if name.is_none() {
            let rule = "use at most 64 lower-case letters, digits and dashes, a letter first";
            let remedy = match Self::near(&text) {
                Some(near) => alloc::format!("write \"{near}\": {rule}"),
                None => rule.to_string(),
            };
            problems.add(path, node.place, alloc::format!("`{text}` is no name"), remedy);
        }
        name
    }
    fn shape() -> Shape {
        Shape::Text {
            what: "a name",
            example: "\"worker-high\"",
            pattern: "^[a-z][a-z0-9-]{0,63}$".to_string(),
        }
    }
    fn write(&self) -> Value {
        Value::Text(self.0.clone())
    }
}

impl Element for String {
    fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
        match &node.value {
            Value::Text(text) => Some(text.clone()),
            other @ (Value::Bool(_)
            | Value::Integer(_)
            | Value::Decimal(_)
            | Value::List(_)
            | Value::Table(_)
            | Value::Other(_)) => {
                let message = alloc::format!("this is {}, not text", other.called());
                let remedy = match other {
                    Value::List(_) | Value::Table(_) => "write one text in quotes, no brackets",
                    Value::Bool(_)
                    | Value::Integer(_)
                    | Value::Decimal(_)
                    | Value::Text(_)
                    | Value::Other(_) => "put it in quotes",
                };
                problems.add(path, node.place, message, remedy);
                None
            }
        }
    }
    fn shape() -> Shape {
        Shape::Text { what: "text", example: "\"…\"", pattern: String::new() }
    }
    fn write(&self) -> Value {
        Value::Text(self.clone())
    }
}

impl Element for bool {
    fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
        match &node.value {
            Value::Bool(value) => Some(*value),
            other @ (Value::Integer(_)
            | Value::Decimal(_)
            | Value::Text(_)
            | Value::List(_)
            | Value::Table(_)
            | Value::Other(_)) => {
                let message = alloc::format!("this is {}, not true or false", other.called());
                problems.add(path, node.place, message, "write true or false, without quotes");
                None
            }
        }
    }
    fn shape() -> Shape {
        Shape::Bool
    }
    fn write(&self) -> Value {
        Value::Bool(*self)
    }
}

fn whole(
    node: &Node,
    path: &Path<'_>,
    problems: &mut Problems,
    least: i64,
    most: i64,
) -> Option<i64> {
    let remedy = || alloc::format!("write a whole number from {least} to {most}, without quotes");
    let Value::Integer(value) = &node.value else {
        let message = alloc::format!("this is {}, not a whole number", node.value.called());
        problems.add(path, node.place, message, remedy());
        return None;
    };
    if *value < least || *value > most {
        problems.add(path, node.place, alloc::format!("{value} is out of range"), remedy());
        return None;
    }
    Some(*value)
}

macro_rules! whole_number {
    ($number:ty, $most:expr) => {
        impl Element for $number {
            fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
                whole(node, path, problems, 0, $most).and_then(|value| Self::try_from(value).ok())
            }
            fn shape() -> Shape {
                Shape::Integer { least: 0, most: $most }
            }
            fn write(&self) -> Value {
                Value::Integer(i64::try_from(*self).unwrap_or(i64::MAX))
            }
        }
    };
}
whole_number!(u8, 255);
whole_number!(u16, 65_535);
whole_number!(u32, 4_294_967_295);
whole_number!(u64, i64::MAX);

impl Element for NonZeroU32 {
    fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
        let value = whole(node, path, problems, 1, 4_294_967_295)?;
        u32::try_from(value).ok().and_then(Self::new)
    }
    fn shape() -> Shape {
        Shape::Integer { least: 1, most: 4_294_967_295 }
    }
    fn write(&self) -> Value {
        Value::Integer(i64::from(self.get()))
    }
}

impl Element for f64 {
    fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
        match &node.value {
            Value::Decimal(value) if value.is_finite() => Some(*value),
            #[expect(clippy::cast_precision_loss, reason = "a number written without a point")]
            Value::Integer(value) => Some(*value as f64),
            other @ (Value::Bool(_)
            | Value::Decimal(_)
            | Value::Text(_)
            | Value::List(_)
            | Value::Table(_)
            | Value::Other(_)) => {
                let message = alloc::format!("this is {}, not a finite number", other.called());
                problems.add(path, node.place, message, "write a number such as 0.5, unquoted");
                None
            }
        }
    }
    fn shape() -> Shape {
        Shape::Decimal
    }
    fn write(&self) -> Value {
        Value::Decimal(*self)
    }
}

impl<T: Element> Element for Vec<T> {
    fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
        let Value::List(nodes) = &node.value else {
            let message = alloc::format!("this is {}, not a list", node.value.called());
            problems.add(path, node.place, message, list_instead(node, path));
            return None;
        };
        let read: Vec<Option<T>> = nodes
            .iter()
            .enumerate()
            .map(|(index, node)| T::read(node, &Path::Index(path, index), problems))
            .collect();
        read.into_iter().collect()
    }
    fn shape() -> Shape {
        Shape::List(Box::new(T::shape()))
    }
    fn write(&self) -> Value {
        Value::List(self.iter().map(|item| item.write().nowhere()).collect())
    }
}

/// How a list is written in place of this.
fn list_instead(node: &Node, path: &Path<'_>) -> String {
    match (&node.value, path) {
        (Value::Table(_), Path::Key(Path::Root, key)) => {
            alloc::format!("write `[[{key}]]`, in double brackets, above each of them")
        }
        (Value::Table(_), _) => "write its header in double brackets, `[[…]]`".to_string(),
        _ => "write it in square brackets, as [ … ]".to_string(),
    }
}

impl<T: Element> Element for Option<T> {
    fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
        T::read(node, path, problems).map(Some)
    }
    fn shape() -> Shape {
        T::shape()
    }
    fn write(&self) -> Value {
        self.as_ref().map_or(Value::NOTHING, Element::write)
    }
}

impl<T: Element> Element for Box<T> {
    fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
        T::read(node, path, problems).map(Box::new)
    }
    fn shape() -> Shape {
        T::shape()
    }
    fn write(&self) -> Value {
        (**self).write()
    }
}

impl<T: Element> Element for Located<T> {
    fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
        T::read(node, path, problems).map(|value| Self { value, place: node.place })
    }
    fn shape() -> Shape {
        T::shape()
    }
    fn write(&self) -> Value {
        self.value.write()
    }
}

impl<T: Element> Element for Keyed<T> {
    fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
        let Value::Table(entries) = &node.value else {
            let message = alloc::format!("this is {}, not a table", node.value.called());
            problems.add(path, node.place, message, "write { name = value, … }");
            return None;
        };
        let read: Vec<Option<(Located<String>, T)>> = entries
            .iter()
            .map(|entry| {
                let value = T::read(&entry.node, &Path::Key(path, &entry.key), problems)?;
                Some((Located { value: entry.key.clone(), place: entry.place }, value))
            })
            .collect();
        read.into_iter().collect::<Option<Vec<_>>>().map(Self)
    }
    fn shape() -> Shape {
        Shape::Keyed(Box::new(T::shape()))
    }
    fn write(&self) -> Value {
        Value::table(self.0.iter().map(|(key, value)| (key.value.clone(), value.write())))
    }
}

/// A pattern that accepts what [`Quantity::parse`] accepts of number and unit.
fn pattern<Q: Quantity>() -> String {
    let words: Vec<&str> = Q::UNITS.iter().map(|unit| unit.0).collect();
    alloc::format!("^ *\\+?[0-9_]+(\\.[0-9_]+)? *({}) *$", words.join("|"))
}

macro_rules! quantity {
    ($unit:ty, $pattern:expr) => {
        impl Element for $unit {
            fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
                let Value::Text(text) = &node.value else {
                    let (called, what) = (node.value.called(), <$unit>::WHAT);
                    let message = alloc::format!("this is {called}, not {what} with its unit");
                    let remedy = alloc::format!(
                        "write it in quotes with its unit, such as {}",
                        <$unit>::EXAMPLE
                    );
                    problems.add(path, node.place, message, remedy);
                    return None;
                };
                match <$unit>::parse(text) {
                    Ok(value) => Some(value),
                    Err(error) => {
                        problems.add(path, node.place, error.message, error.remedy);
                        None
                    }
                }
            }
            fn shape() -> Shape {
                Shape::Text { what: <$unit>::WHAT, example: <$unit>::EXAMPLE, pattern: $pattern }
            }
            fn write(&self) -> Value {
                Value::Text(self.to_string())
            }
        }
    };
}
quantity!(Span, pattern::<Span>());
quantity!(Moment, pattern::<Moment>());
quantity!(Bytes, pattern::<Bytes>());
quantity!(MilliCores, pattern::<MilliCores>());
quantity!(MilliGpu, pattern::<MilliGpu>());
quantity!(Ppm, pattern::<Ppm>());
quantity!(Money, "^ *\\$ *[0-9_,]+(\\.[0-9_]+)? *$".to_string());
quantity!(Price, "^ *\\$ *[0-9_,]+(\\.[0-9_]+)? */ *(h|month|d|min|s) *$".to_string());
quantity!(Frequency, "^ *[0-9_]+(\\.[0-9_]+)? */ *(s|min|h|d|week) *$".to_string());
