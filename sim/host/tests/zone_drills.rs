//! Zones that are emptied by the calendar, to see that they can be: small worlds, worked out by hand.

mod common;

use common::{figure, run_under};
use seatrial_record::Record;

/// Thirty tenants on machines in three zones, of whom somebody is there for ten minutes each hour, for three weeks
/// that begin on a Monday.
fn world(count: u32, more: &str) -> String {
    format!(
        r#"
        title = "drills"
        duration = "21 d"
        zones = [{{ name = "a" }}, {{ name = "b" }}, {{ name = "c" }}]
        waking = {{ start_time = "1 min" }}
        sensing = {{ lost_after = "2 min" }}
        [[stacks]]
        name = "app"
        [[stacks.parts]]
        name = "web"
        cpu = "1 cores"
        memory = "1 GiB"
        [[tiers]]
        name = "free"
        stack = "app"
        tenants = 30
        sessions = {{ gap = "50 min", length = "10 min" }}
        data = {{ kind = "on-network" }}
        [[pools]]
        name = "workers"
        count = {count}
        most = 12
        zones = ["a", "b", "c"]
        machine = {{ cpu = "8 cores", memory = "64 GiB" }}
        price = "$1/h"
        {more}
        "#
    )
}

const POLICIES: &str = "tick = \"15 s\"\n[guard]\nmachines_an_hour = \"100 %\"\ntenants_an_hour = \"100 %\"\n\
                        [[policies]]\nkind = \"spread\"\n[[policies]]\nkind = \"empty-zone\"\nevery = \"7 d\"\n";

fn run(text: &str, policies: &str) -> Record {
    run_under(text, Some(policies), &[3]).remove(0)
}

/// How often something was decided, for that reason where one is given.
fn decided(record: &Record, action: &str, reason: &str) -> u64 {
    let of = record.reasons.iter().filter(|of| of.policy == "empty-zone");
    let of = of.filter(|of| of.verdict == action && of.reason == reason);
    of.map(|of| of.count).sum()
}

#[test]
fn each_zone_is_emptied_in_its_turn_and_taken_into_use_again() {
    let record = run(&world(6, ""), POLICIES);
    // On three Mondays; two machines are in each zone.
    assert_eq!(decided(&record, "drain", "zone-drill"), 6, "{:?}", record.reasons);
    assert_eq!(decided(&record, "uncordon", "zone-emptied"), 6, "{:?}", record.reasons);
    assert!(figure(&record, "moves") >= 25.0, "{}", figure(&record, "moves"));
    // Twice as often.
    let more = POLICIES.replace("\"7 d\"", "\"84 h\"");
    assert_eq!(decided(&run(&world(6, ""), &more), "drain", "zone-drill"), 12);
    // Without it nothing moves.
    let without = POLICIES.split("[[policies]]\nkind = \"empty").next().expect("the rest");
    assert!(figure(&run(&world(6, ""), without), "moves") < 1.0);
}

#[test]
fn none_is_held_where_there_is_no_room_or_something_is_lost() {
    // Thirty cores of four machines of eight: who is in the third zone has none elsewhere.
    let record = run(&world(4, ""), POLICIES);
    assert_eq!(decided(&record, "drain", "zone-drill"), 0);
    let holds = |record: &Record, reason: &str| {
        record.reasons.iter().any(|of| of.policy == "empty-zone" && of.reason == reason)
    };
    assert!(holds(&record, "no-room-elsewhere"), "{:?}", record.reasons);
    // One is lost all the time from after the first on.
    let crash = "[[faults]]\nkind = \"machine-crash\"\nat = \"6 d\"\nlasts = \"30 d\"\n";
    let record = run(&world(6, crash), POLICIES);
    assert_eq!(decided(&record, "drain", "zone-drill"), 2);
    assert!(holds(&record, "something-is-lost"), "{:?}", record.reasons);
    // One is lost while a drill is held: it is over at once.
    let during = "[[faults]]\nkind = \"machine-crash\"\nat = \"9 d\"\nlasts = \"1 h\"\n";
    let long = format!("{POLICIES}stays = \"3 d\"\n");
    let record = run(&world(6, during), &long);
    assert_eq!(decided(&record, "drain", "zone-drill"), 6, "{:?}", record.reasons);
    let opened = |reason: &str| decided(&record, "uncordon", reason);
    assert_eq!(opened("something-is-lost") + opened("zone-emptied"), 6, "{:?}", record.reasons);
    assert!(opened("something-is-lost") > 0, "{:?}", record.reasons);
    // One that is lost is opened once it is back: who has room for the third drill has it.
    assert!(!holds(&record, "no-room-elsewhere"), "{:?}", record.reasons);
}

#[test]
fn what_is_not_empty_in_time_is_opened_again() {
    let soon = format!("{POLICIES}within = \"1 min\"\n");
    let record = run(&world(6, ""), &soon);
    assert_eq!(decided(&record, "drain", "zone-drill"), 6, "{:?}", record.reasons);
    assert_eq!(decided(&record, "uncordon", "zone-not-emptied"), 6, "{:?}", record.reasons);
    // Only a part of those who were there has left by then.
    assert!((1.0..20.0).contains(&figure(&record, "moves")), "{}", figure(&record, "moves"));
    // A policy that gives back what is empty does not take what is kept for the drill.
    let shrinks = format!("{POLICIES}[[policies]]\nkind = \"threshold\"\n");
    let record = run(&world(6, ""), &shrinks);
    assert_eq!(decided(&record, "uncordon", "zone-emptied"), 6, "{:?}", record.reasons);
}
