//! Loads a scenario and checks it. Where some values cannot be read, the entries that can be are
//! checked all the same, so that one look shows as much as there is to mend. Prints nothing.

use crate::check::{self, Names};
use crate::files::Files;
use crate::load::{Failure, Loaded, Told, blame_the_reader, tree};
use crate::overrides::Override;
use crate::scenario::{Claim, Objective, Policies, Scenario, Sleep};
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

/// The policy file that a scenario with problems names, whatever is wrong elsewhere in it.
#[must_use]
pub fn named_policies(
    files: &dyn Files,
    path: &FilePath,
    overrides: &[Override],
) -> Option<Policies> {
    let shape = (!overrides.is_empty()).then(Scenario::shape);
    let (node, _) = tree(files, path, overrides, shape.as_ref(), &mut Problems::default()).ok()?;
    alone("policies", node?.get("policies")?.value.clone())?.policies
}

/// The stages of sleep that a scenario with problems names, whatever is wrong elsewhere in it.
#[must_use]
pub fn named_stages(files: &dyn Files, path: &FilePath, overrides: &[Override]) -> Option<Sleep> {
    let shape = (!overrides.is_empty()).then(Scenario::shape);
    let (node, _) = tree(files, path, overrides, shape.as_ref(), &mut Problems::default()).ok()?;
    match node?.get("sleep") {
        Some(sleep) => Some(alone("sleep", sleep.value.clone())?.sleep),
        None => Some(Sleep::default()),
    }
}

/// Adds what is found at places that nothing is said about yet.
pub fn join(problems: &mut Problems, found: &Problems) {
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

/// What is sound of a scenario that has problems: entries about which nothing is to be said, which
/// make a world of their own.
#[derive(Clone, Debug)]
pub struct Sound {
    /// The sound entries, without objectives and claims.
    pub scenario: Scenario,
    /// The objectives that can be read, with their positions in the file.
    pub objectives: Vec<(usize, Objective)>,
    /// The claims that can be read, with their positions.
    pub claims: Vec<(usize, Claim)>,
    /// What is called so is left out; none where something without a name is.
    pub left_out: Option<Vec<String>>,
    /// Whether a section lost all of its entries.
    pub lost_sections: bool,
}

/// Keys that say nothing about what is in a world.
const NO_PART: [&str; 7] =
    ["policies", "duration", "warm_up", "starts_at", "zoom", "objectives", "claims"];

/// The sound part of a scenario; none where nothing is.
#[must_use]
pub fn sound_part(files: &dyn Files, path: &FilePath, overrides: &[Override]) -> Option<Sound> {
    let shape = (!overrides.is_empty()).then(Scenario::shape);
    let (node, _) = tree(files, path, overrides, shape.as_ref(), &mut Problems::default()).ok()?;
    let node = node?;
    let (all, positions) = readable(&node)?;
    let place = |section: &str, index: usize| {
        positions.0.get(section).map_or(index, |of| of.get(index).copied().unwrap_or(index))
    };
    let objectives = all.objectives.iter().cloned().enumerate();
    let claims = all.claims.iter().cloned().enumerate();
    let objectives = objectives.map(|(at, of)| (place("objectives", at), of)).collect();
    let claims = claims.map(|(at, of)| (place("claims", at), of)).collect();
    let Value::Table(mut entries) = node.value else { return None };
    entries.retain(|entry| !NO_PART.contains(&entry.key.as_str()));
    let (mut left_out, mut lost_sections) = (Some(Vec::new()), false);
    // Each round leaves something out, so it ends.
    loop {
        let root = Value::Table(entries.clone()).nowhere();
        let (scenario, positions) = readable(&root)?;
        lost_sections |= drop_others(&mut entries, &positions, &mut left_out);
        let mut found = Problems::default();
        check::builds(&scenario, &mut found);
        if found.is_empty() {
            return Some(Sound { scenario, objectives, claims, left_out, lost_sections });
        }
        let (section, index) = found.sorted().into_iter().find_map(|problem| {
            let (section, rest) = problem.path.split_once('[')?;
            let index = rest.split_once(']')?.0.parse::<usize>().ok()?;
            Some((section.to_owned(), index))
        })?;
        let list = entries.iter_mut().find(|entry| entry.key == section)?;
        let Value::List(items) = &mut list.node.value else { return None };
        if index >= items.len() {
            return None;
        }
        named(&items.remove(index), &mut left_out);
        lost_sections |= items.is_empty();
    }
}

/// Takes out what cannot be read; says whether a section lost all of its entries.
fn drop_others(
    entries: &mut Vec<Entry>,
    positions: &Positions,
    left_out: &mut Option<Vec<String>>,
) -> bool {
    let mut lost = false;
    for entry in entries {
        let Value::List(items) = &mut entry.node.value else { continue };
        let Some(kept) = positions.0.get(&entry.key) else { continue };
        let was_empty = items.is_empty();
        let mut index = 0;
        items.retain(|item| {
            let keep = kept.contains(&index);
            index += 1;
            if !keep {
                named(item, left_out);
            }
            keep
        });
        lost |= items.is_empty() && !was_empty;
    }
    lost
}

/// Notes what an entry and its parts are called.
fn named(item: &Node, left_out: &mut Option<Vec<String>>) {
    let Value::Table(entries) = &item.value else {
        *left_out = None;
        return;
    };
    match item.get("name").map(|name| &name.value) {
        Some(Value::Text(name)) => {
            if let Some(names) = left_out {
                names.push(name.clone());
            }
        }
        _ => *left_out = None,
    }
    for Entry { node, .. } in entries {
        if let Value::List(parts) = &node.value {
            let parts = parts.iter().filter(|part| part.get("name").is_some());
            parts.for_each(|part| named(part, left_out));
        }
    }
}
