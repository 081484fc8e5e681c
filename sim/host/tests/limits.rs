//! Pools of connections that tiers have apart, and limits that a policy changes while they run. Small
//! worlds worked out by hand.

mod common;

use common::{figure, run_under};
use seatrial_record::Record;

/// Ten tenants of each of two tiers, all awake for all the time, on a machine with room for all.
fn fleet(seconds: u32, policies: &str, rest: &str) -> Record {
    sensed("", seconds, policies, rest)
}

/// The same, with a cluster that is sensed so.
fn sensed(sensing: &str, seconds: u32, policies: &str, rest: &str) -> Record {
    let tier = |name: &str, priority: &str| {
        format!(
            "[[tiers]]\nname = \"{name}\"\nstack = \"app\"\nstart = \"awake\"\ntenants = 10\n\
             priority = \"{priority}\"\nsessions = {{ gap = \"90 d\", length = \"1 s\" }}\n"
        )
    };
    let text = format!(
        "title = \"limits\"\nduration = \"{seconds} s\"\n\
         [sensing]\nevery = \"10 s\"\n{sensing}\n\
         [[stacks]]\nname = \"app\"\n[[stacks.parts]]\nname = \"web\"\nmemory = \"1 GiB\"\n\
         {}{}\
         [[pools]]\nname = \"workers\"\ncount = 1\nprice = \"$1/h\"\nstarts_at_once = 1000\n\
         machine = {{ cpu = \"16 cores\", memory = \"640 GiB\" }}\n\
         [[databases]]\nname = \"d\"\ncores = 1000\nmax_connections = 100\nconnecting = \"0 s\"\n\
         contention = {{ knee = 16.0, crowding = 0.0 }}\n{rest}",
        tier("free", "low"),
        tier("paying", "high"),
    );
    let policies = format!("tick = \"10 s\"\n[[policies]]\nkind = \"spread\"\n{policies}");
    run_under(&text, Some(&policies), &[3]).remove(0)
}

fn pooler(size: u32, most: u32) -> String {
    format!(
        "[[poolers]]\nname = \"p\"\ndatabase = \"d\"\npool_per = \"tier\"\npool_size = {size}\n\
         most = {most}\nwait_timeout = \"5 s\"\n"
    )
}

/// Each tenant of the tier calls every so many seconds.
fn calls(tier: &str, every: u32, takes: &str) -> String {
    format!(
        "[[traffic]]\nname = \"{tier}\"\n\
         arrivals = {{ kind = \"tenants\", when = \"awake\", every = \"{every} s\", tiers = [\"{tier}\"] }}\n\
         queries = [{{ at = \"p\", service_time = \"{takes}\" }}]\n"
    )
}

const BUDGET: &str = "[[policies]]\nkind = \"connection-budget\"\n";

#[test]
fn each_tier_has_a_pool_of_its_own_up_to_what_there_is_in_all() {
    // Ten of each call every ten seconds, and each call takes 100 s: two pools of four are full at once.
    let text = pooler(4, 100) + &calls("free", 10, "100 s") + &calls("paying", 10, "100 s");
    let found = fleet(60, "", &text);
    assert!((figure(&found, "connections_most.p") - 8.0).abs() < 0.1);
    let text = pooler(4, 6) + &calls("free", 10, "100 s") + &calls("paying", 10, "100 s");
    let found = fleet(60, "", &text);
    assert!((figure(&found, "connections_most.p") - 6.0).abs() < 0.1);
}

#[test]
fn a_connection_that_idles_makes_room_for_another_tier() {
    // There is one in all, and each tier's pool keeps the one that it has opened. Each is needed for a tenth of
    // a second 600 times, and nobody waits for longer than some of the others take.
    let text = pooler(1, 1) + &calls("free", 10, "100 ms") + &calls("paying", 10, "100 ms");
    let found = fleet(600, "", &text);
    assert!((figure(&found, "connections_most.p") - 1.0).abs() < 0.1);
    assert!(figure(&found, "timed_out.p") < 0.1);
    let waited = figure(&found, "wait_max.p");
    assert!((0.01..=1.01).contains(&waited), "{waited}");
    for tier in ["free", "paying"] {
        let answered = figure(&found, &format!("answered.{tier}"));
        assert!((590.0..=600.0).contains(&answered), "{answered} of {tier}");
    }
}

#[test]
fn a_tier_that_takes_everything_starves_the_other_and_a_budget_keeps_its_share() {
    // Free asks for 10 × 20 s ÷ 10 s = 20 connections of 16 all the time and gives none back; paying asks
    // for 10 × 0.5 s ÷ 7 s = 0.7.
    let text = pooler(16, 16) + &calls("free", 10, "20 s") + &calls("paying", 7, "500 ms");
    let without = fleet(1_800, "", &text);
    let with = fleet(1_800, BUDGET, &text);
    let failed = |found: &Record| figure(found, "prob_failed.paying");
    assert!(failed(&without) > 0.5, "{}", failed(&without));
    assert!(failed(&with) < 0.01, "{}", failed(&with));
    assert!(figure(&with, "connections_most.p") < 16.1);
}

#[test]
fn what_one_tier_leaves_unused_the_other_has() {
    // Guaranteed are 4 and 12 of 16. Paying never asks: it keeps six, free has the other ten.
    let text = pooler(4, 16)
        + &calls("free", 10, "9 s")
        + &calls("paying", 10, "1 ms").replace("10 s", "90 d");
    let answered = |policies: &str| figure(&fleet(600, policies, &text), "answered.free");
    // Ten come within every ten seconds. Without the budget free's four connections are busy all the time, with
    // nine seconds for each call; with it paying has its twelve at first, and lends six when it is seen that
    // free waits: from then on all ten are served each time.
    let without = answered("");
    assert!((0.95..=1.0).contains(&(without / (4.0 * 600.0 / 9.0))), "{without}");
    let lent = answered(BUDGET);
    assert!((10.0 * 57.0..=10.0 * 60.0).contains(&lent), "{lent}");
}

#[test]
fn what_is_not_seen_changes_no_limit() {
    let text = pooler(16, 16) + &calls("free", 10, "20 s") + &calls("paying", 7, "500 ms");
    let found = sensed("loss = \"100 %\"", 600, BUDGET, &text);
    let counted = |reason: &str| -> u64 {
        let all = found.reasons.iter().filter(|of| of.policy == "connection-budget");
        all.filter(|of| of.reason == reason).map(|of| of.count).sum()
    };
    assert_eq!((counted("owed"), counted("taken-back")), (0, 0));
    // What was seen before the start is old after two minutes: two pools on 48 ticks.
    assert_eq!(counted("stale-reading"), 96);
    // Seen late is seen.
    let late = sensed("delay = \"30 s\"", 1_800, BUDGET, &text);
    assert!(figure(&late, "prob_failed.paying") < 0.05, "{}", figure(&late, "prob_failed.paying"));
}
