//! The shapes of load that both grains are compared on. Runs none.

/// A scenario, and what is compared in it.
pub struct Shape {
    pub name: &'static str,
    pub text: String,
    /// How many runs request by request.
    pub seeds: u64,
    /// Figures, and how far what is sampled may be from them, as a share.
    pub metrics: Vec<(&'static str, f64)>,
}

/// Means, 95th percentiles and backlogs: what the design demands.
const MEAN: f64 = 0.05;
const P95: f64 = 0.10;
const BACKLOG: f64 = 0.02;

pub fn shapes() -> Vec<Shape> {
    let one = usual_shape;
    let mut all = vec![
        one("stable", 20, "10000 s", "", &servers(10, "100 ms"), &poisson("70/s")),
        one(
            "stable, varied service",
            20,
            "10000 s",
            "",
            "concurrency = 4\nservice_time = { kind = \"lognormal-scv\", mean = \"100 ms\", scv = 3.0 }",
            &poisson("28/s"),
        ),
        one(
            "stable, fixed service",
            20,
            "10000 s",
            "",
            "concurrency = 4\nservice_time = \"100 ms\"",
            &poisson("32/s"),
        ),
        one("near saturation", 30, "20000 s", "", &servers(10, "100 ms"), &poisson("95/s")),
        one(
            "near saturation, one server",
            40,
            "50000 s",
            "",
            &servers(1, "100 ms"),
            &poisson("9.5/s"),
        ),
        one("many servers", 8, "2000 s", "", &servers(400, "1 s"), &poisson("390/s")),
        one(
            "closed callers",
            20,
            "10000 s",
            "",
            &servers(5, "100 ms"),
            "{ kind = \"closed\", clients = 60, think = { kind = \"exponential\", mean = \"1 s\" } }",
        ),
        one(
            "copies",
            20,
            "5000 s",
            "",
            &format!("replicas = 8\n{}", servers(2, "100 ms")),
            &poisson("120/s"),
        ),
        one(
            "lesser of two",
            20,
            "5000 s",
            "",
            &format!("replicas = 8\nbalance = \"least-of-two\"\n{}", servers(2, "100 ms")),
            &poisson("140/s"),
        ),
        one(
            "in turn",
            20,
            "5000 s",
            "",
            &format!("replicas = 8\nbalance = \"in-turn\"\n{}", servers(2, "100 ms")),
            &poisson("140/s"),
        ),
    ];
    let mut shared = one(
        "shared servers",
        20,
        "10000 s",
        "",
        "concurrency = 1\ndiscipline = \"processor-sharing\"\nservice_time = { kind = \"lognormal-scv\", mean = \"100 ms\", scv = 2.0 }",
        &poisson("8/s"),
    );
    shared.metrics.push(("slowdown_mean.s", MEAN));
    all.push(shared);
    let mut patient = one(
        "impatient",
        20,
        "5000 s",
        "",
        &format!("{}\npatience = {}", servers(10, "100 ms"), exponential("500 ms")),
        &poisson("120/s"),
    );
    patient.metrics.push(("prob_abandoned.s", MEAN));
    all.push(patient);
    let mut fixed = one(
        "impatient, all alike",
        20,
        "5000 s",
        "",
        &format!("{}\npatience = \"500 ms\"", servers(10, "100 ms")),
        &poisson("105/s"),
    );
    fixed.metrics.push(("prob_abandoned.s", MEAN));
    all.push(fixed);
    let mut room = one(
        "waiting room",
        20,
        "5000 s",
        "",
        &format!("{}\nwaiting_room = 20", servers(10, "100 ms")),
        &poisson("100/s"),
    );
    room.metrics.push(("prob_refused.s", MEAN));
    all.push(room);
    // A factor of 24 ÷ (20 + 4 × 2) × … by hour: two hours a day bring more than can be served.
    let hours: Vec<&str> =
        (0..24).map(|hour| if (9..11).contains(&hour) { "1.6" } else { "0.9" }).collect();
    let rhythm = format!("[[rhythms]]\nname = \"day\"\nhours = [{}]\n", hours.join(", "));
    let rhythmic =
        |rate: &str| format!("{{ kind = \"poisson\", rate = \"{rate}\", rhythm = \"day\" }}");
    let over = one(
        "overload and recovery",
        20,
        "18 h",
        &rhythm,
        &servers(10, "500 ms"),
        &rhythmic("14.5/s"),
    );
    all.push(over);
    let mut backlog =
        one("overload, backlog", 30, "11 h", &rhythm, &servers(10, "500 ms"), &rhythmic("14.5/s"));
    backlog.metrics = vec![
        ("queue_mean.s", BACKLOG),
        ("served.s", BACKLOG),
        ("wait_mean.s", MEAN),
        ("wait_p95.s", P95),
    ];
    all.push(backlog);
    let classes = Shape {
        name: "priority classes",
        seeds: 20,
        text: format!(
            "title = \"shape\"\nduration = \"10000 s\"\nwarm_up = \"1000 s\"\n\
             [[services]]\nname = \"s\"\ndiscipline = \"preemptive-priority\"\n{}\n\
             [[traffic]]\nname = \"urgent\"\nservice = \"s\"\narrivals = {}\npriority = 1\n\
             [[traffic]]\nname = \"usual\"\nservice = \"s\"\narrivals = {}\npriority = 2\n\
             [[traffic]]\nname = \"idle\"\nservice = \"s\"\narrivals = {}\npriority = 3\n",
            servers(2, "100 ms"),
            poisson("5/s"),
            poisson("7/s"),
            poisson("5/s"),
        ),
        metrics: vec![
            ("response_mean.s.urgent", MEAN),
            ("response_p95.s.urgent", P95),
            ("response_mean.s.usual", MEAN),
            ("response_p95.s.usual", P95),
            ("response_mean.s.idle", MEAN),
            ("response_p95.s.idle", P95),
            ("wait_mean.s.idle", MEAN),
            ("queue_mean.s", MEAN),
            ("utilisation.s", MEAN),
        ],
    };
    all.push(classes);
    let bursts = "{ kind = \"renewal\", gap = { kind = \"hyper-exponential-scv\", mean = \"12500 us\", scv = 5.0 } }";
    all.push(one("bursts", 20, "10000 s", "", &servers(10, "100 ms"), bursts));
    for (name, policy, duration, warm) in [
        ("cache, cold", "lru", "100 s", "0 s"),
        ("cache, warm", "lru", "1000 s", "500 s"),
        ("cache, redis", "allkeys-lru", "1000 s", "500 s"),
        ("cache, random", "random", "1000 s", "500 s"),
        ("cache, first in", "fifo", "1000 s", "500 s"),
        ("cache, full", "noeviction", "500 s", "0 s"),
    ] {
        all.push(Shape {
            name,
            seeds: 8,
            text: format!(
                "title = \"shape\"\nduration = \"{duration}\"\nwarm_up = \"{warm}\"\n\
                 [[caches]]\nname = \"c\"\nmaxmemory = \"10000 B\"\npolicy = \"{policy}\"\nservice_time = \"1 ms\"\n\
                 [[services]]\nname = \"s\"\n{}\n\
                 [[traffic]]\nname = \"t\"\nservice = \"s\"\narrivals = {}\n\
                 cache = {{ name = \"c\", objects = 100_000, zipf = 0.9, entry = \"1 B\" }}\n",
                servers(60, "100 ms"), poisson("1000/s"),
            ),
            metrics: vec![
                ("hit_ratio.c", MEAN), ("evictions.c", MEAN), ("entries_mean.c", MEAN),
                ("response_mean.c", MEAN), ("response_p50.c", P95), ("response_p95.c", P95),
                ("queue_mean.s", MEAN), ("utilisation.s", MEAN),
            ],
        });
    }
    all.extend(databases());
    all
}

/// One service and what calls it, with what is measured at services.
pub fn usual_shape(
    name: &'static str,
    seeds: u64,
    duration: &str,
    more: &str,
    service: &str,
    arrivals: &str,
) -> Shape {
    let metrics = vec![
        ("wait_mean.s", MEAN),
        ("wait_p95.s", P95),
        ("response_mean.s", MEAN),
        ("response_p50.s", P95),
        ("response_p95.s", P95),
        ("prob_wait.s", MEAN),
        ("queue_mean.s", MEAN),
        ("utilisation.s", MEAN),
        ("served.s", BACKLOG),
    ];
    Shape { name, seeds, text: text(duration, more, service, arrivals), metrics }
}

/// Anything that calls named `t` go through, with what is measured of them and more.
pub fn called_shape(
    name: &'static str,
    seeds: u64,
    duration: &str,
    rest: &str,
    more: &[(&'static str, f64)],
) -> Shape {
    let called = [
        ("response_mean.t", MEAN),
        ("response_p50.t", P95),
        ("response_p95.t", P95),
        ("answered.t", MEAN),
    ];
    let warm_up = if duration.ends_with('h') { "1 h" } else { "200 s" };
    Shape {
        name,
        seeds,
        text: format!(
            "title = \"shape\"\nduration = \"{duration}\"\nwarm_up = \"{warm_up}\"\n{rest}"
        ),
        metrics: called.into_iter().chain(more.iter().copied()).collect(),
    }
}

/// What is measured of calls that are made again.
pub fn tried() -> [(&'static str, f64); 6] {
    [
        ("prob_failed.t", MEAN),
        ("attempts.t", MEAN),
        ("retries.t", MEAN),
        ("attempts_timed_out.t", MEAN),
        ("queue_mean.s", MEAN),
        ("utilisation.s", MEAN),
    ]
}

/// Through pools and databases, and calls that are made again.
fn databases() -> Vec<Shape> {
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

fn text(duration: &str, more: &str, service: &str, arrivals: &str) -> String {
    let warm_up = if duration.ends_with('h') { "1 h" } else { "500 s" };
    format!(
        "title = \"shape\"\nduration = \"{duration}\"\nwarm_up = \"{warm_up}\"\n{more}\n\
         [[services]]\nname = \"s\"\n{service}\n\
         [[traffic]]\nname = \"t\"\nservice = \"s\"\narrivals = {arrivals}\n"
    )
}

pub fn exponential(mean: &str) -> String {
    format!("{{ kind = \"exponential\", mean = \"{mean}\" }}")
}

pub fn servers(count: u32, mean: &str) -> String {
    format!("concurrency = {count}\nservice_time = {}", exponential(mean))
}

pub fn poisson(rate: &str) -> String {
    format!("{{ kind = \"poisson\", rate = \"{rate}\" }}")
}
