//! Faults of stores, services and machines that live: each moves one figure, leaves another alone, and both are as
//! before once it is over. Small worlds.

mod common;

use common::{figure, run_under};
use seatrial_host::open_text;
use seatrial_record::Record;

/// A service behind a cache and in front of a database, and a second service that knows neither.
const CALLS: &str = r#"
    title = "ailing"
    duration = "6 h"
    [[services]]
    name = "shop"
    concurrency = 8
    service_time = "10 ms"
    [[services]]
    name = "other"
    concurrency = 8
    service_time = "10 ms"
    [[caches]]
    name = "redis"
    maxmemory = "1 GiB"
    service_time = "1 ms"
    [[databases]]
    name = "db"
    cores = 4
    max_connections = 40
    [[traffic]]
    name = "buy"
    service = "shop"
    time_out = "2 s"
    arrivals = { kind = "poisson", rate = "20/s" }
    cache = { name = "redis", objects = 100, entry = "1 KiB" }
    queries = [{ at = "db", service_time = "5 ms" }]
    [[traffic]]
    name = "look"
    service = "other"
    time_out = "2 s"
    arrivals = { kind = "poisson", rate = "20/s" }
"#;

/// Tenants that come and go, on two machines.
const TENANTS: &str = r#"
    title = "ailing"
    duration = "6 h"
    waking = { start_time = "2 min" }
    [[stacks]]
    name = "app"
    parts = [{ name = "web", cpu = "1 cores", memory = "1 GiB", quiet = { cpu = "80 %" }, stops_at = "asleep" }]
    [[tiers]]
    name = "free"
    stack = "app"
    tenants = 20
    data = { kind = "on-network" }
    sessions = { gap = { kind = "exponential", mean = "40 min" }, length = "5 min" }
    [[pools]]
    name = "workers"
    count = 2
    most = 4
    machine = { cpu = "16 cores", memory = "64 GiB" }
    price = "$1/h"
    starts_at_once = 40
    [[pools]]
    name = "spare"
    count = 1
    tiers = []
    machine = { cpu = "16 cores", memory = "64 GiB" }
    price = "$1/h"
"#;

const POLICIES: &str = "tick = \"15 s\"\n[guard]\nlost_most = \"100 %\"\n[[policies]]\nkind = \"spread\"\n\
                        [[policies]]\nkind = \"idle-ladder\"\nladder = { asleep = \"20 min\" }\n";

fn run(world: &str, fault: &str, warm_up: &str) -> Record {
    let policies = world.contains("[[tiers]]").then_some(POLICIES);
    let text = world.replacen("title", &format!("warm_up = \"{warm_up}\"\ntitle"), 1) + fault;
    run_under(&text, policies, &[7]).remove(0)
}

/// From the first to the second hour: a figure that moves by at least so many times, and one that does not.
fn moves(world: &str, fault: &str, (moved, by): (&str, f64), unmoved: &str) {
    let fault = format!("[[faults]]\nkind = {fault}\nat = \"1 h\"\nlasts = \"1 h\"\n");
    let (before, during) = (run(world, "", "0 s"), run(world, &fault, "0 s"));
    let value = |record: &Record, name: &str| figure(record, name) + 1e-9;
    let change = value(&during, moved) / value(&before, moved);
    let is_as_asked = if by > 1.0 { change >= by } else { change <= by };
    assert!(is_as_asked, "{fault}{moved} changed by {change}, not by {by}");
    let same = |one: &Record, other: &Record, name: &str, within: f64| {
        let change = value(one, name) / value(other, name);
        assert!((change - 1.0).abs() <= within, "{fault}{name} changed by {change}");
    };
    same(&during, &before, unmoved, 1e-9);
    let (before, healed) = (run(world, "", "3 h"), run(world, &fault, "3 h"));
    same(&healed, &before, moved, 0.05);
    same(&healed, &before, unmoved, 1e-9);
}

#[test]
fn stores_and_services_that_ail() {
    let other = "response_mean.other";
    moves(CALLS, "\"cache-loss\"\ncache = \"redis\"", ("served.shop", 5.0), other);
}

#[test]
fn sentinels_bring_a_cache_back_with_what_it_had() {
    let fault = |more: &str| {
        format!(
            "[[faults]]\nkind = \"cache-loss\"\ncache = \"redis\"\nat = \"1 h\"\nlasts = \"1 h\"\n{more}\n"
        )
    };
    // Twenty calls a second come to the service while they go past the cache.
    let usual = figure(&run(CALLS, "", "0 s"), "arrivals.shop");
    let past =
        |more: &str| (figure(&run(CALLS, &fault(more), "0 s"), "arrivals.shop") - usual) / 20.0;
    // As long as the fault lasts, or as the sentinels take: a second or so after they believe it.
    assert!((past("") - 3_600.0).abs() < 60.0, "{}", past(""));
    let five = past("sentinels = { down_after = \"5 s\" }");
    assert!((4.5..8.0).contains(&five), "{five}");
    let thirty = past("sentinels = {}");
    assert!((28.0..34.0).contains(&thirty), "{thirty}");
}

#[test]
fn databases_that_refuse() {
    // Without a cache in front, so that each call asks it.
    let calls = CALLS.replace("cache = { name = \"redis\", objects = 100, entry = \"1 KiB\" }", "")
        .replace("[[caches]]\n    name = \"redis\"\n    maxmemory = \"1 GiB\"\n    service_time = \"1 ms\"\n", "");
    let other = "response_mean.other";
    moves(
        &calls,
        "\"connections-taken\"\ndatabase = \"db\"\nconnections = 37",
        ("connections_refused.db", 1_000.0),
        other,
    );
    moves(
        &calls,
        "\"gray-failure\"\nservice = \"shop\"\ntimes = 4.0",
        ("response_mean.shop", 1.1),
        other,
    );
    moves(&calls, "\"disk-slow\"\ndatabase = \"db\"\ntimes = 8.0", ("query_mean.db", 1.1), other);
    moves(
        &calls,
        "\"dns-failure\"\ndatabase = \"db\"",
        ("attempts_lost_outage.buy", 1_000.0),
        other,
    );
    moves(&calls, "\"service-out\"\nservice = \"shop\"", ("served.shop", 0.9), other);
    moves(&calls, "\"gray-failure\"\nservice = \"shop\"", ("attempts_faulty.buy", 1_000.0), other);
    // A connection is held for as long as its answer is on the way.
    moves(
        &calls,
        "\"network-slow\"\ndatabase = \"db\"\nadds = \"200 ms\"",
        ("query_mean.db", 5.0),
        other,
    );
    moves(
        &calls,
        "\"network-slow\"\ndatabase = \"db\"\nadds = \"0 s\"\nloses = \"20 %\"",
        ("query_mean.db", 1.5),
        other,
    );
    moves(
        &calls,
        "\"certificate-expired\"\nservice = \"shop\"",
        ("attempts_faulty.buy", 10_000.0),
        other,
    );
    // A fifth of an hour's calls.
    let fault =
        "[[faults]]\nkind = \"gray-failure\"\nservice = \"shop\"\nat = \"1 h\"\nlasts = \"1 h\"\n";
    let failed = figure(&run(&calls, fault, "0 s"), "attempts_faulty.buy");
    assert!((failed / 14_400.0 - 1.0).abs() < 0.03, "{failed}");
}

#[test]
fn machines_that_ail() {
    let other = "nodes_mean.spare";
    moves(
        TENANTS,
        "\"machine-slow\"\npool = \"workers\"\nshare = \"100 %\"\ncpu = \"10 %\"",
        ("wake_wait_mean", 1.2),
        other,
    );
    moves(TENANTS, "\"machine-drained\"\npool = \"workers\"", ("moves", 5.0), other);
    moves(TENANTS, "\"container-kill\"\ntenants = 5", ("kills", 5.0), other);
}

#[test]
fn a_machine_that_is_taken_back_is_gone_for_good_and_its_tenants_come_up_elsewhere() {
    let fault =
        "[[faults]]\nkind = \"spot-reclaim\"\npool = \"workers\"\nat = \"1 h\"\nlasts = \"1 h\"\n";
    let record = run(TENANTS, fault, "0 s");
    let is = |name: &str, expected: f64| {
        let found = figure(&record, name);
        assert!((found - expected).abs() < 1e-9, "{name} is {found}, expected {expected}");
    };
    is("machines_lost", 1.0);
    is("tenants_down_end", 0.0);
    is("tenants_without_data", 0.0);
    // One of two is gone two minutes after the first hour.
    let mean = figure(&record, "nodes_mean.workers");
    assert!((mean - (2.0 - 4.9667 / 6.0)).abs() < 0.01, "{mean}");
}

#[test]
fn what_is_sold_out_cannot_be_ordered_and_is_ordered_elsewhere() {
    let policies = "tick = \"1 min\"\n[[policies]]\nkind = \"spread\"\n[[policies]]\nkind = \"threshold\"\n\
                    above_for = \"1 min\"\ncpu_above = \"5 %\"\npause_up = \"10 min\"\nspare_for = \"5 h\"\n";
    let most = |zones: &str, fault: &str| {
        let text = TENANTS.replacen("count = 2", &format!("count = 2\nzones = {zones}"), 1) + fault;
        let record = run_under(&text, Some(policies), &[7]).remove(0);
        (figure(&record, "nodes_most.workers"), figure(&record, "actions_refused"))
    };
    let fault = |more: &str| format!("[[faults]]\nkind = \"stock-out\"\nat = \"0 s\"\n{more}");
    let (all, none) = ((4.0, 0.0), (2.0, 0.0));
    let is = |found: (f64, f64), expected: (f64, f64)| (found.0 - expected.0).abs() < 1e-9;
    assert!(is(most("[\"a\"]", ""), all));
    let refused = most("[\"a\"]", &fault(""));
    assert!(is(refused, none) && refused.1 > 2.0, "{refused:?}");
    assert!(is(most("[\"a\"]", &fault("lasts = \"1 h\"\n")), all));
    assert!(is(most("[\"a\", \"b\"]", &fault("zone = \"a\"\n")), all), "zone b has some");
    assert!(is(most("[\"a\"]", &fault("zone = \"a\"\n")), none));
    assert!(is(most("[\"a\"]", &fault("pool = \"spare\"\n")), all));
    // Nobody gets a machine in a zone that is lost.
    let lost = "[[faults]]\nkind = \"zone-loss\"\nzone = \"b\"\nat = \"0 s\"\n";
    let (found, _) = most("[\"a\", \"b\"]", lost);
    assert!((found - 3.0).abs() < 1e-9, "{found}");
}

#[test]
fn what_is_wrong_with_such_faults_is_told_with_the_remedy() {
    let told = |fault: &str| {
        let text = format!("{CALLS}[[faults]]\nkind = {fault}\nat = \"1 h\"\n");
        match open_text(&text, None) {
            Ok(_) => String::new(),
            Err(failure) => failure.render(seatrial_format::Style::default()),
        }
    };
    for (fault, says) in [
        ("\"cache-loss\"\ncache = \"rediss\"", "did you mean `redis`?"),
        ("\"service-out\"\nservice = \"shp\"", "did you mean `shop`?"),
        ("\"gray-failure\"\nservice = \"shop\"\nfails = \"0 %\"", "is nothing"),
        ("\"gray-failure\"\nservice = \"shop\"\ntimes = 0.1", "0.1 times"),
        ("\"connections-taken\"\ndatabase = \"db\"\nconnections = 0", "no connection is none"),
        ("\"dns-failure\"", "`database` is missing"),
        ("\"network-slow\"\ndatabase = \"db\"\nloses = \"0 %\"", "is nothing"),
        ("\"certificate-expired\"\nservice = \"shp\"", "did you mean `shop`?"),
        ("\"disk-slow\"\ndatabase = \"db\"\neach = true", "every database is struck on its own"),
        ("\"machine-slow\"", "no machine that could crash"),
        ("\"container-kill\"", "no tenant that could be struck"),
        ("\"stock-out\"", "no machine that could crash"),
    ] {
        let found = told(fault);
        assert!(found.contains(says), "{fault}\n{found}");
    }
}
