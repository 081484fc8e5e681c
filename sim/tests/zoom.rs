//! Intervals of single calls within a flow, across what keeps callers waiting: a pool with a line, an outage
//! of its database, a cache that is warm. What is handed over and taken back is all there was. Knows no
//! formula; the runs one by one have fixed seeds.

mod common;

use common::{figure, run_under};
use seatrial_contract::units::Ppm;
use seatrial_record::Record;
use seatrial_sim::kernel::statistics::confidence_interval;

const SEEDS: [u64; 5] = [41, 42, 43, 44, 45];
const LEVEL: Ppm = Ppm(990_000);
const MEAN: f64 = 0.05;
const BACKLOG: f64 = 0.02;
const P95: f64 = 0.10;
/// Of what nobody may add to or take from: how far two runs of chance may be apart.
const COUNT: f64 = 0.01;

fn run(text: &str, seed: u64) -> Record {
    run_under(text, None, &[seed]).remove(0)
}

/// A flow with these intervals has the figures of calls one by one, each within its target and what the
/// runs do not tell apart.
fn agrees(name: &str, zoom: &str, text: &str, metrics: &[(&str, f64)]) {
    let requests = SEEDS.map(|seed| run(text, seed));
    let zoomed = SEEDS.map(|seed| run(&format!("grain = \"flow\"\nzoom = [{zoom}]\n{text}"), seed));
    let flow = run(&format!("grain = \"flow\"\n{text}"), 1);
    let mut wrong = Vec::new();
    for (metric, target) in metrics {
        let of = |runs: &[Record; 5]| {
            let values = runs.each_ref().map(|record| figure(record, metric));
            confidence_interval(&values, LEVEL).expect("two runs at least")
        };
        let (all, with) = (of(&requests), of(&zoomed));
        let told = format!(
            "{name}: {metric} {:.6} ± {:.6}, with a zoom {:.6} ± {:.6}, as a flow {:.6}: {:+.1} %",
            all.mean,
            all.half_width,
            with.mean,
            with.half_width,
            figure(&flow, metric),
            (with.mean / all.mean - 1.0) * 100.0
        );
        println!("{told}");
        assert!(all.half_width <= all.mean / 5.0, "{told}: tells too little");
        if (with.mean - all.mean).abs() > target * all.mean + all.half_width {
            wrong.push(told);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Not all calls were events, and some were.
    let events = |runs: &[Record; 5]| runs.iter().map(|run| run.events).sum::<u64>();
    assert!(events(&zoomed) * 5 < events(&requests) * 4, "{name}: all is zoomed");
    assert!(events(&zoomed) > flow.events * 10, "{name}: nothing is zoomed");
}

const DATABASE: &str =
    "[[databases]]\nname = \"d\"\ncores = 16\nmax_connections = 203\nconnecting = \"5 ms\"\n";

/// A pool of about four hundred queries a second; asked for more, its line grows all the time.
fn pool(while_asking: &str, rate: u32) -> String {
    format!(
        "title = \"pool\"\nduration = \"350 s\"\n{DATABASE}\
         [[poolers]]\nname = \"p\"\ndatabase = \"d\"\npool_size = 8\n\
         [[services]]\nname = \"s\"\nconcurrency = 100000\n\
         service_time = {{ kind = \"exponential\", mean = \"5 ms\" }}\n{while_asking}\n\
         [[traffic]]\nname = \"t\"\nservice = \"s\"\n\
         arrivals = {{ kind = \"poisson\", rate = \"{rate}/s\" }}\n\
         queries = [{{ at = \"p\", service_time = {{ kind = \"exponential\", mean = \"20 ms\" }} }}]\n"
    )
}

const POOL: [(&str, f64); 9] = [
    ("calls.t", COUNT),
    ("attempts.t", COUNT),
    ("answered.t", BACKLOG),
    ("response_mean.t", MEAN),
    ("response_p95.t", P95),
    ("wait_mean.p", MEAN),
    ("queue_mean.p", BACKLOG),
    ("connections_mean.p", MEAN),
    ("utilisation.d", MEAN),
];

#[test]
fn a_pool_with_a_line_goes_on_with_it() {
    let zoom = "{ at = \"150 s\", lasts = \"100 s\" }";
    agrees("held", zoom, &pool("", 480), &POOL);
}

#[test]
fn so_does_one_whose_callers_are_free_while_they_ask() {
    let zoom = "{ at = \"150 s\", lasts = \"100 s\" }";
    agrees("free", zoom, &pool("while_asking = \"free\"", 480), &POOL);
}

#[test]
fn so_does_a_short_line_of_a_busy_pool() {
    let zoom = "{ at = \"100 s\", lasts = \"50 s\" }, { at = \"200 s\", lasts = \"50 s\" }";
    agrees("busy", zoom, &pool("while_asking = \"free\"", 350), &POOL);
}

/// A database that cannot be reached for a minute; callers try again.
fn outage() -> String {
    format!(
        "title = \"outage\"\nduration = \"600 s\"\n{DATABASE}\
         outages = [{{ at = \"200 s\", lasts = \"60 s\" }}]\n\
         [[poolers]]\nname = \"p\"\ndatabase = \"d\"\npool_size = 8\nwait_timeout = \"5 s\"\n\
         [[traffic]]\nname = \"t\"\n\
         arrivals = {{ kind = \"poisson\", rate = \"100/s\" }}\n\
         queries = [{{ at = \"p\", service_time = {{ kind = \"exponential\", mean = \"20 ms\" }} }}]\n\
         time_out = \"2 s\"\nretry = {{ most = 1, wait = {{ kind = \"uniform\", from = \"5 s\", to = \"15 s\" }} }}\n"
    )
}

const OUTAGE: [(&str, f64); 7] = [
    ("calls.t", COUNT),
    ("attempts.t", MEAN),
    ("answered.t", COUNT),
    ("failed.t", MEAN),
    ("retries.t", MEAN),
    ("attempts_timed_out.t", MEAN),
    ("utilisation.d", MEAN),
];

#[test]
fn an_outage_within_an_interval_is_that_of_calls_one_by_one() {
    agrees("within", "{ at = \"190 s\", lasts = \"130 s\" }", &outage(), &OUTAGE);
}

#[test]
fn an_interval_may_begin_in_the_midst_of_an_outage() {
    agrees("begins within", "{ at = \"230 s\", lasts = \"100 s\" }", &outage(), &OUTAGE);
}

#[test]
fn an_interval_may_end_in_the_midst_of_an_outage() {
    agrees("ends within", "{ at = \"150 s\", lasts = \"80 s\" }", &outage(), &OUTAGE);
}

#[test]
fn a_warm_cache_stays_warm() {
    for policy in ["lru", "allkeys-lru", "fifo"] {
        let text = format!(
            "title = \"cache\"\nduration = \"300 s\"\nwarm_up = \"60 s\"\n\
             [[caches]]\nname = \"c\"\nmaxmemory = \"10000 B\"\npolicy = \"{policy}\"\nservice_time = \"1 ms\"\n\
             [[services]]\nname = \"s\"\nconcurrency = 60\n\
             service_time = {{ kind = \"exponential\", mean = \"100 ms\" }}\n\
             [[traffic]]\nname = \"t\"\nservice = \"s\"\n\
             arrivals = {{ kind = \"poisson\", rate = \"1000/s\" }}\n\
             cache = {{ name = \"c\", objects = 100_000, zipf = 0.9, entry = \"1 B\" }}\n"
        );
        let metrics = [
            ("served.s", MEAN),
            ("hit_ratio.c", MEAN),
            ("evictions.c", MEAN),
            ("entries_mean.c", MEAN),
            ("response_mean.c", MEAN),
            ("response_p95.c", P95),
            ("utilisation.s", MEAN),
        ];
        let zoom = "{ at = \"120 s\", lasts = \"30 s\" }, { at = \"200 s\", lasts = \"30 s\" }";
        agrees(policy, zoom, &text, &metrics);
    }
}
