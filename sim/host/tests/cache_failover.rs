//! Caches whose master is lost, and a replica takes over: by Sentinels, by a Redis Cluster, with the place or by
//! name. Small worlds, worked out by hand.

mod common;

use common::{figure, run_under};
use seatrial_host::open_text;
use seatrial_record::Record;

/// A hundred calls a second to a cache that has all they ask for.
fn world(cache: &str, faults: &str) -> String {
    format!(
        r#"
        title = "cache"
        duration = "2 h"
        warm_up = "1 h"
        zones = [{{ name = "east" }}, {{ name = "west" }}]
        [[caches]]
        name = "redis"
        maxmemory = "1 GiB"
        service_time = "1 ms"
        place = "east"
        {cache}
        [[services]]
        name = "api"
        concurrency = 1000
        service_time = "10 ms"
        [[traffic]]
        name = "users"
        service = "api"
        cache = {{ name = "redis", objects = 100, entry = "1 KiB" }}
        arrivals = {{ kind = "renewal", gap = "10 ms" }}
        {faults}
        "#
    )
}

const ZONE: &str =
    "[[faults]]\nkind = \"zone-loss\"\nzone = \"east\"\nat = \"80 min\"\nlasts = \"10 min\"\n";
const SENTINEL: &str = "failover = { kind = \"sentinel\", down_after = \"5 s\" }";
const CLUSTER: &str = "failover = { kind = \"cluster\", node_timeout = \"5 s\" }";

fn run(cache: &str, faults: &str) -> Record {
    run_under(&world(cache, faults), None, &[5]).remove(0)
}

/// For how many seconds calls went past the cache.
fn passed(record: &Record) -> f64 {
    let asked = figure(record, "hits.redis") + figure(record, "misses.redis");
    // One hour of a hundred a second.
    (360_000.0 - asked) / 100.0
}

#[test]
fn a_replica_takes_over_and_has_what_its_master_had() {
    // Without one, calls go past it until the zone is back, and it begins empty.
    let alone = run("", ZONE);
    assert!((passed(&alone) - 600.0).abs() < 0.1, "{} s", passed(&alone));
    assert!(figure(&alone, "misses.redis") >= 100.0);
    for (cache, least, most) in [(SENTINEL, 5.2, 6.6), (CLUSTER, 5.5, 9.3)] {
        let record = run(cache, ZONE);
        assert!((least..most).contains(&passed(&record)), "{cache}: {} s", passed(&record));
        assert!(figure(&record, "misses.redis") < 1.0, "{cache}");
        // The same of its master by name, wherever it stands.
        let by_name =
            ZONE.replace("zone-loss", "cache-loss").replace("zone = \"east\"", "cache = \"redis\"");
        let by_name = run(cache, &by_name);
        assert!((least..most).contains(&passed(&by_name)), "{cache}: {} s", passed(&by_name));
        // The time-out doubles, and what follows from it; memory does not.
        let slower = run(&cache.replace("5 s", "10 s"), ZONE);
        assert!((passed(&slower) - passed(&record) - 5.0).abs() < 2.6, "{} s", passed(&slower));
        assert!(
            (figure(&slower, "memory_most.redis") - figure(&record, "memory_most.redis")).abs()
                < 1.0
        );
    }
    // Sentinels that a fault names count, and not the cache's own.
    let named = "[[faults]]\nkind = \"cache-loss\"\ncache = \"redis\"\nat = \"80 min\"\n\
                 lasts = \"10 min\"\nsentinels = { down_after = \"20 s\" }\n";
    for cache in ["", SENTINEL, CLUSTER] {
        let record = run(cache, named);
        assert!((20.2..21.6).contains(&passed(&record)), "{cache}: {} s", passed(&record));
    }
    // A fault that is over before anybody takes over needs nobody.
    let short = ZONE.replace("10 min", "2 s");
    assert!((passed(&run(SENTINEL, &short)) - 2.0).abs() < 0.1);
    assert!((passed(&run(SENTINEL, "")) - 0.0).abs() < 0.1);
}

#[test]
fn once_a_replica_has_taken_over_the_place_before_has_no_master_to_lose() {
    let twice = format!("{ZONE}every = \"25 min\"\n");
    let record = run(SENTINEL, &twice);
    // It comes twice within the hour.
    assert!((5.2..6.6).contains(&passed(&record)), "{} s", passed(&record));
    assert!((figure(&record, "strikes.zone-loss") - 2.0).abs() < 0.1);
    // By name its master is lost wherever it is.
    let by_name =
        twice.replace("zone-loss", "cache-loss").replace("zone = \"east\"", "cache = \"redis\"");
    assert!((10.4..13.2).contains(&passed(&run(SENTINEL, &by_name))));
}

#[test]
fn sentinels_whose_clock_jumps_do_nothing_for_half_a_minute() {
    let skew = "[[faults]]\nkind = \"clock-skew\"\nby = \"5 s\"\nat = \"4790 s\"\n";
    let at_rest = passed(&run(SENTINEL, ZONE));
    let inert = passed(&run(SENTINEL, &format!("{ZONE}{skew}")));
    // Ten seconds of thirty are over.
    assert!((inert - at_rest - 20.0).abs() < 0.01, "{inert} s after {at_rest} s");
    let small = skew.replace("5 s", "1 s");
    assert!((passed(&run(SENTINEL, &format!("{ZONE}{small}"))) - at_rest).abs() < 0.01);
    // A cluster has no such clock.
    let cluster = passed(&run(CLUSTER, ZONE));
    assert!((passed(&run(CLUSTER, &format!("{ZONE}{skew}"))) - cluster).abs() < 0.01);
}

#[test]
fn what_cannot_watch_is_said_so() {
    for (cache, said) in [
        ("failover = { kind = \"sentinel\", count = 2, quorum = 3 }", "3 of 2 sentinels"),
        ("failover = { kind = \"sentinel\", down_after = \"2 h\" }", "of silence"),
        ("failover = { kind = \"cluster\", masters = 2 }", "2 masters"),
        ("failover = { kind = \"cluster\", rank = 100 }", "100 replicas"),
        ("failover = { kind = \"valkey\" }", "sentinel"),
    ] {
        let failure = open_text(&world(cache, ZONE), None).expect_err("it is refused");
        let told = failure.render(seatrial_format::Style::default());
        assert!(told.contains(said), "{cache}: {told}");
    }
}
