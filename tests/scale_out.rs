//! A service that scales beyond what its database has connections for, and one that does not: over
//! three seeds, until half an hour after the replicas came that find none left.

mod common;

use common::{err, out, seatrial};
use serde_json::Value;

const SEEDS: [&str; 3] = ["4", "5", "6"];

fn run(scenario: &str, seed: &str) -> Value {
    let output = seatrial(&[
        "run",
        &format!("scenarios/{scenario}.toml"),
        "--set",
        "duration=150 min",
        "--seed",
        seed,
        "--format",
        "json",
    ]);
    serde_json::from_str(&out(&output)).unwrap_or_else(|error| panic!("{error}: {}", err(&output)))
}

fn figure(document: &Value, metric: &str) -> f64 {
    document["metrics"][metric]["value"].as_f64().unwrap_or_else(|| panic!("no {metric}"))
}

#[test]
fn replicas_beyond_the_connections_answer_nobody_and_call_for_more() {
    for seed in SEEDS {
        let alone = run("scale-out", seed);
        let of = |metric: &str| figure(&alone, metric);
        // What is not reserved of a hundred is open, and others are refused.
        assert!((of("connections_most.primary") - 97.0).abs() < 0.5, "seed {seed}");
        assert!(of("connections_refused.primary") > 0.0, "seed {seed}");
        // Five replicas of twenty each, and more that were called for by the work of trying again.
        assert!(of("replicas_end.portal") > 8.5, "seed {seed}: {}", of("replicas_end.portal"));
        assert!(of("prob_failed.pages") > 0.005, "seed {seed}: {}", of("prob_failed.pages"));
        // It began when the portal grew beyond five, and has not ended.
        let (from, until) = (of("trouble_from.pages") / 60.0, of("trouble_until.pages") / 60.0);
        assert!((120.0..135.0).contains(&from) && until > 149.0, "seed {seed}: {from} to {until}");
    }
}

#[test]
fn what_policies_saw_of_services_replays_and_is_gone_on_from() {
    let folder = std::env::temp_dir().join(format!("seatrial-scale-out-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let logbook = folder.join("runs.logbook").display().to_string();
    let scenario = "scenarios/scale-out.toml";
    let (written, read) = (["--logbook", &logbook], ["--from-logbook", &logbook]);
    let run = |minutes: &str, more: [&str; 2]| {
        let line = ["run", scenario, "--set", minutes, "--fail-on", "nothing", "--quiet"];
        let output = seatrial(&[&line[..], &more].concat());
        assert_eq!(output.status.code(), Some(0), "{more:?}: {}", err(&output));
        out(&output)
    };
    run("duration=65 min", written);
    let output = seatrial(&["replay", &logbook]);
    assert_eq!(output.status.code(), Some(0), "{}{}", out(&output), err(&output));
    let page = run("duration=10 min", read);
    assert!(page.contains("\n  portal"), "{page}");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn with_one_pooler_replicas_may_come_as_they_like() {
    for seed in SEEDS {
        let pooled = run("scale-out-pooled", seed);
        let of = |metric: &str| figure(&pooled, metric);
        assert!(of("prob_failed.pages") < 0.001, "seed {seed}: {}", of("prob_failed.pages"));
        assert!(of("response_p95.pages") < 0.5, "seed {seed}: {}", of("response_p95.pages"));
        let replicas = of("replicas_end.portal");
        assert!((5.5..7.5).contains(&replicas), "seed {seed}: {replicas}");
        assert!(of("connections_refused.primary") < 0.5, "seed {seed}");
    }
}
