//! What holds of all caches in a run, whatever they keep.

mod common;

use common::{figure, run_under};
use seatrial_format::scenario::Eviction;
use seatrial_host::{World, open_text};
use seatrial_record::{Metric, Record};

fn run(text: &str, seed: u64) -> Record {
    run_under(text, None, &[seed]).remove(0)
}

/// Three kinds of calls, two of them for the same objects, and a slow service.
fn text(policy: &str, maxmemory: u32) -> String {
    format!(
        r#"
        title = "caches"
        duration = "200 s"
        warm_up = "20 s"
        [[caches]]
        name = "c"
        maxmemory = "{maxmemory} B"
        policy = "{policy}"
        overhead = "10 B"
        service_time = {{ kind = "exponential", mean = "2 ms" }}
        [[services]]
        name = "s"
        concurrency = 20
        waiting_room = 30
        service_time = {{ kind = "exponential", mean = "40 ms" }}
        patience = "50 ms"
        [[traffic]]
        name = "web"
        service = "s"
        arrivals = {{ kind = "poisson", rate = "400/s" }}
        cache = {{ name = "c", objects = 500, zipf = 0.9, entry = "90 B", prefix = "page" }}
        [[traffic]]
        name = "phone"
        service = "s"
        arrivals = {{ kind = "closed", clients = 20, think = "100 ms" }}
        cache = {{ name = "c", objects = 500, zipf = 0.2, entry = "90 B", prefix = "page" }}
        [[traffic]]
        name = "files"
        service = "s"
        arrivals = {{ kind = "poisson", rate = "200/s" }}
        [traffic.cache]
        name = "c"
        objects = 300
        entry = {{ kind = "lognormal", median = "100 B", p95 = "1000 B" }}
        "#
    )
}

#[test]
fn each_policy_keeps_the_invariants() {
    for policy in Eviction::ALL {
        for maxmemory in [200, 5_000, 30_000, 1_000_000] {
            let found = run(&text(policy.word(), maxmemory), 3);
            let of = |name: &str| figure(&found, name);
            assert!(of("memory_most.c") <= f64::from(maxmemory), "{policy}");
            let kinds = ["web", "phone", "files"];
            let sum = |name: &str| -> f64 {
                kinds.iter().map(|kind| of(&format!("{name}.c.{kind}"))).sum()
            };
            for name in ["hits", "misses", "writes", "writes_refused"] {
                assert!((sum(name) - of(&format!("{name}.c"))).abs() < 0.5, "{policy}: {name}");
            }
            let asked = of("hits.c") + of("misses.c");
            assert!(asked > 100_000.0, "{policy}: {asked}");
            assert!((of("hit_ratio.c") - of("hits.c") / asked).abs() < 1e-12);
            // Every miss goes to the service; those served there are written, or refused.
            let away = (of("misses.c") - of("arrivals.s")).abs();
            assert!(away < 0.5, "{policy}: {away}");
            let away = (of("served.s") - of("writes.c") - of("writes_refused.c")).abs();
            assert!(away < 0.5, "{policy}: {away}");
            // All fits into a megabyte; 200 B hold nearly nothing.
            let evicts = *policy != Eviction::NoEviction && maxmemory < 1_000_000;
            assert_eq!(of("evictions.c") > 0.0, evicts, "{policy} in {maxmemory} B");
            let refuses = maxmemory == 200 || *policy == Eviction::NoEviction && !evicts;
            if maxmemory == 1_000_000 {
                assert!(of("writes_refused.c") < 0.5 && of("hit_ratio.c") > 0.99, "{policy}");
            } else if refuses && maxmemory < 1_000_000 {
                assert!(of("writes_refused.c") > 0.0, "{policy} in {maxmemory} B");
            }
        }
    }
}

#[test]
fn metrics_have_the_same_names_before_and_after_a_run() {
    let text = text("lru", 30_000);
    let scenario = open_text(&text, None).unwrap().scenario;
    let before = World::new(&scenario, None, 1).metrics();
    let after = run(&text, 1).metrics;
    let names = |of: &[Metric]| of.iter().map(|m| (m.name.clone(), m.unit)).collect::<Vec<_>>();
    assert_eq!(names(&before), names(&after));
    let of_web = names(&before).iter().filter(|(name, _)| name.ends_with(".c.web")).count();
    assert_eq!(of_web, 11);
}

/// Calls whose misses are answered at once, so that an entry is written when it is missed.
fn instant(policy: &str, maxmemory: u64, more: &str) -> String {
    format!(
        "title = \"instant\"\nduration = \"100 s\"\n\
         [[caches]]\nname = \"c\"\nmaxmemory = \"{maxmemory} B\"\npolicy = \"{policy}\"\nservice_time = \"0 s\"\n\
         [[services]]\nname = \"s\"\nconcurrency = 1\nservice_time = \"0 s\"\n\
         [[traffic]]\nname = \"t\"\nservice = \"s\"\narrivals = {{ kind = \"renewal\", gap = \"10 ms\" }}\n\
         cache = {{ name = \"c\", {more} }}\n"
    )
}

#[test]
fn an_exact_lru_hits_the_more_often_the_larger_it_is() {
    // Entries of one size: what a smaller cache has, a larger one has too, so no call that hits in
    // the one misses in the other. No tolerance.
    for seed in 0..20 {
        let mut least = 0.0;
        for maxmemory in 1..60 {
            let more = "objects = 60, zipf = 0.7, entry = \"1 B\"";
            let hits = figure(&run(&instant("lru", maxmemory, more), seed), "hits.c");
            assert!(hits >= least, "seed {seed}: {hits} hits in {maxmemory} B, {least} in less");
            least = hits;
        }
        assert!(least > 9_000.0);
    }
}

#[test]
fn a_full_cache_without_eviction_stays_as_it_is() {
    // Ten thousand calls for a hundred objects, all alike; the first ten fill it.
    let found = run(&instant("noeviction", 10, "objects = 100, entry = \"1 B\""), 1);
    let of = |name: &str| figure(&found, name);
    assert!((of("writes.c") - 10.0).abs() < 1e-9 && of("evictions.c") < 0.5);
    assert!((of("writes_refused.c") + of("writes.c") - of("misses.c")).abs() < 0.5);
    assert!((of("hit_ratio.c") - 0.1).abs() < 0.01, "{}", of("hit_ratio.c"));
    assert!((of("memory_most.c") - 10.0).abs() < 1e-9);
}

#[test]
fn an_answer_comes_in_the_caches_time_or_after_the_services_too() {
    // One object, asked for each 10 ms; the service takes 25 ms, the cache 1 ms. Calls at 10, 20
    // and 30 ms look 1 ms later and find nothing; the first is written at 36 ms.
    let text = instant("lru", 10, "objects = 1, entry = \"1 B\"")
        .replacen("service_time = \"0 s\"", "service_time = \"1 ms\"", 1)
        .replacen("service_time = \"0 s\"", "service_time = \"25 ms\"", 1)
        .replace("concurrency = 1", "concurrency = 9")
        .replace("100 s", "105 ms");
    let found = run(&text, 1);
    let of = |name: &str| figure(&found, name);
    assert!((of("misses.c") - 3.0).abs() < 1e-9 && (of("hits.c") - 7.0).abs() < 1e-9);
    assert!(
        (of("writes.c") - 3.0).abs() < 1e-9 && (of("entries_mean.c") - 69.0 / 105.0).abs() < 1e-9
    );
    assert!((of("response_max.c") - 0.026).abs() < 1e-9);
    // (3 × 26 ms + 7 × 1 ms) ÷ 10
    assert!((of("response_mean.c") - 0.0085).abs() < 1e-9);
    assert!((of("response_mean.s") - 0.025).abs() < 1e-9, "a service does not see the look-up");
}

#[test]
fn samples_come_near_an_exact_lru_and_chance_does_not() {
    // A call each 10 s, so that Redis' clock of seconds tells them all apart.
    let hits = |policy: &str, samples: u32| {
        let more = "objects = 2000, zipf = 0.8, entry = \"1 B\"";
        let text = instant(policy, 200, more)
            .replace("10 ms", "10 s")
            .replace("\"100 s\"", "\"600000 s\"")
            .replace("[[services]]", &format!("samples = {samples}\n[[services]]"));
        figure(&run(&text, 1), "hit_ratio.c")
    };
    let exact = hits("lru", 5);
    let random = hits("random", 5);
    let [one, two, five] = [1, 2, 5].map(|samples| hits("allkeys-lru", samples));
    println!("exact {exact:.4}, 5 samples {five:.4}, 2 {two:.4}, 1 {one:.4}, random {random:.4}");
    assert!(exact - five < 0.01 && exact - two < (exact - random) / 2.0);
    assert!(random < two && two < five, "{random} {two} {five}");
    // The only sample goes, whichever it is.
    assert!((one - random).abs() < 1e-12, "{one} {random}");
}

#[test]
fn a_clock_of_seconds_makes_quick_turnover_blind() {
    // A thousand calls a second turn 50 entries over many times within one: all look equally idle.
    let hits = |policy: &str| {
        let text = instant(policy, 50, "objects = 2000, zipf = 0.8, entry = \"1 B\"");
        figure(&run(&text.replace("10 ms", "100 us"), 1), "hit_ratio.c")
    };
    let (exact, redis, random) = (hits("lru"), hits("allkeys-lru"), hits("random"));
    println!("exact {exact:.4}, as Redis {redis:.4}, random {random:.4}");
    assert!((redis - random).abs() < exact - redis, "{exact} {redis} {random}");
}

#[test]
fn a_cluster_keeps_as_much_as_its_nodes_do_and_slots_deal_keys_evenly() {
    let with = |nodes: u32, maxmemory: u32| {
        let text = format!(
            "title = \"cluster\"\nduration = \"200 s\"\nwarm_up = \"100 s\"\n\
             [[caches]]\nname = \"c\"\nmaxmemory = \"{maxmemory} B\"\npolicy = \"lru\"\n\
             service_time = \"0 s\"\nnodes = {nodes}\n\
             [[services]]\nname = \"s\"\nconcurrency = 1\nservice_time = \"0 s\"\n\
             [[traffic]]\nname = \"t\"\nservice = \"s\"\n\
             arrivals = {{ kind = \"poisson\", rate = \"2000/s\" }}\n\
             cache = {{ name = \"c\", objects = 10_000, zipf = 0.8, entry = \"1 B\" }}\n"
        );
        let found = run(&text, 3);
        (figure(&found, "hit_ratio.c"), figure(&found, "entries_mean.c"))
    };
    let (one, four, small) = (with(1, 1_200), with(4, 300), with(1, 300));
    // Four nodes of 300 are all full, and hit as often as one of 1,200.
    assert!((four.1 - 1_200.0).abs() < 0.1, "{four:?}");
    assert!((one.0 - four.0).abs() < 0.01, "{one:?} {four:?}");
    assert!(one.0 - small.0 > 0.1, "{one:?} {small:?}");
    // Where all fits, nobody is pushed out: no node has much more than a quarter of the keys.
    let (_, entries) = with(4, 2_650);
    assert!(entries > 9_000.0, "{entries}");
}
