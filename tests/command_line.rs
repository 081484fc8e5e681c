//! What users see of the command line: exit codes, streams, documents.

mod common;

use common::{err, out, root, seatrial};
use serde_json::Value;

fn json(arguments: &[&str]) -> Value {
    let output = seatrial(arguments);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", err(&output)))
}

#[test]
fn a_run_gives_one_document_with_all_that_is_promised() {
    let short = ["run", "scenarios/thousand-users.toml", "--set", "duration=2d", "--reps", "2"];
    let document = json(&[&short[..], &["--format", "json"]].concat());
    for key in ["scenario", "seed", "policy_digest", "record_digest", "events"] {
        assert!(!document[key].is_null(), "no `{key}`");
    }
    for list in ["objectives", "claims"] {
        let goals = document[list].as_array().unwrap();
        assert!(!goals.is_empty());
        for key in ["name", "holds", "value", "bound", "unit"] {
            assert!(goals.iter().all(|goal| !goal[key].is_null()), "{list} without `{key}`");
        }
    }
    let wait = &document["metrics"]["wake_wait_mean"];
    let value = |key: &str| wait[key].as_f64().unwrap_or_else(|| panic!("no {key}: {wait}"));
    assert!(value("ci_low") < value("value") && value("value") < value("ci_high"));
    assert_eq!(wait["unit"], "seconds");
}

#[test]
fn what_holds_ends_with_0_and_what_does_not_with_1() {
    let queue = ["run", "scenarios/queue.toml", "--set", "duration=12h", "--set", "warm_up=1h"];
    let code = |more: &[&str]| seatrial(&[&queue[..], more].concat()).status.code();
    assert_eq!(
        code(&[
            "--set",
            "claims.mean-wait.at_most='9 s'",
            "--set",
            "claims.mean-wait.at_least='1 ms'"
        ]),
        Some(0)
    );
    let broken =
        ["--set", "claims.mean-wait.at_most='2 ms'", "--set", "claims.mean-wait.at_least='1 ms'"];
    assert_eq!(code(&broken), Some(1));
    assert_eq!(code(&[&broken[..], &["--fail-on", "objective"]].concat()), Some(0));
}

#[test]
fn bad_input_ends_with_2_and_says_all_that_is_wrong() {
    let wrong = seatrial(&["run", "scenarios/queue.toml", "--set", "duration=7", "--set", "sed=3"]);
    assert_eq!(wrong.status.code(), Some(2));
    let says = err(&wrong);
    assert!(says.contains("duration") && says.contains("`sed`"), "{says}");
    assert!(out(&wrong).is_empty());
    let lost = seatrial(&["run", "scenarios/queu.toml"]);
    assert_eq!(lost.status.code(), Some(2));
    assert!(err(&lost).contains("queue.toml"), "{}", err(&lost));
    assert_eq!(seatrial(&["run"]).status.code(), Some(2));
    assert_eq!(seatrial(&["sail"]).status.code(), Some(2));
}

#[test]
fn every_scenario_of_the_project_is_fine() {
    let mut names = Vec::new();
    let folders = ["scenarios", "scenarios/mondays"];
    let entries = folders.iter().flat_map(|of| std::fs::read_dir(root().join(of)).unwrap());
    for entry in entries.flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            names.push(path.display().to_string());
        }
    }
    assert!(names.len() >= 4, "{names:?}");
    names.sort();
    let mut arguments = vec!["check"];
    arguments.extend(names.iter().map(String::as_str));
    let output = seatrial(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
}

#[test]
fn the_full_record_is_written_where_it_is_asked_for() {
    let folder = std::env::temp_dir().join(format!("seatrial-out-{}", std::process::id()));
    let path = folder.display().to_string();
    let short = ["run", "scenarios/thousand-users.toml", "--set", "duration=2d", "--quiet"];
    let output = seatrial(&[&short[..], &["--fail-on", "nothing", "--out", &path]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    assert_eq!(read("days.csv").lines().count(), 3, "{}", read("days.csv"));
    assert_eq!(read("tenants.csv").lines().count(), 1_001);
    let record: Value = serde_json::from_str(&read("record.json")).unwrap();
    let total = record["bill"]["total"].as_i64().unwrap();
    let sum = |list: &Value, key: &str| -> i64 {
        list.as_array().unwrap().iter().map(|row| row[key].as_i64().unwrap()).sum()
    };
    assert_eq!(sum(&record["bill"]["lines"], "amount"), total, "lines");
    assert_eq!(sum(&record["days"], "amount"), total, "days");
    assert_eq!(sum(&record["tiers"], "amount"), total, "tiers");
    assert_eq!(sum(&record["tenants"], "amount"), total, "tenants");
    let first = read("actions.jsonl").lines().next().map(str::to_owned).unwrap_or_default();
    let action: Value = serde_json::from_str(&first).unwrap();
    assert!(action["reason"]["why"].is_string(), "{action}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn decide_shows_what_and_why() {
    let view = "tests/views/small.json";
    let arguments = ["decide", "--policy", "policies/thousand-users.toml", "--view", view];
    insta::assert_snapshot!(out(&seatrial(&arguments)));
    let document = json(&[&arguments[..], &["--format", "json"]].concat());
    let decisions = document["decisions"].as_array().unwrap();
    assert!(decisions.iter().any(|d| d["says"].as_str().unwrap().starts_with("hibernate")));
    assert_eq!(document["policy_digest"].as_str().unwrap().len(), 64);
}

#[test]
fn decide_shows_what_services_are_told_to_have() {
    let arguments =
        ["decide", "--policy", "policies/portal.toml", "--view", "tests/views/portal.json"];
    insta::assert_snapshot!(out(&seatrial(&arguments)));
}

#[test]
fn decide_goes_on_from_a_memory() {
    let memory = std::env::temp_dir().join(format!("seatrial-memory-{}.json", std::process::id()));
    let path = memory.display().to_string();
    let arguments =
        ["decide", "--policy", "policies/thousand-users.toml", "--view", "tests/views/small.json"];
    let first = out(&seatrial(&[&arguments[..], &["--save", &path]].concat()));
    let second = out(&seatrial(&[&arguments[..], &["--memory", &path]].concat()));
    std::fs::remove_file(&memory).unwrap();
    assert!(first.contains("hibernate to bots-stopped"), "{first}");
    assert!(!second.contains("hibernate to bots-stopped"), "in flight already: {second}");
}

#[test]
fn decide_names_the_row_that_is_wrong() {
    let view = std::env::temp_dir().join(format!("seatrial-view-{}.json", std::process::id()));
    let text = r#"{"taken_at":"1 d","tiers":[{"name":"free"}],"pools":[],
        "tenants":[{"name":"a","tier":"fre"}]}"#;
    std::fs::write(&view, text).unwrap();
    let path = view.display().to_string();
    let arguments = ["decide", "--policy", "policies/thousand-users.toml", "--view", &path];
    let output = seatrial(&arguments);
    std::fs::remove_file(&view).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("tenants[0].tier: no tier `fre`"), "{}", err(&output));
}

#[test]
fn schemas_and_completions_are_printed() {
    for of in ["scenario", "policies"] {
        let schema = json(&["schema", of]);
        assert!(schema["properties"].is_object());
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(out(&seatrial(&["completions", shell])).contains("seatrial"));
    }
}

/// A summary without what changes with every line of policy code.
fn golden(arguments: &[&str]) -> String {
    let text = out(&seatrial(arguments));
    let line = |line: &str| match line.split_once(' ') {
        Some((word @ ("policies" | "record"), _)) => format!("{word} [digest]"),
        _ => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_summary_of_a_thousand_users() {
    insta::assert_snapshot!(golden(&["run", "scenarios/thousand-users.toml"]));
}

#[test]
fn the_summary_of_a_queue() {
    insta::assert_snapshot!(golden(&[
        "run",
        "scenarios/queue.toml",
        "--set",
        "duration=12h",
        "--set",
        "warm_up=1h"
    ]));
}

#[test]
fn the_summary_of_a_shared_cache() {
    insta::assert_snapshot!(golden(&["run", "scenarios/shared-cache.toml"]));
}

#[test]
fn a_cache_is_in_the_document_as_a_whole_and_by_who_asks() {
    let short = ["--set", "duration=10min", "--set", "warm_up=1min", "--format", "json"];
    let document = json(&[&["run", "scenarios/shared-cache.toml"], &short[..]].concat());
    for (name, unit) in [
        ("hit_ratio.shared", "share"),
        ("hit_ratio.shared.quiet", "share"),
        ("hit_ratio.quiets-own", "share"),
        ("evictions.shared", "count"),
        ("writes_refused.shared", "count"),
        ("entries_mean.shared.busy", "count"),
        ("memory_mean.shared", "bytes"),
        ("memory_most.shared", "bytes"),
        ("response_p95.shared", "seconds"),
        ("bill_month.shared", "dollars"),
    ] {
        let metric = &document["metrics"][name];
        assert!(metric["value"].is_number() && metric["unit"] == unit, "{name}: {metric}");
    }
}

#[test]
fn the_summary_of_several_runs() {
    let short = ["run", "scenarios/thousand-users.toml", "--set", "duration=5d", "--reps", "3"];
    insta::assert_snapshot!(golden(&short));
}
