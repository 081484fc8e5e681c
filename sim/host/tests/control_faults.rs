//! Faults of those who see and steer: the policies' process, the store of metrics, the control plane, people. Each
//! moves one figure, leaves another, and is over when it heals.

mod common;

use common::{figure, run_under};
use seatrial_host::open_text;
use seatrial_record::Record;

/// Tenants of whom somebody comes every hour or so, who sleep after twenty minutes and are woken.
fn world(faults: &str) -> String {
    format!(
        r#"
        title = "control"
        duration = "2 d"
        waking = {{ start_time = "2 min" }}
        [[zones]]
        name = "east"
        [[stacks]]
        name = "app"
        [[stacks.parts]]
        name = "web"
        cpu = "1 cores"
        memory = "1 GiB"
        quiet = {{ cpu = "10 %", memory = "50 %" }}
        stops_at = "asleep"
        [[tiers]]
        name = "free"
        stack = "app"
        tenants = 60
        sessions = {{ gap = {{ kind = "exponential", mean = "90 min" }}, length = "10 min", patience = "5 h" }}
        [[pools]]
        name = "workers"
        count = 4
        most = 6
        machine = {{ cpu = "16 cores", memory = "64 GiB" }}
        price = "$1/h"
        {faults}
        "#
    )
}

const POLICIES: &str = "tick = \"15 s\"\n[[policies]]\nkind = \"spread\"\n[[policies]]\nkind = \"idle-ladder\"\n\
                        ladder = { asleep = \"20 min\" }\n[[policies]]\nkind = \"wake-admission\"\n";

fn run(fault: &str) -> Record {
    run_under(&world(fault), Some(POLICIES), &[11]).remove(0)
}

fn fault(kind: &str, more: &str) -> String {
    format!("[[faults]]\nkind = \"{kind}\"\nat = \"20 h\"\nlasts = \"3 h\"\n{more}\n")
}

fn longest_wait(record: &Record) -> f64 {
    figure(record, "wake_wait_max") / 60.0
}

/// The longest wait of the eighteen hours that begin seven hours after it was over.
fn healed(kind: &str, more: &str) -> f64 {
    let text = world(&fault(kind, more)).replacen("title", "warm_up = \"30 h\"\ntitle", 1);
    longest_wait(&run_under(&text, Some(POLICIES), &[11])[0])
}

#[test]
fn while_the_policies_are_down_nobody_is_woken_and_afterwards_they_are() {
    let (without, with) = (run(""), run(&fault("policies-down", "")));
    assert!(longest_wait(&without) < 6.0, "{}", longest_wait(&without));
    // Who came first waited for three hours; when it is over, nobody waits any longer than ever.
    assert!((150.0..190.0).contains(&longest_wait(&with)), "{}", longest_wait(&with));
    assert!(healed("policies-down", "") < 6.0);
    assert!((figure(&with, "ticks_missed") - 720.0).abs() < 2.0);
    assert!(
        (figure(&with, "logins") - figure(&without, "logins")).abs()
            < 0.02 * figure(&without, "logins")
    );
    // Twice as long, twice the wait.
    let longer = run(&fault("policies-down", "").replace("3 h", "6 h"));
    assert!(figure(&longer, "ticks_missed") > 1_400.0);
    // With the place where they stand, they are down too.
    let placed = world(
        "[[faults]]\nkind = \"zone-loss\"\nzone = \"east\"\nat = \"20 h\"\nlasts = \"3 h\"\n",
    );
    let elsewhere = run_under(&placed, Some(POLICIES), &[11]).remove(0);
    assert!(figure(&elsewhere, "ticks_missed") < 1.0);
    let placed = placed.replacen(
        "title",
        "policies = { file = \"policies.toml\", place = \"east\" }\ntitle",
        1,
    );
    let there = run_under(&placed, Some(POLICIES), &[11]).remove(0);
    assert!((figure(&there, "ticks_missed") - 720.0).abs() < 2.0);
}

#[test]
fn without_metrics_nobody_is_put_to_sleep_and_old_ones_mislead() {
    let slept = |record: &Record| figure(record, "hibernations");
    let without = run("");
    let blind = run(&fault("metrics-absent", "").replace("3 h", "20 h"));
    // For twenty of 48 hours nobody sleeps deeper.
    let left = slept(&blind) / slept(&without);
    assert!((0.4..0.75).contains(&left), "{left}");
    assert!(figure(&blind, "ticks_missed") < 1.0, "they look, and hold");
    // Frozen ones do not show who waits: it takes until they move again.
    let frozen = run(&fault("metrics-stale", ""));
    assert!(longest_wait(&frozen) > 100.0, "{}", longest_wait(&frozen));
    assert!(healed("metrics-stale", "") < 6.0);
}

#[test]
fn wrong_metrics_order_machines_that_nobody_needs() {
    let policies = format!("{POLICIES}[[policies]]\nkind = \"threshold\"\nabove_for = \"5 min\"\n");
    let nodes = |faults: &str| {
        let record = run_under(&world(faults), Some(&policies), &[11]).remove(0);
        figure(&record, "nodes_most.workers")
    };
    assert!((nodes("") - 4.0).abs() < 1e-9);
    let wrong = fault("metrics-wrong", "reads_as = \"1000 %\"");
    assert!(nodes(&wrong) > 4.5, "{}", nodes(&wrong));
}

#[test]
fn actions_are_rejected_delayed_or_lost_and_done_in_the_end() {
    let without = run("");
    let rejected = run(&fault("actions-rejected", ""));
    assert!(longest_wait(&rejected) > 120.0, "{}", longest_wait(&rejected));
    assert!(figure(&rejected, "actions_refused") > figure(&without, "actions_refused") + 5.0);
    assert!(healed("actions-rejected", "") < 6.0);
    let late = run(&fault("actions-delayed", "by = \"20 min\""));
    let wait = longest_wait(&late) - longest_wait(&without);
    assert!((17.0..23.0).contains(&wait), "{wait}");
    let lost = run(&fault("actions-lost", "share = \"50 %\""));
    assert!(longest_wait(&lost) > longest_wait(&without) + 4.0, "{}", longest_wait(&lost));
    assert!(longest_wait(&lost) < longest_wait(&rejected));
    assert!(healed("actions-lost", "") < 6.0 && healed("actions-delayed", "by = \"20 min\"") < 6.0);
}

#[test]
fn slow_people_answer_later_and_take_over_later() {
    let text = |faults: &str| {
        format!(
            r#"
            title = "people"
            duration = "10 h"
            [[databases]]
            name = "d"
            cores = 1
            standbys = [{{ name = "s", following = "synchronous" }}]
            failover = {{ kind = "manual", noticed = "1 min", acknowledged = "5 min", acts = "10 min" }}
            [[traffic]]
            name = "calls"
            queries = [{{ at = "d", service_time = "1 ms" }}]
            arrivals = {{ kind = "renewal", gap = "1 s" }}
            [[faults]]
            kind = "primary-loss"
            database = "d"
            at = "2 h"
            {faults}
            "#
        )
    };
    let minutes =
        |faults: &str| figure(&run_under(&text(faults), None, &[1])[0], "rto_clients_max.d") / 60.0;
    assert!((minutes("") - 16.0).abs() < 1e-6);
    let slow = "[[faults]]\nkind = \"slow-people\"\nat = \"1 h\"\nlasts = \"2 h\"\ntimes = 3.0\n";
    // A machine notices as soon as ever.
    assert!((minutes(slow) - 46.0).abs() < 1e-6);
    assert!((minutes(&slow.replace("\"2 h\"", "\"30 min\"")) - 16.0).abs() < 1e-6);
}

#[test]
fn what_is_wrong_with_such_faults_is_told_with_the_remedy() {
    let empty = "title = \"t\"\nduration = \"2 h\"\n[[pools]]\nname = \"p\"\ncount = 1\nprice = \"$1/h\"\n\
                 machine = { cpu = \"1 cores\", memory = \"1 GiB\" }\n";
    let told = |fault: &str| match open_text(&format!("{empty}{fault}\nat = \"1 h\"\n"), None) {
        Ok(_) => String::new(),
        Err(failure) => failure.render(seatrial_format::Style::default()),
    };
    for kind in
        ["policies-down", "metrics-absent", "metrics-stale", "actions-rejected", "actions-lost"]
    {
        let found = told(&format!("[[faults]]\nkind = \"{kind}\""));
        assert!(found.contains("nobody looks and nobody steers"), "{kind}\n{found}");
    }
    for (fault, says) in [
        ("kind = \"metrics-wrong\"\nreads_as = \"100 %\"", "is right"),
        ("kind = \"metrics-wrong\"", "`reads_as` is missing"),
        ("kind = \"actions-delayed\"\nby = \"0 s\"", "no time"),
        ("kind = \"actions-lost\"\nshare = \"0 %\"", "is nothing"),
        ("kind = \"slow-people\"\ntimes = 0.5", "0.5 times"),
    ] {
        let found = told(&format!("[[faults]]\n{fault}"));
        assert!(found.contains(says), "{fault}\n{found}");
    }
}

#[test]
fn a_clock_that_is_wrong_makes_what_was_seen_old_or_new() {
    let (without, ahead) = (run(""), run(&fault("clock-skew", "by = \"10 min\"")));
    // All that is seen looks ten minutes old, and who waits is not known to wait.
    assert!(longest_wait(&without) < 6.0, "{}", longest_wait(&without));
    assert!(figure(&ahead, "hibernations") < figure(&without, "hibernations"));
    let less = run(&fault("clock-skew", "by = \"10 s\""));
    assert!((figure(&less, "hibernations") - figure(&without, "hibernations")).abs() < 3.0);
    // Behind it never goes back, as the bridge's does not: time passes more slowly for a while, which is little.
    let behind = run(&fault("clock-skew", "by = \"4 h\"\nbehind = true"));
    assert!(figure(&behind, "hibernations") > 0.95 * figure(&without, "hibernations"));
    assert!(longest_wait(&behind) < 6.0, "{}", longest_wait(&behind));
    // It is over when it heals.
    assert!(healed("clock-skew", "by = \"10 min\"") < 6.0);
    assert!(
        (figure(&ahead, "logins") - figure(&without, "logins")).abs()
            < 0.02 * figure(&without, "logins")
    );
}

#[test]
fn who_starts_again_from_what_was_saved_long_ago_looks_at_everything_anew() {
    // Nothing is seen for an hour; then all who came meanwhile are found at once, of whom a few at a time are woken, and a
    // minute later the process is started again from what it had saved before any of that.
    let blind = fault("metrics-absent", "").replace("3 h", "1 h");
    let down = "[[faults]]\nkind = \"policies-down\"\nat = \"1261 min\"\nlasts = \"1 min\"\n";
    let text = world(&format!("{blind}{down}")).replacen(
        "title",
        "policies = { saves_every = \"5 h\" }\ntitle",
        1,
    );
    let few = "tick = \"15 s\"\n[[policies]]\nkind = \"wake-admission\"\nat_once = 1\n[[policies]]\nkind = \"spread\"\n\
               [[policies]]\nkind = \"idle-ladder\"\nladder = { asleep = \"20 min\" }\n";
    let record = run_under(&text, Some(few), &[11]).remove(0);
    // As long as nothing was seen, and as long as those take who are woken before.
    assert!(longest_wait(&record) < 110.0, "{} min", longest_wait(&record));
    assert!(figure(&record, "ticks_missed") > 2.0);
}
