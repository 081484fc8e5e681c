//! Files that are each broken in a way of their own, and all that users are told of them. The page
//! in `snapshots/` is for reading: an author who changes a message reads it there as a newcomer would.

use seatrial_format::scenario::Scenario;
use seatrial_format::{Failure, InMemory, Loaded, Style, load_scenario};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The folder of broken files, and two that are too large to keep.
fn files() -> InMemory {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let mut files = InMemory::default();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = PathBuf::from("broken").join(path.file_name().unwrap());
        files = files.with(name, std::fs::read(path).unwrap());
    }
    let hours = "1, ".repeat(300_000);
    let huge = format!("title = \"Huge\"\n\n[[rhythms]]\nname = \"daily\"\nhours = [{hours}]\n");
    let head = "title = \"Very many pools\"\nduration = \"1 d\"\n".to_string();
    let many = (0..2_000).fold(head, |text, pool| {
        text + &format!(
            "\n[[pools]]\nname = \"pool-{pool}\"\ncount = 1\n\
             machine = {{ cpu = \"8 cores\", memory = \"8 GiB\" }}\nprice = \"$50/month\"\n"
        )
    });
    files.with("broken/huge-list.toml", huge).with("broken/very-many-pools.toml", many)
}

/// What other files extend has no page of its own.
fn is_base(path: &str) -> bool {
    path.ends_with("-base.toml")
        && path != "broken/missing-base.toml"
        && path != "broken/bad-base.toml"
        || path.ends_with("-below.toml")
}

fn failures() -> BTreeMap<String, Failure> {
    let files = files();
    let paths = files.0.keys().map(|path| path.display().to_string());
    let load = |path: String| -> (String, Failure) {
        let loaded: Result<Loaded<Scenario>, Failure> = load_scenario(&files, path.as_ref(), &[]);
        match loaded {
            Ok(_) => panic!("{path} loads"),
            Err(failure) => (path, failure),
        }
    };
    paths.filter(|path| !is_base(path)).map(load).collect()
}

#[test]
fn every_mistake_is_told_so_that_it_can_be_mended() {
    let mut page = String::new();
    for (path, failure) in failures() {
        page += &format!("======== {path}\n\n{}\n", failure.render(Style { colour: false }));
    }
    insta::assert_snapshot!(page);
}

#[test]
fn every_broken_file_has_a_problem_of_its_own() {
    let told: BTreeMap<String, BTreeSet<String>> = failures()
        .into_iter()
        .map(|(path, failure)| {
            let findings = failure.findings();
            assert!(findings.iter().all(|f| !f.message.is_empty() && !f.remedy.is_empty()));
            (path, findings.into_iter().map(|finding| finding.message).collect())
        })
        .collect();
    for (path, messages) in &told {
        let others: BTreeSet<&String> =
            told.iter().filter(|other| other.0 != path).flat_map(|other| other.1).collect();
        assert!(messages.iter().any(|message| !others.contains(message)), "{path}: {messages:?}");
    }
}
