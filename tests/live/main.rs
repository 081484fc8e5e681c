//! The bridge on a real cluster: three Docker engines, sixty tenants, Prometheus, and a life that a
//! script leads. What the policies would have done is held against what the script did.
//!
//! Needs root, dockerd, docker, prometheus and openssl, which `tests/all` installs. Where they are
//! missing the test says so and passes, unless SEATRIAL_LIVE=1 asks for it.

mod boxed;
mod bridge;
mod story;

#[path = "../common/mod.rs"]
mod common;

use boxed::Boxed;
use bridge::{Bridge, bridge};
use common::{err, out, seatrial};
use seatrial_contract::{Action, Stage};
use std::time::Duration;
use story::{Story, seconds};

/// Steps of the ladder in tests/box/policies.toml.
const BOTS_STOP: u64 = 30;
/// Looks are 2 s apart, scrapes 1 s, ticks 2 s; a busy machine is given as much again.
const SLACK: u64 = 14;
/// guard.stale_after and one look and scrape.
const STALE: u64 = 8 + 4;
/// Three looks of the bridge, and a tick.
const LOST: u64 = 6 + 4;

/// One story, since it takes a minute to set the stage.
#[test]
fn what_the_policies_would_do_makes_sense_on_a_real_cluster() {
    let Some(boxed) = Boxed::up(3, 60) else { return };
    let everyone: Vec<u32> = (1..=60).collect();
    let digest = digest_of_the_simulator(&boxed);
    nobody_logged_in_is_told(&boxed, &digest);
    let marks = boxed.engine_log_marks();
    boxed.visit(&everyone);
    observing_decides_nothing(&boxed);

    // Everyone falls asleep, but premium (59, 60) and whoever stays (31 to 33).
    let mut bridge = Bridge::start(&boxed, "shadow");
    boxed.steer(&["login", "tenant-31", "tenant-32", "tenant-33"]);
    boxed.visit(&(1..=58).filter(|n| !(31..=33).contains(n)).collect::<Vec<_>>());
    let visited = seconds();
    sleep(BOTS_STOP + SLACK);
    let slept = seconds();
    // The operator does what was proposed, for three on host-a and one on host-b.
    for tenant in ["tenant-01", "tenant-04", "tenant-07", "tenant-02"] {
        boxed.steer(&["stop-unit", tenant, "bots"]);
    }
    let stopped = seconds();
    sleep(SLACK);
    // Two of them are wanted again.
    boxed.visit(&[1, 2]);
    let came = seconds();
    sleep(8);
    boxed.steer(&["start-unit", "tenant-01", "bots"]);
    boxed.steer(&["start-unit", "tenant-02", "bots"]);
    let woken = seconds();

    // Prometheus is away while twenty more would fall asleep.
    let due: Vec<u32> = (8..=27).collect();
    boxed.visit(&due);
    let before_outage = seconds();
    sleep(12);
    boxed.steer(&["prometheus", "stop"]);
    let blind = seconds();
    sleep(30);
    let sees = seconds();
    boxed.steer(&["prometheus", "start"]);
    sleep(8 + SLACK);
    let after_outage = seconds();

    // A host dies while others would fall asleep; the bridge dies, too.
    boxed.visit(&due);
    sleep(12);
    boxed.steer(&["host", "stop", "host-b"]);
    let host_down = seconds();
    sleep(LOST);
    bridge.kill();
    let mut bridge = Bridge::start(&boxed, "shadow");
    sleep(20);
    let host_starts = seconds();
    boxed.steer(&["host", "start", "host-b"]);
    sleep(8 + SLACK);
    let host_back = seconds();

    // A host comes back without its disk: its twenty tenants have vanished.
    boxed.visit(&due);
    sleep(12);
    boxed.steer(&["host", "forget", "host-a"]);
    let forgot = seconds();
    sleep(30);
    let recalls = seconds();
    boxed.steer(&["host", "recall", "host-a"]);
    let recalled = seconds();
    sleep(SLACK);

    // An engine hangs, over TLS; then there is load.
    boxed.steer(&["host", "freeze", "host-c"]);
    let frozen = seconds();
    sleep(20);
    boxed.steer(&["host", "thaw", "host-c"]);
    let thawed = seconds();
    sleep(8);
    for tenant in [
        "tenant-10",
        "tenant-13",
        "tenant-16",
        "tenant-11",
        "tenant-14",
        "tenant-17",
        "tenant-20",
        "tenant-23",
    ] {
        boxed.steer(&["load", tenant, "bots", "190", "10"]);
    }
    let loaded = seconds();
    sleep(10 + SLACK + 10);
    let told = bridge.stop();

    let story = Story::read(&boxed.path("logbook"));
    assert!(told.contains("would have done: "), "{told}");
    story.ticks_without_gap(7);

    // Sense: nobody was to sleep who was there, or who had not been away for long enough.
    for (at, tenant, stage) in story.hibernations() {
        assert!(!["tenant-59", "tenant-60"].contains(&tenant.as_str()), "premium never sleeps");
        assert!(
            !["tenant-31", "tenant-32", "tenant-33"].contains(&tenant.as_str()),
            "{tenant} is there"
        );
        let limit = if stage == Stage(1) { BOTS_STOP } else { 45 };
        let idle = at - boxed.last_visit(&tenant, at);
        assert!(idle + 1 >= limit, "{tenant} to {stage:?} after {idle} s");
    }
    let asleep = story.hibernated(visited, slept);
    let awaited = (1..=58).filter(|n| !(31..=33).contains(n)).map(boxed::tenant);
    let missed: Vec<String> = awaited.filter(|tenant| !asleep.contains(tenant)).collect();
    assert!(missed.is_empty(), "idle for {} s and not to sleep: {missed:?}", slept - visited);
    assert!(story.drains(visited, slept + SLACK) > 0, "three idle hosts, and none is spare");

    // Whoever comes to a sleeper is to be woken, nobody else, and not once they are awake.
    let wakes: Vec<_> = story.wakes();
    let of = |tenant: &str| {
        wakes.iter().filter(|wake| wake.1 == tenant).map(|wake| wake.0).collect::<Vec<_>>()
    };
    for tenant in ["tenant-01", "tenant-02"] {
        let found = of(tenant);
        assert!(found.iter().all(|at| (came..=woken + 6).contains(at)), "{tenant}: {found:?}");
        assert_eq!(found.len(), 1, "{tenant} came at {came}, woken at {woken}: {found:?}");
    }
    assert!(stopped < came);
    for tenant in ["tenant-04", "tenant-07"] {
        assert_eq!(of(tenant), Vec::<u64>::new(), "nobody came to {tenant}");
    }

    // Blind: nothing destructive, whatever seems idle. What was due is done once there is sight.
    story.nothing_destroyed("Prometheus is away", blind + STALE, sees);
    assert!(story.held("presence-unknown", blind + STALE, sees) > 0);
    story.to_sleep("Prometheus is back", &due, &["tenant-31"], sees, after_outage);
    assert!(before_outage < blind);

    story.nothing_destroyed("host-b is down", host_down + LOST, host_starts);
    assert!(story.held("machines-lost", host_down + LOST, host_starts) > 0);
    story.to_sleep("host-b is back", &due, &[], host_starts, host_back + SLACK);

    story.nothing_destroyed("host-a knows nobody", forgot + 6, recalls);
    assert!(story.held("tenants-unseen", forgot + 6, recalls) > 0);
    assert!(story.missing(forgot + 6, recalls) == 20, "host-a had 20 tenants");
    assert!(story.missing(recalled + SLACK - 4, recalled + SLACK) == 0, "they are there again");

    // A hanging engine delays nobody: the ticks went on, and only its own tenants were out of sight.
    story.nothing_destroyed("host-c hangs", frozen + LOST, thawed);
    assert!(story.lost(frozen + LOST, thawed) == 1, "only host-c hangs");

    // Load calls for a machine, after the ten seconds that the policy waits, and none before.
    assert_eq!(story.orders(0, loaded + 9), 0, "nothing was busy before");
    assert!(story.orders(loaded + 9, seconds()) > 0, "three quarters of two processors are busy");

    replays(&boxed);
    a_simulation_goes_on_from_it(&boxed);
    assert_eq!(story.digests, [digest], "the logbook names the policies that the simulator names");
    boxed.only_looked_at(&marks);
}

/// The stage itself: what the box says it does on real engines, it does, and it leaves nothing.
#[test]
fn the_box_keeps_its_word() {
    if !Boxed::is_possible() {
        return;
    }
    let tried = std::process::Command::new(common::root().join("tests/box/try")).output().unwrap();
    assert!(tried.status.success(), "{}{}", out(&tried), err(&tried));
}

/// `check` says that nobody's last visit is known, and which policy misses it.
fn nobody_logged_in_is_told(boxed: &Boxed, digest: &str) {
    let found = bridge(boxed, &["check", "bridge.toml"]);
    let text = out(&found);
    assert_eq!(found.status.code(), Some(1), "{text}{}", err(&found));
    assert_eq!(text.matches("reached").count(), 6, "{text}");
    assert!(text.contains("20 tenants in 43 containers, 43 running; 8 cores, 8 GiB"), "{text}");
    assert!(
        text.contains("missing  last-active, wanted by idle-ladder: 60 of 60 tenants"),
        "{text}"
    );
    assert!(text.contains("known    machine-use"), "{text}");
    assert!(text.contains(digest), "the simulator runs other policies, {digest}: {text}");
}

fn observing_decides_nothing(boxed: &Boxed) {
    let set = "logbook.folder=observed";
    let found = bridge(boxed, &["observe", "bridge.toml", "--for", "10 s", "--set", set]);
    assert!(found.status.success(), "{}", err(&found));
    assert_eq!(out(&found), "");
    let story = Story::read(&boxed.path("observed"));
    assert!(story.turns.len() >= 3, "{} ticks in 10 s", story.turns.len());
    assert!(story.turns.iter().all(|turn| turn.decided.all.is_empty()));
    let folder = boxed.path("observed");
    let replayed = seatrial(&["replay", &folder.display().to_string()]);
    assert!(replayed.status.success(), "{}", err(&replayed));
}

/// The logbook decides the same again, of which one byte may not be another.
fn replays(boxed: &Boxed) {
    let folder = boxed.path("logbook");
    let replayed = seatrial(&["replay", &folder.display().to_string()]);
    let text = out(&replayed);
    assert!(replayed.status.success(), "{text}{}", err(&replayed));
    assert!(text.contains("every one the same again"), "{text}");
    assert!(text.contains("2 segments"), "the bridge was killed once: {text}");
    for segment in ["000001.logbook", "000002.logbook"] {
        let path = folder.join(segment);
        let whole = std::fs::read(&path).unwrap();
        let mut bytes = whole.clone();
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        let flipped = seatrial(&["replay", &folder.display().to_string()]);
        std::fs::write(&path, &whole).unwrap();
        assert_eq!(flipped.status.code(), Some(2), "{}", out(&flipped));
        assert!(err(&flipped).contains("was changed"), "{}", err(&flipped));
    }
}

/// A simulation starts from the last view, with the machines and tenants of the real cluster.
fn a_simulation_goes_on_from_it(boxed: &Boxed) {
    let set = format!("policies.file={}", boxed.path("policies.toml").display());
    let logbook = boxed.path("logbook").display().to_string();
    let from = ["run", "tests/box/box.toml", "--from-logbook", &logbook, "--set", &set, "--quiet"];
    let simulated = seatrial(&from);
    let text = out(&simulated);
    assert!(simulated.status.success(), "{text}{}", err(&simulated));
    assert!(text.contains("from     A cluster in a box, 20"), "{text}");
    assert!(text.contains("3 machines: 3 workers"), "{text}");
    assert!(text.contains("60 tenants: 36 free, 15 basic, 7 pro, 2 premium"), "{text}");
}

/// What the simulator calls the policies of the box.
fn digest_of_the_simulator(boxed: &Boxed) -> String {
    let set = format!("policies.file={}", boxed.path("policies.toml").display());
    let arguments = ["run", "tests/box/box.toml", "--set", &set, "--format", "json", "--quiet"];
    let simulated = seatrial(&arguments);
    let document: serde_json::Value = serde_json::from_str(&out(&simulated)).unwrap();
    let digest = document["policy_digest"].as_str().unwrap_or_else(|| panic!("{document}"));
    digest.to_owned()
}

fn sleep(seconds: u64) {
    std::thread::sleep(Duration::from_secs(seconds));
}

/// What the actions of a story are about.
fn is_destructive(action: &Action) -> bool {
    action.is_destructive()
}
