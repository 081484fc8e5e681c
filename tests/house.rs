//! What rooms look like inside: no file that nobody uses, no two files that import each other, nothing too long
//! to be read. Reads sources as text, and prints what is largest.

#[expect(dead_code, reason = "other tests use the rest")]
mod common;

use common::root;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, by the folder that has their `src`.
const ROOMS: &[&str] = &[
    ".",
    "live-bridge",
    "policies",
    "policies/contract",
    "reports",
    "reports/record",
    "scenarios/format",
    "sim/faults",
    "sim/fleet",
    "sim/host",
    "sim/kernel",
    "sim/traffic",
    "sim/trials",
];

/// A file as a module of its room: `caches::metrics` is `["caches", "metrics"]`.
type Module = Vec<String>;

/// The files of a room, by the modules that they are.
fn modules(room: &str) -> BTreeMap<Module, PathBuf> {
    fn collect(folder: &Path, module: &Module, found: &mut BTreeMap<Module, PathBuf>) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let (path, stem) = (entry.path(), entry.path());
            let name = stem.file_stem().unwrap().to_str().unwrap().to_owned();
            let below = [module.clone(), vec![name.clone()]].concat();
            if path.is_dir() {
                collect(&path, &below, found);
            } else if path.extension().is_some_and(|of| of == "rs") {
                let is_root = ["mod", "lib"].contains(&name.as_str());
                if name == "main" {
                    found.entry(module.clone()).or_insert(path);
                } else {
                    found.insert(if is_root { module.clone() } else { below }, path);
                }
            }
        }
    }
    let mut found = BTreeMap::new();
    collect(&root().join(room).join("src"), &Vec::new(), &mut found);
    assert!(!found.is_empty(), "no sources in {room}");
    found
}

/// The code of a file: its comments and the tests at its end left out.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let before_tests = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = before_tests.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// All paths that a piece of code names from `crate` or `super` on, with what `use` lists in braces.
fn paths(code: &str) -> Vec<Module> {
    let mut found = Vec::new();
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    for (at, _) in code.match_indices("crate::").chain(code.match_indices("super::")) {
        let before = code[..at].chars().next_back();
        if before.is_some_and(is_part) || before == Some('$') {
            continue;
        }
        let end = code[at..].find(|c| !is_part(c)).map_or(code.len(), |end| at + end);
        let head: Module =
            code[at..end].split("::").filter(|part| !part.is_empty()).map(str::to_owned).collect();
        match code[end..].strip_prefix('{') {
            Some(rest) if code[at..end].ends_with("::") => {
                for part in braced(rest) {
                    let part = part.split("::").map(|part| part.trim().to_owned());
                    found.push(head.iter().cloned().chain(part).collect());
                }
            }
            _ => found.push(head),
        }
    }
    found
}

/// What stands between braces, one path each; inner braces are left out.
fn braced(rest: &str) -> Vec<String> {
    let (mut depth, mut parts) = (1, vec![String::new()]);
    for c in rest.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => parts.push(String::new()),
            _ if depth == 1 => parts.last_mut().unwrap().push(c),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// What files show of their children as if it were theirs: the child, by file and name.
fn shown(all: &BTreeMap<Module, PathBuf>) -> BTreeMap<(Module, String), Module> {
    let mut found = BTreeMap::new();
    for (module, path) in all {
        let code = code(path);
        let uses = code.split(';').filter_map(|part| {
            let (head, rest) = part.trim().split_once("use ")?;
            head.starts_with("pub").then_some(rest)
        });
        for (child, names) in uses.filter_map(|of| of.split_once("::")) {
            let child = [module.clone(), vec![child.to_owned()]].concat();
            let names =
                names.trim_matches(['{', '}']).split(',').map(|name| name.trim().to_owned());
            if all.contains_key(&child) {
                found.extend(names.map(|name| ((module.clone(), name), child.clone())));
            }
        }
    }
    found
}

/// Which other files a file names, its own parents and children aside.
fn named(module: &Module, path: &Path, all: &BTreeMap<Module, PathBuf>) -> BTreeSet<Module> {
    let (mut found, shown) = (BTreeSet::new(), shown(all));
    for named in paths(&code(path)) {
        let mut base = if named[0] == "crate" { Vec::new() } else { module.clone() };
        let mut rest = &named[..];
        while let Some((first, others)) = rest.split_first() {
            match first.as_str() {
                "crate" => {}
                "super" => {
                    base.pop();
                }
                _ => break,
            }
            rest = others;
        }
        let whole = [base, rest.to_vec()].concat();
        let file = (0..=whole.len()).rev().map(|most| whole[..most].to_vec());
        let Some(mut file) = file.into_iter().find(|file| all.contains_key(file)) else { continue };
        // A file that names what another shows of its child names the child.
        while let Some(child) = whole
            .get(file.len())
            .and_then(|name| shown.get(&(file.clone(), name.clone())))
            .filter(|child| !child.starts_with(module) && !module.starts_with(child))
        {
            file.clone_from(child);
        }
        if !file.starts_with(module) && !module.starts_with(&file) {
            found.insert(file);
        }
    }
    found
}

/// A way from a file back to itself, if there is one.
fn circle(from: &Module, names: &BTreeMap<Module, BTreeSet<Module>>) -> Option<Vec<Module>> {
    let mut ways = vec![vec![from.clone()]];
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop() {
        for next in &names[way.last().unwrap()] {
            let longer = [way.clone(), vec![next.clone()]].concat();
            if next == from {
                return Some(longer);
            }
            if seen.insert(next.clone()) {
                ways.push(longer);
            }
        }
    }
    None
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    for room in ROOMS {
        let all = modules(room);
        let names: BTreeMap<Module, BTreeSet<Module>> =
            all.iter().map(|(module, path)| (module.clone(), named(module, path, &all))).collect();
        for module in all.keys() {
            let found = circle(module, &names);
            assert!(found.is_none(), "{room}: {found:?} import each other in a circle");
        }
    }
}

#[test]
fn no_room_shows_another_as_its_own() {
    for path in sources(&root()) {
        let code = code(&path);
        let shows = code.lines().find(|line| line.trim_start().starts_with("pub use seatrial"));
        assert_eq!(shows, None, "{}", path.display());
    }
}

#[test]
fn a_circle_would_be_found() {
    let code =
        "use crate::{a::{B, C}, d};\nfn f() { super::super::e::g(); }\nuse super::{h, i::J};";
    let found: BTreeSet<String> = paths(code).into_iter().map(|path| path.join("::")).collect();
    let expected = ["crate::a", "crate::d", "super::super::e::g", "super::h", "super::i::J"];
    for path in expected {
        assert!(found.iter().any(|found| found.starts_with(path)), "{path} of {found:?}");
    }
    let module = |name: &str| vec![name.to_owned()];
    let to = |names: &[&str]| names.iter().map(|name| module(name)).collect();
    let names = BTreeMap::from([
        (module("a"), to(&["b"])),
        (module("b"), to(&["c"])),
        (module("c"), to(&["b"])),
    ]);
    assert_eq!(circle(&module("a"), &names), None);
    assert_eq!(circle(&module("b"), &names).map(|way| way.len()), Some(3));
}

#[test]
fn every_file_is_part_of_its_room() {
    for room in ROOMS {
        let all = modules(room);
        for (module, path) in &all {
            let Some((name, above)) = module.split_last() else { continue };
            let parent = all.get(above).unwrap_or_else(|| panic!("{}: no parent", path.display()));
            // A library and a program may be in one room.
            let program = parent.with_file_name("main.rs");
            let text = [parent, &program].map(|path| fs::read_to_string(path).unwrap_or_default());
            let text = text.concat();
            let is_declared = text.contains(&format!("mod {name};"))
                // A catalog declares what it lists.
                || text.contains(&format!("    {name}::")) && text.contains("(mod $file;)*")
                || text.contains(&format!("    {name}::")) && text.contains("(pub mod $file;)*");
            assert!(is_declared, "{} is part of nothing", path.display());
        }
    }
}

/// Functions that are longer are two.
const LINES_MOST: usize = 70;

#[test]
fn no_function_is_too_long_to_be_read() {
    let mut longest = (0, String::new());
    for path in sources(&root()) {
        for (length, name) in functions(&fs::read_to_string(&path).unwrap()) {
            longest = longest.max((length, format!("`{name}` in {}", path.display())));
        }
    }
    println!("the longest function has {} lines: {}", longest.0, longest.1);
    assert!(longest.0 <= LINES_MOST, "{} has {} lines, at most {LINES_MOST}", longest.1, longest.0);
}

/// All sources of the project, tests, benches and examples included.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() && name != "target" && !name.to_string_lossy().starts_with('.') {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|of| of == "rs") {
            found.push(path);
        }
    }
    found
}

/// Fields that a reader can keep in mind, and methods.
const FIELDS_MOST: usize = 12;
const METHODS_MOST: usize = 30;

#[test]
fn no_type_of_the_simulator_is_too_large_to_be_known() {
    let rooms = ROOMS.iter().filter(|room| room.starts_with("sim/"));
    let (mut fields, mut methods) = (Vec::new(), Vec::new());
    for room in rooms {
        let mut of_room = BTreeMap::new();
        for path in modules(room).values() {
            let code = code(path);
            fields.extend(structs(&code).into_iter().map(|(name, count)| (count, name, *room)));
            for (name, count) in implemented(&code) {
                *of_room.entry(name).or_insert(0) += count;
            }
        }
        methods.extend(of_room.into_iter().map(|(name, count)| (count, name, *room)));
    }
    for (what, found, most) in [("fields", fields, FIELDS_MOST), ("methods", methods, METHODS_MOST)]
    {
        let (count, name, room) = found.into_iter().max().expect("there are types");
        println!("the most {what} of a type are {count}: `{name}` in {room}");
        assert!(count <= most, "`{name}` in {room} has {count} {what}, at most {most}");
    }
}

/// What begins on a line and how many lines of its block, one step further in, are of a kind.
fn blocks(
    code: &str,
    name: impl Fn(&str) -> Option<String>,
    counts: impl Fn(&str) -> bool,
) -> Vec<(String, usize)> {
    let lines: Vec<&str> = code.lines().collect();
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(name) = name(line.trim_start()).filter(|_| line.ends_with('{')) else { continue };
        let indent = line.len() - line.trim_start().len();
        let end = format!("{}}}", " ".repeat(indent));
        let inner = lines[index + 1..].iter().take_while(|line| **line != end);
        let step = |line: &&&str| line.len() - line.trim_start().len() == indent + 4;
        found.push((name, inner.filter(step).filter(|line| counts(line.trim_start())).count()));
    }
    found
}

/// The words of a declaration without who may see it.
fn declared(line: &str) -> &str {
    let Some(rest) = line.strip_prefix("pub") else { return line };
    rest.split_once(") ")
        .filter(|_| rest.starts_with('('))
        .map_or(rest, |(_, rest)| rest)
        .trim_start()
}

/// A name up to where generics or braces begin.
fn name_of(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Structs with how many fields they have.
fn structs(code: &str) -> Vec<(String, usize)> {
    let name = |line: &str| declared(line).strip_prefix("struct ").map(name_of);
    let is_field = |line: &str| {
        let line = declared(line);
        line.split_once(": ").is_some_and(|(field, _)| name_of(field) == field)
    };
    blocks(code, name, is_field)
}

/// Types with how many methods a block of their own gives them: not those of traits.
fn implemented(code: &str) -> Vec<(String, usize)> {
    let name = |line: &str| {
        let rest = line.strip_prefix("impl")?;
        // Past the generics of the block.
        let mut depth = 0;
        let start = rest.find(|c: char| {
            depth += i32::from(c == '<') - i32::from(c == '>');
            c.is_alphabetic() && depth == 0
        })?;
        (!rest.contains(" for ")).then(|| name_of(&rest[start..]))
    };
    let is_method = |line: &str| {
        let line = declared(line);
        ["fn ", "const fn ", "async fn "].iter().any(|head| line.starts_with(head))
    };
    blocks(code, name, is_method)
}

#[test]
fn a_large_type_would_be_found() {
    let code = "pub(crate) struct A<T> {\n    pub a: Vec<T>,\n    b: u8,\n}\nimpl<T: Into<u8>> A<T> {\n    \
                pub(super) const fn one() {\n        fn inner() {}\n    }\n    fn two() {}\n}\n\
                impl Clone for A<u8> {\n    fn clone() {}\n}\n";
    assert_eq!(structs(code), [("A".to_owned(), 2)]);
    assert_eq!(implemented(code), [("A".to_owned(), 2)]);
}

/// Functions with their lengths in lines. A function ends where a brace stands as far to the right as it begins.
fn functions(text: &str) -> Vec<(usize, String)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let words = line.trim_start().split(['(', '<', ' ']);
        let words: Vec<&str> = words.take_while(|word| !word.starts_with("//")).collect();
        let Some(at) = words.iter().position(|word| *word == "fn") else { continue };
        let is_head = words[..at]
            .iter()
            .all(|word| ["pub", "const", "async", "crate)", "super)", "in", ""].contains(word));
        if !is_head || line.trim_end().ends_with('}') {
            continue;
        }
        let end = format!("{}}}", " ".repeat(indent));
        if let Some(length) = lines[index..].iter().position(|line| *line == end) {
            found.push((length + 1, words.get(at + 1).copied().unwrap_or_default().to_owned()));
        }
    }
    found
}

#[test]
fn a_long_function_would_be_found() {
    let text = "impl A {\n    pub(crate) const fn long(\n        a: u8,\n    ) {\n        a;\n    }\n}\nfn short() {}\n";
    assert_eq!(functions(text), [(5, "long".to_owned())]);
}
