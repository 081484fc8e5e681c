//! `seatrial compare` as users run it.

mod common;

use common::{err, out, root, seatrial};
use serde_json::Value;
use std::path::PathBuf;

const SCENARIO: &str = "scenarios/thousand-users.toml";
const SHORT: [&str; 4] = ["--set", "duration=2d", "--quiet", "--seed=11"];

fn folder(name: &str) -> PathBuf {
    let folder =
        std::env::temp_dir().join(format!("seatrial-compare-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// The scenario with something changed, as a file of its own.
fn variant(folder: &std::path::Path, name: &str, more: &str) -> String {
    let path = folder.join(name);
    let base = root().join(SCENARIO);
    std::fs::write(&path, format!("extends = {base:?}\n{more}\n")).expect("it is written");
    path.display().to_string()
}

fn compare(arguments: &[&str]) -> (i32, String, String) {
    let all: Vec<&str> = ["compare"].iter().chain(arguments).chain(&SHORT).copied().collect();
    let output = seatrial(&all);
    (output.status.code().unwrap_or(-1), out(&output), err(&output))
}

fn document(arguments: &[&str]) -> (i32, Value) {
    let (code, text, told) = compare(&[arguments, &["--format", "json"]].concat());
    let document = serde_json::from_str(&text);
    (code, document.unwrap_or_else(|error| panic!("{error}: {text}{told}")))
}

fn verdict<'a>(document: &'a Value, metric: &str) -> &'a Value {
    let all = document["verdicts"].as_array().expect("verdicts");
    all.iter().find(|row| row["metric"] == metric).expect("the metric is gated")
}

#[test]
fn what_differs_in_nothing_is_identical_and_is_said_so_at_the_first_look() {
    let policies = "policies/thousand-users.toml";
    let (code, found) = document(&[SCENARIO, "--policies", policies, policies]);
    assert_eq!(code, 0);
    let pairs = found["seeds"].as_array().expect("seeds").len();
    assert_eq!(found["looks"][0], pairs);
    assert_eq!(found["identical"], pairs);
    assert_eq!(found["parting"], Value::Null);
    for row in found["verdicts"].as_array().expect("verdicts") {
        assert_eq!(row["verdict"], "identical", "{row}");
    }
    // Another program reads the same from this one, to the last bit.
    let binary = env!("CARGO_BIN_EXE_seatrial");
    let (code, other) = document(&[SCENARIO, "--base-binary", binary]);
    assert_eq!(code, 0);
    assert_eq!(other["identical"], pairs);
    assert_eq!(other["verdicts"], found["verdicts"]);
}

#[test]
fn dearer_machines_are_worse_by_what_they_cost_more_and_cheaper_ones_better() {
    let folder = folder("price");
    let prices = |worker: &str| format!("[[pools]]\nname = \"worker-low\"\nprice = \"{worker}\"\n");
    let dear = variant(&folder, "dear.toml", &prices("$2/h"));
    let (code, found) = document(&[SCENARIO, &dear, "--metric", "bill_month=1%"]);
    assert_eq!(code, 1);
    let row = verdict(&found, "bill_month");
    assert_eq!(row["verdict"], "worse", "{row}");
    let of = |key: &str| row[key].as_f64().expect("a number");
    let effect = of("second") / of("first") - 1.0;
    assert!((of("effect") - effect).abs() < 0.01 * effect, "{row}");
    assert!(of("low") <= of("effect") && of("effect") <= of("high") && of("low") > 0.0, "{row}");
    let (code, found) = document(&[&dear, SCENARIO, "--metric", "bill_month=1%"]);
    assert_eq!((code, &verdict(&found, "bill_month")["verdict"]), (0, &Value::from("better")));
    // What is no difference is the margin's to say.
    let (code, found) = document(&[SCENARIO, &dear, "--metric", "bill_month=1000%"]);
    assert_eq!((code, &verdict(&found, "bill_month")["verdict"]), (0, &Value::from("equivalent")));
    // The worlds decide alike; only prices differ.
    assert_eq!(found["parting"], Value::Null);
    assert_eq!(found["reasons"].as_array().map(Vec::len), Some(0));
}

#[test]
fn where_two_worlds_part_is_told_with_what_either_decides_and_why() {
    let (_, text, _) = compare(&[
        SCENARIO,
        "--policies",
        "policies/thousand-users.toml",
        "policies/resilient.toml",
        "--most",
        "8",
        "--metric",
        "bill_month=1%",
    ]);
    for said in ["Where they part", "seed 11", "because", "Decided otherwise", "may be unseen in"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let (_, markdown, _) = compare(&[
        SCENARIO,
        "--policies",
        "policies/thousand-users.toml",
        "policies/resilient.toml",
        "--most",
        "8",
        "--metric",
        "bill_month=1%",
        "--format",
        "markdown",
    ]);
    assert!(markdown.starts_with("**") && markdown.contains("<details><summary>Where they part"));
    assert!(markdown.contains("| verdict | metric |"), "{markdown}");
}

#[test]
fn what_is_not_decided_ends_with_four_unless_it_is_said_what_it_counts_as() {
    let folder = folder("undecided");
    let other = variant(&folder, "other.toml", "seed = 5\n[sensing]\nevery = \"1 min\"\n");
    // A margin that no eight pairs can be sure of.
    let metric = ["--metric", "logins_unserved_share=0.0001", "--most", "8"];
    let all = |more: &[&str]| compare(&[&[SCENARIO, &other], &metric[..], more].concat());
    let (code, text, told) = all(&[]);
    assert_eq!(code, 4, "{text}{told}");
    assert!(text.starts_with("undecided: logins_unserved_share"), "{text}");
    assert!(text.contains("pairs would decide it"), "{text}");
    assert_eq!(all(&["--undecided", "pass"]).0, 0);
    assert_eq!(all(&["--undecided", "fail"]).0, 1);
}

#[test]
fn any_number_of_threads_finds_the_same() {
    let folder = folder("threads");
    let dear =
        variant(&folder, "dear.toml", "[[pools]]\nname = \"worker-low\"\nprice = \"$1/h\"\n");
    let with =
        |threads: &str| compare(&[SCENARIO, &dear, "--format", "json", "--threads", threads]);
    assert_eq!(with("1").1, with("2").1);
}

#[test]
fn what_cannot_be_compared_is_said_so() {
    let folder = folder("wrong");
    let missing = folder.join("missing.toml").display().to_string();
    let old = folder.join("old.sh");
    std::fs::write(&old, "#!/bin/sh\necho \"error: unrecognized subcommand 'rows'\" >&2\nexit 2\n")
        .expect("it is written");
    let mut mode = std::fs::metadata(&old).expect("it is there").permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut mode, 0o755);
    std::fs::set_permissions(&old, mode).expect("its mode");
    let old = old.display().to_string();
    // From an archive of the sources there is no repository.
    let is_repository = root().join(".git").exists();
    let no_revision =
        if is_repository { "`no-such-revision` is no revision" } else { "is in no git repository" };
    for (arguments, code, said) in [
        (&[SCENARIO][..], 2, "there is nothing to compare it with"),
        (&[SCENARIO, SCENARIO, "--metric", "kill"], 2, "there is `kills`"),
        (&[SCENARIO, SCENARIO, "--metric", "kills=much"], 2, "`much` is no margin"),
        (&[SCENARIO, SCENARIO, "--until-decided", "--metric", "kills=yes-no"], 2, "declared looks"),
        (&[SCENARIO, SCENARIO, "--most", "3"], 2, "3 pairs decide nothing"),
        (&[SCENARIO, SCENARIO, "--most", "4000000000", "--yes"], 2, "have at most 1000"),
        (&[SCENARIO, SCENARIO, "--most", "1001", "--until-decided"], 2, "have at most 1000"),
        (&[SCENARIO, &missing], 2, "missing.toml"),
        (&[SCENARIO, "--base", "no-such-revision"], 2, no_revision),
        (&[SCENARIO, "--base-binary", &old], 3, "older than `seatrial compare`"),
        (&[SCENARIO, "--base-binary", "/bin/true"], 3, "not understood"),
        (&[SCENARIO, SCENARIO, "--base", "HEAD"], 2, "cannot be used with"),
    ] {
        let (found, text, told) = compare(arguments);
        assert_eq!(found, code, "{arguments:?}: {text}{told}");
        assert!(told.contains(said), "{arguments:?}: {told}");
    }
}
