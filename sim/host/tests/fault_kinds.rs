//! Every kind of fault strikes in a test of its own, beside the swarm in which all meet. Knows no kind.

use seatrial_contract::config::Shape;
use std::path::Path;

#[test]
fn every_kind_of_fault_has_a_test_and_a_place_in_the_swarm() {
    let Shape::Choice(kinds) = seatrial_faults::shape() else {
        panic!("a fault is one of its kinds")
    };
    assert!(kinds.len() > 30, "{} kinds", kinds.len());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let listed = |under: &str| std::fs::read_dir(folder.join(under)).expect("there are tests");
    let texts: Vec<(String, String)> = listed("tests")
        .chain(listed("tests/backups"))
        .chain(listed("src/tests/swarm"))
        .map(|entry| entry.expect("it can be listed"))
        .filter(|entry| entry.path().is_file())
        .map(|entry| {
            let text = std::fs::read_to_string(entry.path()).expect("it can be read");
            (entry.file_name().to_string_lossy().into_owned(), text)
        })
        .collect();
    for kind in kinds {
        let word = format!("\\\"{}\\\"", kind.word);
        let has = |swarm: bool| {
            let mut of = texts.iter().filter(|(name, _)| (name == "worlds.rs") == swarm);
            of.any(|(_, text)| text.contains(&word) || text.contains(&format!("\"{}\"", kind.word)))
        };
        assert!(has(false), "no test strikes with `{}`", kind.word);
        // A log of failures is a file of its own.
        assert!(has(true) || kind.word == "replay", "`{}` is not in the swarm", kind.word);
    }
}
