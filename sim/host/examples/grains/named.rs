//! What a model of rates once had wrong, one by one: scenarios and the figures that it was wrong about.
//! Runs none.

use super::shapes::{Shape, exponential, poisson, servers};

const SEEDS: u64 = 5;

const DATABASE: &str = "[[databases]]\nname = \"d\"\ncores = 16\nmax_connections = 200\n";
const RETRIES: &str =
    "retry = { most = 2, wait = { kind = \"uniform\", from = \"100 ms\", to = \"300 ms\" } }";

/// Each by what is hard about it.
pub fn named() -> Vec<Shape> {
    [of_rooms(), of_outages(), of_spread()].into_iter().flatten().collect()
}

fn shape(
    name: &'static str,
    duration: &str,
    rest: String,
    metrics: &[(&'static str, f64)],
) -> Shape {
    Shape {
        name,
        seeds: SEEDS,
        text: format!("title = \"named\"\nduration = \"{duration}\"\nwarm_up = \"200 s\"\n{rest}"),
        metrics: metrics.to_vec(),
    }
}

fn pool(size: u32, more: &str) -> String {
    format!("[[poolers]]\nname = \"p\"\ndatabase = \"d\"\npool_size = {size}\n{more}\n")
}

fn service(service: &str) -> String {
    format!("[[services]]\nname = \"s\"\n{service}\n")
}

fn calls(name: &str, arrivals: &str, more: &str) -> String {
    format!("[[traffic]]\nname = \"{name}\"\nservice = \"s\"\narrivals = {arrivals}\n{more}\n")
}

fn asks(mean: &str) -> String {
    format!("queries = [{{ at = \"p\", service_time = {} }}]", exponential(mean))
}

fn bursts(gap: &str) -> String {
    format!(
        "{{ kind = \"renewal\", gap = {{ kind = \"hyper-exponential-scv\", mean = \"{gap}\", scv = 5.0 }} }}"
    )
}

/// Waiting rooms that are full.
fn of_rooms() -> Vec<Shape> {
    vec![
        shape(
            "held threads before a pool over its capacity",
            "900 s",
            format!(
                "{DATABASE}{}{}{}",
                pool(45, "wait_timeout = \"60 s\""),
                service(&format!("waiting_room = 0\n{}", servers(400, "2 ms"))),
                calls("t", &poisson("2400/s"), &asks("10 ms"))
            ),
            &[("throughput.s", 0.05), ("prob_refused.s", 0.05), ("queue_mean.p", 0.02)],
        ),
        shape(
            "no waiting room",
            "20000 s",
            service(&format!("waiting_room = 0\n{}", servers(10, "100 ms")))
                + &calls("t", &poisson("100/s"), ""),
            &[("prob_refused.s", 0.05), ("utilisation.s", 0.05)],
        ),
        shape(
            "priorities with unequal work, overloaded",
            "2000 s",
            service(&format!("discipline = \"priority\"\n{}", servers(4, "100 ms")))
                + &calls("urgent", &poisson("12/s"), "priority = 1")
                + &calls(
                    "idle",
                    &poisson("10/s"),
                    &format!("priority = 2\nservice_time = {}", exponential("400 ms")),
                ),
            &[("queue_mean.s", 0.02), ("wait_mean.s.urgent", 0.05), ("wait_p95.s.urgent", 0.1)],
        ),
    ]
}

/// Databases that are away.
fn of_outages() -> Vec<Shape> {
    vec![
        shape(
            "an outage, and a pool that waits longer than callers do",
            "4000 s",
            format!(
                "{DATABASE}outages = [{{ at = \"1500 s\", lasts = \"120 s\" }}]\n{}{}{}",
                pool(16, "wait_timeout = \"30 s\"\nreconnects_after = \"1 s\""),
                service(&format!("waiting_room = 200\n{}", servers(100, "5 ms"))),
                calls(
                    "t",
                    &poisson("400/s"),
                    &format!("{}\ntime_out = \"2 s\"\n{RETRIES}", asks("20 ms"))
                )
            ),
            &[("failed.t", 0.05), ("answered.t", 0.05), ("response_mean.t", 0.05)],
        ),
        shape(
            "a pool that is late to connect again",
            "4000 s",
            format!(
                "{DATABASE}outages = [{{ at = \"1500 s\", lasts = \"60 s\" }}]\n{}{}{}",
                pool(16, "wait_timeout = \"5 s\"\nreconnects_after = \"45 s\""),
                service(&format!("waiting_room = 200\n{}", servers(100, "5 ms"))),
                calls("t", &poisson("300/s"), &format!("{}\ntime_out = \"2 s\"", asks("20 ms")))
            ),
            &[("failed.t", 0.05), ("answered.t", 0.05)],
        ),
    ]
}

/// Spans that vary much, or not at all.
fn of_spread() -> Vec<Shape> {
    vec![
        shape(
            "varied service and patience",
            "20000 s",
            service(
                "concurrency = 10\npatience = \"500 ms\"\nservice_time = { kind = \
                 \"hyper-exponential-scv\", mean = \"100 ms\", scv = 4.0 }",
            ) + &calls("t", &poisson("100/s"), ""),
            &[("prob_abandoned.s", 0.05), ("wait_mean.s", 0.05)],
        ),
        shape(
            "shared servers with time-outs near saturation",
            "20000 s",
            service(&format!("discipline = \"processor-sharing\"\n{}", servers(4, "100 ms")))
                + &calls("t", &poisson("36/s"), "time_out = \"2 s\"\norphaned = \"stops\""),
            &[("response_p95.t", 0.1), ("response_mean.t", 0.05), ("prob_failed.t", 0.05)],
        ),
        shape(
            "several sources in bursts",
            "20000 s",
            service(&servers(10, "100 ms"))
                + &calls("a", &bursts("40 ms"), "")
                + &calls("b", &bursts("40 ms"), "")
                + &calls("c", &bursts("40 ms"), ""),
            &[("wait_mean.s", 0.05), ("wait_p95.s", 0.1), ("queue_mean.s", 0.02)],
        ),
        shape(
            "closed callers, and who of them waits",
            "20000 s",
            service(&servers(8, "100 ms"))
                + &calls(
                    "t",
                    "{ kind = \"closed\", clients = 40, think = { kind = \"exponential\", mean = \"500 ms\" } }",
                    "",
                ),
            &[("prob_wait.s", 0.05), ("wait_mean.s", 0.05), ("throughput.s", 0.05)],
        ),
    ]
}
