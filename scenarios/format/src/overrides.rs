//! Changes single values from the command line: `--set pools.worker-low.count=3`.

use crate::sources::{Origin, Sources};
use crate::steps::{Step, place, problem, steps, written_path};
use crate::toml_tree;
use seatrial_contract::config::{
    Entry, Node, Path, Place, Problem, Problems, Shape, Value, nearest,
};

/// One `key.path=value` from the command line.
///
/// The path goes through tables by key and through lists by the `name` of an entry
/// (`pools.worker-low`) or its position (`pools[0]`). The value is read as TOML where it is TOML
/// and as text otherwise, so that `duration=7 d` needs no quotes inside quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override(pub String);

impl Override {
    /// Sets the value at a path.
    #[must_use]
    pub fn set(path: &str, value: &str) -> Self {
        Self(format!("{path}={value}"))
    }
}

impl From<&str> for Override {
    fn from(text: &str) -> Self {
        Self(text.to_string())
    }
}

impl From<String> for Override {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// Writes all overrides into the tree, in order: a later one wins. The shape, where it is known,
/// tells a list that is absent from a table that is.
pub(crate) fn apply(
    root: &mut Node,
    overrides: &[Override],
    shape: Option<&Shape>,
    sources: &mut Sources,
    problems: &mut Problems,
) {
    for Override(text) in overrides {
        if sources.len() >= Sources::COUNT_MAX {
            let message = format!("more than {} files and overrides", Sources::COUNT_MAX);
            problems.add(&Path::Root, Place::default(), message, "write them into a file");
            return;
        }
        let file = sources.add(format!("--set {text}"), text.clone(), Origin::Override);
        if let Err(problem) = apply_one(root, text, file, shape, problems) {
            problems.push(problem);
        }
    }
}

fn apply_one(
    root: &mut Node,
    text: &str,
    file: u16,
    shape: Option<&Shape>,
    problems: &mut Problems,
) -> Result<(), Problem> {
    let (steps, value_at) = steps(text, file)?;
    let first = steps.first().map(|step| step.word.as_str());
    if first == Some("extends") {
        let message = "`extends` holds for a file, not for a command";
        let remedy = "write it into the file, or name the other file";
        return Err(problem("extends", steps[0].place, message, remedy));
    }
    let path = written_path(&steps);
    let value = value(text, value_at, file, &path, problems);
    descend(root, &steps, value, shape)
}

/// The value behind `=`: TOML, or text where it does not even look like TOML.
fn value(text: &str, at: usize, file: u16, path: &str, problems: &mut Problems) -> Node {
    let bare = text[at..].trim();
    let start = at + text[at..].find(bare).unwrap_or(0);
    let mut found = Problems::default();
    if let Some(node) = toml_tree::parse_value(bare, start, file, &mut found) {
        return node;
    }
    if bare.starts_with(['"', '\'', '[', '{']) {
        for problem in found.sorted() {
            problems.push(Problem { path: path.into(), ..problem.clone() });
        }
    }
    let place = place(file, start, start + bare.len());
    Node { value: Value::Text(bare.to_string()), place }
}

fn descend(
    mut node: &mut Node,
    steps: &[Step],
    value: Node,
    mut shape: Option<&Shape>,
) -> Result<(), Problem> {
    for (depth, step) in steps.iter().enumerate() {
        let (before, path) = (written_path(&steps[..depth]), written_path(&steps[..=depth]));
        let called = node.value.called();
        let last = depth + 1 == steps.len();
        shape = shape.and_then(|shape| inside(shape, step));
        node = match &mut node.value {
            Value::Table(entries) if !step.bracket => {
                let at = entries.iter().position(|entry| entry.key == step.word);
                let list = matches!(shape, Some(Shape::List(_)));
                if list && !last && at.is_none() {
                    let message = format!("`{path}` has no entries that could be changed");
                    return Err(problem(&path, step.place, message, "write them into the file"));
                }
                let at = at.unwrap_or_else(|| {
                    let node = Node { value: Value::Table(Vec::new()), place: step.place };
                    entries.push(Entry { key: step.word.clone(), place: step.place, node });
                    entries.len() - 1
                });
                if last {
                    entries[at].place = step.place;
                }
                &mut entries[at].node
            }
            Value::List(nodes) => {
                let index = find(nodes, step, &before)
                    .map_err(|(message, remedy)| problem(&path, step.place, message, remedy))?;
                &mut nodes[index]
            }
            _ => {
                let (message, remedy) = no_way(called, step, &before);
                return Err(problem(&path, step.place, message, remedy));
            }
        };
    }
    *node = value;
    Ok(())
}

/// The shape one step further in, where there is only one.
fn inside<'s>(shape: &'s Shape, step: &Step) -> Option<&'s Shape> {
    match shape {
        Shape::Table(fields) => Some(&fields.iter().find(|field| field.key == step.word)?.shape),
        Shape::Keyed(inner) | Shape::List(inner) => Some(inner),
        _ => None,
    }
}

/// Message and remedy for a step into something that has no such steps.
fn no_way(called: &str, step: &Step, before: &str) -> (String, String) {
    let what = if before.is_empty() { "the file" } else { before };
    if step.bracket {
        return (
            format!("`{what}` is {called}, not a list"),
            format!("write {what}.{}", step.word),
        );
    }
    let message = format!("`{what}` is {called}, so there is no `{}` in it", step.word);
    (message, format!("write --set {what}=…"))
}

/// More names than this are no help.
const NAMES_MAX: usize = 12;

/// Which entry of a list a step means.
fn find(nodes: &[Node], step: &Step, before: &str) -> Result<usize, (String, String)> {
    if step.bracket
        && let Ok(index) = step.word.parse::<usize>()
    {
        if index < nodes.len() {
            return Ok(index);
        }
        let message = format!("`{before}` has no entry {index}");
        return Err(match nodes.len() {
            0 => (message, "it is empty".into()),
            count => {
                (message, format!("it has {count}, from {before}[0] to {before}[{}]", count - 1))
            }
        });
    }
    let names: Vec<(usize, &str)> = nodes
        .iter()
        .enumerate()
        .filter_map(|(index, node)| Some((index, name_of(node)?)))
        .collect();
    if let Some((index, _)) = names.iter().find(|(_, name)| *name == step.word) {
        return Ok(*index);
    }
    if names.is_empty() {
        let message = format!("the entries of `{before}` have no names");
        return Err((message, format!("write {before}[0] for the first")));
    }
    let message = format!("no `{}` in `{before}`", step.word);
    let remedy = match nearest(&step.word, names.iter().map(|(_, name)| *name)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let more = if names.len() > NAMES_MAX { ", …" } else { "" };
            let some: Vec<&str> = names.iter().take(NAMES_MAX).map(|(_, name)| *name).collect();
            format!("have {}{more}", some.join(", "))
        }
    };
    Err((message, remedy))
}

/// The `name` of a table, where it has one.
pub(crate) fn name_of(node: &Node) -> Option<&str> {
    match node.get("name").map(|name| &name.value) {
        Some(Value::Text(name)) => Some(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "
duration = \"1 d\"
[tiers.free]
tenants = 5
[[pools]]
name = \"worker-low\"
count = 2
[[pools]]
name = \"worker-high\"
count = 1
";

    fn set(text: &str) -> Result<String, String> {
        let (mut sources, mut problems) = (Sources::default(), Problems::default());
        sources.add("x.toml", FILE, Origin::File);
        let mut root = toml_tree::parse(FILE, 0, &mut problems).unwrap();
        apply(&mut root, &[text.into()], None, &mut sources, &mut problems);
        match problems.sorted().first() {
            Some(problem) => Err(problem.to_string()),
            None => Ok(root.value.to_string()),
        }
    }

    #[test]
    fn reaches_tables_by_key_and_lists_by_name_or_position() {
        let before = set("duration=1 d").unwrap();
        let changed = |text, from, to| {
            assert_eq!(set(text), Ok(before.replacen(from, to, 1)), "{text}");
        };
        changed("tiers.free.tenants=10", "5", "10");
        changed(" tiers . \"free\" . tenants = 10 ", "5", "10");
        changed("pools.worker-low.count=3", "2", "3");
        changed("pools[worker-low].count=3", "2", "3");
        changed("pools[0].count=3", "2", "3");
        changed("pools[0]={a=[1]}", r#"{"name":"worker-low","count":2}"#, r#"{"a":[1]}"#);
        changed("tiers.paid.tenants=1", "}}", r#"},"paid":{"tenants":1}}"#);
    }

    #[test]
    fn values_are_toml_where_they_can_be_and_text_otherwise() {
        for (text, value) in [
            ("duration=7d", "\"7d\""),
            ("duration=\"7 d\"", "\"7 d\""),
            ("duration='7 d'", "\"7 d\""),
            ("duration=7 d", "\"7 d\""),
            ("duration=$0.34/h", "\"$0.34/h\""),
            ("duration=a=b", "\"a=b\""),
            ("duration=", "\"\""),
            ("duration=5", "5"),
            ("duration=0.5", "0.5"),
            ("duration=true", "true"),
            ("duration=[1, 2]", "[1,2]"),
        ] {
            let root = set(text).unwrap();
            assert!(root.contains(&format!("\"duration\":{value},")), "{text}: {root}");
        }
    }

    #[test]
    fn what_cannot_be_reached_is_explained() {
        for (text, problem) in [
            ("duration", "there is no `=` and no value; write --set key.path=value"),
            ("=5", "there is no key here; write --set key.path=value"),
            ("a..b=5", "there is no key here; write --set key.path=value"),
            ("a[0=5", "this bracket or quote is never closed; write --set key.path=value"),
            (
                "pools.worker-lwo.count=3",
                "pools.worker-lwo: no `worker-lwo` in `pools`; did you mean `worker-low`?",
            ),
            (
                "pools.database.count=3",
                "pools.database: no `database` in `pools`; have worker-low, worker-high",
            ),
            (
                "pools[7].count=3",
                "pools[7]: `pools` has no entry 7; it has 2, from pools[0] to pools[1]",
            ),
            (
                "duration.x=3",
                "duration.x: `duration` is text, so there is no `x` in it; write --set duration=…",
            ),
            ("tiers[0].x=3", "tiers[0]: `tiers` is a table, not a list; write tiers.0"),
            (
                "extends=b.toml",
                "extends: `extends` holds for a file, not for a command; \
                 write it into the file, or name the other file",
            ),
        ] {
            assert_eq!(set(text), Err(problem.into()), "{text}");
        }
        assert!(set("duration=[1, 2").unwrap_err().contains("never closed"));
        assert!(set(&format!("{}=1", ["a"; 99].join("."))).is_err());
    }
}
