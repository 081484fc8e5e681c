//! Reads the keys of one table: all of them, so that all problems are told at once.

use super::renamed::renamed;
use super::{Element, Entry, Node, Path, Problems, Value};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Nobody mends more keys of one table one by one: a broken generator wrote them.
const UNKNOWN_MAX: usize = 1_000;
/// Nobody has more to choose among, and a file may name any number.
const CANDIDATES_MAX: usize = 1_000;

/// A table being read.
pub struct Fields<'a> {
    entries: &'a [Entry],
    node: &'a Node,
    path: &'a Path<'a>,
}

impl<'a> Fields<'a> {
    /// Opens a table and reports the keys that it should not have.
    pub fn open(
        node: &'a Node,
        path: &'a Path<'a>,
        problems: &mut Problems,
        keys: &[&'static str],
        former: &[(&'static str, &'static str)],
    ) -> Option<Self> {
        let Value::Table(entries) = &node.value else {
            let message = alloc::format!("this is {}, not a table", node.value.called());
            let remedy = alloc::format!("write {{ key = value, … }}; {}", keys_are(keys));
            problems.add(path, node.place, message, remedy);
            return None;
        };
        let unknown = || entries.iter().filter(|entry| !keys.contains(&entry.key.as_str()));
        for (index, entry) in unknown().enumerate() {
            let path = Path::Key(path, &entry.key);
            if index == UNKNOWN_MAX {
                let message = alloc::format!("{} more unknown keys", unknown().count() - index);
                problems.add(&path, entry.place, message, keys_are(keys));
                break;
            }
            if let Some((was, remedy)) = former.iter().find(|(was, _)| *was == entry.key) {
                let message = alloc::format!("`{was}` is no longer a key");
                problems.add(&path, entry.place, message, *remedy);
                continue;
            }
            let message = alloc::format!("unknown key `{}`", entry.key);
            let known = || keys.iter().copied();
            let remedy = match (renamed(&entry.key, known()), nearest(&entry.key, known())) {
                (Some(new), _) => alloc::format!("it is called `{new}` now"),
                (None, Some(near)) => alloc::format!("did you mean `{near}`?"),
                (None, None) => keys_are(keys),
            };
            problems.add(&path, entry.place, message, remedy);
        }
        Some(Self { entries, node, path })
    }

    /// An absent option is written as nothing, so nothing is read as absent.
    fn find(&self, key: &str) -> Option<&'a Node> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        (entry.node.value != Value::NOTHING).then_some(&entry.node)
    }

    /// A key that must be there.
    pub fn required<T: Element>(&self, key: &'static str, problems: &mut Problems) -> Option<T> {
        let path = Path::Key(self.path, key);
        let Some(node) = self.find(key) else {
            let message = alloc::format!("`{key}` is missing");
            problems.add(&path, self.node.place, message, example_of(key, &T::shape()));
            return None;
        };
        T::read(node, &path, problems)
    }

    /// A key that may be there.
    pub fn optional<T: Element>(
        &self,
        key: &'static str,
        problems: &mut Problems,
        default: impl FnOnce() -> T,
    ) -> Option<T> {
        match self.find(key) {
            Some(node) => T::read(node, &Path::Key(self.path, key), problems),
            None => Some(default()),
        }
    }
}

/// The words a choice offers and what each is read into.
pub type Kinds<T> = [(&'static str, fn(&Node, &Path<'_>, &mut Problems) -> Option<T>)];

/// Reads a table by its `kind`.
pub fn choose<T>(
    node: &Node,
    path: &Path<'_>,
    problems: &mut Problems,
    kinds: &Kinds<T>,
) -> Option<T> {
    let words = || kinds.iter().map(|kind| kind.0);
    let Value::Table(entries) = &node.value else {
        let message = alloc::format!("this is {}, not a table", node.value.called());
        let word = kinds.first().map_or("", |kind| kind.0);
        problems.add(path, node.place, message, alloc::format!("write {{ kind = \"{word}\", … }}"));
        return None;
    };
    let kind_path = Path::Key(path, "kind");
    let Some(kind) = node.get("kind") else {
        let word = kinds.first().map_or("", |kind| kind.0);
        let remedy = alloc::format!("add `kind = \"{word}\"`, or another; {}", one_of(words()));
        problems.add(&kind_path, node.place, "`kind` is missing", remedy);
        return None;
    };
    let Value::Text(word) = &kind.value else {
        let message = alloc::format!("`kind` is {}, not text", kind.value.called());
        problems.add(&kind_path, kind.place, message, one_of(words()));
        return None;
    };
    let Some((_, read)) = kinds.iter().find(|kind| kind.0 == word) else {
        let remedy = match nearest(word, words()) {
            Some(near) => alloc::format!("did you mean `{near}`? ({})", one_of(words())),
            None => one_of(words()),
        };
        problems.add(&kind_path, kind.place, alloc::format!("no kind `{word}`"), remedy);
        return None;
    };
    let rest = entries.iter().filter(|entry| entry.key != "kind").cloned().collect();
    read(&Node { value: Value::Table(rest), place: node.place }, path, problems)
}

fn one_of<'a>(words: impl Iterator<Item = &'a str>) -> String {
    alloc::format!("have {}", words.collect::<Vec<_>>().join(", "))
}

fn keys_are(keys: &[&'static str]) -> String {
    if keys.is_empty() {
        return "leave it out: it takes no keys".to_string();
    }
    alloc::format!("its keys are {}", keys.join(", "))
}

fn example_of(key: &str, shape: &super::Shape) -> String {
    use super::Shape;
    match shape {
        Shape::Text { example, .. } => alloc::format!("add `{key} = {example}`"),
        Shape::Bool => alloc::format!("add `{key} = true` or `{key} = false`"),
        Shape::Integer { .. } => alloc::format!("add `{key} = 1`, as a whole number"),
        Shape::Decimal => alloc::format!("add `{key} = 1.0`"),
        Shape::Words(words) => {
            alloc::format!("add `{key}`; {}", one_of(words.iter().map(|w| w.0)))
        }
        Shape::Choice(variants) => {
            let words = one_of(variants.iter().map(|v| v.word));
            alloc::format!("add `{key} = {{ kind = \"…\", … }}`; {words}")
        }
        Shape::Either(shapes) => shapes.first().map_or_else(String::new, |s| example_of(key, s)),
        Shape::List(item) => match &**item {
            Shape::Table(fields) => {
                alloc::format!("add a table `[[{key}]]` for each{}", with_keys(fields))
            }
            Shape::Choice(_) => alloc::format!("add a table `[[{key}]]` with its `kind` for each"),
            Shape::Bool
            | Shape::Integer { .. }
            | Shape::Decimal
            | Shape::Text { .. }
            | Shape::Words(_)
            | Shape::List(_)
            | Shape::Keyed(_)
            | Shape::Either(_)
            | Shape::Any => alloc::format!("add `{key} = [ … ]`"),
        },
        Shape::Table(fields) => alloc::format!("add a table `{key}`{}", with_keys(fields)),
        Shape::Keyed(_) => alloc::format!("add a table `{key}` of names and values"),
        Shape::Any => alloc::format!("add a table `{key}`"),
    }
}

/// The keys that a table cannot do without.
fn with_keys(fields: &[super::Field]) -> String {
    let keys = fields.iter().filter(|field| field.default.is_none()).map(|field| field.key);
    let keys = keys.collect::<Vec<_>>().join(", ");
    if keys.is_empty() { keys } else { alloc::format!(", with {keys}") }
}

/// The likeliest word meant by a mistyped one: at most a third of its letters away.
#[must_use]
pub fn nearest<'a>(word: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    let reach = length.max(3) / 3;
    words
        .take(CANDIDATES_MAX)
        .filter(|candidate| candidate.chars().count().abs_diff(length) <= reach)
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(far, _)| *far <= reach)
        .min()
        .map(|(_, candidate)| candidate)
}

/// How many letters must be added, dropped, changed or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(64).collect();
    let b: Vec<char> = b.chars().take(64).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut next = alloc::vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut least = (row[j - 1] + change).min(row[j] + 1).min(next[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            next[j] = least;
        }
        before = core::mem::replace(&mut row, next);
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_unknown_keys_is_counted() {
        let keys: Vec<String> = (0..240_000).map(|index| alloc::format!("key-{index}")).collect();
        let flood = Value::table(keys.into_iter().map(|key| (key, Value::Bool(true)))).nowhere();
        let mut problems = Problems::default();
        Fields::open(&flood, &Path::Root, &mut problems, &["pools"], &[]).unwrap();
        assert_eq!(problems.len(), UNKNOWN_MAX + 1);
        assert_eq!(problems.sorted()[UNKNOWN_MAX].message, "239000 more unknown keys");
    }

    #[test]
    fn guesses_what_was_meant() {
        let pools = ["worker-low", "worker-high", "portal"];
        assert_eq!(nearest("worker-hgh", pools.into_iter()), Some("worker-high"));
        assert_eq!(nearest("protal", pools.into_iter()), Some("portal"));
        assert_eq!(nearest("database", pools.into_iter()), None);
    }
}
