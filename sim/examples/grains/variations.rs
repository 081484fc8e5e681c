//! The shapes that are hardest for a flow, with their parameters varied: by how much it is off at worst.
//! Runs none.

use super::shapes::{Shape, called_shape, poisson, servers, tried, usual_shape};

/// By kind: each with what was varied as its name.
pub fn variations() -> Vec<(&'static str, Vec<(String, Shape)>)> {
    vec![
        ("time-outs with retries", retries()),
        ("time-outs with retries, work stops", stopping()),
        ("time-outs with a budget of retries", budgets()),
        ("bursts", bursts()),
        ("in turn", copies("in-turn")),
        ("lesser of two", copies("least-of-two")),
    ]
}

const SEEDS: u64 = 8;

fn calls(service: &str, rate: &str, more: &str) -> Shape {
    let text = format!(
        "[[services]]\nname = \"s\"\n{service}\n[[traffic]]\nname = \"t\"\nservice = \"s\"\n\
         arrivals = {}\n{more}\n",
        poisson(rate)
    );
    called_shape("", SEEDS, "1000 s", &text, &tried())
}

fn retry(time_out: &str, most: u32, more: &str) -> String {
    format!(
        "time_out = \"{time_out}\"\nretry = {{ most = {most}, \
         wait = {{ kind = \"uniform\", from = \"100 ms\", to = \"300 ms\" }}{more} }}"
    )
}

fn retries() -> Vec<(String, Shape)> {
    let cases = [
        (10, 35, "300 ms", 1),
        (10, 40, "300 ms", 1),
        (10, 45, "400 ms", 1),
        (10, 60, "500 ms", 1),
        (10, 40, "300 ms", 2),
        (10, 35, "250 ms", 3),
        (3, 12, "500 ms", 1),
        (40, 250, "300 ms", 1),
    ];
    let of = |(count, rate, time_out, most): (u32, u32, &str, u32)| {
        let name = format!("{count} servers, {rate}/s, {time_out}, {most} more");
        let rate = format!("{rate}/s");
        (name, calls(&servers(count, "100 ms"), &rate, &retry(time_out, most, "")))
    };
    cases.into_iter().map(of).collect()
}

fn stopping() -> Vec<(String, Shape)> {
    let cases = [
        (10, 350, "100 ms", 1),
        (10, 420, "100 ms", 1),
        (10, 300, "60 ms", 2),
        (4, 140, "100 ms", 2),
    ];
    let of = |(count, rate, time_out, most): (u32, u32, &str, u32)| {
        let name = format!("{count} servers, {rate}/s, {time_out}, {most} more");
        let more = retry(time_out, most, "") + "\norphaned = \"stops\"";
        (name, calls(&servers(count, "20 ms"), &format!("{rate}/s"), &more))
    };
    cases.into_iter().map(of).collect()
}

fn budgets() -> Vec<(String, Shape)> {
    let cases = [
        (30, 130, "500 ms", 3, "10 %"),
        (30, 130, "500 ms", 3, "50 %"),
        (30, 160, "500 ms", 3, "20 %"),
        (30, 110, "500 ms", 3, "10 %"),
        (30, 130, "400 ms", 3, "20 %"),
        (10, 130, "500 ms", 2, "20 %"),
        (60, 130, "800 ms", 3, "20 %"),
        (30, 130, "500 ms", 1, "30 %"),
    ];
    let of = |(room, rate, time_out, most, budget): (u32, u32, &str, u32, &str)| {
        let name = format!("room {room}, {rate}/s, {time_out}, {most} more, {budget}");
        let service = format!("waiting_room = {room}\n{}", servers(10, "100 ms"));
        let more = retry(time_out, most, &format!(", budget = \"{budget}\""));
        (name, calls(&service, &format!("{rate}/s"), &more))
    };
    cases.into_iter().map(of).collect()
}

fn bursts() -> Vec<(String, Shape)> {
    let cases = [
        (10, 12_500, "hyper-exponential-scv", "2.0"),
        (10, 12_500, "hyper-exponential-scv", "10.0"),
        (10, 16_667, "hyper-exponential-scv", "5.0"),
        (10, 11_111, "hyper-exponential-scv", "5.0"),
        (10, 20_000, "hyper-exponential-scv", "5.0"),
        (1, 125_000, "hyper-exponential-scv", "5.0"),
        (3, 41_667, "hyper-exponential-scv", "4.0"),
        (40, 2_941, "hyper-exponential-scv", "5.0"),
        (10, 12_500, "lognormal-scv", "5.0"),
        (10, 11_111, "lognormal-scv", "0.3"),
    ];
    let of = |(count, gap, kind, scv): (u32, u32, &str, &str)| {
        let load = 100_000.0 / f64::from(gap) / f64::from(count);
        let arrivals = format!(
            "{{ kind = \"renewal\", gap = {{ kind = \"{kind}\", mean = \"{gap} us\", scv = {scv} }} }}"
        );
        let name = format!("{count} servers at {load:.2}, {kind} {scv}");
        (name, usual_shape("", SEEDS, "3000 s", "", &servers(count, "100 ms"), &arrivals))
    };
    cases.into_iter().map(of).collect()
}

fn copies(balance: &str) -> Vec<(String, Shape)> {
    let cases = [
        (2, 2, 0.7),
        (4, 2, 0.8),
        (8, 2, 0.7),
        (8, 2, 0.9),
        (3, 10, 0.85),
        (8, 1, 0.7),
        (20, 4, 0.9),
    ];
    let of = |(replicas, count, load): (u32, u32, f64)| {
        let rate = format!("{:.3}/s", f64::from(replicas * count) * load * 10.0);
        let service =
            format!("replicas = {replicas}\nbalance = \"{balance}\"\n{}", servers(count, "100 ms"));
        let name = format!("{replicas} copies of {count} at {load}");
        (name, usual_shape("", SEEDS, "3000 s", "", &service, &poisson(&rate)))
    };
    cases.into_iter().map(of).collect()
}
