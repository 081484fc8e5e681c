//! Changes single values from the command line: `--set pools.worker-low.count=3`.

use crate::scenario::Policies;
use crate::sources::{Origin, Sources};
use crate::steps::{Step, place, problem, steps, written_path};
use crate::toml_tree;
use seatrial_contract::config::{
    Element, Entry, Field, Node, Path, Place, Problem, Problems, Shape, Value, nearest,
};

/// One `key.path=value` from the command line.
///
/// The path goes through tables by key and through lists by the `name` of an entry
/// (`pools.worker-low`), by the `kind` of one without a name (`policies.hpa`), or by its position
/// (`pools[0]`). The value is read as TOML where it is TOML and as text otherwise, so that
/// `duration=7 d` needs no quotes inside quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override(pub String);

impl Override {
    /// Sets the value at a path.
    #[must_use]
    pub fn set(path: &str, value: &str) -> Self {
        Self(format!("{path}={value}"))
    }

    /// Those for the scenario itself and those for the policy file that it names: whatever its own
    /// section `policies` does not have is the policy file's.
    #[must_use]
    pub fn parted(overrides: &[Self]) -> (Vec<Self>, Vec<Self>) {
        overrides.iter().cloned().partition(|one| !one.is_for_policies())
    }

    fn is_for_policies(&self) -> bool {
        let Ok((steps, _)) = steps(&self.0, 0) else { return false };
        let [first, second, ..] = &steps[..] else { return false };
        let is_own = |step: &Step| match Policies::shape() {
            Shape::Table(fields) => !step.bracket && fields.iter().any(|of| of.key == step.word),
            Shape::Bool
            | Shape::Integer { .. }
            | Shape::Decimal
            | Shape::Text { .. }
            | Shape::Words(_)
            | Shape::List(_)
            | Shape::Keyed(_)
            | Shape::Choice(_)
            | Shape::Either(_)
            | Shape::Any => false,
        };
        first.word == POLICIES && !is_own(second)
    }
}

/// The section of a scenario that names its policy file, and the list of that file.
const POLICIES: &str = "policies";

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

/// Says of overrides of a policy file's values that there is no policy file.
pub fn nothing_to_change(overrides: &[Override], sources: &mut Sources, problems: &mut Problems) {
    for Override(text) in overrides.iter().take(Sources::COUNT_MAX.saturating_sub(sources.len())) {
        let file = sources.add(format!("--set {text}"), text.clone(), Origin::Override);
        let Ok((steps, _)) = steps(text, file) else { continue };
        let message = "the scenario names no policy file whose values could be changed";
        let remedy = "name one in front of it: --set policies.file=FILE";
        problems.push(problem(&written_path(&steps), steps[0].place, message, remedy));
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
    descend(root, within_policies(&steps, shape), value, shape)
}

/// The steps within a policy file. One set that runs and one set that is looked at alone are changed
/// alike: `policies.tick` is the file's `tick`, beside `policies.hpa` of its list.
fn within_policies<'s>(steps: &'s [Step], shape: Option<&Shape>) -> &'s [Step] {
    let (Some(Shape::Table(fields)), [first, rest @ ..]) = (shape, steps) else { return steps };
    let is_list = |field: &Field| field.key == POLICIES && matches!(field.shape, Shape::List(_));
    let is_own = |step: &Step| !step.bracket && fields.iter().any(|of| of.key == step.word);
    let through = first.word == POLICIES && fields.iter().any(is_list);
    if through && rest.first().is_some_and(is_own) { rest } else { steps }
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
    // What an entry of a policy file's list may be mistaken for.
    let own: Vec<&str> = match shape {
        Some(Shape::Table(fields)) => {
            fields.iter().map(|field| field.key).filter(|key| *key != POLICIES).collect()
        }
        _ => Vec::new(),
    };
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
                let own = if before == POLICIES { &own[..] } else { &[] };
                let index = find(nodes, step, &before, own)
                    .map_err(|(message, remedy)| problem(&path, step.place, message, remedy))?;
                &mut nodes[index]
            }
            Value::Bool(_)
            | Value::Integer(_)
            | Value::Decimal(_)
            | Value::Text(_)
            | Value::Table(_)
            | Value::Other(_) => {
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
        Shape::Bool
        | Shape::Integer { .. }
        | Shape::Decimal
        | Shape::Text { .. }
        | Shape::Words(_)
        | Shape::Choice(_)
        | Shape::Either(_)
        | Shape::Any => None,
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

/// Which entry of a list a step means, where these other words might have been meant.
fn find(
    nodes: &[Node],
    step: &Step,
    before: &str,
    others: &[&str],
) -> Result<usize, (String, String)> {
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
    let names: Vec<(usize, &str)> =
        nodes.iter().enumerate().filter_map(|(index, node)| Some((index, called(node)?))).collect();
    let mut meant = names.iter().filter(|(_, name)| *name == step.word).map(|(index, _)| *index);
    if let (Some(index), next) = (meant.next(), meant.next()) {
        let Some(next) = next else { return Ok(index) };
        let message = format!("several in `{before}` are called `{}`", step.word);
        let remedy = format!(
            "give each a `name` in the file, or write {before}[{index}] or {before}[{next}]"
        );
        return Err((message, remedy));
    }
    if names.is_empty() {
        let message = format!("the entries of `{before}` have no names");
        return Err((message, format!("write {before}[0] for the first")));
    }
    let message = format!("no `{}` in `{before}`", step.word);
    let words = || names.iter().map(|(_, name)| *name).chain(others.iter().copied());
    let remedy = match nearest(&step.word, words()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let more = if words().count() > NAMES_MAX { ", …" } else { "" };
            let some: Vec<&str> = words().take(NAMES_MAX).collect();
            format!("have {}{more}", some.join(", "))
        }
    };
    Err((message, remedy))
}

/// What an entry of a list is called: its `name`, or without one its `kind`.
fn called(node: &Node) -> Option<&str> {
    name_of(node).or_else(|| match node.get("kind").map(|kind| &kind.value) {
        Some(Value::Text(kind)) => Some(kind),
        _ => None,
    })
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
        set_in(FILE, text)
    }

    fn set_in(file: &str, text: &str) -> Result<String, String> {
        let (mut sources, mut problems) = (Sources::default(), Problems::default());
        sources.add("x.toml", file, Origin::File);
        let mut root = toml_tree::parse(file, 0, &mut problems).unwrap();
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
    fn an_entry_without_a_name_goes_by_its_kind() {
        let file = "policies = [{ kind = \"a\" }, { kind = \"b\" }, { kind = \"b\" }, { kind = \"a\", name = \"c\" }]";
        let set = |text: &str| set_in(file, text);
        assert!(set("policies.a.x=1").unwrap().contains(r#"[{"kind":"a","x":1},"#));
        assert!(set("policies.c.x=1").unwrap().contains(r#""name":"c","x":1}]"#));
        let several = "policies.b: several in `policies` are called `b`; \
            give each a `name` in the file, or write policies[1] or policies[2]";
        assert_eq!(set("policies.b.x=1"), Err(several.into()));
    }

    #[test]
    fn what_a_scenario_says_of_its_policy_file_stays_with_it() {
        let sets = ["policies.file=a", "duration=1d", "policies={}", "policies.x", "broken"];
        let of_policies =
            ["policies.tick=1s", "policies.a.b=1", "policies[0].b=1", "policies[file]=1"];
        let all: Vec<Override> = sets.iter().chain(&of_policies).map(|set| (*set).into()).collect();
        let texts = |all: Vec<Override>| all.into_iter().map(|one| one.0).collect::<Vec<_>>();
        let (own, rest) = Override::parted(&all);
        assert_eq!(
            (texts(own), texts(rest)),
            (sets.map(String::from).into(), of_policies.map(String::from).into())
        );
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
