//! The same scenario, seed and build give the same bytes: on any number of threads, in debug and
//! in release.

mod common;

use common::{err, out, root, run, seatrial};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SHORT: [&str; 6] =
    ["run", "scenarios/thousand-users.toml", "--set", "duration=4d", "--format", "json"];

fn digest(output: &Output) -> String {
    let text = out(output);
    let document: Value =
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}{}", err(output)));
    document["record_digest"].as_str().unwrap().to_owned()
}

fn with(more: &[&str]) -> String {
    digest(&seatrial(&[&SHORT[..], more].concat()))
}

#[test]
fn the_same_seed_gives_the_same_record() {
    assert_eq!(with(&["--seed", "9"]), with(&["--seed", "9"]));
}

#[test]
fn another_seed_gives_another_record() {
    assert_ne!(with(&["--seed", "9"]), with(&["--seed", "10"]));
}

#[test]
fn any_number_of_threads_gives_the_same_records() {
    let one = with(&["--reps", "4", "--threads", "1"]);
    assert_eq!(one, with(&["--reps", "4", "--threads", "2"]));
    assert_eq!(one, with(&["--reps", "4", "--threads", "7"]));
    assert_ne!(one, with(&["--reps", "3"]));
}

#[test]
fn services_are_as_repeatable_as_tenants() {
    let queue = ["run", "scenarios/queue.toml", "--set", "duration=8h", "--format", "json"];
    assert_eq!(digest(&seatrial(&queue)), digest(&seatrial(&queue)));
}

#[test]
fn caches_are_as_repeatable_on_any_number_of_threads() {
    for policy in ["allkeys-lru", "random"] {
        let policy = format!("caches.shared.policy={policy}");
        let cache = ["run", "scenarios/shared-cache.toml", "--set", &policy, "--reps", "3"];
        let short = ["--set", "duration=20min", "--set", "warm_up=2min", "--format", "json"];
        let with = |threads: &str| {
            digest(&seatrial(&[&cache[..], &short[..], &["--threads", threads]].concat()))
        };
        assert_eq!(with("1"), with("3"), "{policy}");
    }
}

/// The command as users build it.
fn release() -> PathBuf {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let build = Command::new(cargo)
        .args(["build", "--release", "--bin", "seatrial", "--message-format", "json"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(build.status.success(), "{}", String::from_utf8_lossy(&build.stderr));
    let messages = String::from_utf8_lossy(&build.stdout).into_owned();
    let built = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let paths = built.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    paths.collect::<Vec<_>>().pop().expect("cargo names the executable")
}

#[test]
fn debug_and_release_give_the_same_records() {
    let release = release();
    let storm = ["run", "scenarios/wake-storm.toml", "--set", "duration=2h", "--format", "json"];
    let queue = ["run", "scenarios/queue.toml", "--set", "duration=8h", "--format", "json"];
    for scenario in [&SHORT[..], &queue, &storm] {
        let here = digest(&seatrial(scenario));
        assert_eq!(here, digest(&run(Path::new(&release), scenario)), "{scenario:?}");
    }
}
