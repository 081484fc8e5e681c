//! The shapes of load that both grains are compared on. Runs none.

#[path = "shapes_of_databases.rs"]
mod of_databases;

use of_databases::databases;

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
    let bursts = "{ kind = \"renewal\", gap = { kind = \"hyper-exponential-scv\", mean = \"12500 us\", scv = 5.0 } }";
    let bursts = usual_shape("bursts", 20, "10000 s", "", &servers(10, "100 ms"), bursts);
    [stable(), of_a_kind(), overloaded(), vec![classes(), bursts], of_caches(), databases()]
        .into_iter()
        .flatten()
        .collect()
}

/// As many callers as can be served.
fn stable() -> Vec<Shape> {
    let one = usual_shape;
    vec![
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
    ]
}

/// Queues of other kinds, with what is asked of each.
fn of_a_kind() -> Vec<Shape> {
    let one = usual_shape;
    let mut shared = one(
        "shared servers",
        20,
        "10000 s",
        "",
        "concurrency = 1\ndiscipline = \"processor-sharing\"\nservice_time = { kind = \"lognormal-scv\", mean = \"100 ms\", scv = 2.0 }",
        &poisson("8/s"),
    );
    shared.metrics.push(("slowdown_mean.s", MEAN));
    let mut patient = one(
        "impatient",
        20,
        "5000 s",
        "",
        &format!("{}\npatience = {}", servers(10, "100 ms"), exponential("500 ms")),
        &poisson("120/s"),
    );
    patient.metrics.push(("prob_abandoned.s", MEAN));
    let mut fixed = one(
        "impatient, all alike",
        20,
        "5000 s",
        "",
        &format!("{}\npatience = \"500 ms\"", servers(10, "100 ms")),
        &poisson("105/s"),
    );
    fixed.metrics.push(("prob_abandoned.s", MEAN));
    let mut room = one(
        "waiting room",
        20,
        "5000 s",
        "",
        &format!("{}\nwaiting_room = 20", servers(10, "100 ms")),
        &poisson("100/s"),
    );
    room.metrics.push(("prob_refused.s", MEAN));
    vec![shared, patient, fixed, room]
}

/// More callers than can be served, for a while.
fn overloaded() -> Vec<Shape> {
    let one = usual_shape;
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
    let mut backlog =
        one("overload, backlog", 30, "11 h", &rhythm, &servers(10, "500 ms"), &rhythmic("14.5/s"));
    backlog.metrics = vec![
        ("queue_mean.s", BACKLOG),
        ("served.s", BACKLOG),
        ("wait_mean.s", MEAN),
        ("wait_p95.s", P95),
    ];
    vec![over, backlog]
}

fn classes() -> Shape {
    Shape {
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
    }
}

fn of_caches() -> Vec<Shape> {
    let all = [
        ("cache, cold", "lru", "100 s", "0 s"),
        ("cache, warm", "lru", "1000 s", "500 s"),
        ("cache, redis", "allkeys-lru", "1000 s", "500 s"),
        ("cache, random", "random", "1000 s", "500 s"),
        ("cache, first in", "fifo", "1000 s", "500 s"),
        ("cache, full", "noeviction", "500 s", "0 s"),
    ];
    let shape = |(name, policy, duration, warm)| Shape {
        name,
        seeds: 8,
        text: format!(
            "title = \"shape\"\nduration = \"{duration}\"\nwarm_up = \"{warm}\"\n\
                 [[caches]]\nname = \"c\"\nmaxmemory = \"10000 B\"\npolicy = \"{policy}\"\nservice_time = \"1 ms\"\n\
                 [[services]]\nname = \"s\"\n{}\n\
                 [[traffic]]\nname = \"t\"\nservice = \"s\"\narrivals = {}\n\
                 cache = {{ name = \"c\", objects = 100_000, zipf = 0.9, entry = \"1 B\" }}\n",
            servers(60, "100 ms"),
            poisson("1000/s"),
        ),
        metrics: vec![
            ("hit_ratio.c", MEAN),
            ("evictions.c", MEAN),
            ("entries_mean.c", MEAN),
            ("response_mean.c", MEAN),
            ("response_p50.c", P95),
            ("response_p95.c", P95),
            ("queue_mean.s", MEAN),
            ("utilisation.s", MEAN),
        ],
    };
    all.into_iter().map(shape).collect()
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
