//! `seatrial reference` says what files may say, in a terminal and as the page `docs/language.md`.

mod common;

use common::{err, out, seatrial};
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn page() -> String {
    std::fs::read_to_string(root().join("docs/language.md")).unwrap_or_default()
}

fn told(topic: &[&str]) -> String {
    let output = seatrial(&[&["reference"], topic].concat());
    assert_eq!(output.status.code(), Some(0), "{topic:?}: {}", err(&output));
    out(&output)
}

#[test]
fn the_page_is_what_the_elements_say() {
    let made = told(&["--format", "markdown"]);
    assert!(
        made == page(),
        "docs/language.md is not what the elements say; read the difference after\n    \
         cargo run -- reference --format markdown > docs/language.md"
    );
}

#[test]
fn the_page_on_faults_is_what_the_catalog_says() {
    let made = told(&["faults", "--format", "markdown"]);
    let page = std::fs::read_to_string(root().join("docs/faults.md")).unwrap_or_default();
    assert!(
        made == page,
        "docs/faults.md is not what the catalog says; read the difference after\n    \
         cargo run -- reference faults --format markdown > docs/faults.md"
    );
}

#[test]
fn the_page_has_no_words_that_a_reader_must_learn_first() {
    let page = page().to_lowercase();
    assert!(page.len() > 10_000);
    for word in ["voyage", "whoever", "errand", "desk", "shelf"] {
        let line = page.lines().find(|line| line.contains(word));
        assert_eq!(line, None, "`{word}`");
    }
}

/// The complete files of the page, by name.
fn complete_files() -> Vec<(String, String)> {
    let page = page();
    let part = page.split("## Complete files").nth(1).unwrap().split("\n## ").next().unwrap();
    let mut files = Vec::new();
    let mut rest = part;
    while let Some((before, after)) = rest.split_once("```toml\n") {
        let (text, further) = after.split_once("```").unwrap();
        let name = before.rsplit('`').nth(1).unwrap();
        files.push((name.to_owned(), text.to_owned()));
        rest = further;
    }
    files
}

#[test]
fn the_complete_files_of_the_page_are_fine_and_run() {
    let folder = std::env::temp_dir().join(format!("seatrial-reference-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let files = complete_files();
    assert_eq!(files.len(), 4, "{files:?}");
    for (name, text) in &files {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let in_folder = |name: &str| Path::new(&folder).join(name).display().to_string();
    for (name, _) in &files {
        let file = in_folder(name);
        if name.contains("policies") {
            continue;
        }
        let output = seatrial(&["check", &file, "--deny", "warnings"]);
        assert_eq!(output.status.code(), Some(0), "{name}: {}{}", out(&output), err(&output));
        let output = seatrial(&["run", &file, "--quiet"]);
        assert_eq!(output.status.code(), Some(0), "{name}: {}{}", out(&output), err(&output));
        assert!(out(&output).contains("Objectives: all hold"), "{name}: {}", out(&output));
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_topic_is_a_section_a_kind_a_key_or_a_metric() {
    let pools = told(&["pools"]);
    assert!(pools.contains("count\n") && pools.contains("At most `count`."), "{pools}");
    assert!(pools.contains("See also: bridge.pools."), "{pools}");
    let ladder = told(&["idle-ladder"]);
    assert!(ladder.contains("after 7, 14 and 30 days"), "{ladder}");
    assert!(told(&["sleep"]).contains("default: [\"asleep\"]"));
    assert!(told(&["guard"]).contains("stale_after"));
    let everywhere = told(&["time_out"]);
    assert!(everywhere.contains("traffic.time_out"), "{everywhere}");
    let price = told(&["price"]);
    assert!(price.contains("pools.price") && price.contains("databases.price"), "{price}");
    for asked in [&["metrics", "response_p95"][..], &["response_p95.portal"], &["metrics.response"]]
    {
        let metric = told(asked);
        assert!(
            metric.contains("response_FIGURE.SERVICE") && metric.contains("(seconds)"),
            "{metric}"
        );
    }
    let all = told(&[]);
    assert!(
        ["pools.machine", "idle-ladder", "bridge.docker", "metrics"]
            .iter()
            .all(|t| all.contains(t))
    );
}

#[test]
fn an_unknown_topic_names_what_may_have_been_meant() {
    for (topic, near) in [
        (&["polls"][..], "did you mean `pools`?"),
        (&["wait_timeot"], "did you mean the key `wait_timeout`?"),
        (&["metrics", "wake_wait_p59"], "did you mean `wake_wait_p95`?"),
        (&["everything"], "`seatrial reference` lists all topics"),
    ] {
        let output = seatrial(&[&["reference"], topic].concat());
        assert_eq!(output.status.code(), Some(2), "{topic:?}: {}", out(&output));
        assert!(err(&output).contains(near), "{topic:?}: {}", err(&output));
        assert_eq!(out(&output), "");
    }
}

#[test]
fn lines_in_a_terminal_are_no_wider_than_a_hundred_columns() {
    for topic in [&[][..], &["pools"], &["guard"], &["hpa"], &["metrics"], &["distribution"]] {
        let text = told(topic);
        let long = text.lines().find(|line| line.chars().count() > 100);
        assert_eq!(long, None);
    }
}

#[test]
fn a_metric_under_its_old_name_is_told_its_new_one() {
    let file = root().join("scenarios/queue.toml").display().to_string();
    let output = seatrial(&["check", &file, "--set", "claims.mean-wait.metric=sojourn_mean.desk"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(out(&output).contains("it is called `response_mean.desk` now"), "{}", out(&output));
}
