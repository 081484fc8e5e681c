//! The policies of a file and what each is called there. Knows no policy.

use crate::PolicyConfig;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::{Deref, DerefMut};
use seatrial_contract::config::{
    Element, Field, Located, Name, Node, Path, Problems, Shape, Value, Variant,
};

/// A policy as a file has it.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedPolicy {
    /// What the file calls it; its kind where the file does not.
    name: Option<Located<Name>>,
    /// The policy.
    pub config: PolicyConfig,
}

/// Policies in the order of their file, no two of one name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PolicyList(Vec<NamedPolicy>);

impl NamedPolicy {
    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        self.name.as_ref().map_or_else(|| self.config.word(), |name| name.as_str())
    }
}

impl From<PolicyConfig> for NamedPolicy {
    fn from(config: PolicyConfig) -> Self {
        Self { name: None, config }
    }
}

impl Deref for NamedPolicy {
    type Target = PolicyConfig;
    fn deref(&self) -> &PolicyConfig {
        &self.config
    }
}

impl FromIterator<PolicyConfig> for PolicyList {
    fn from_iter<T: IntoIterator<Item = PolicyConfig>>(all: T) -> Self {
        Self(all.into_iter().map(NamedPolicy::from).collect())
    }
}

impl Deref for PolicyList {
    type Target = [NamedPolicy];
    fn deref(&self) -> &[NamedPolicy] {
        &self.0
    }
}

impl DerefMut for PolicyList {
    fn deref_mut(&mut self) -> &mut [NamedPolicy] {
        &mut self.0
    }
}

const NAME: &str = "name";

impl Element for NamedPolicy {
    fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
        let Value::Table(entries) = &node.value else {
            return PolicyConfig::read(node, path, problems).map(Self::from);
        };
        let named = node.get(NAME).filter(|name| name.value != Value::NOTHING);
        let name = named.map(|name| {
            let name = Located::<Name>::read(name, &Path::Key(path, NAME), problems)?;
            Some(name)
        });
        let rest = entries.iter().filter(|entry| entry.key != NAME).cloned().collect();
        let rest = Node { value: Value::Table(rest), place: node.place };
        let config = PolicyConfig::read(&rest, path, problems)?;
        match name {
            None => Some(config.into()),
            Some(name) => Some(Self { name: Some(name?), config }),
        }
    }

    fn shape() -> Shape {
        let Shape::Choice(variants) = PolicyConfig::shape() else { return Shape::Any };
        Shape::Choice(variants.into_iter().map(with_a_name).collect())
    }

    fn write(&self) -> Value {
        let config = self.config.write();
        match (&self.name, config) {
            (Some(name), Value::Table(entries)) => {
                let rest = entries.into_iter().map(|entry| (entry.key, entry.node.value));
                Value::table(rest.chain([(NAME.to_string(), name.write())]))
            }
            (_, config) => config,
        }
    }
}

fn with_a_name(variant: Variant) -> Variant {
    let Shape::Table(mut fields) = variant.shape else { return variant };
    let doc = "What it is called in tables and for `--set`: its kind where left out, which only one \
               policy of a file may be called.";
    let default = Some(Value::NOTHING);
    fields.insert(0, Field { key: NAME, doc: doc.to_string(), default, shape: Name::shape() });
    Variant { shape: Shape::Table(fields), ..variant }
}

impl Element for PolicyList {
    fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
        let all = Vec::<NamedPolicy>::read(node, path, problems)?;
        let before = problems.len();
        for (index, one) in all.iter().enumerate() {
            let mut others = all.iter().take(index);
            if let Some(other) = others.find(|other| other.name() == one.name()) {
                let path = Path::Index(path, index);
                let place = match (&one.name, &node.value) {
                    (Some(name), _) => name.place,
                    (None, Value::List(nodes)) => {
                        nodes.get(index).map_or(node.place, |of| of.place)
                    }
                    (None, _) => node.place,
                };
                let message = format!("two policies are called `{}`", one.name());
                let remedy = remedy(one, other);
                problems.add(&Path::Key(&path, NAME), place, message, remedy);
            }
        }
        (problems.len() == before).then_some(Self(all))
    }
    fn shape() -> Shape {
        Vec::<NamedPolicy>::shape()
    }
    fn write(&self) -> Value {
        self.0.write()
    }
}

fn remedy(one: &NamedPolicy, other: &NamedPolicy) -> String {
    match (&one.name, &other.name) {
        (None, None) => format!(
            "give this one a name of its own: name = \"{}-2\"; without one it is called by its kind",
            one.word()
        ),
        _ => "rename one of the two".to_string(),
    }
}
