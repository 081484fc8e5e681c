//! Calls through a service, pools and databases, against formulas worked out here and against the
//! clock. Knows nothing of how they are simulated.

#[path = "common/calls.rs"]
#[expect(dead_code, reason = "these scenarios have more than one service")]
mod calls;
mod common;

use calls::{estimate, exponential, poisson};
use common::{figure, run_under};
use seatrial_contract::units::Ppm;
use seatrial_record::Record;

const SEEDS: [u64; 8] = [21, 22, 23, 24, 25, 26, 27, 28];
/// So often the truth lies within the interval that is looked at.
const LEVEL: Ppm = Ppm(999_000);

/// A scenario of so many seconds, the first tenth of which is a warm-up.
fn scenario(seconds: f64, rest: &str) -> String {
    format!(
        "title = \"chain\"\nduration = \"{seconds:.0} s\"\nwarm_up = \"{:.0} s\"\n{rest}",
        seconds / 10.0
    )
}

fn run(seconds: f64, rest: &str) -> Vec<Record> {
    run_under(&scenario(seconds, rest), None, &SEEDS)
}

/// One run from its very beginning.
fn once(seconds: f64, rest: &str) -> Record {
    let text = format!("title = \"clock\"\nduration = \"{:.0} ms\"\n{rest}", seconds * 1e3);
    run_under(&text, None, &[1]).remove(0)
}

/// The expected value lies within the interval, and that is no wider than this share of it.
fn assert_agrees(records: &[Record], metric: &str, expected: f64, width: f64) {
    let found = estimate(records, metric, LEVEL);
    let (mean, half) = (found.mean, found.half_width);
    println!("{metric} {mean:.5} ± {half:.5}, expected {expected:.5}, seeds {SEEDS:?}");
    assert!(found.holds(expected), "{metric}: {mean} ± {half}, expected {expected}");
    assert!(half <= width * expected, "{metric}: ± {half} of {expected} tells too little");
}

fn assert_is(record: &Record, metric: &str, expected: f64) {
    let found = figure(record, metric);
    assert!((found - expected).abs() < 1e-6, "{metric}: {found}, expected {expected}");
}

/// The share that finds all of so many taken.
fn erlang_b(servers: u32, load: f64) -> f64 {
    (1..=servers).fold(1.0, |blocked, n| load * blocked / (f64::from(n) + load * blocked))
}

/// The mean wait at so many servers that each take a second.
fn erlang_wait(servers: u32, load: f64) -> f64 {
    let blocked = erlang_b(servers, load);
    let rho = load / f64::from(servers);
    let waits = blocked / (1.0 - rho * (1.0 - blocked));
    waits / (f64::from(servers) - load)
}

/// A database whose queries do not feel one another.
fn roomy(more: &str) -> String {
    format!(
        "[[databases]]\nname = \"d\"\ncores = 1000\nconnecting = \"0 s\"\n\
         contention = {{ knee = 16.0, crowding = 0.0 }}\n{more}\n"
    )
}

fn traffic(name: &str, arrivals: &str, more: &str) -> String {
    format!("[[traffic]]\nname = \"{name}\"\narrivals = {arrivals}\n{more}\n")
}

/// A call every so often, by the clock.
fn every(gap: &str) -> String {
    format!("{{ kind = \"renewal\", gap = \"{gap}\" }}")
}

#[test]
fn connections_beyond_the_most_are_refused_as_erlang_says() {
    // Eight, of which three are reserved.
    let text = roomy("max_connections = 8")
        + &traffic(
            "q",
            &poisson(4.0),
            &format!("queries = [{{ at = \"d\", service_time = {} }}]", exponential(1.0)),
        );
    let found = run(20_000.0, &text);
    assert_agrees(&found, "prob_failed.q", erlang_b(5, 4.0), 0.05);
    assert_agrees(&found, "response_mean.q", 1.0, 0.03);
    for record in &found {
        assert_is(record, "connections_most.d", 5.0);
        assert_is(record, "attempts_unconnected.q", figure(record, "connections_refused.d"));
    }
}

#[test]
fn a_pool_is_a_queue_of_its_size() {
    let text = roomy("max_connections = 103")
        + "[[poolers]]\nname = \"p\"\ndatabase = \"d\"\npool_size = 5\n"
        + &traffic(
            "q",
            &poisson(4.0),
            &format!("queries = [{{ at = \"p\", service_time = {} }}]", exponential(1.0)),
        );
    let found = run(60_000.0, &text);
    assert_agrees(&found, "wait_mean.p", erlang_wait(5, 4.0), 0.08);
    assert_agrees(&found, "response_mean.q", erlang_wait(5, 4.0) + 1.0, 0.04);
    found.iter().for_each(|record| assert_is(record, "connections_most.d", 5.0));
}

#[test]
fn pools_apart_ask_for_more_than_the_database_has() {
    // Three users with pools of four, of ten connections: the third gets what is left.
    let calls = |name: &str| {
        traffic(name, &every("1 s"), "queries = [{ at = \"p\", service_time = \"100 s\" }]")
    };
    let text = roomy("max_connections = 13")
        + "[[poolers]]\nname = \"p\"\ndatabase = \"d\"\npool_size = 4\npool_per = \"traffic\"\n\
           wait_timeout = \"20 s\"\n"
        + &["a", "b", "c"].map(calls).concat();
    let found = once(10.0, &text);
    assert_is(&found, "connections_most.d", 10.0);
    assert_is(&found, "connections_most.p", 10.0);
    // After three seconds nine are open; at the fourth, a's takes the tenth, b's is refused, and c's
    // does not try again so soon.
    assert_is(&found, "connections_refused.d", 1.0);
    assert_is(&found, "queue_most.p", 20.0);
}

#[test]
fn whoever_waits_for_a_pool_too_long_is_sent_away() {
    let text = roomy("")
        + "[[poolers]]\nname = \"p\"\ndatabase = \"d\"\npool_size = 1\nwait_timeout = \"3 s\"\n"
        + &traffic("q", &every("1 s"), "queries = [{ at = \"p\", service_time = \"10 s\" }]");
    let found = once(12.0, &text);
    // The one of 1 s has it until 11 s. Those of 2 to 7 s are sent away at 5 to 10 s, that of 8 s at
    // 11 s: it timed out at the moment at which the connection came back, and who is first? It was
    // planned first, so it leaves; that of 9 s gets the connection.
    assert_is(&found, "timed_out.p", 7.0);
    assert_is(&found, "attempts_unconnected.q", 7.0);
    assert_is(&found, "answered.q", 1.0);
    assert_is(&found, "response_max.q", 10.0);
}

#[test]
fn active_queries_share_the_cores() {
    // One core, no crowding: M/G/1 with shared servers, 1 ÷ (1 - 0.6) whatever the distribution.
    for takes in ["\"1 s\"".to_owned(), exponential(1.0)] {
        let text = "[[databases]]\nname = \"d\"\ncores = 1\nmax_connections = 1000\n\
                    connecting = \"0 s\"\ncontention = { knee = 16.0, crowding = 0.0 }\n"
            .to_owned()
            + &traffic(
                "q",
                &poisson(0.6),
                &format!("queries = [{{ at = \"d\", service_time = {takes} }}]"),
            );
        let found = run(20_000.0, &text);
        assert_agrees(&found, "response_mean.q", 2.5, 0.1);
        assert_agrees(&found, "active_mean.d", 1.5, 0.1);
        assert_agrees(&found, "utilisation.d", 0.6, 0.04);
    }
}

#[test]
fn a_server_that_waits_for_the_database_serves_nobody_else() {
    let chain = |while_asking: &str| {
        let text = roomy("")
            + &format!(
                "[[services]]\nname = \"s\"\nconcurrency = 3\nservice_time = \"0 s\"\n\
                 while_asking = \"{while_asking}\"\n"
            )
            + &traffic(
                "q",
                &poisson(2.0),
                &format!(
                    "service = \"s\"\nqueries = [{{ at = \"d\", service_time = {} }}]",
                    exponential(1.0)
                ),
            );
        run(40_000.0, &text)
    };
    // Held: a queue of three servers. Free: none at all.
    let held = chain("held");
    assert_agrees(&held, "response_mean.q", erlang_wait(3, 2.0) + 1.0, 0.05);
    assert_agrees(&held, "wait_mean.s", erlang_wait(3, 2.0), 0.1);
    assert_agrees(&held, "utilisation.s", 2.0 / 3.0, 0.03);
    assert_agrees(&chain("free"), "response_mean.q", 1.0, 0.03);
}

#[test]
fn the_urgent_go_first_without_interrupting() {
    let text = format!(
        "[[services]]\nname = \"s\"\nconcurrency = 1\ndiscipline = \"priority\"\nservice_time = {}\n",
        exponential(1.0)
    ) + &traffic("a", &poisson(0.3), "service = \"s\"\npriority = 1")
        + &traffic("b", &poisson(0.4), "service = \"s\"\npriority = 2");
    let found = run(60_000.0, &text);
    // Cobham: 0.7 ÷ (1 - 0.3), and 0.7 ÷ ((1 - 0.3)(1 - 0.7)).
    assert_agrees(&found, "wait_mean.s.a", 1.0, 0.08);
    assert_agrees(&found, "wait_mean.s.b", 0.7 / 0.21, 0.1);
}

/// A service that takes 2 s for a call each second, of callers who wait 3.5 s.
fn overdue(orphaned: &str) -> Record {
    let text = "[[services]]\nname = \"s\"\nconcurrency = 1\nservice_time = \"2 s\"\n".to_owned()
        + &traffic(
            "q",
            &every("1 s"),
            &format!("service = \"s\"\ntime_out = \"3500 ms\"\norphaned = \"{orphaned}\""),
        );
    once(20.0, &text)
}

#[test]
fn work_that_nobody_waits_for_crowds_out_the_rest() {
    // Served from 1, 3, 5, 7, … s: those of 1, 2 and 3 s are answered after 2, 3 and 4 s, the third
    // too late, and all after it later still.
    let found = overdue("goes-on");
    assert_is(&found, "answered.q", 2.0);
    assert_is(&found, "attempts_wasted.q", 7.0);
    // Calls of 3 to 16 s.
    assert_is(&found, "attempts_timed_out.q", 14.0);
}

#[test]
fn work_that_stops_leaves_the_line_but_not_its_server() {
    // Served from 1 and 3 s (those of 1 and 2 s, answered after 2 and 3 s), then at 5, 7, 9, … s always
    // the oldest who still waits, which is too late for it: those of 3, 4, 6, 8, … s.
    let found = overdue("stops");
    assert_is(&found, "answered.q", 2.0);
    // Calls of 3 to 16 s; of them, those of 5, 7, … 15 s in line.
    assert_is(&found, "attempts_timed_out.q", 14.0);
    assert_is(&found, "abandoned.s", 6.0);
    // Done at 3, 5, … 19 s.
    assert_is(&found, "served.s", 9.0);
    // Those done from 7 s on were served for nobody; those that left the line were not served at all.
    assert_is(&found, "attempts_wasted.q", 7.0);
}

#[test]
fn what_was_done_before_the_rest_is_dropped_is_wasted_too() {
    // Served at once for a second, then in line for the one connection, which each needs for two seconds.
    let run = |orphaned: &str, outages: &str| {
        let text = roomy(outages)
            + "[[poolers]]\nname = \"p\"\ndatabase = \"d\"\npool_size = 1\n\
               [[services]]\nname = \"s\"\nconcurrency = 100\nservice_time = \"1 s\"\n"
            + &traffic(
                "q",
                &every("1 s"),
                &format!(
                    "service = \"s\"\ntime_out = \"3500 ms\"\norphaned = \"{orphaned}\"\n\
                     queries = [{{ at = \"p\", service_time = \"2 s\" }}]"
                ),
            );
        once(20.75, &text)
    };
    // The call of 1 s is answered at 4 s. Those of 2, 3, 5, 7, … 15 s have the connection as their time is
    // up, and are done with it at 6, 8, 10, … 20 s; that of 17 s is not done yet. Those of 4, 6, … 16 s are
    // dropped in line, after they were served.
    let found = run("stops", "");
    assert_is(&found, "answered.q", 1.0);
    assert_is(&found, "attempts_timed_out.q", 16.0);
    assert_is(&found, "attempts_wasted.q", 8.0 + 7.0);
    // Nobody leaves the line: one is done each two seconds, at 6, 8, … 20 s.
    assert_is(&run("goes-on", ""), "attempts_wasted.q", 8.0);
    // The one of 2 s is cut off a quarter of a second after its caller left; nobody else gets through.
    let outage = "outages = [{ at = \"5750 ms\", lasts = \"1 h\" }]";
    assert_is(&run("goes-on", outage), "attempts_wasted.q", 1.0);
    // All were served, and leave the line as their time is up.
    assert_is(&run("stops", outage), "attempts_wasted.q", 16.0);
}

#[test]
fn callers_try_again_and_again() {
    // Nobody is answered: an outage for the whole run.
    let text = roomy("outages = [{ at = \"0 s\", lasts = \"1000 s\" }]")
        + &traffic(
            "q",
            &every("1 s"),
            "queries = [{ at = \"d\", service_time = \"1 ms\" }]\n\
             retry = { most = 2, wait = \"100 ms\", growth = 3.0 }",
        );
    let found = once(100.0, &text);
    // 99 calls of 1 to 99 s are over after 0.4 s, that of 100 s is not.
    assert_is(&found, "calls.q", 100.0);
    assert_is(&found, "failed.q", 99.0);
    assert_is(&found, "attempts.q", 298.0);
    assert_is(&found, "attempts_lost.q", 298.0);
    assert_is(&found, "trouble_time.q", 120.0);
}

#[test]
fn a_budget_keeps_retries_to_a_share() {
    let text = roomy("outages = [{ at = \"0 s\", lasts = \"2000 s\" }]")
        + &traffic(
            "q",
            &every("1 s"),
            "queries = [{ at = \"d\", service_time = \"1 ms\" }]\n\
             retry = { most = 3, wait = \"100 ms\", budget = \"10 %\", burst = 5 }",
        );
    let found = once(1_001.0, &text);
    // Five from the start, and one for each ten calls.
    assert_is(&found, "retries.q", 105.0);
}

#[test]
fn an_outage_cuts_off_whoever_is_connected() {
    let text = roomy("outages = [{ at = \"5500 ms\", lasts = \"2 s\" }]")
        + &traffic("q", &every("1 s"), "queries = [{ at = \"d\", service_time = \"1500 ms\" }]");
    let found = once(20.0, &text);
    // Calls of 4 and 5 s are cut off (that of 4 s would be done at 5.5 s, but the outage comes first),
    // those of 6 and 7 s find nobody. Those of 19 and 20 s are not done yet.
    assert_is(&found, "connections_lost.d", 2.0);
    assert_is(&found, "attempts_lost.q", 4.0);
    assert_is(&found, "answered.q", 14.0);
    assert_is(&found, "down.d", 2.0);
}

#[test]
fn one_connection_too_many_crashes_a_database_without_memory() {
    let text =
        roomy(
            "max_connections = 1000\nmemory = \"110 MiB\"\nshared_memory = \"60 MiB\"\n\
         memory_per_connection = \"10 MiB\"\nrecovery = \"10 s\"",
        ) + &traffic("q", &every("1 s"), "queries = [{ at = \"d\", service_time = \"100 s\" }]");
    let found = once(30.0, &text);
    // Five fit. The sixth, at 6 s, cuts all off until 16 s; those of 16 s (the recovery was planned
    // first) to 20 s fit again, that of 21 s does not.
    assert_is(&found, "crashes.d", 2.0);
    assert_is(&found, "memory_most.d", (120 << 20) as f64);
    assert_is(&found, "connections_lost.d", 12.0);
    assert_is(&found, "down.d", 19.0);
}

#[test]
fn a_commit_waits_for_a_synchronous_standby_only() {
    let takes = |standby: &str| {
        let text = roomy(&format!("standbys = [{{ name = \"s\", {standby} }}]"))
            + &traffic(
                "q",
                &every("1 s"),
                "queries = [{ at = \"d\", service_time = \"10 ms\", writes = \"1 MiB\" }]",
            );
        let found = once(10.5, &text);
        assert_is(&found, "written.d", (10 << 20) as f64);
        (figure(&found, "response_max.q"), figure(&found, "behind_most.d.s"))
    };
    let near = |(response, behind): (f64, f64), expected: (f64, f64)| {
        assert!((response - expected.0).abs() < 1e-3, "{response}, expected {}", expected.0);
        assert!((behind - expected.1).abs() < 1e-3, "{behind}, expected {}", expected.1);
    };
    let asynchronous = "applies = \"4 MiB\", round_trip = \"50 ms\"";
    near(takes(asynchronous), (0.01, 0.25));
    // There and back, and what is to be applied.
    near(takes(&format!("following = \"synchronous\", {asynchronous}")), (0.31, 0.25));
    // Twice as much is written as it applies: it falls behind by a second each second.
    let slow = takes("applies = \"512 KiB\"");
    near(slow, (0.01, 2.0 + 9.0));
}

#[test]
fn the_same_seed_finds_the_same_and_no_other_source_shifts_it() {
    let calls = |name: &str, rate: f64| {
        traffic(
            name,
            &poisson(rate),
            &format!(
                "queries = [{{ at = \"p\", service_time = {} }}]\ntime_out = \"2 s\"\n\
                 retry = {{ wait = {} }}",
                exponential(0.5),
                exponential(0.2)
            ),
        )
    };
    let world = "[[databases]]\nname = \"d\"\ncores = 4\n\
                 [[poolers]]\nname = \"p\"\ndatabase = \"d\"\npool_size = 6\n";
    let text = scenario(500.0, &(world.to_owned() + &calls("a", 6.0)));
    let found = run_under(&text, None, &[7, 7, 8]);
    assert_eq!(found[0], found[1]);
    assert_ne!(found[0].metrics, found[2].metrics);
    // Nobody else's calls come at other moments, though they wait for others now.
    let both = scenario(500.0, &(world.to_owned() + &calls("b", 6.0) + &calls("a", 6.0)));
    let both = run_under(&both, None, &[7]);
    let of = |record: &Record| figure(record, "calls.a");
    assert!((of(&found[0]) - of(&both[0])).abs() < 1e-9);
}
