//! Those of the shapes that have a database or classes of calls. Runs none.

use super::{MEAN, P95, Shape, called_shape, exponential, poisson, servers, tried};

const DATABASE: &str = "[[databases]]\nname = \"d\"\ncores = 16\nmax_connections = 203\n";
const POOL: &str = "[[poolers]]\nname = \"p\"\ndatabase = \"d\"\npool_size = 8\n";
const RETRY: &str = "time_out = \"300 ms\"\nretry = { most = 3, wait = { kind = \"uniform\", from = \"100 ms\", to = \"300 ms\" } }";

/// Through pools and databases, and calls that are made again.
pub fn databases() -> Vec<Shape> {
    [vec![classes()], pooled(), direct(), retried()].into_iter().flatten().collect()
}

fn shape(
    name: &'static str,
    seeds: u64,
    duration: &str,
    rest: String,
    more: Vec<(&'static str, f64)>,
) -> Shape {
    called_shape(name, seeds, duration, &rest, &more)
}

fn api(more: &str, servers: u32) -> String {
    format!(
        "[[services]]\nname = \"s\"\nconcurrency = {servers}\nservice_time = {}\n{more}\n",
        exponential("5 ms")
    )
}

fn traffic(arrivals: &str, more: &str) -> String {
    format!("[[traffic]]\nname = \"t\"\nservice = \"s\"\narrivals = {arrivals}\n{more}\n")
}

fn queries(at: &str, mean: &str, count: u32) -> String {
    format!(
        "queries = [{{ at = \"{at}\", service_time = {}, count = {count} }}]",
        exponential(mean)
    )
}

/// A pool before a database that has room for more.
fn pooled() -> Vec<Shape> {
    let small = shape(
        "small pool, large database",
        20,
        "2000 s",
        format!(
            "{DATABASE}{POOL}{}{}",
            api("", 200),
            traffic(&poisson("230/s"), &queries("p", "10 ms", 3))
        ),
        vec![
            ("wait_mean.p", MEAN),
            ("wait_p95.p", P95),
            ("queue_mean.p", MEAN),
            ("connections_mean.p", MEAN),
            ("active_mean.d", MEAN),
            ("utilisation.d", MEAN),
            ("query_mean.d", MEAN),
            ("query_p95.d", P95),
            ("utilisation.s", MEAN),
            ("response_mean.s", MEAN),
        ],
    );
    let free = shape(
        "small pool, callers do not block",
        20,
        "2000 s",
        format!(
            "{DATABASE}{POOL}{}{}",
            api("while_asking = \"free\"", 3),
            traffic(&poisson("200/s"), &queries("p", "10 ms", 3))
        ),
        vec![("wait_mean.p", MEAN), ("utilisation.s", MEAN), ("response_mean.s", MEAN)],
    );
    vec![small, free]
}

/// Databases that run out, and a pool whose callers wait no longer.
fn direct() -> Vec<Shape> {
    let direct = shape(
        "database without pool",
        20,
        "1000 s",
        format!(
            "[[databases]]\nname = \"d\"\ncores = 4\nmax_connections = 63\n{}",
            traffic(&poisson("300/s"), &queries("d", "10 ms", 1)).replace("service = \"s\"\n", "")
        ),
        vec![
            ("connections_mean.d", MEAN),
            ("active_mean.d", MEAN),
            ("utilisation.d", MEAN),
            ("query_mean.d", MEAN),
            ("query_p95.d", P95),
        ],
    );
    let crowded = shape(
        "database without pool, refusing",
        20,
        "1000 s",
        format!(
            "[[databases]]\nname = \"d\"\ncores = 4\nmax_connections = 23\n{}",
            traffic(&poisson("420/s"), &queries("d", "10 ms", 1)).replace("service = \"s\"\n", "")
        ),
        vec![("prob_failed.t", MEAN), ("active_mean.d", MEAN), ("connections_mean.d", MEAN)],
    );
    let waits = shape(
        "pool that has callers wait no longer",
        20,
        "1000 s",
        format!(
            "{DATABASE}[[poolers]]\nname = \"p\"\ndatabase = \"d\"\npool_size = 8\nwait_timeout = \"200 ms\"\n{}",
            traffic(&poisson("900/s"), &queries("p", "10 ms", 1)).replace("service = \"s\"\n", "")
        ),
        vec![
            ("prob_failed.t", MEAN),
            ("prob_timed_out.p", MEAN),
            ("wait_mean.p", MEAN),
            ("queue_mean.p", MEAN),
        ],
    );
    vec![direct, crowded, waits]
}

/// Calls that are made again.
fn retried() -> Vec<Shape> {
    let stable = shape(
        "time-outs with retries",
        20,
        "4000 s",
        format!(
            "[[services]]\nname = \"s\"\n{}\n{}",
            servers(10, "100 ms"),
            traffic(&poisson("45/s"), &RETRY.replace("most = 3", "most = 1"))
        ),
        tried().to_vec(),
    );
    let stops = shape(
        "time-outs with retries, work stops",
        20,
        "2000 s",
        format!(
            "[[services]]\nname = \"s\"\n{}\n{}",
            servers(10, "20 ms"),
            traffic(
                &poisson("250/s"),
                &format!(
                    "{}\norphaned = \"stops\"",
                    RETRY.replace("most = 3", "most = 1").replace("300 ms\"\n", "100 ms\"\n")
                )
            )
        ),
        tried().to_vec(),
    );
    let storm = shape(
        "time-outs with retries, collapse",
        20,
        "600 s",
        format!(
            "[[services]]\nname = \"s\"\nwaiting_room = 100\n{}\n{}",
            servers(10, "100 ms"),
            traffic(&poisson("98/s"), RETRY)
        ),
        tried().to_vec(),
    );
    let budget = shape(
        "time-outs with a budget of retries",
        20,
        "2000 s",
        format!(
            "[[services]]\nname = \"s\"\nwaiting_room = 30\n{}\n{}",
            servers(10, "100 ms"),
            traffic(
                &poisson("130/s"),
                &RETRY
                    .replace("300 ms\"\n", "500 ms\"\n")
                    .replace("most = 3,", "most = 3, budget = \"20 %\",")
            )
        ),
        tried().to_vec(),
    );
    vec![stable, stops, storm, budget]
}

fn classes() -> Shape {
    Shape {
        name: "priority classes, nobody interrupted",
        seeds: 20,
        text: format!(
            "title = \"shape\"\nduration = \"10000 s\"\nwarm_up = \"1000 s\"\n\
             [[services]]\nname = \"s\"\ndiscipline = \"priority\"\n{}\n\
             [[traffic]]\nname = \"urgent\"\nservice = \"s\"\narrivals = {}\npriority = 1\n\
             [[traffic]]\nname = \"usual\"\nservice = \"s\"\narrivals = {}\npriority = 2\n\
             [[traffic]]\nname = \"idle\"\nservice = \"s\"\narrivals = {}\npriority = 3\n",
            servers(2, "100 ms"),
            poisson("5/s"),
            poisson("7/s"),
            poisson("5/s"),
        ),
        metrics: vec![
            ("wait_mean.s.urgent", MEAN),
            ("wait_p95.s.urgent", P95),
            ("wait_mean.s.usual", MEAN),
            ("wait_p95.s.usual", P95),
            ("wait_mean.s.idle", MEAN),
            ("wait_p95.s.idle", P95),
            ("response_mean.s.urgent", MEAN),
            ("response_p95.s.idle", P95),
            ("queue_mean.s", MEAN),
            ("utilisation.s", MEAN),
        ],
    }
}
