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

/// When what happened, in seconds since 1970.
#[derive(Default)]
struct Times {
    visited: u64,
    slept: u64,
    stopped: u64,
    came: u64,
    woken: u64,
    blind: u64,
    sees: u64,
    after_outage: u64,
    host_down: u64,
    host_starts: u64,
    host_back: u64,
    forgot: u64,
    recalls: u64,
    recalled: u64,
    frozen: u64,
    thawed: u64,
    loaded: u64,
}

/// Those that would fall asleep while something is amiss.
const DUE: std::ops::RangeInclusive<u32> = 8..=27;
/// Those who are there all the time.
const STAYS: std::ops::RangeInclusive<u32> = 31..=33;

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

    let mut times = Times::default();
    let bridge = Bridge::start(&boxed, "shadow");
    fall_asleep_and_wake(&boxed, &mut times);
    lose_prometheus(&boxed, &mut times);
    let mut bridge = lose_a_host(&boxed, bridge, &mut times);
    forget_and_freeze(&boxed, &mut times);
    load(&boxed, &mut times);
    let told = bridge.stop();

    let story = Story::read(&boxed.path("logbook"));
    assert!(told.contains("would have done: "), "{told}");
    story.ticks_without_gap(7);
    sleep_made_sense(&boxed, &story, &times);
    wakes_made_sense(&story, &times);
    nothing_was_done_blindly(&story, &times);
    // Load calls for a machine, after the ten seconds that the policy waits, and none before.
    assert_eq!(story.orders(0, times.loaded + 9), 0, "nothing was busy before");
    let orders = story.orders(times.loaded + 9, seconds());
    assert!(orders > 0, "three quarters of two processors are busy");

    replays(&boxed);
    a_simulation_goes_on_from_it(&boxed);
    assert_eq!(story.digests, [digest], "the logbook names the policies that the simulator names");
    boxed.only_looked_at(&marks);
}

/// Everyone falls asleep, but premium (59, 60) and three who stay; two are wanted again.
fn fall_asleep_and_wake(boxed: &Boxed, times: &mut Times) {
    boxed.steer(&["login", "tenant-31", "tenant-32", "tenant-33"]);
    boxed.visit(&(1..=58).filter(|n| !STAYS.contains(n)).collect::<Vec<_>>());
    times.visited = seconds();
    sleep(BOTS_STOP + SLACK);
    times.slept = seconds();
    // The operator does what was proposed, for three on host-a and one on host-b.
    for tenant in ["tenant-01", "tenant-04", "tenant-07", "tenant-02"] {
        boxed.steer(&["stop-unit", tenant, "bots"]);
    }
    times.stopped = seconds();
    sleep(SLACK);
    boxed.visit(&[1, 2]);
    times.came = seconds();
    sleep(8);
    boxed.steer(&["start-unit", "tenant-01", "bots"]);
    boxed.steer(&["start-unit", "tenant-02", "bots"]);
    times.woken = seconds();
}

/// Those that are due were there, and would fall asleep half a minute later.
fn visit_the_due(boxed: &Boxed) {
    boxed.visit(&DUE.collect::<Vec<_>>());
    sleep(12);
}

/// Prometheus is away while twenty more would fall asleep.
fn lose_prometheus(boxed: &Boxed, times: &mut Times) {
    visit_the_due(boxed);
    boxed.steer(&["prometheus", "stop"]);
    times.blind = seconds();
    sleep(30);
    times.sees = seconds();
    boxed.steer(&["prometheus", "start"]);
    sleep(8 + SLACK);
    times.after_outage = seconds();
}

/// A host dies while others would fall asleep; the bridge dies, too.
fn lose_a_host(boxed: &Boxed, mut bridge: Bridge, times: &mut Times) -> Bridge {
    visit_the_due(boxed);
    boxed.steer(&["host", "stop", "host-b"]);
    times.host_down = seconds();
    sleep(LOST);
    bridge.kill();
    let bridge = Bridge::start(boxed, "shadow");
    sleep(20);
    times.host_starts = seconds();
    boxed.steer(&["host", "start", "host-b"]);
    sleep(8 + SLACK);
    times.host_back = seconds();
    bridge
}

/// A host comes back without its disk: its twenty tenants have vanished. Then an engine hangs, over TLS.
fn forget_and_freeze(boxed: &Boxed, times: &mut Times) {
    visit_the_due(boxed);
    boxed.steer(&["host", "forget", "host-a"]);
    times.forgot = seconds();
    sleep(30);
    times.recalls = seconds();
    boxed.steer(&["host", "recall", "host-a"]);
    times.recalled = seconds();
    sleep(SLACK);
    boxed.steer(&["host", "freeze", "host-c"]);
    times.frozen = seconds();
    sleep(20);
    boxed.steer(&["host", "thaw", "host-c"]);
    times.thawed = seconds();
    sleep(8);
}

/// Three quarters of two hosts' processors are used.
fn load(boxed: &Boxed, times: &mut Times) {
    for number in [10, 13, 16, 11, 14, 17, 20, 23] {
        boxed.steer(&["load", &boxed::tenant(number), "bots", "190", "10"]);
    }
    times.loaded = seconds();
    sleep(10 + SLACK + 10);
}

/// Nobody was to sleep who was there, or who had not been away for long enough; all others were.
fn sleep_made_sense(boxed: &Boxed, story: &Story, times: &Times) {
    let Times { visited, slept, .. } = *times;
    let stays: Vec<String> = STAYS.map(boxed::tenant).collect();
    for (at, tenant, stage) in story.hibernations() {
        assert!(!["tenant-59", "tenant-60"].contains(&tenant.as_str()), "premium never sleeps");
        assert!(!stays.contains(&tenant), "{tenant} is there");
        let limit = if stage == Stage(1) { BOTS_STOP } else { 45 };
        let idle = at - boxed.last_visit(&tenant, at);
        assert!(idle + 1 >= limit, "{tenant} to {stage:?} after {idle} s");
    }
    let asleep = story.hibernated(visited, slept);
    let awaited = (1..=58).filter(|n| !STAYS.contains(n)).map(boxed::tenant);
    let missed: Vec<String> = awaited.filter(|tenant| !asleep.contains(tenant)).collect();
    assert!(missed.is_empty(), "idle for {} s and not to sleep: {missed:?}", slept - visited);
    assert!(story.drains(visited, slept + SLACK) > 0, "three idle hosts, and none is spare");
}

/// Tenants that are asked for are to be woken, no others, and not once they are awake.
fn wakes_made_sense(story: &Story, times: &Times) {
    let Times { stopped, came, woken, .. } = *times;
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
}

/// Blind: nothing destructive, whatever seems idle. What was due is done once there is sight.
fn nothing_was_done_blindly(story: &Story, times: &Times) {
    let Times { blind, sees, after_outage, host_down, host_starts, host_back, .. } = *times;
    let due: Vec<u32> = DUE.collect();
    story.nothing_destroyed("Prometheus is away", blind + STALE, sees);
    assert!(story.held("presence-unknown", blind + STALE, sees) > 0);
    story.to_sleep("Prometheus is back", &due, &["tenant-31"], sees, after_outage);

    story.nothing_destroyed("host-b is down", host_down + LOST, host_starts);
    assert!(story.held("machines-lost", host_down + LOST, host_starts) > 0);
    story.to_sleep("host-b is back", &due, &[], host_starts, host_back + SLACK);

    let Times { forgot, recalls, recalled, frozen, thawed, .. } = *times;
    story.nothing_destroyed("host-a knows nobody", forgot + 6, recalls);
    assert!(story.held("tenants-unseen", forgot + 6, recalls) > 0);
    assert!(story.missing(forgot + 6, recalls) == 20, "host-a had 20 tenants");
    assert!(story.missing(recalled + SLACK - 4, recalled + SLACK) == 0, "they are there again");

    // A hanging engine delays nobody: the ticks went on, and only its own tenants were out of sight.
    story.nothing_destroyed("host-c hangs", frozen + LOST, thawed);
    assert!(story.lost(frozen + LOST, thawed) == 1, "only host-c hangs");
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
