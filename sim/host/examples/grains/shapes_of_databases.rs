//! Those of the shapes that have a database or classes of calls. Runs none.

use super::{MEAN, P95, Shape, called_shape, exponential, poisson, servers, tried};

/// Through pools and databases, and calls that are made again.
pub fn databases() -> Vec<Shape> {
    let with = |more: &[(&'static str, f64)]| more.to_vec();
    let shape = |name, seeds, duration: &str, rest: String, more: Vec<(&'static str, f64)>| {
        called_shape(name, seeds, duration, &rest, &more)
    };
    let database = "[[databases]]\nname = \"d\"\ncores = 16\nmax_connections = 203\n";
    let pool = "[[poolers]]\nname = \"p\"\ndatabase = \"d\"\npool_size = 8\n";
    let api = |more: &str, servers: u32| {
        format!(
            "[[services]]\nname = \"s\"\nconcurrency = {servers}\nservice_time = {}\n{more}\n",
            exponential("5 ms")
        )
    };
    let traffic = |arrivals: &str, more: &str| {
        format!("[[traffic]]\nname = \"t\"\nservice = \"s\"\narrivals = {arrivals}\n{more}\n")
    };
    let queries = |at: &str, mean: &str, count: u32| {
        format!(
            "queries = [{{ at = \"{at}\", service_time = {}, count = {count} }}]",
            exponential(mean)
        )
    };
    let small = shape(
        "small pool, large database",
        20,
        "2000 s",
        format!(
            "{database}{pool}{}{}",
            api("", 200),
            traffic(&poisson("230/s"), &queries("p", "10 ms", 3))
        ),
        with(&[
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
        ]),
    );
    let free = shape(
        "small pool, callers do not block",
        20,
        "2000 s",
        format!(
            "{database}{pool}{}{}",
            api("while_asking = \"free\"", 3),
            traffic(&poisson("200/s"), &queries("p", "10 ms", 3))
        ),
        with(&[("wait_mean.p", MEAN), ("utilisation.s", MEAN), ("response_mean.s", MEAN)]),
    );
    let direct = shape(
        "database without pool",
        20,
        "1000 s",
        format!(
            "[[databases]]\nname = \"d\"\ncores = 4\nmax_connections = 63\n{}",
            traffic(&poisson("300/s"), &queries("d", "10 ms", 1)).replace("service = \"s\"\n", "")
        ),
        with(&[
            ("connections_mean.d", MEAN),
            ("active_mean.d", MEAN),
            ("utilisation.d", MEAN),
            ("query_mean.d", MEAN),
            ("query_p95.d", P95),
        ]),
    );
    let crowded = shape(
        "database without pool, refusing",
        20,
        "1000 s",
        format!(
            "[[databases]]\nname = \"d\"\ncores = 4\nmax_connections = 23\n{}",
            traffic(&poisson("420/s"), &queries("d", "10 ms", 1)).replace("service = \"s\"\n", "")
        ),
        with(&[("prob_failed.t", MEAN), ("active_mean.d", MEAN), ("connections_mean.d", MEAN)]),
    );
    let waits = shape(
        "pool that has callers wait no longer",
        20,
        "1000 s",
        format!(
            "{database}[[poolers]]\nname = \"p\"\ndatabase = \"d\"\npool_size = 8\nwait_timeout = \"200 ms\"\n{}",
            traffic(&poisson("900/s"), &queries("p", "10 ms", 1)).replace("service = \"s\"\n", "")
        ),
        with(&[
            ("prob_failed.t", MEAN),
            ("prob_timed_out.p", MEAN),
            ("wait_mean.p", MEAN),
            ("queue_mean.p", MEAN),
        ]),
    );
    let retry = "time_out = \"300 ms\"\nretry = { most = 3, wait = { kind = \"uniform\", from = \"100 ms\", to = \"300 ms\" } }";
    let tried = tried();
    let stable = shape(
        "time-outs with retries",
        20,
        "4000 s",
        format!(
            "[[services]]\nname = \"s\"\n{}\n{}",
            servers(10, "100 ms"),
            traffic(&poisson("45/s"), &retry.replace("most = 3", "most = 1"))
        ),
        with(&tried),
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
                    retry.replace("most = 3", "most = 1").replace("300 ms\"\n", "100 ms\"\n")
                )
            )
        ),
        with(&tried),
    );
    let storm = shape(
        "time-outs with retries, collapse",
        20,
        "600 s",
        format!(
            "[[services]]\nname = \"s\"\nwaiting_room = 100\n{}\n{}",
            servers(10, "100 ms"),
            traffic(&poisson("98/s"), retry)
        ),
        with(&tried),
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
                &retry
                    .replace("300 ms\"\n", "500 ms\"\n")
                    .replace("most = 3,", "most = 3, budget = \"20 %\",")
            )
        ),
        with(&tried),
    );
    let classes = Shape {
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
    };
    vec![classes, small, free, direct, crowded, waits, stable, stops, storm, budget]
}
