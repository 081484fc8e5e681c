//! Tenants that call while they are awake or in session, and when they start. Small worlds worked out
//! by hand.

mod common;

use common::{figure, run_under};
use seatrial_record::Record;

const POLICIES: &str = "tick = \"15 s\"\nguard = { tenants_an_hour = \"100 %\" }\n[[policies]]\nkind = \"spread\"\n\
                        [[policies]]\nkind = \"idle-ladder\"\nladder = { asleep = \"4 h\" }";

/// Twenty tenants with three bots each on a machine that has room for all, and a database.
fn fleet(duration: &str, tier: &str, rest: &str) -> Record {
    let text = format!(
        r#"
        title = "callers"
        duration = "{duration}"
        waking = {{ start_time = "10 s" }}
        [[stacks]]
        name = "app"
        [[stacks.parts]]
        name = "web"
        memory = "1 GiB"
        runs_bots = true
        stops_at = "asleep"
        [[tiers]]
        name = "free"
        stack = "app"
        start = "awake"
        bots = 3
        {tier}
        [[pools]]
        name = "workers"
        count = 1
        machine = {{ cpu = "16 cores", memory = "640 GiB" }}
        price = "$1/h"
        starts_at_once = 1000
        {rest}
        "#
    );
    run_under(&text, Some(POLICIES), &[11]).remove(0)
}

fn database(more: &str) -> String {
    format!("[[databases]]\nname = \"d\"\ncores = 16\nconnecting = \"0 s\"\n{more}\n")
}

fn calls(arrivals: &str) -> String {
    format!(
        "[[traffic]]\nname = \"q\"\narrivals = {{ {arrivals} }}\n\
         queries = [{{ at = \"d\", service_time = \"1 ms\" }}]\n"
    )
}

fn near(found: f64, expected: f64, share: f64) {
    let off = (found / expected - 1.0).abs();
    assert!(off <= share, "{found}, expected {expected} within {share}");
}

/// Nobody comes, and nobody stays away long enough to sleep.
const AWAKE: &str = "tenants = 20\nsessions = { gap = \"3 h\", length = \"1 s\" }";

#[test]
fn each_tenant_calls_as_often_as_it_says_and_each_bot_if_they_call() {
    let gap = "every = { kind = \"exponential\", mean = \"10 s\" }";
    let of = |arrivals: &str| {
        let found = fleet("3 h", AWAKE, &(database("") + &calls(arrivals)));
        figure(&found, "calls.q")
    };
    // 20 tenants, 10,800 s, a call each 10 s.
    near(of(&format!("kind = \"tenants\", when = \"awake\", {gap}")), 21_600.0, 0.03);
    near(
        of(&format!("kind = \"tenants\", when = \"awake\", per_bot = true, {gap}")),
        64_800.0,
        0.02,
    );
    let none = of(&format!("kind = \"tenants\", when = \"in-session\", {gap}"));
    assert!(none < 10.0, "{none} calls in sessions of a second");
}

#[test]
fn tenants_call_in_their_sessions_and_not_while_they_sleep() {
    // Sessions of an hour each five hours; asleep from the fourth hour of a gap on, and woken by the
    // next login, of which 10 s are lost.
    let sessions = "tenants = 20\nsessions = { gap = \"5 h\", length = \"1 h\" }";
    let run = |when: &str| {
        let every = "every = \"1 min\"";
        let arrivals = format!("kind = \"tenants\", when = \"{when}\", {every}");
        let found = fleet("60 h", sessions, &(database("") + &calls(&arrivals)));
        (figure(&found, "calls.q"), figure(&found, "logins"), figure(&found, "asleep_share"))
    };
    let (in_session, logins, asleep) = run("in-session");
    near(in_session, logins * 60.0, 0.02);
    near(asleep, 1.0 / 6.0, 0.1);
    let (awake, ..) = run("awake");
    near(awake, 20.0 * 60.0 * 60.0 * (1.0 - asleep), 0.02);
}

#[test]
fn a_tenant_serves_no_sooner_than_its_start_was_answered() {
    let starts = "kind = \"starts\", restarts_after = \"10 s\", restarts_after_most = \"5 min\"";
    let sessions = "tenants = 20\nsessions = { gap = \"5 h\", length = \"1 h\" }";
    let run = |outages: &str| fleet("10 h", sessions, &(database(outages) + &calls(starts)));
    let fine = run("");
    // One login each, after five hours; all asleep since an hour.
    assert!((figure(&fine, "wakes") - 20.0).abs() < 0.1);
    // Up after 10 s, answered 1 ms later; a tick of 15 s and a scrape of as much come before that.
    let wait = figure(&fine, "wake_wait_max");
    assert!((10.0..=45.1).contains(&wait), "{wait}");
    assert!(figure(&fine, "starts_failed") < 0.1);

    // From before they come until 10 minutes after.
    let late = run("outages = [{ at = \"4 h\", lasts = \"70 min\" }]");
    assert!((figure(&late, "wakes") - 20.0).abs() < 0.1);
    // Each is up again after 10 + 10, 20 + 10, … s: at 10, 30, 60, 110, 200, 370 and 680 s after the
    // first start. Six fail, the seventh is answered 80 s after the outage's end.
    let wait = figure(&late, "wake_wait_max");
    assert!((680.0..=720.0).contains(&wait), "{wait}");
    assert!((figure(&late, "starts_failed") - 120.0).abs() < 0.1);
    assert!((figure(&late, "failed.q") - 120.0).abs() < 0.1);
}

#[test]
fn a_sleeping_tenants_connections_are_closed() {
    let sessions = "tenants = 20\nsessions = { gap = \"20 h\", length = \"1 h\" }";
    let pool = "[[poolers]]\nname = \"p\"\ndatabase = \"d\"\npool_size = 2\npool_per = \"tenant\"\n\
                idle_timeout = \"100 h\"\n";
    let arrivals = "kind = \"tenants\", when = \"awake\", every = \"10 min\"";
    let text = database("") + pool + &calls(arrivals).replace("at = \"d\"", "at = \"p\"");
    let found = fleet("12 h", sessions, &text);
    assert!((figure(&found, "connections_most.d") - 20.0).abs() < 0.1);
    // Open from the first call, after ten minutes, until they sleep, after four hours.
    near(figure(&found, "connections_mean.d"), 20.0 * (4.0 - 1.0 / 6.0) / 12.0, 0.02);
}

#[test]
fn alerts_hear_of_calls_that_are_slow_or_fail() {
    let alerts = "[[alerts]]\nname = \"slow\"\n\
                  watches = { kind = \"slow-calls\", calls = \"q\", above = \"500 us\" }\n\
                  [[alerts]]\nname = \"failing\"\nholds_for = \"2 min\"\n\
                  watches = { kind = \"failed-calls\", calls = \"q\", above = \"20 %\" }\n";
    let arrivals = "kind = \"tenants\", when = \"awake\", every = \"10 s\"";
    let outage = database("outages = [{ at = \"1 h\", lasts = \"10 min\" }]");
    let found = fleet("3 h", AWAKE, &(outage + &calls(arrivals) + alerts));
    // All calls take twice as long as that.
    assert!((figure(&found, "alerts.slow") - 1.0).abs() < 0.1);
    near(figure(&found, "alert_longest.slow"), 3.0 * 3_600.0, 0.01);
    // More than a fifth of the calls of five minutes: from one minute into the outage until four
    // minutes after it, and two minutes of that are waited for.
    assert!((figure(&found, "alerts.failing") - 1.0).abs() < 0.1);
    let longest = figure(&found, "alert_longest.failing");
    assert!((longest - 11.0 * 60.0).abs() <= 30.0, "{longest}");
}

/// Twenty tenants that each keep three connections to a cache while they are awake.
fn cached(cache: &str) -> Record {
    let text = format!(
        "{}[[caches]]\nname = \"c\"\nmaxmemory = \"1 MiB\"\npolicy = \"allkeys-lru\"\n\
         service_time = \"100 us\"\n{cache}\n[[traffic]]\nname = \"q\"\n\
         arrivals = {{ kind = \"tenants\", when = \"awake\", every = \"1 s\" }}\n\
         cache = {{ name = \"c\", objects = 100, entry = \"1 KiB\", connections = 3 }}\n\
         queries = [{{ at = \"d\", service_time = \"1 ms\" }}]\n",
        database("")
    );
    fleet("3 h", AWAKE, &text)
}

#[test]
fn whom_a_cache_does_not_let_in_goes_past_it() {
    let all = cached("");
    assert!((figure(&all, "clients_most.c") - 60.0).abs() < 0.1);
    assert!(figure(&all, "calls_past.c") < 0.1);
    near(figure(&all, "hit_ratio.c"), 1.0, 0.01);
    // Room for eleven tenants: the calls of the other nine all ask the database.
    let some = cached("maxclients = 35");
    assert!((figure(&some, "clients_most.c") - 33.0).abs() < 0.1);
    near(figure(&some, "calls_past.c"), figure(&some, "calls.q") * 9.0 / 20.0, 0.01);
    near(figure(&some, "queries.d"), figure(&some, "calls_past.c"), 0.01);
}

#[test]
fn those_who_called_long_before_are_not_in_step() {
    // All are awake when time begins, and have called each minute for days.
    let arrivals = "kind = \"tenants\", when = \"awake\", every = \"1 min\"";
    let found = fleet("3 h", AWAKE, &(database("") + &calls(arrivals)));
    near(figure(&found, "calls.q"), 3_600.0, 0.01);
    // Each minute has room for 60,000 such queries: of twenty hardly two meet.
    let most = figure(&found, "active_most.d");
    assert!(most <= 3.0, "{most} at once");
}
