//! Services against formulas worked out here: small runs over ten seeds, judged by their own
//! confidence. Knows nothing of how they are simulated.

#[path = "common/calls.rs"]
mod calls;
mod common;

use calls::{estimate, exponential, poisson, scenario, span};
use common::{figure, run_under};
use seatrial_contract::units::Ppm;
use seatrial_record::Record;

const SEEDS: [u64; 10] = [11, 12, 13, 14, 15, 16, 17, 18, 19, 20];
/// So often the truth lies within the interval that is looked at.
const LEVEL: Ppm = Ppm(999_000);

/// The expected value lies within the interval, and that is no wider than this share of it.
fn assert_agrees(records: &[Record], metric: &str, expected: f64, width: f64) {
    let found = estimate(records, metric, LEVEL);
    let (mean, half) = (found.mean, found.half_width);
    println!("{metric} {mean:.5} ± {half:.5}, expected {expected:.5}, seeds {SEEDS:?}");
    assert!(
        found.holds(expected),
        "{metric}: {mean} ± {half}, expected {expected}, seeds {SEEDS:?}"
    );
    assert!(half <= width * expected, "{metric}: ± {half} of {expected} tells too little");
}

/// A figure that is no matter of chance.
fn assert_is(record: &Record, metric: &str, expected: f64) {
    let found = figure(record, metric);
    assert!((found - expected).abs() < 1e-12, "{metric}: {found}, expected {expected}");
}

fn one(seconds: f64, service: &str, arrivals: String) -> Vec<Record> {
    run(&scenario(seconds, service, &[(arrivals, String::new())]), &SEEDS)
}

/// The chance to wait of `load` erlangs at so many servers.
fn erlang_c(servers: u32, load: f64) -> f64 {
    let blocked =
        (1..=servers).fold(1.0, |blocked, n| load * blocked / (f64::from(n) + load * blocked));
    blocked / (1.0 - load / f64::from(servers) * (1.0 - blocked))
}

/// Runs a scenario without policies, once for each seed.
fn run(text: &str, seeds: &[u64]) -> Vec<Record> {
    run_under(text, None, seeds)
}

#[test]
fn waits_at_several_servers_are_erlangs() {
    let service = format!("concurrency = 3\nservice_time = {}", exponential(0.5));
    let found = one(40_000.0, &service, poisson(4.2));
    // 2.1 erlangs; servers finish at 6 a second.
    let waits = erlang_c(3, 2.1);
    assert_agrees(&found, "prob_wait.s", waits, 0.03);
    assert_agrees(&found, "wait_mean.s", waits / (6.0 - 4.2), 0.06);
    assert_agrees(&found, "response_mean.s", waits / (6.0 - 4.2) + 0.5, 0.05);
    assert_agrees(&found, "queue_mean.s", 4.2 * waits / (6.0 - 4.2), 0.06);
    assert_agrees(&found, "in_system_mean.s", 4.2 * waits / (6.0 - 4.2) + 2.1, 0.05);
    assert_agrees(&found, "utilisation.s", 0.7, 0.02);
    assert_agrees(&found, "throughput.s", 4.2, 0.02);
    // P(wait > t) = waits exp(-1.8 t) = 1/20.
    assert_agrees(&found, "wait_p95.s", (20.0 * waits).ln() / 1.8, 0.08);
}

#[test]
fn a_full_room_refuses() {
    let service = format!("concurrency = 1\nwaiting_room = 3\nservice_time = {}", exponential(1.0));
    let found = one(20_000.0, &service, poisson(0.8));
    // Four in the system at the most: p(n) in proportion to 0.8^n.
    let parts: Vec<f64> = (0..=4).map(|n| 0.8_f64.powi(n)).collect();
    let whole: f64 = parts.iter().sum();
    let present = (0..=4).map(|n| f64::from(n) * parts[n as usize]).sum::<f64>() / whole;
    let refused = parts[4] / whole;
    assert_agrees(&found, "prob_refused.s", refused, 0.05);
    assert_agrees(&found, "in_system_mean.s", present, 0.03);
    assert_agrees(&found, "response_mean.s", present / (0.8 * (1.0 - refused)), 0.03);
}

#[test]
fn without_a_room_only_the_mean_service_matters() {
    // Erlang's B: 4 erlangs at 5 servers, whatever the distribution.
    let blocked = (1..=5).fold(1.0, |b, n| 4.0 * b / (f64::from(n) + 4.0 * b));
    for distribution in [
        exponential(1.0),
        span(1.0),
        "{ kind = \"lognormal-scv\", mean = \"1 s\", scv = 4.0 }".to_owned(),
    ] {
        let service = format!("concurrency = 5\nwaiting_room = 0\nservice_time = {distribution}");
        let found = one(5_000.0, &service, poisson(4.0));
        assert_agrees(&found, "prob_refused.s", blocked, 0.05);
        assert!(found.iter().all(|record| figure(record, "wait_max.s") <= 0.0));
    }
}

#[test]
fn varied_service_makes_waits_by_pollaczek_and_khinchine() {
    for (distribution, scv) in [
        (span(1.0), 0.0),
        ("{ kind = \"erlang\", phases = 2, mean = \"1 s\" }".to_owned(), 0.5),
        ("{ kind = \"uniform\", from = \"0 s\", to = \"2 s\" }".to_owned(), 1.0 / 3.0),
        ("{ kind = \"hyper-exponential-scv\", mean = \"1 s\", scv = 3.0 }".to_owned(), 3.0),
    ] {
        let found =
            one(60_000.0, &format!("concurrency = 1\nservice_time = {distribution}"), poisson(0.6));
        // 0.6 (1 + scv) / (2 (1 - 0.6))
        assert_agrees(&found, "wait_mean.s", 0.75 * (1.0 + scv), 0.08);
        assert_agrees(&found, "prob_wait.s", 0.6, 0.02);
    }
}

#[test]
fn shared_servers_slow_all_alike_whatever_the_distribution() {
    for distribution in [
        span(1.0),
        exponential(1.0),
        "{ kind = \"hyper-exponential-scv\", mean = \"1 s\", scv = 3.0 }".to_owned(),
    ] {
        let service = format!(
            "concurrency = 1\ndiscipline = \"processor-sharing\"\nservice_time = {distribution}"
        );
        let found = one(30_000.0, &service, poisson(0.6));
        // 1 / (1 - 0.6)
        assert_agrees(&found, "response_mean.s", 2.5, 0.08);
        assert_agrees(&found, "slowdown_mean.s", 2.5, 0.08);
        assert_agrees(&found, "in_system_mean.s", 1.5, 0.08);
        assert_agrees(&found, "utilisation.s", 0.6, 0.03);
    }
}

#[test]
fn several_shared_servers_hold_as_many_as_a_line_does() {
    // With exponential service, how many are there does not depend on who is served.
    let service = format!(
        "concurrency = 4\ndiscipline = \"processor-sharing\"\nservice_time = {}",
        exponential(1.0)
    );
    let found = one(40_000.0, &service, poisson(3.0));
    let waiting = erlang_c(4, 3.0) * 3.0;
    assert_agrees(&found, "queue_mean.s", waiting, 0.1);
    assert_agrees(&found, "response_mean.s", waiting / 3.0 + 1.0, 0.05);
}

#[test]
fn the_urgent_do_not_feel_the_others() {
    let calls = [
        (poisson(0.3), "priority = 1".to_owned()),
        (poisson(0.2), format!("priority = 5\nservice_time = {}", exponential(2.0))),
    ];
    let service = format!(
        "concurrency = 1\ndiscipline = \"preemptive-priority\"\nservice_time = {}",
        exponential(1.0)
    );
    let found = run(&scenario(60_000.0, &service, &calls), &SEEDS);
    // Loads 0.3 and 0.4; the urgent have the server to themselves.
    assert_agrees(&found, "response_mean.s.t1", 1.0 / 0.7, 0.03);
    // (2 (1 - 0.7) + 0.3 × 2/2 + 0.2 × 8/2) / (0.7 × 0.3)
    assert_agrees(&found, "response_mean.s.t2", 1.7 / 0.21, 0.08);
}

#[test]
fn callers_who_wait_load_a_service_as_machines_do_a_crew() {
    let service = format!("concurrency = 3\nservice_time = {}", exponential(1.0));
    let arrivals = format!("{{ kind = \"closed\", clients = 10, think = {} }}", exponential(4.0));
    let found = one(5_000.0, &service, arrivals);
    // Birth and death on the number there: (10 - n)/4 up, min(n, 3) down.
    let mut parts = vec![1.0];
    for n in 0..10_u8 {
        let (up, down) = (f64::from(10 - n) / 4.0, f64::from((n + 1).min(3)));
        parts.push(parts[usize::from(n)] * up / down);
    }
    let whole: f64 = parts.iter().sum();
    let mean = |of: fn(f64) -> f64| {
        (0..=10_u8).map(|n| of(f64::from(n)) * parts[usize::from(n)]).sum::<f64>() / whole
    };
    let busy = mean(|n| n.min(3.0));
    assert_agrees(&found, "throughput.s", busy, 0.02);
    assert_agrees(&found, "utilisation.s", busy / 3.0, 0.02);
    assert_agrees(&found, "response_mean.s", mean(|n| n) / busy, 0.03);
}

#[test]
fn the_impatient_leave_as_erlang_a_says() {
    let service = format!(
        "concurrency = 4\nservice_time = {}\npatience = {}",
        exponential(1.0),
        exponential(2.0)
    );
    let found = one(10_000.0, &service, poisson(5.0));
    let mut parts = vec![1.0];
    for n in 1..200_u32 {
        let leave = f64::from(n.min(4)) + f64::from(n.saturating_sub(4)) / 2.0;
        parts.push(parts.last().unwrap() * 5.0 / leave);
    }
    let whole: f64 = parts.iter().sum();
    let wait = parts[4..].iter().sum::<f64>() / whole;
    let queue = (0..).zip(&parts[4..]).map(|(n, part)| f64::from(n) * part).sum::<f64>() / whole;
    assert_agrees(&found, "prob_wait.s", wait, 0.03);
    assert_agrees(&found, "queue_mean.s", queue, 0.05);
    assert_agrees(&found, "prob_abandoned.s", queue / 2.0 / 5.0, 0.05);
}

#[test]
fn the_clock_alone_makes_exact_figures() {
    // A call each second, served for 2.5 s by two servers and room for one: the line grows by one
    // call in five until the room is full.
    let service = "concurrency = 2\nservice_time = \"2500 ms\"\nwaiting_room = 1";
    let text = "title = \"clock\"\nduration = \"10 s\"\n[[services]]\nname = \"s\"\n".to_owned()
        + service
        + "\n[[traffic]]\nname = \"t\"\nservice = \"s\"\n\
           arrivals = { kind = \"renewal\", gap = \"1 s\" }\n";
    let found = &run(&text, &[1])[0];
    // Calls at 1 … 10 s. Those of 1 to 7 s begin at 1, 2, 3.5, 4.5, 6, 7 and 8.5 s. At 8 s the one of
    // 7 s is still in line, so the next is refused; the one of 9 s begins at 9.5 s.
    assert_is(found, "arrivals.s", 10.0);
    assert_is(found, "refused.s", 1.0);
    // Done at 3.5, 4.5, 6, 7, 8.5 and 9.5 s.
    assert_is(found, "served.s", 6.0);
    // Waited 0, 0, 0.5, 0.5, 1 and 1 s.
    assert_is(found, "wait_mean.s", 0.5);
    assert_is(found, "wait_max.s", 1.0);
    assert_is(found, "response_max.s", 3.5);
    assert_is(found, "prob_wait.s", 4.0 / 6.0);
    // In line: 3–3.5, 4–4.5, 5–6, 6–7, 7–8.5 and 9–9.5 s: 5 s of 10.
    assert_is(found, "queue_mean.s", 0.5);
}

#[test]
fn copies_are_taken_in_turn_or_by_chance_or_the_lesser() {
    let waits = |balance: &str| {
        let service = format!(
            "concurrency = 1\nreplicas = 8\nbalance = \"{balance}\"\nservice_time = {}",
            exponential(1.0)
        );
        one(3_000.0, &service, poisson(5.6))
    };
    // By chance each replica is a queue of its own: 0.7 / (1 - 0.7).
    assert_agrees(&waits("random"), "wait_mean.s", 7.0 / 3.0, 0.15);
    let of = |balance: &str| estimate(&waits(balance), "wait_mean.s", LEVEL).mean;
    let (turn, two) = (of("in-turn"), of("least-of-two"));
    // In turn, gaps are Erlang's of eight phases: about (1/8 + 1)/2 of the wait. Between
    // one line for all (0.1) and chance lies the choice of two.
    assert!((1.0..1.5).contains(&turn), "in turn {turn}");
    assert!((0.1..0.9).contains(&two), "least of two {two}");
}

#[test]
fn a_rhythm_moves_calls_but_not_their_number() {
    let hours: Vec<f64> =
        (0..24).map(|hour| f64::from(u8::from((8..16).contains(&hour)))).collect();
    let text = format!(
        "title = \"rhythm\"\nduration = \"7 d\"\n\
         [[rhythms]]\nname = \"office\"\nhours = {hours:?}\n\
         [[services]]\nname = \"s\"\nconcurrency = 1\nwaiting_room = 0\nservice_time = \"1 ms\"\n\
         [[traffic]]\nname = \"t\"\nservice = \"s\"\n\
         arrivals = {{ kind = \"poisson\", rate = \"200/h\", rhythm = \"office\" }}\n"
    );
    let found = run(&text, &SEEDS);
    // 168 hours of 200.
    assert_agrees(&found, "arrivals.s", 33_600.0, 0.02);
    // At night nobody comes, by day three times as many.
    run(&text.replace("7 d", "8 h"), &SEEDS).iter().for_each(|record| {
        assert_is(record, "arrivals.s", 0.0);
    });
    assert_agrees(&run(&text.replace("7 d", "9 h"), &SEEDS), "arrivals.s", 600.0, 0.1);
}

#[test]
fn the_same_seed_finds_the_same() {
    let service = format!(
        "concurrency = 2\nreplicas = 5\nbalance = \"least-of-two\"\nservice_time = {}\npatience = \"1 s\"",
        exponential(1.0)
    );
    let calls = [
        (poisson(9.0), String::new()),
        ("{ kind = \"closed\", clients = 3, think = \"0 s\" }".to_owned(), String::new()),
    ];
    let text = scenario(500.0, &service, &calls);
    let found = run(&text, &[7, 7, 8]);
    assert_eq!(found[0], found[1]);
    assert_ne!(found[0].metrics, found[2].metrics);
}

#[test]
fn refused_callers_who_hardly_think_let_time_pass() {
    let text = scenario(
        1e-6,
        "concurrency = 1\nwaiting_room = 0\nservice_time = \"1 h\"",
        &[("{ kind = \"closed\", clients = 3, think = \"1 ns\" }".to_owned(), String::new())],
    );
    // One is served for ever, two are refused each nanosecond of the last 900.
    let found = &run(&text, &[1])[0];
    assert_is(found, "refused.s", 1_800.0);
    assert_is(found, "utilisation.s", 1.0);
}
