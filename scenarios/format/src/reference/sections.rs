//! From the shapes of elements to sections with keys. Writes no text for a page.

use super::values::{Shared, accepts, default, example, words};
use super::{Key, Section};
use crate::check::limits;
use seatrial_contract::config::{Field, Shape, Variant};

/// Goes through a shape and notes each table that it meets.
pub(super) struct Walk {
    sections: Vec<Section>,
    limits: Vec<(&'static str, String)>,
    shared: Shared,
    /// What stands before the names of all sections.
    prefix: &'static str,
}

/// Where a table stands.
#[derive(Clone)]
struct Spot {
    name: String,
    /// The keys that lead to it.
    path: String,
    header: String,
    doc: String,
}

impl Walk {
    fn new(prefix: &'static str) -> Self {
        let limits = if prefix.is_empty() { limits() } else { Vec::new() };
        Self { sections: Vec::new(), limits, shared: Shared::new(), prefix }
    }

    pub(super) fn scenario(shape: &Shape) -> Vec<Section> {
        Self::file("", "scenario", "The keys at the top of a scenario file.", shape)
    }

    pub(super) fn bridge(shape: &Shape) -> Vec<Section> {
        Self::file("bridge.", "bridge", "The keys at the top of a bridge's file.", shape)
    }

    pub(super) fn suite(shape: &Shape) -> Vec<Section> {
        Self::file("suite.", "suite", "The keys at the top of a suite.", shape)
    }

    pub(super) fn policy_file(shape: &Shape) -> Vec<Section> {
        let doc = "The keys at the top of a policy file.";
        Self::file("policy-file.", "policy-file", doc, shape)
    }

    fn file(prefix: &'static str, name: &str, doc: &str, shape: &Shape) -> Vec<Section> {
        let mut walk = Self::new(prefix);
        let spot = Spot {
            name: name.to_owned(),
            path: String::new(),
            header: String::new(),
            doc: doc.to_owned(),
        };
        walk.visit(&spot, shape);
        walk.sections
    }

    /// A choice that many keys take, described once.
    pub(super) fn shared(name: &'static str, doc: &str, shape: &Shape) -> Vec<Section> {
        let mut walk = Self::new("");
        let spot = Spot {
            name: name.to_owned(),
            path: String::new(),
            header: "KEY".to_owned(),
            doc: doc.to_owned(),
        };
        if let Shape::Either(shapes) = shape {
            shapes.iter().for_each(|shape| walk.visit(&spot, shape));
        }
        walk.sections
    }

    fn visit(&mut self, spot: &Spot, shape: &Shape) {
        match shape {
            Shape::Table(fields) => self.table(spot, None, fields),
            Shape::Choice(variants) => self.choice(spot, variants),
            Shape::List(item) => self.visit(spot, item),
            Shape::Keyed(value) => self.visit(spot, value),
            Shape::Either(shapes) => shapes.iter().for_each(|shape| self.visit(spot, shape)),
            Shape::Bool
            | Shape::Integer { .. }
            | Shape::Decimal
            | Shape::Text { .. }
            | Shape::Words(_)
            | Shape::Any => {}
        }
    }

    fn limit(&self, name: &str) -> String {
        self.limits.iter().find(|of| of.0 == name).map_or_else(String::new, |of| of.1.clone())
    }

    fn table(&mut self, spot: &Spot, kind: Option<&str>, fields: &[Field]) {
        let prefix = self.prefix;
        let at = |key: &str| match spot.path.as_str() {
            "" => format!("{prefix}{key}"),
            _ => format!("{}.{key}", spot.name),
        };
        let keys = fields.iter().map(|field| {
            let name = at(field.key);
            let see = has_table(&self.shared, &field.shape).then(|| name.clone());
            Key {
                name: field.key,
                doc: field.doc.clone(),
                accepts: accepts(&field.shape, &self.shared),
                default: default(field),
                limit: self.limit(&name),
                words: telling(words(&field.shape)),
                see: see.or_else(|| self.shared.section(&field.shape).map(ToOwned::to_owned)),
            }
        });
        let keys = keys.collect();
        self.sections.push(Section {
            name: spot.name.clone(),
            doc: spot.doc.clone(),
            kinds: Vec::new(),
            keys,
            example: shortest(&spot.header, kind, fields),
            limit: self.limit(&spot.name),
        });
        for field in fields {
            if self.shared.section(&field.shape).is_none() {
                let path = match spot.path.as_str() {
                    "" => field.key.to_owned(),
                    path => format!("{path}.{}", field.key),
                };
                let name = at(field.key);
                let (path, header) = headed(path, &field.shape);
                self.visit(&Spot { name, path, header, doc: field.doc.clone() }, &field.shape);
            }
        }
    }

    fn choice(&mut self, spot: &Spot, variants: &[Variant]) {
        self.sections.push(Section {
            name: spot.name.clone(),
            doc: spot.doc.clone(),
            kinds: variants.iter().map(|of| (of.word, of.doc.clone())).collect(),
            keys: Vec::new(),
            example: String::new(),
            limit: self.limit(&spot.name),
        });
        for variant in variants {
            // A policy is asked for by its own word.
            let name = match spot.name.as_str() {
                "policy-file.policies" => variant.word.to_owned(),
                name => format!("{name}.{}", variant.word),
            };
            let path = if spot.path.is_empty() { "KEY" } else { &spot.path };
            let inner = Spot {
                name,
                path: path.to_owned(),
                header: spot.header.clone(),
                doc: variant.doc.clone(),
            };
            if let Shape::Table(fields) = &variant.shape {
                self.table(&inner, Some(variant.word), fields);
            }
        }
    }
}

/// The words whose meaning says more than they do themselves.
fn telling(words: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let says_more = |of: &&(&str, &str)| !of.1.trim_end_matches('.').eq_ignore_ascii_case(of.0);
    words.iter().filter(says_more).copied().collect()
}

/// How a key's tables begin, and the path that leads into one.
fn headed(path: String, shape: &Shape) -> (String, String) {
    match shape {
        Shape::List(_) => (path.clone(), format!("[[{path}]]")),
        Shape::Keyed(_) => {
            let path = format!("{path}.NAME");
            (path.clone(), format!("[{path}]"))
        }
        Shape::Table(_)
        | Shape::Choice(_)
        | Shape::Either(_)
        | Shape::Bool
        | Shape::Integer { .. }
        | Shape::Decimal
        | Shape::Text { .. }
        | Shape::Words(_)
        | Shape::Any => (path.clone(), format!("[{path}]")),
    }
}

/// Whether a section of its own describes what this key takes.
fn has_table(shared: &Shared, shape: &Shape) -> bool {
    if shared.section(shape).is_some() {
        return false;
    }
    match shape {
        Shape::Table(_) | Shape::Choice(_) => true,
        Shape::List(inner) | Shape::Keyed(inner) => has_table(shared, inner),
        Shape::Either(shapes) => shapes.iter().any(|shape| has_table(shared, shape)),
        Shape::Bool
        | Shape::Integer { .. }
        | Shape::Decimal
        | Shape::Text { .. }
        | Shape::Words(_)
        | Shape::Any => false,
    }
}

/// The least that a table must say.
fn shortest(header: &str, kind: Option<&str>, fields: &[Field]) -> String {
    let required: Vec<&Field> = fields.iter().filter(|field| field.default.is_none()).collect();
    if header == "KEY" {
        let kind = kind.map(|kind| format!("kind = \"{kind}\""));
        let keys = required.iter().map(|of| format!("{} = {}", of.key, example(&of.shape)));
        let all: Vec<String> = kind.into_iter().chain(keys).collect();
        return format!("KEY = {{ {} }}", all.join(", "));
    }
    let mut lines = Vec::new();
    if !header.is_empty() {
        lines.push(header.to_owned());
    }
    lines.extend(kind.map(|kind| format!("kind = \"{kind}\"")));
    lines.extend(required.iter().map(|of| format!("{} = {}", of.key, example(&of.shape))));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;
    use seatrial_contract::config::Element;

    #[test]
    fn every_bound_is_of_a_section_or_a_key() {
        let sections = Walk::scenario(&Scenario::shape());
        for (of, limit) in limits() {
            let is_section = sections.iter().any(|section| section.name == of);
            let shows = sections
                .iter()
                .flat_map(|section| section.keys.iter().map(move |key| (section, key)));
            let is_key = shows.into_iter().any(|(section, key)| {
                let name = format!("{}.{}", section.name, key.name);
                key.limit == limit && (name == of || name == format!("scenario.{of}"))
            });
            assert!(is_section || is_key, "`{of}` is bounded and does not exist");
        }
    }

    #[test]
    fn tables_within_tables_and_kinds_have_sections_of_their_own() {
        let sections = Walk::scenario(&Scenario::shape());
        let named = |name: &str| sections.iter().find(|section| section.name == name).unwrap();
        assert_eq!(named("stacks.parts").example.lines().next(), Some("[[stacks.parts]]"));
        let closed = named("traffic.arrivals.closed");
        assert_eq!(
            closed.keys.iter().map(|key| key.name).collect::<Vec<_>>(),
            ["clients", "think"]
        );
        assert!(closed.example.contains("kind = \"closed\""), "{}", closed.example);
        assert!(named("traffic.arrivals").kinds.iter().any(|kind| kind.0 == "closed"));
    }
}
