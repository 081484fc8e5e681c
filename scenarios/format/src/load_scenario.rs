//! Loads a scenario and checks it. Where some values cannot be read, the entries that can be are
//! checked all the same, so that one look shows as much as there is to mend. Prints nothing.

use crate::check::{self, Names};
use crate::files::Files;
use crate::load::{Failure, Loaded, Told, blame_the_reader, tree};
use crate::overrides::Override;
use crate::scenario::Scenario;
use seatrial_contract::config::{Element, Entry, Node, Path, Problem, Problems, Shape, Value};
use std::collections::BTreeMap;
use std::path::Path as FilePath;

/// Reads a scenario from wherever these files are, and checks it.
///
/// # Errors
/// All that is wrong with it, at once.
pub fn load_scenario(
    files: &dyn Files,
    path: &FilePath,
    overrides: &[Override],
) -> Result<Loaded<Scenario>, Failure> {
    let mut problems = Problems::default();
    // Only overrides ask for the shape, and it takes longer to build than a file to read.
    let shape = (!overrides.is_empty()).then(Scenario::shape);
    let (node, sources) = tree(files, path, overrides, shape.as_ref(), &mut problems)?;
    let Some(node) = node else { return Err(Failure::Wrong { problems, sources }) };
    let mut found = Problems::default();
    let value = Scenario::read(&node, &Path::Root, &mut found);
    match value {
        Some(value) if problems.is_empty() && found.is_empty() => {
            check::check(&value, &mut problems);
            if problems.is_empty() {
                return Ok(Loaded { value, node, sources });
            }
        }
        _ => {
            join(&mut problems, &found);
            if let Some((part, positions)) = readable(&node) {
                let mut found = Problems::default();
                check::items(&part, &Names::of_file(&node), &mut found);
                join(&mut problems, &positions.restored(&found));
            }
            blame_the_reader(&mut problems);
        }
    }
    Err(Failure::Wrong { problems, sources })
}

/// Adds what is found at places that nothing is said about yet.
fn join(problems: &mut Problems, found: &Problems) {
    let told = Told::new(problems);
    for problem in found.sorted() {
        if !told.about(problem.place) {
            problems.push(problem.clone());
        }
    }
}

/// Where the entries that are left of each section stood in it.
#[derive(Default)]
struct Positions(BTreeMap<String, Vec<usize>>);

impl Positions {
    /// The problems with the positions of the whole file in their paths.
    fn restored(&self, found: &Problems) -> Problems {
        let mut restored = Problems::default();
        for problem in found.sorted() {
            let path = self.path(&problem.path).unwrap_or_else(|| problem.path.clone());
            restored.push(Problem { path, ..problem.clone() });
        }
        restored
    }

    /// None where the path leads through no section that lost entries.
    fn path(&self, path: &str) -> Option<String> {
        let (section, rest) = path.split_once('[')?;
        let (index, rest) = rest.split_once(']')?;
        let position = self.0.get(section)?.get(index.parse::<usize>().ok()?)?;
        Some(format!("{section}[{position}]{rest}"))
    }
}

/// The scenario of those entries that can be read.
fn readable(root: &Node) -> Option<(Scenario, Positions)> {
    let Value::Table(entries) = &root.value else { return None };
    let mut positions = Positions::default();
    let mut kept: Vec<(String, Value)> = Vec::new();
    // A file may have any number of keys that mean nothing.
    let Shape::Table(fields) = Scenario::shape() else { return None };
    let known = |entry: &&Entry| fields.iter().any(|field| field.key == entry.key);
    for Entry { key, node, .. } in entries.iter().filter(known) {
        let Value::List(items) = &node.value else {
            if alone(key, node.value.clone()).is_some() {
                kept.push((key.clone(), node.value.clone()));
            }
            continue;
        };
        let sound = |item: &Node| alone(key, Value::List(vec![item.clone()])).is_some();
        let sound: Vec<usize> = (0..items.len()).filter(|index| sound(&items[*index])).collect();
        let list = Value::List(sound.iter().map(|index| items[*index].clone()).collect());
        if alone(key, list.clone()).is_some() {
            kept.push((key.clone(), list));
            positions.0.insert(key.clone(), sound);
        }
    }
    Some((read(kept)?, positions))
}

/// The scenario that has only this, where that can be read.
fn alone(key: &str, value: Value) -> Option<Scenario> {
    read(vec![(key.to_string(), value)])
}

/// Reads a scenario of these sections, with any title and duration where they say none.
fn read(mut sections: Vec<(String, Value)>) -> Option<Scenario> {
    for (key, text) in [("title", "…"), ("duration", "1 d")] {
        if sections.iter().all(|section| section.0 != key) {
            sections.push((key.to_string(), Value::Text(text.to_string())));
        }
    }
    let mut problems = Problems::default();
    let scenario = Scenario::read(&Value::table(sections).nowhere(), &Path::Root, &mut problems)?;
    problems.is_empty().then_some(scenario)
}
