//! What it takes and gives when containers ask for what they are seen to need: a small fleet worked
//! out by hand, and the thousand users.

mod common;

use common::{figure, run_under};
use seatrial_record::Record;

/// One tenant who comes every other day for six hours, on one machine.
fn fleet(acting: &str, quiet: &str, policies: &str) -> Record {
    let text = format!(
        r#"
        title = "fleet"
        duration = "8 d"
        waking = {{ start_time = "150 s" }}
        acting = {{ {acting} }}
        [[stacks]]
        name = "app"
        [[stacks.parts]]
        name = "web"
        cpu = "1 cores"
        memory = "1 GiB"
        quiet = {{ cpu = "10 %", memory = "{quiet}" }}
        [[tiers]]
        name = "free"
        stack = "app"
        tenants = 1
        limit = {{ cpu = "2 cores", memory = "1280 MiB" }}
        start = "awake"
        sessions = {{ gap = "42 h", length = "6 h" }}
        [[pools]]
        name = "workers"
        price = "$1/h"
        count = 1
        machine = {{ cpu = "8 cores", memory = "8 GiB" }}
        "#
    );
    let policies = format!("tick = \"15 s\"\n[[policies]]\nkind = \"spread\"\n{policies}");
    run_under(&text, Some(&policies), &[11]).remove(0)
}

const RIGHT_SIZE: &str = "[[policies]]\nkind = \"right-size\"";

fn between(record: &Record, name: &str, low: f64, high: f64) {
    let found = figure(record, name);
    assert!((low..=high).contains(&found), "{name} is {found}, not from {low} to {high}");
}

#[test]
fn what_was_asked_for_is_asked_for_without_the_policy() {
    let record = fleet("", "40 %", "");
    between(&record, "resizes", 0.0, 0.0);
    between(&record, "cpu_requested_mean", 1.0, 1.0);
    let gib = f64::from(1 << 30);
    between(&record, "memory_requested_mean", gib, gib);
}

#[test]
fn what_is_not_used_is_given_back_and_nobody_is_disturbed() {
    let record = fleet("", "40 %", RIGHT_SIZE);
    // A tenth of a core for 42 hours, one core for six: nine tenths of what counts are now the one, now
    // the other. Memory peaks at 1 GiB every other day.
    between(&record, "cpu_requested_mean", 0.12, 0.6);
    between(&record, "memory_requested_mean", 0.8e9, 1.3e9);
    between(&record, "sessions_interrupted", 0.0, 0.0);
    between(&record, "kills", 0.0, 0.0);
    assert!(figure(&record, "resizes") > 2.0);
}

#[test]
fn a_limit_that_shrinks_with_the_request_kills_whoever_comes() {
    let kept = fleet("limits = \"kept\"", "20 %", RIGHT_SIZE);
    between(&kept, "kills", 0.0, 0.0);
    // A part sized for 0.2 GiB may have 1.25 times that; the first session asks for 1 GiB.
    let scaled = fleet("limits = \"scaled\"", "20 %", RIGHT_SIZE);
    between(&scaled, "kills", 2.0, 40.0);
}

#[test]
fn a_restart_for_a_resize_is_cpu_not_used_for_as_long_as_a_wake_up() {
    let used = |acting| figure(&fleet(acting, "40 %", RIGHT_SIZE), "cpu_used_share");
    let (restart, in_place) = (used("resize = \"restart\""), used("resize = \"in-place\""));
    assert!(restart < in_place, "{restart} and {in_place}");
    // 150 s each of 8 d, at a tenth of a core of eight.
    assert!(in_place - restart < 20.0 * 150.0 / 691_200.0 * 0.1 / 8.0, "{restart}, {in_place}");
}

fn root(path: &str) -> String {
    let path = format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A week and a half of seed 004's thousand users.
fn thousand(policies: &str, acting: &str) -> Record {
    let text = root("scenarios/thousand-users.toml").replace(
        "duration = \"30 d\"",
        &format!("duration = \"10 d\"\nwarm_up = \"3 d\"\nacting = {{ {acting} }}"),
    );
    run_under(&text, Some(&root(policies)), &[4]).remove(0)
}

#[test]
fn the_thousand_users_need_a_quarter_of_the_cpu_that_they_ask_for_and_most_of_the_memory() {
    let before = thousand("policies/thousand-users.toml", "");
    let after = thousand("policies/right-sized.toml", "");
    let share = |name: &str| figure(&after, name) / figure(&before, name);
    let shares = ["cpu_requested_mean", "memory_requested_mean", "nodes_mean"].map(share);
    assert!((0.15..0.35).contains(&shares[0]), "cpu: {shares:?}");
    assert!((0.80..0.97).contains(&shares[1]), "memory: {shares:?}");
    assert!(shares[2] < 0.97, "machines: {shares:?}");
    for record in [&before, &after] {
        between(record, "kills", 0.0, 0.0);
        between(record, "sessions_interrupted", 0.0, 0.0);
    }
}

#[test]
fn the_thousand_users_are_killed_by_the_hundred_if_their_limits_shrink_too() {
    let scaled = thousand("policies/right-sized.toml", "limits = \"scaled\"");
    between(&scaled, "kills", 500.0, 10_000.0);
    between(&scaled, "logins_unserved_share", 0.0, 0.05);
}
