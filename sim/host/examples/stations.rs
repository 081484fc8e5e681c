//! How many requests a second of real time a service takes, and a cache in front of one: `cargo run --release --example
//! stations`. Knows no other simulator.

use seatrial_host::{Silent, World};
use std::time::Instant;

const EXPONENTIAL: &str = "{ kind = \"exponential\", mean = \"1 s\" }";

fn main() {
    services();
    caches();
}

fn services() {
    let lognormal = "{ kind = \"lognormal-scv\", mean = \"1 s\", scv = 4.0 }";
    let patient = format!("concurrency = 10\npatience = {EXPONENTIAL}");
    let cases = [
        ("M/M/1, load 0.8", "0.8/s", "concurrency = 1", EXPONENTIAL),
        ("M/M/10, load 0.9", "9/s", "concurrency = 10", EXPONENTIAL),
        ("M/M/100, load 0.9", "90/s", "concurrency = 100", EXPONENTIAL),
        ("M/G/10, lognormal", "9/s", "concurrency = 10", lognormal),
        ("M/M/10 with patience", "9/s", &patient, EXPONENTIAL),
        (
            "sharing, load 0.9",
            "0.9/s",
            "concurrency = 1\ndiscipline = \"processor-sharing\"",
            EXPONENTIAL,
        ),
        (
            "preemptive, load 0.9",
            "9/s",
            "concurrency = 10\ndiscipline = \"preemptive-priority\"",
            EXPONENTIAL,
        ),
        (
            "least of two, 1000 copies",
            "900/s",
            "concurrency = 1\nreplicas = 1000\nbalance = \"least-of-two\"",
            EXPONENTIAL,
        ),
    ];
    for (name, rate, service, distribution) in cases {
        let per_second: f64 = rate.trim_end_matches("/s").parse().unwrap_or(1.0);
        let text = format!(
            "title = \"speed\"\nduration = \"{:.0} s\"\n\
             [[services]]\nname = \"s\"\n{service}\nservice_time = {distribution}\n\
             [[traffic]]\nname = \"t\"\nservice = \"s\"\n\
             arrivals = {{ kind = \"poisson\", rate = \"{rate}\" }}\n",
            5e6 / per_second
        );
        time(name, &text, "arrivals.s", "response_mean.s");
    }
}

/// 100,000 entries of a million objects, in a cache of its own time.
fn caches() {
    for policy in ["lru", "allkeys-lru", "fifo", "random", "noeviction"] {
        let text = format!(
            "title = \"speed\"\nduration = \"5000 s\"\n\
             [[caches]]\nname = \"c\"\nmaxmemory = \"100000 B\"\npolicy = \"{policy}\"\n\
             service_time = \"200 us\"\n\
             [[services]]\nname = \"s\"\nconcurrency = 100\nservice_time = \"5 ms\"\n\
             [[traffic]]\nname = \"t\"\nservice = \"s\"\n\
             arrivals = {{ kind = \"poisson\", rate = \"1000/s\" }}\n\
             cache = {{ name = \"c\", objects = 1_000_000, zipf = 0.9, entry = \"1 B\" }}\n"
        );
        time(&format!("cache, {policy}"), &text, "calls", "response_mean.c");
    }
}

/// Runs a scenario and says how many of its calls a second took.
fn time(name: &str, text: &str, calls: &str, mean: &str) {
    let scenario = match seatrial_host::open_text(text, None) {
        Ok(opened) => opened.scenario,
        Err(failure) => panic!("{}", failure.render(seatrial_format::Style::default())),
    };
    let begun = Instant::now();
    let record = World::new(&scenario, None, 4).run(&Silent);
    let (record, took) = (record.unwrap_or_else(|broken| panic!("{broken}")), begun.elapsed());
    let found = |name: &str| {
        let metric = record.metrics.iter().find(|metric| metric.name == name);
        metric.and_then(|metric| metric.value).unwrap_or_default()
    };
    // A call that asks a cache is a hit or a miss there.
    let calls = match calls {
        "calls" => found("hits.c") + found("misses.c"),
        name => found(name),
    };
    println!(
        "{name:28} {:6.2} million requests a second; mean {:.4} s",
        calls / took.as_secs_f64() / 1e6,
        found(mean),
    );
}
