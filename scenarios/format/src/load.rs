//! From a path to a checked value: read, follow `extends`, merge, override, read the element.
//! Knows no section of a scenario; prints nothing.

use crate::bounds::BYTES_MAX;
use crate::files::{Disk, Files, InMemory, Unreadable};
use crate::merge::{merge, repeated_names};
use crate::overrides::{self, Override};
use crate::sources::{Origin, Sources};
use crate::toml_tree;
use seatrial_contract::config::{
    Element, Entry, Located, Node, Path, Place, Problem, Problems, Shape, Value,
};
use std::path::{Path as FilePath, PathBuf};

/// What a file said, and all that is needed to talk about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded<T> {
    /// The value.
    pub value: T,
    /// The tree it was read from: all files merged, all overrides applied.
    pub node: Node,
    /// The texts that the tree's places point into.
    pub sources: Sources,
}

/// Why there is no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The file could not be read at all.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Something is wrong with what it says.
    #[error("{} in {}", counted(.problems), .sources.iter().next().map_or("", |s| &s.name))]
    Wrong {
        /// All that is wrong, never empty.
        problems: Problems,
        /// The texts that the places point into.
        sources: Sources,
    },
}

fn counted(problems: &Problems) -> String {
    let count = problems.len();
    if count == 1 { "1 problem".into() } else { format!("{count} problems") }
}

/// A base of a base of a base: more than people follow.
const EXTENDS_MAX: usize = 16;

/// Reads a file from the disk.
///
/// # Errors
/// All that is wrong with it, at once.
pub fn load<T: Element>(path: &FilePath, overrides: &[Override]) -> Result<Loaded<T>, Failure> {
    load_from(&Disk, path, overrides)
}

/// Reads a text that is no file; it can extend nothing.
///
/// # Errors
/// All that is wrong with it, at once.
pub fn read_text<T: Element>(name: &str, text: &str) -> Result<Loaded<T>, Failure> {
    load_from(&InMemory::default().with(name, text), FilePath::new(name), &[])
}

/// Reads a file from wherever these files are.
///
/// # Errors
/// All that is wrong with it, at once.
pub fn load_from<T: Element>(
    files: &dyn Files,
    path: &FilePath,
    overrides: &[Override],
) -> Result<Loaded<T>, Failure> {
    let mut problems = Problems::default();
    let (node, sources) = tree(files, path, overrides, Some(&T::shape()), &mut problems)?;
    let Some(node) = node else { return Err(Failure::Wrong { problems, sources }) };
    let value = read(&node, &mut problems);
    match value {
        Some(value) if problems.is_empty() => Ok(Loaded { value, node, sources }),
        _ => Err(Failure::Wrong { problems, sources }),
    }
}

/// Reads a file into a tree, without asking what the keys mean.
///
/// # Errors
/// All that is wrong with it, at once.
pub fn load_tree(
    files: &dyn Files,
    path: &FilePath,
    overrides: &[Override],
) -> Result<Loaded<()>, Failure> {
    let mut problems = Problems::default();
    match tree(files, path, overrides, None, &mut problems)? {
        (Some(node), sources) if problems.is_empty() => Ok(Loaded { value: (), node, sources }),
        (_, sources) => Err(Failure::Wrong { problems, sources }),
    }
}

/// Reads another file that a file names, such as `policies = "fleet.toml"`: its path is relative
/// to the file that names it, and its problems join the others. The overrides are of its values.
pub fn read_beside<T: Element>(
    files: &dyn Files,
    named: &Located<String>,
    path: &Path<'_>,
    overrides: &[Override],
    sources: &mut Sources,
    problems: &mut Problems,
) -> Option<T> {
    let file = sources.beside(named.place, &named.value);
    let mut found = Problems::default();
    let value = match follow(files, &file, sources, &mut found) {
        Err(unreadable) => {
            problems.add(path, named.place, unreadable.message, unreadable.remedy);
            return None;
        }
        Ok(None) => None,
        Ok(Some(mut node)) => {
            if !overrides.is_empty() {
                let shape = T::shape();
                overrides::apply(&mut node, overrides, Some(&shape), sources, &mut found);
            }
            read(&node, &mut found)
        }
    };
    let whole = found.is_empty();
    for problem in found.sorted() {
        problems.push(problem.clone());
    }
    value.filter(|_| whole)
}

/// Reads the text of a file that a file names, such as a log of failures: its path is relative to the file
/// that names it.
pub fn text_beside(
    files: &dyn Files,
    named: &Located<String>,
    path: &Path<'_>,
    sources: &Sources,
    problems: &mut Problems,
) -> Option<String> {
    let file = sources.beside(named.place, &named.value);
    let bytes = match files.read(&file) {
        Ok(bytes) => bytes,
        Err(error) => {
            let Unreadable { message, remedy, .. } = Unreadable::explain(files, &file, &error);
            problems.add(path, named.place, message, remedy);
            return None;
        }
    };
    if bytes.len() > BYTES_MAX {
        let message = format!("`{}` is larger than {} MiB", file.display(), BYTES_MAX >> 20);
        problems.add(path, named.place, message, "leave out what is not needed");
        return None;
    }
    let text = String::from_utf8(bytes).ok();
    if text.is_none() {
        let message = format!("`{}` is no text: it is not UTF-8", file.display());
        problems.add(path, named.place, message, "write it as UTF-8");
    }
    text
}

impl<T> Loaded<T> {
    /// Checks the value against itself, or makes something better of it.
    ///
    /// # Errors
    /// All that the check found wrong.
    pub fn check<U>(
        self,
        check: impl FnOnce(T, &Sources, &mut Problems) -> Option<U>,
    ) -> Result<Loaded<U>, Failure> {
        let Self { value, node, sources } = self;
        let mut problems = Problems::default();
        match check(value, &sources, &mut problems) {
            Some(value) if problems.is_empty() => Ok(Loaded { value, node, sources }),
            _ => {
                blame_the_reader(&mut problems);
                Err(Failure::Wrong { problems, sources })
            }
        }
    }
}

/// The merged tree with its overrides; none where too much is broken to look further.
pub(crate) fn tree(
    files: &dyn Files,
    path: &FilePath,
    overrides: &[Override],
    shape: Option<&Shape>,
    problems: &mut Problems,
) -> Result<(Option<Node>, Sources), Failure> {
    let mut sources = Sources::default();
    let node = follow(files, path, &mut sources, problems)?;
    let node = node.map(|mut node| {
        overrides::apply(&mut node, overrides, shape, &mut sources, problems);
        node
    });
    Ok((node, sources))
}

/// The element of a tree that may already have problems: values that are already reported are
/// not reported again.
fn read<T: Element>(node: &Node, problems: &mut Problems) -> Option<T> {
    let mut found = Problems::default();
    let value = T::read(node, &Path::Root, &mut found);
    let told = Told::new(problems);
    for problem in found.sorted() {
        if !told.about(problem.place) {
            problems.push(problem.clone());
        }
    }
    if value.is_none() {
        blame_the_reader(problems);
    }
    value
}

/// The places that something is already said about.
pub(crate) struct Told {
    /// In order; each end is the largest so far in its file.
    places: Vec<Place>,
}

impl Told {
    pub(crate) fn new(problems: &Problems) -> Self {
        let mut places: Vec<Place> = Vec::new();
        for problem in problems.sorted() {
            let last = places.last().filter(|last| last.file == problem.place.file);
            let end = last.map_or(0, |last| last.end).max(problem.place.end);
            places.push(Place { end, ..problem.place });
        }
        Self { places }
    }

    /// Whether this place meets one of them. The file as a whole does not count as a place.
    pub(crate) fn about(&self, place: Place) -> bool {
        let before =
            self.places.partition_point(|told| (told.file, told.start) <= (place.file, place.end));
        let met = before.checked_sub(1).map(|index| self.places[index]);
        place.end > 0 && met.is_some_and(|met| met.file == place.file && met.end >= place.start)
    }
}

/// No value and no problem is a mistake of ours, and is told as one.
pub(crate) fn blame_the_reader(problems: &mut Problems) {
    if problems.is_empty() {
        let message = "this cannot be read, and its reader does not say why";
        problems.add(&Path::Root, Place::default(), message, "report this: it is our mistake");
    }
}

/// One file of a chain of bases.
#[derive(Clone)]
struct Link {
    path: PathBuf,
    identity: PathBuf,
}

/// Reads a file and all that it extends, merged; none where one of them is too broken.
fn follow(
    files: &dyn Files,
    path: &FilePath,
    sources: &mut Sources,
    problems: &mut Problems,
) -> Result<Option<Node>, Unreadable> {
    match files.read(path) {
        Ok(bytes) => Ok(over_its_bases(files, &[], path, bytes, sources, problems)),
        Err(error) => Err(Unreadable::explain(files, path, &error)),
    }
}

/// A file laid over those that it extends: the later over the earlier, itself over all.
fn over_its_bases(
    files: &dyn Files,
    above: &[Link],
    path: &FilePath,
    bytes: Vec<u8>,
    sources: &mut Sources,
    problems: &mut Problems,
) -> Option<Node> {
    let (node, bases) = one_file(path, bytes, sources, problems)?;
    let own = Link { identity: files.identity(path), path: path.to_path_buf() };
    let chain: Vec<Link> = above.iter().cloned().chain([own]).collect();
    let mut under: Option<Node> = None;
    for base in bases {
        let next = sources.beside(base.place, &base.value);
        if let Some(problem) = circle(files, &chain, sources, &next, base.place) {
            problems.push(problem);
            return None;
        }
        let read = match files.read(&next) {
            Ok(bytes) => over_its_bases(files, &chain, &next, bytes, sources, problems)?,
            Err(error) => {
                let unreadable = Unreadable::explain(files, &next, &error);
                problems.push(at_extends(base.place, unreadable.message, unreadable.remedy));
                return None;
            }
        };
        under = Some(match under {
            Some(under) => merge(under, read),
            None => read,
        });
    }
    Some(match under {
        Some(under) => merge(under, node),
        None => node,
    })
}

fn at_extends(place: Place, message: String, remedy: String) -> Problem {
    Problem { path: "extends".into(), place, message, remedy }
}

/// One file's tree without its `extends`, and what it extends, in that order.
fn one_file(
    path: &FilePath,
    bytes: Vec<u8>,
    sources: &mut Sources,
    problems: &mut Problems,
) -> Option<(Node, Vec<Located<String>>)> {
    let (before, file) = (problems.len(), u16::try_from(sources.len()).unwrap_or(u16::MAX));
    let text = toml_tree::decode(bytes, file, problems);
    let broken = problems.len() > before;
    sources.add(path.display().to_string(), text.clone(), Origin::File);
    if broken {
        return None;
    }
    let mut node = toml_tree::parse(&text, file, problems)?;
    let named = match take(&mut node, "extends").map(|entry| entry.node) {
        None => Vec::new(),
        Some(Node { value: Value::List(named), .. }) => named,
        Some(named) => vec![named],
    };
    let mut bases = Vec::new();
    for Node { value, place } in named {
        let Value::Text(value) = value else {
            let message = format!("`extends` is {}, not a path", value.called());
            let remedy = "write extends = \"base.toml\", or a list of such paths".into();
            problems.push(at_extends(place, message, remedy));
            return None;
        };
        bases.push(Located { value, place });
    }
    repeated_names(&node, &Path::Root, sources, problems);
    Some((node, bases))
}

/// Takes an entry out of a table.
fn take(node: &mut Node, key: &str) -> Option<Entry> {
    let Value::Table(entries) = &mut node.value else { return None };
    let index = entries.iter().position(|entry| entry.key == key)?;
    Some(entries.remove(index))
}

/// What is wrong with extending `next` after all of these.
fn circle(
    files: &dyn Files,
    chain: &[Link],
    sources: &Sources,
    next: &FilePath,
    place: Place,
) -> Option<Problem> {
    // Those that several extend are read by each.
    if chain.len() >= EXTENDS_MAX || sources.len() >= EXTENDS_MAX * EXTENDS_MAX {
        let message = format!("more than {EXTENDS_MAX} files extend one another");
        return Some(at_extends(place, message, "merge some of them".into()));
    }
    let identity = files.identity(next);
    let start = chain.iter().position(|link| link.identity == identity)?;
    let around = chain[start..].iter().map(|link| link.path.as_path()).chain([next]);
    let around: Vec<String> = around.map(|path| format!("`{}`", path.display())).collect();
    let message = format!("these files extend one another: {}", around.join(" → "));
    Some(at_extends(place, message, "remove one of these `extends`".into()))
}
