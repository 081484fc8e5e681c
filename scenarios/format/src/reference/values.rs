//! How values are told: what a key takes, what holds where it is left out, how it is written.

use crate::scenario::{DistributionFile, SizeFile};
use seatrial_contract::config::{Element, Entry, Field, Node, Shape, Value};

/// Shapes that many keys take, each with the section that describes it.
pub(super) struct Shared([(Shape, &'static str, &'static str); 2]);

impl Shared {
    pub(super) fn new() -> Self {
        Self([
            (
                DistributionFile::shape(),
                "distribution",
                "a span of time such as \"3 min\", or a distribution",
            ),
            (SizeFile::shape(), "size-distribution", "a size such as \"4 KiB\", or a distribution"),
        ])
    }

    pub(super) fn section(&self, shape: &Shape) -> Option<&'static str> {
        self.0.iter().find(|of| of.0 == *shape).map(|of| of.1)
    }

    fn accepts(&self, shape: &Shape) -> Option<&'static str> {
        self.0.iter().find(|of| of.0 == *shape).map(|of| of.2)
    }
}

/// What a key takes.
pub(super) fn accepts(shape: &Shape, shared: &Shared) -> String {
    if let Some(text) = shared.accepts(shape) {
        return text.to_owned();
    }
    match shape {
        Shape::Bool => "true or false".to_owned(),
        Shape::Integer { least, most } if *most >= i64::from(u32::MAX) => {
            format!("a whole number, {least} or more")
        }
        Shape::Integer { least, most } => format!("a whole number from {least} to {most}"),
        Shape::Decimal => "a number such as 1.5".to_owned(),
        Shape::Text { what, pattern, .. } if pattern.is_empty() => (*what).to_owned(),
        Shape::Text { what, example, .. } => format!("{what} such as {example}"),
        Shape::Words(all) => {
            let words: Vec<String> = all.iter().map(|word| format!("\"{}\"", word.0)).collect();
            format!("one of {}", words.join(", "))
        }
        Shape::List(item) => match &**item {
            Shape::Table(_) | Shape::Choice(_) => "a list of tables".to_owned(),
            item @ Shape::Bool
            | item @ Shape::Integer { .. }
            | item @ Shape::Decimal
            | item @ Shape::Text { .. }
            | item @ Shape::Words(_)
            | item @ Shape::List(_)
            | item @ Shape::Keyed(_)
            | item @ Shape::Either(_)
            | item @ Shape::Any => format!("a list, each {}", accepts(item, shared)),
        },
        Shape::Keyed(value) => format!("names of yours, each with {}", accepts(value, shared)),
        Shape::Table(_) => "a table".to_owned(),
        Shape::Choice(_) => "a table with its `kind`".to_owned(),
        Shape::Either(shapes) => {
            let all: Vec<String> = shapes.iter().map(|shape| accepts(shape, shared)).collect();
            all.join(", or ")
        }
        Shape::Any => "what its reader takes".to_owned(),
    }
}

/// The words that a key takes, with their meanings.
pub(super) fn words(shape: &Shape) -> &[(&'static str, &'static str)] {
    match shape {
        Shape::Words(all) => all,
        Shape::List(item) => words(item),
        Shape::Keyed(value) => words(value),
        Shape::Bool
        | Shape::Integer { .. }
        | Shape::Decimal
        | Shape::Text { .. }
        | Shape::Table(_)
        | Shape::Choice(_)
        | Shape::Either(_)
        | Shape::Any => &[],
    }
}

/// What holds where the key is left out.
pub(super) fn default(field: &Field) -> String {
    let Some(default) = &field.default else { return "required".to_owned() };
    match (default, &field.shape) {
        (Value::Integer(number), _) if *number == i64::from(u32::MAX) => "no limit".to_owned(),
        (Value::Table(entries), Shape::Table(fields))
            if !entries.is_empty() && entries.iter().all(|entry| is_default(entry, fields)) =>
        {
            "the defaults of its keys".to_owned()
        }
        (default, _) => written(default).unwrap_or_else(|| "none".to_owned()),
    }
}

/// Whether an entry of a table says what its key means where it is left out.
fn is_default(entry: &Entry, fields: &[Field]) -> bool {
    let field = fields.iter().find(|field| field.key == entry.key);
    field.and_then(|field| field.default.as_ref()) == Some(&entry.node.value)
}

/// A value as TOML writes it in a line; none where there is nothing to write.
fn written(value: &Value) -> Option<String> {
    Some(match value {
        Value::Bool(_) | Value::Integer(_) | Value::Decimal(_) => value.to_string(),
        Value::Text(text) if text.is_empty() => return None,
        // Nothing is told in the unit that people would write it in.
        Value::Text(text) if text == "0 ns" => "\"0 s\"".to_owned(),
        Value::Text(text) if text == "0 m" => "\"0 cores\"".to_owned(),
        Value::Text(_) => value.to_string(),
        Value::List(nodes) => {
            let all: Vec<String> = nodes.iter().filter_map(|node| written(&node.value)).collect();
            if all.is_empty() {
                return None;
            }
            format!("[{}]", all.join(", "))
        }
        Value::Table(entries) => {
            let entry = |key: &str, node: &Node| Some(format!("{key} = {}", written(&node.value)?));
            let all = entries.iter().filter_map(|of| entry(&of.key, &of.node));
            let all: Vec<String> = all.collect();
            if all.is_empty() {
                return None;
            }
            format!("{{ {} }}", all.join(", "))
        }
        Value::Other(_) => return None,
    })
}

/// How a value of this shape may be written.
pub(super) fn example(shape: &Shape) -> String {
    match shape {
        Shape::Bool => "true".to_owned(),
        Shape::Integer { least, .. } => (*least).max(1).to_string(),
        Shape::Decimal => "1.5".to_owned(),
        Shape::Text { example, .. } => (*example).to_owned(),
        Shape::Words(all) => format!("\"{}\"", all.first().map_or("", |word| word.0)),
        Shape::List(item) => format!("[{}]", example(item)),
        Shape::Keyed(value) => format!("{{ NAME = {} }}", example(value)),
        Shape::Table(fields) => {
            let required = fields.iter().filter(|field| field.default.is_none());
            let all = required.map(|of| format!("{} = {}", of.key, example(&of.shape)));
            format!("{{ {} }}", all.collect::<Vec<_>>().join(", "))
        }
        Shape::Choice(variants) => variants.first().map_or_else(String::new, |variant| {
            let kind = format!("kind = \"{}\"", variant.word);
            let inner = example(&variant.shape);
            let keys = inner.strip_prefix("{ ").and_then(|keys| keys.strip_suffix(" }"));
            let keys = keys.unwrap_or_default();
            if keys.is_empty() { format!("{{ {kind} }}") } else { format!("{{ {kind}, {keys} }}") }
        }),
        Shape::Either(shapes) => shapes.first().map_or_else(String::new, example),
        Shape::Any => "{}".to_owned(),
    }
}
