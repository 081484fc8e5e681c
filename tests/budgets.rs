//! The connection budget: with it a storm of free users leaves those who pay alone, without it nobody is
//! answered, and free users get no more than with it.

mod common;

use common::{err, out, seatrial};
use serde_json::Value;

const SCENARIO: &str = "scenarios/connection-budget.toml";
const SEEDS: [&str; 3] = ["4", "5", "6"];

fn run(seed: &str, sets: &[&str]) -> (Option<i32>, Value) {
    let mut line = vec!["run", SCENARIO, "--seed", seed, "--format", "json"];
    sets.iter().for_each(|set| line.extend(["--set", set]));
    let output = seatrial(&line);
    let document: Value = serde_json::from_str(&out(&output))
        .unwrap_or_else(|error| panic!("{error}: {line:?}: {}", err(&output)));
    (output.status.code(), document)
}

fn figure(document: &Value, metric: &str) -> f64 {
    let value = &document["metrics"][metric]["value"];
    value.as_f64().unwrap_or_else(|| panic!("{metric}: {value}"))
}

#[test]
fn with_a_budget_those_who_pay_notice_no_storm() {
    for seed in SEEDS {
        let (code, found) = run(seed, &[]);
        assert_eq!(code, Some(0), "seed {seed}: all objectives hold");
        let (bots, dashboards) = ("response_p95.premium-bots", "response_p95.premium-dashboard");
        assert!(figure(&found, bots) < 0.5, "seed {seed}: {}", figure(&found, bots));
        assert!(figure(&found, dashboards) < 0.5, "seed {seed}: {}", figure(&found, dashboards));
        assert!(figure(&found, "prob_failed.premium-bots") < 0.000_1, "seed {seed}");
        assert!(figure(&found, "trouble_time.premium-dashboard") < 1.0, "seed {seed}");
    }
}

#[test]
fn without_one_they_get_no_answer() {
    for seed in SEEDS {
        let (code, without) = run(seed, &["policies.file=policies/wake-storm.toml"]);
        assert_eq!(code, Some(1), "seed {seed}: objectives fail");
        let failed = |calls: &str| figure(&without, &format!("prob_failed.{calls}"));
        assert!(failed("premium-dashboard") > 0.5, "seed {seed}: {}", failed("premium-dashboard"));
        assert!(failed("paid-dashboard") > 0.5, "seed {seed}: {}", failed("paid-dashboard"));
        assert!(figure(&without, "response_p95.premium-bots") > 5.0, "seed {seed}");
    }
}

#[test]
fn free_users_get_as_much_with_it_as_without() {
    let answered = |sets: &[&str]| figure(&run("4", sets).1, "answered.backtests");
    let share = answered(&[]) / answered(&["policies.file=policies/wake-storm.toml"]);
    assert!((0.8..=1.25).contains(&share), "{share}");
}

#[test]
fn limits_do_not_flap() {
    let text = out(&seatrial(&["run", SCENARIO]));
    let line = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["connection-budget", "limit-connections", _, count] => count.parse::<u32>().ok(),
            _ => None,
        }
    };
    let changes: u32 = text.lines().filter_map(line).sum();
    // Four limits in four hours: eleven changes at the start, and then one every few minutes.
    assert!((12..=120).contains(&changes), "{changes}: {text}");
}
