//! Stores that tenants share, against one for each: what sharing saves, who is hurt by a loud neighbour,
//! and what protects them. `docs/stores.md` tells of it.

mod common;

use common::{err, out, root, seatrial};
use serde_json::Value;

const SEEDS: [&str; 3] = ["4", "5", "6"];
const LOUD: &str = "traffic.loud.arrivals.every.mean=\"50 ms\"";
/// Three connections for each tenant, and at the most as many for all as the server has.
const LIMITS: [&str; 3] =
    ["poolers.pool.pool_per=\"tenant\"", "poolers.pool.pool_size=3", "poolers.pool.most=450"];

/// What was found in one run.
struct Found(Value, String);

impl Found {
    fn figure(&self, metric: &str) -> f64 {
        let value = &self.0["metrics"][metric]["value"];
        value.as_f64().unwrap_or_else(|| panic!("{}: {metric}: {value}", self.1))
    }
}

fn run(stores: &str, seed: &str, sets: &[&str]) -> Found {
    let scenario = format!("scenarios/stores/{stores}.toml");
    let mut line =
        vec!["run", &scenario, "--seed", seed, "--format", "json", "--fail-on", "nothing"];
    sets.iter().for_each(|set| line.extend(["--set", set]));
    let output = seatrial(&line);
    let document = serde_json::from_str(&out(&output));
    let document = document.unwrap_or_else(|of| panic!("{of}: {line:?}: {}", err(&output)));
    Found(document, format!("{line:?}"))
}

#[test]
fn every_scenario_of_the_folder_passes_the_check() {
    let folder = root().join("scenarios/stores");
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let names = entries.map(|entry| entry.expect("it can be read").file_name());
    let names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    assert!(names.len() >= 4, "{names:?}");
    for name in names {
        let output = seatrial(&["check", &format!("scenarios/stores/{name}")]);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", err(&output));
    }
}

#[test]
fn sharing_asks_for_less_memory_and_answers_as_well() {
    for seed in SEEDS {
        let [own, small, all] = ["dedicated", "shared", "shared-all"].map(|of| run(of, seed, &[]));
        let memory = |of: &Found| of.figure("memory_requested_mean");
        let (less, least) = (memory(&small) / memory(&own), memory(&all) / memory(&own));
        assert!((0.66..0.74).contains(&less), "seed {seed}: {less}");
        assert!((0.60..0.68).contains(&least), "seed {seed}: {least}");
        // $2,500 less a worker of $350, and a server of $200 more.
        assert!((own.figure("bill_month") - 2_500.0).abs() < 0.01, "seed {seed}");
        assert!((small.figure("bill_month") - 2_350.0).abs() < 0.01, "seed {seed}");
        for found in [&own, &small, &all] {
            assert!(found.figure("response_p95.small-dashboard") < 0.2, "{}", found.1);
            assert!(found.figure("response_p95.large-dashboard") < 0.2, "{}", found.1);
            assert!(found.figure("prob_failed.small-dashboard") < 0.000_1, "{}", found.1);
            assert!(found.figure("logins_unserved_share") <= 0.05, "{}", found.1);
        }
        // Each calls as before; who is not there for want of room is not there to call.
        let calls = |of: &Found| of.figure("calls.large-bots");
        assert!((calls(&own) - calls(&small)).abs() < 0.5, "seed {seed}");
    }
}

#[test]
fn one_cache_finds_what_many_find_in_a_fraction_of_their_memory() {
    for seed in SEEDS {
        let (own, one) = (run("dedicated", seed, &[]), run("shared-all", seed, &[]));
        let apart = own.figure("hit_ratio.own-redis.small-dashboard");
        let shared = one.figure("hit_ratio.shared-redis.small-dashboard");
        assert!((apart - shared).abs() < 0.01, "seed {seed}: {apart} apart, {shared} in one");
        assert!(own.figure("evictions.own-redis") < 0.5, "seed {seed}");
        // A thousand of 96 MiB, of which a hundredth is ever used.
        assert!(one.figure("memory_most.shared-redis") < 2.5e9, "seed {seed}");
        // Where it is small, it is the other way round.
        let small = run("shared-all", seed, &["caches.shared-redis.maxmemory=\"64 MiB\""]);
        let shared = small.figure("hit_ratio.shared-redis.small-dashboard");
        assert!(shared < apart - 0.15, "seed {seed}: {apart} apart, {shared} in one of 64 MiB");
    }
}

#[test]
fn a_loud_neighbour_hurts_whoever_shares_with_it_and_nobody_else() {
    for seed in SEEDS {
        let own = run("dedicated", seed, &[LOUD]);
        assert!(own.figure("connections_refused.own") > 100_000.0, "seed {seed}");
        assert!(own.figure("prob_failed.small-dashboard") < 0.000_1, "seed {seed}");
        assert!(own.figure("prob_failed.large-dashboard") < 0.000_1, "seed {seed}");
        let small = run("shared", seed, &[LOUD]);
        assert!(small.figure("prob_failed.small-bots") > 0.9, "seed {seed}");
        assert!(small.figure("response_p95.small-dashboard") > 5.0, "seed {seed}");
        assert!(small.figure("response_p95.large-dashboard") < 0.2, "seed {seed}");
    }
}

#[test]
fn where_all_share_all_are_hurt() {
    // From eight to a quarter past nine: what waits for a connection makes for long runs.
    for seed in SEEDS {
        let all = run("shared-all", seed, &[LOUD, "duration=\"75 min\""]);
        assert!(all.figure("response_p95.large-dashboard") > 5.0, "seed {seed}");
        assert!(all.figure("prob_failed.large-bots") > 0.9, "seed {seed}");
    }
}

#[test]
fn a_few_connections_for_each_keep_a_loud_neighbour_in_bounds() {
    for seed in SEEDS {
        for stores in ["shared", "shared-all"] {
            let found = run(stores, seed, &[&[LOUD][..], &LIMITS].concat());
            assert!(found.figure("prob_failed.small-dashboard") < 0.000_1, "{}", found.1);
            assert!(found.figure("prob_failed.small-bots") < 0.000_1, "{}", found.1);
            assert!(found.figure("response_p95.small-dashboard") < 0.2, "{}", found.1);
            assert!(found.figure("prob_failed.loud") > 0.5, "{}", found.1);
        }
    }
}

#[test]
fn a_pool_of_twenty_for_each_database_takes_nearly_all_that_there_are() {
    let pools = ["poolers.pool.pool_per=\"tenant\"", "poolers.pool.pool_size=20"];
    for seed in SEEDS {
        let found = run("shared", seed, &pools);
        // 500 less 3 reserved.
        assert!((490.0..=497.0).contains(&found.figure("connections_most.shared")), "seed {seed}");
        assert!(found.figure("connections_mean.shared") > 430.0, "seed {seed}");
        // Who asks again soon is given what came back last, so few are needed for longer than ten minutes.
        assert!(found.figure("prob_failed.small-dashboard") < 0.001, "seed {seed}");
        // The server itself is bored.
        assert!(found.figure("utilisation.shared") < 0.1, "seed {seed}");
    }
}

#[test]
fn over_a_month_plan_bs_policies_keep_what_sharing_saves() {
    let month = |scenario: &str, seed: &str| {
        let line = ["run", scenario, "--seed", seed, "--format", "json", "--fail-on", "nothing"];
        let output = seatrial(&line);
        let found: Value = serde_json::from_str(&out(&output)).expect("a document");
        let figure = |of: &str| found["metrics"][of]["value"].as_f64().expect("a figure");
        (figure("bill_month"), figure("memory_requested_mean"))
    };
    let (mut saved, mut less) = (0.0, 0.0);
    for seed in SEEDS {
        let (own, asked) = month("scenarios/thousand-users.toml", seed);
        let (shared, asks) = month("scenarios/stores/month-shared.toml", seed);
        (saved, less) = (saved + (own - shared) / 3.0, less + (1.0 - asks / asked) / 3.0);
    }
    assert!((0.27..0.33).contains(&less), "{less} less memory asked for");
    assert!(saved.abs() < 75.0, "${saved} a month saved, of $3,100");
}
