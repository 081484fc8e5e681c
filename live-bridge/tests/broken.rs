//! Files of the bridge that are each broken in a way of their own, and all that users are told of
//! them. The page in `snapshots/` is for reading.

use seatrial_bridge::open;
use seatrial_format::{Failure, Style};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn failures() -> BTreeMap<String, Failure> {
    // Messages name files as they were asked for: not by where this checkout stands.
    std::env::set_current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")).unwrap();
    let folder = std::fs::read_dir("broken").unwrap();
    let paths: BTreeSet<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    let broken = paths.into_iter().filter(|path| !path.ends_with("policies.toml"));
    let fail = |path: PathBuf| match open(&path, &[]) {
        Ok(_) => panic!("{} can be opened", path.display()),
        Err(failure) => (path.display().to_string(), failure),
    };
    broken.map(fail).collect()
}

#[test]
fn every_mistake_is_told_so_that_it_can_be_mended() {
    let mut page = String::new();
    let mut messages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, failure) in failures() {
        page += &format!("======== {path}\n\n{}\n", failure.render(Style { colour: false }));
        let findings = failure.findings();
        assert!(findings.iter().all(|one| !one.message.is_empty() && !one.remedy.is_empty()));
        messages.insert(path, findings.into_iter().map(|one| one.message).collect());
    }
    insta::assert_snapshot!(page);
    for (path, own) in &messages {
        let others: BTreeSet<&String> =
            messages.iter().filter(|other| other.0 != path).flat_map(|other| other.1).collect();
        assert!(own.iter().any(|message| !others.contains(message)), "{path}: {own:?}");
    }
}
