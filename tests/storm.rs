//! The wake storm: without anything against it, it outlives its cause; with wake admission and budgets
//! for retries it heals, and with one of the two alone it does not.

mod common;

use common::{err, out, seatrial};
use serde_json::Value;

const STORM: &str = "scenarios/wake-storm.toml";
const ADMISSION: &str = "policies.file=policies/wake-storm-healed.toml";
const BUDGETS: [&str; 2] =
    ["traffic.dashboard.retry.budget=\"10 %\"", "traffic.bots.retry.budget=\"10 %\""];
/// The outage ends then, after the run's start.
const OUTAGE_ENDS: u64 = 90 * 60;
const RUN_ENDS: u64 = 5 * 3_600;

/// When the last trouble ended, in seconds, by kind of calls.
fn trouble(scenario: &str, seed: u32, sets: &[&str]) -> [u64; 3] {
    figures("trouble_until", scenario, seed, sets)
}

fn figures(metric: &str, scenario: &str, seed: u32, sets: &[&str]) -> [u64; 3] {
    let seed = seed.to_string();
    let mut line =
        vec!["run", scenario, "--seed", &seed, "--format", "json", "--fail-on", "nothing"];
    sets.iter().for_each(|set| line.extend(["--set", set]));
    let output = seatrial(&line);
    let document: Value = serde_json::from_str(&out(&output))
        .unwrap_or_else(|error| panic!("{error}: {line:?}: {}", err(&output)));
    ["dashboard", "bots", "starts"].map(|calls| {
        let until = &document["metrics"][format!("{metric}.{calls}")]["value"];
        let until = until.as_f64().map(|seconds| format!("{seconds:.0}"));
        until.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("{line:?}: {calls}"))
    })
}

#[test]
fn without_anything_against_it_the_storm_outlives_its_cause() {
    for seed in [4, 5, 6] {
        let until = trouble(STORM, seed, &[]);
        assert_eq!(until, [RUN_ENDS; 3], "seed {seed}");
        // Nothing but the trouble itself explains most of that time.
        let outlived = figures("trouble_outlived", STORM, seed, &[]);
        let explained = RUN_ENDS - OUTAGE_ENDS - 1_800;
        assert!(outlived.iter().all(|time| *time >= explained), "seed {seed}: {outlived:?}");
    }
}

#[test]
fn with_wake_admission_and_budgets_it_heals() {
    for seed in [4, 5, 6] {
        let until = trouble("scenarios/wake-storm-healed.toml", seed, &[]);
        let healed = OUTAGE_ENDS..OUTAGE_ENDS + 600;
        assert!(until.iter().all(|until| healed.contains(until)), "seed {seed}: {until:?}");
        let outlived = figures("trouble_outlived", "scenarios/wake-storm-healed.toml", seed, &[]);
        assert_eq!(outlived, [0; 3], "seed {seed}");
    }
}

#[test]
fn one_remedy_alone_does_not_heal_it() {
    for remedy in [&[ADMISSION][..], &BUDGETS] {
        let [dashboard, ..] = trouble(STORM, 4, remedy);
        assert_eq!(dashboard, RUN_ENDS, "{remedy:?}");
    }
}

#[test]
fn without_an_outage_there_is_no_storm() {
    let until = trouble(STORM, 4, &["databases.primary.outages=[]"]);
    assert_eq!(until, [0; 3]);
}

/// All but the digests, which change with the sources of the policies.
fn golden(scenario: &str) -> String {
    let text = out(&seatrial(&["run", scenario]));
    let line = |line: &str| match line.split_once(' ') {
        Some((word @ ("policies" | "record"), _)) => format!("{word} [digest]"),
        _ => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_summary_of_a_storm() {
    insta::assert_snapshot!(golden(STORM));
}

#[test]
fn the_summary_of_a_storm_that_heals() {
    insta::assert_snapshot!(golden("scenarios/wake-storm-healed.toml"));
}

#[test]
fn a_sweep_says_what_breaks_first() {
    let plan = ["sweep", "scenarios/mondays/plan-a.toml", "--tenants", "100,400"];
    let found = seatrial(&plan);
    assert_eq!(found.status.code(), Some(1), "{}", err(&found));
    let text = out(&found);
    let last = text.lines().last().unwrap_or_default();
    assert!(last.starts_with("  Breaks first: all holds with 100 tenants; with 400 "), "{text}");
    let lines = out(&seatrial(&[&plan[..], &["--format", "markdown"]].concat()));
    assert!(lines.contains("| room-for-all | at most 1 | 0 |"), "{lines}");
    let json = out(&seatrial(&[&plan[..], &["--format", "json"]].concat()));
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json[0]["points"][1]["tenants"], 400);
    let none = seatrial(&["sweep", "scenarios/queue.toml", "--tenants", "10"]);
    assert_eq!(none.status.code(), Some(2));
    assert!(err(&none).contains("it has no tenants at the start"), "{}", err(&none));
}
