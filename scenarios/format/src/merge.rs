//! Lays one file over another. Knows no files, only their trees.

use crate::overrides::name_of;
use crate::sources::Sources;
use seatrial_contract::config::{Entry, Node, Path, Place, Problems, Value};
use std::collections::BTreeMap;

/// Lays `over` on `base`: tables key by key, lists of named tables name by name, all else
/// replaced. A table whose `kind` changes is replaced, since its other keys belong to the kind.
/// What is merged stands where `over` says it, down to single values.
pub(crate) fn merge(base: Node, over: Node) -> Node {
    let place = over.place;
    let value = match (base.value, over.value) {
        (Value::Table(mut entries), Value::Table(overs)) => {
            if !same_kind(&entries_kind(&entries), &entries_kind(&overs)) {
                return Node { value: Value::Table(overs), place };
            }
            let at = index(entries.iter().map(|entry| entry.key.as_str()));
            for over in overs {
                match at.get(&over.key).map(|index| &mut entries[*index]) {
                    Some(entry) => {
                        entry.place = over.place;
                        entry.node = merge(std::mem::replace(&mut entry.node, NOTHING), over.node);
                    }
                    None => entries.push(over),
                }
            }
            Value::Table(entries)
        }
        (Value::List(nodes), Value::List(overs)) if named(&nodes) && named(&overs) => {
            Value::List(merge_by_name(nodes, overs))
        }
        (_, value) => value,
    };
    Node { value, place }
}

const NOTHING: Node = Node { value: Value::NOTHING, place: Place { file: 0, start: 0, end: 0 } };

fn merge_by_name(mut nodes: Vec<Node>, overs: Vec<Node>) -> Vec<Node> {
    let at = index(nodes.iter().filter_map(name_of));
    for over in overs {
        match name_of(&over).and_then(|name| at.get(name)) {
            Some(index) => {
                let base = std::mem::replace(&mut nodes[*index], NOTHING);
                nodes[*index] = merge(base, over);
            }
            None => nodes.push(over),
        }
    }
    nodes
}

/// Where each word stands first.
fn index<'a>(words: impl Iterator<Item = &'a str>) -> BTreeMap<String, usize> {
    let mut at = BTreeMap::new();
    for (index, word) in words.enumerate() {
        at.entry(word.to_string()).or_insert(index);
    }
    at
}

fn named(nodes: &[Node]) -> bool {
    !nodes.is_empty() && nodes.iter().all(|node| name_of(node).is_some())
}

fn entries_kind(entries: &[Entry]) -> Option<Value> {
    let kind = entries.iter().find(|entry| entry.key == "kind");
    kind.map(|kind| kind.node.value.clone())
}

/// A table that says no kind keeps the one below it.
fn same_kind(base: &Option<Value>, over: &Option<Value>) -> bool {
    over.is_none() || base == over
}

/// Reports names that stand twice in one list of one file.
pub(crate) fn repeated_names(
    node: &Node,
    path: &Path<'_>,
    sources: &Sources,
    problems: &mut Problems,
) {
    match &node.value {
        Value::Table(entries) => {
            for entry in entries {
                repeated_names(&entry.node, &Path::Key(path, &entry.key), sources, problems);
            }
        }
        Value::List(nodes) => {
            let mut first: BTreeMap<&str, &Node> = BTreeMap::new();
            for (index, node) in nodes.iter().enumerate() {
                let path = Path::Index(path, index);
                repeated_names(node, &path, sources, problems);
                let (Some(name), Some(at)) = (name_of(node), node.get("name")) else { continue };
                let Some(before) = first.get(name) else {
                    first.insert(name, at);
                    continue;
                };
                let line = sources.called(before.place, at.place);
                let message = format!("the name `{name}` is taken");
                let remedy = format!("rename this one or the one in {line}");
                problems.add(&Path::Key(&path, "name"), at.place, message, remedy);
            }
        }
        Value::Bool(_)
        | Value::Integer(_)
        | Value::Decimal(_)
        | Value::Text(_)
        | Value::Other(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::Origin;
    use crate::toml_tree::parse;

    fn merged(base: &str, over: &str) -> String {
        let read = |text, file| parse(text, file, &mut Problems::default()).unwrap();
        merge(read(base, 1), read(over, 0)).value.to_string()
    }

    #[test]
    fn tables_merge_key_by_key() {
        let text = merged("a.b = 1\na.c.d = 2\ne = 3", "a.c.d = 4\na.f = 5");
        assert_eq!(text, r#"{"a":{"b":1,"c":{"d":4},"f":5},"e":3}"#);
    }

    #[test]
    fn named_lists_merge_by_name_and_others_are_replaced() {
        let base = "pools = [{ name = 'a', count = 1, cpu = 2 }, { name = 'b' }]\nn = [1, 2, 3]";
        let over = "pools = [{ name = 'c' }, { name = 'a', count = 9 }]\nn = [4]";
        let text =
            r#"{"pools":[{"name":"a","count":9,"cpu":2},{"name":"b"},{"name":"c"}],"n":[4]}"#;
        assert_eq!(merged(base, over), text);
        assert_eq!(merged("p = [{ name = 'a' }]", "p = []"), r#"{"p":[]}"#);
    }

    #[test]
    fn another_kind_brings_its_own_keys() {
        let base = "distribution = { kind = 'poisson', rate = '3/s' }";
        let fixed = "distribution = { kind = 'fixed', every = '1 s' }";
        assert_eq!(merged(base, fixed), r#"{"distribution":{"kind":"fixed","every":"1 s"}}"#);
        assert_eq!(
            merged(base, "distribution.rate = '9/s'"),
            r#"{"distribution":{"kind":"poisson","rate":"9/s"}}"#
        );
    }

    #[test]
    fn values_keep_pointing_into_their_own_file() {
        let read = |text, file| parse(text, file, &mut Problems::default()).unwrap();
        let node = merge(read("a.b = 1\na.c = 2", 1), read("a.c = 3", 0));
        let a = node.get("a").unwrap();
        let file = |key| a.get(key).map(|node| node.place.file);
        assert_eq!((file("b"), file("c")), (Some(1), Some(0)));
    }

    #[test]
    fn a_name_stands_once_in_a_list() {
        let text = "[[pools]]\nname = 'a'\n[[pools]]\nname = 'a'\n";
        let (mut sources, mut problems) = (Sources::default(), Problems::default());
        sources.add("x.toml", text, Origin::File);
        let node = parse(text, 0, &mut problems).unwrap();
        repeated_names(&node, &Path::Root, &sources, &mut problems);
        let told: Vec<String> = problems.sorted().iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            ["pools[1].name: the name `a` is taken; rename this one or the one in line 2"]
        );
    }
}
