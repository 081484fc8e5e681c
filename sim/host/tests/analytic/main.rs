//! Queues, fleets and caches against their formulas: every case of the reference is written as a scenario and run.
//! Knows the kinds of cases, not their figures; says so where there is no reference data.

mod caches;
#[path = "../common/calls.rs"]
mod calls;
#[path = "../common/mod.rs"]
mod common;
mod fleets;
mod repairs;

use calls::{estimate, exponential, poisson, scenario, span};
use common::run_under;
use seatrial_contract::units::percent;
use seatrial_kernel::statistics::Interval;
use seatrial_record::Record;
use serde_json::Value;
use std::path::Path;

/// Requests at the least, over all runs, as the reference asks.
const REQUESTS_MIN: f64 = 2e6;
/// Runs that are begun with, and that are added as long as they do not tell enough.
const RUNS: u64 = 8;
const RUNS_MAX: u64 = 128;

/// A scenario, and which of its metrics is which expected figure.
struct Trial {
    text: String,
    /// The policy file, where policies run.
    policies: Option<String>,
    /// Key in the reference, metric.
    figures: Vec<(String, String)>,
}

/// Before a key or a metric: what is left of the whole.
const REST: &str = "1-";
/// How closely rests are compared, as the reference asks.
const RESTS: f64 = 0.05;

type Writer = fn(&Value) -> Vec<Trial>;

#[test]
fn open_queues_agree() {
    compare("M/M/c", open);
}

#[test]
fn limited_queues_agree() {
    compare("M/M/c/K", open);
}

#[test]
fn general_service_agrees() {
    compare("M/G/1 FIFO", open);
}

#[test]
fn shared_servers_agree() {
    compare("M/G/1 processor sharing", open);
}

#[test]
fn periodic_arrivals_agree() {
    compare("D/M/1", open);
}

#[test]
fn impatient_callers_agree() {
    compare("Erlang-A", open);
}

#[test]
fn urgent_requests_agree() {
    compare("M/M/1 preemptive-resume priority", tiers);
}

#[test]
fn closed_systems_agree() {
    compare("closed system", closed);
}

#[test]
fn sleep_after_a_fixed_time_agrees() {
    compare("hibernation", fleets::keep_alive);
}

#[test]
fn a_crowd_on_one_machine_agrees() {
    compare("multiplexing of on/off tenants", fleets::crowd);
}

#[test]
fn choice_of_two_agrees() {
    compare("power of d choices", choices);
}

#[test]
fn least_recently_used_agrees() {
    compare("LRU hit ratio", caches::independent);
}

#[test]
fn first_in_first_out_and_random_agree() {
    compare("FIFO/RANDOM hit ratio", caches::independent);
}

#[test]
fn repairs_by_crews_agree() {
    compare("machine repair / k-out-of-n", repairs::crews);
}

#[test]
fn two_states_in_turn_agree() {
    compare("two-state availability", repairs::alternating_renewal);
}

#[test]
fn common_causes_agree() {
    compare("k-of-n with zone common cause", repairs::zones);
}

#[test]
fn failover_delays_agree() {
    compare("failover with an always-ready standby", repairs::failover_delay);
}

#[test]
fn pairs_with_rebuild_agree() {
    compare("active/standby with rebuild", repairs::pair);
}

#[test]
fn losses_with_periodic_backups_agree() {
    compare("data loss with periodic backups", repairs::backups);
}

#[test]
fn mirrored_copies_agree() {
    let (lost, rebuilt) = (1.0 / 100.0, 1.0 / 2.0);
    let until_both_are_lost = (3.0 * lost + rebuilt) / (2.0 * lost * lost);
    // From then on it goes on with both lost, of which one is built anew first.
    let again = until_both_are_lost - 1.0 / (2.0 * lost) + 1.0 / (2.0 * rebuilt);
    let case = serde_json::json!({
        "id": "mirrored_100h_2h",
        "expected": { "losses_per_hour": 1.0 / again },
        "tolerance_rel": 0.03,
    });
    let mut wrong = Vec::new();
    judge(&case, &repairs::mirrored(), &mut wrong);
    assert!(wrong.is_empty(), "beyond tolerance:\n{}", wrong.join("\n"));
}

/// Runs all cases of a group and tells all that is wrong at once.
fn compare(group: &str, write: Writer) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/reference/analytic/analytic.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: no reference data");
        return;
    };
    let reference: Value = serde_json::from_str(&text).expect("the reference is JSON");
    let cases = reference["cases"].as_array().expect("the reference has cases");
    let mut wrong = Vec::new();
    for case in cases.iter().filter(|case| is_of(case, group)) {
        for trial in write(case) {
            judge(case, &trial, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "beyond tolerance:\n{}", wrong.join("\n"));
}

/// `M/M/c` is not `M/M/c/K`.
fn is_of(case: &Value, group: &str) -> bool {
    let rest = case["group"].as_str().and_then(|name| name.strip_prefix(group));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ':', ',']))
}

/// Runs one seed after another until each figure is known twice as well as it has to agree, so
/// that neither a wrong model passes by luck nor a right one fails.
fn judge(case: &Value, trial: &Trial, wrong: &mut Vec<String>) {
    let id = case["id"].as_str().unwrap_or_default();
    // What is the rest of a whole is compared as a rest, and as closely as the reference says of rests.
    let is_rest = trial.figures.iter().any(|(key, _)| key.starts_with(REST));
    let tolerance = number(case, "tolerance_rel").unwrap_or(0.02);
    let tolerance = if is_rest { RESTS } else { tolerance };
    // Each case has seeds of its own, lest all share their luck.
    let first = id.bytes().map(u64::from).sum::<u64>() * 1_000;
    let (mut records, mut seeds) = (Vec::new(), first..first);
    while seeds.end < first + RUNS_MAX {
        let more: Vec<u64> = (seeds.end..seeds.end + RUNS).collect();
        records.extend(run_under(&trial.text, trial.policies.as_deref(), &more));
        seeds.end += RUNS;
        let is_known = trial.expected(case).all(|(_, metric, expected)| {
            let known = found(&records, metric);
            known.half_width <= tolerance / 2.0 * expected.abs() || expected == 0.0
        });
        if is_known {
            break;
        }
    }
    for (key, metric, expected) in trial.expected(case) {
        let found = found(&records, metric);
        // A figure of nothing has no relative error.
        let error = if expected == 0.0 { found.mean } else { found.mean / expected - 1.0 };
        let line = format!(
            "{id:38} {key:27} {:11.6} ± {:.6}, expected {expected:11.6}: {:+5.2} % of {:.0} %, seeds {seeds:?}",
            found.mean,
            found.half_width,
            error * 100.0,
            tolerance * 100.0,
        );
        println!("{line}");
        if error.abs() > tolerance {
            wrong.push(line);
        }
    }
}

/// A figure over the runs: a metric, the rest that it leaves (`1-name`), or so many times as much (`name*2`).
fn found(records: &[Record], metric: &str) -> Interval {
    let (name, factor) = metric.split_once('*').unwrap_or((metric, "1"));
    let mut found = estimate(records, name.trim_start_matches(REST), percent(95));
    let factor: f64 = factor.parse().expect("a factor");
    (found.mean, found.half_width) = (found.mean * factor, found.half_width * factor);
    if metric.starts_with(REST) {
        found.mean = 1.0 - found.mean;
    }
    found
}

impl Trial {
    /// Key, metric and expected value of each figure that the case has.
    fn expected<'a>(&'a self, case: &'a Value) -> impl Iterator<Item = (&'a str, &'a str, f64)> {
        self.figures.iter().filter_map(|(key, metric)| {
            let expected = match key.strip_prefix(REST) {
                Some(key) => 1.0 - number(&case["expected"], key)?,
                None => number(&case["expected"], key)?,
            };
            // What happens once in a million times is not to be seen in a run like this.
            let expected = if expected.abs() < 1e-6 { 0.0 } else { expected };
            Some((key.as_str(), metric.as_str(), expected))
        })
    }
}

/// One service and independent or regular calls.
fn open(case: &Value) -> Vec<Trial> {
    let of = &case["params"];
    let mean = number(of, "mean_service").unwrap_or(1.0);
    let servers = number(of, "servers").unwrap_or(1.0);
    let distribution = |key: &str, mean: f64| {
        distribution_of(of[key].as_str().unwrap_or("exponential"), mean, number(of, "scv"))
    };
    let (arrivals, per_second) = match number(of, "interarrival_time") {
        Some(gap) => {
            let gaps =
                distribution_of(of["interarrival"].as_str().unwrap_or("deterministic"), gap, None);
            (format!("{{ kind = \"renewal\", gap = {gaps} }}"), 1.0 / gap)
        }
        None => {
            let per_second = number(of, "arrival_rate").expect("an arrival rate");
            (poisson(per_second), per_second)
        }
    };
    let mut service =
        format!("concurrency = {servers}\nservice_time = {}\n", distribution("service", mean));
    if of["discipline"].as_str().is_some_and(|word| word.contains("sharing")) {
        service += "discipline = \"processor-sharing\"\n";
    }
    if let Some(most) = number(of, "max_in_system") {
        service += &format!("waiting_room = {}\n", most - servers);
    }
    if let Some(abandon_rate) = number(of, "abandon_rate") {
        service += &format!("patience = {}\n", distribution("patience", 1.0 / abandon_rate));
    }
    let load = per_second * mean / servers;
    let text = scenario(seconds(per_second, load), &service, &[(arrivals, String::new())]);
    vec![Trial { text, policies: None, figures: all_figures(case) }]
}

/// One service and several kinds of calls, the first the most urgent.
fn tiers(case: &Value) -> Vec<Trial> {
    let of = &case["params"];
    let mean = number(of, "mean_service").unwrap_or(1.0);
    let servers = number(of, "servers").unwrap_or(1.0);
    let tiers = of["tiers"].as_array().expect("tiers");
    let (mut per_second, mut load) = (0.0, 0.0);
    let mut calls = Vec::new();
    let mut figures = Vec::new();
    for (number_of, tier) in tiers.iter().enumerate() {
        let rate = number(tier, "rate").expect("a rate");
        let mean = number(tier, "mean_service").unwrap_or(mean);
        let word = tier["service"].as_str().or(of["service"].as_str()).unwrap_or("exponential");
        let takes = distribution_of(word, mean, number(tier, "scv").or(number(of, "scv")));
        (per_second, load) = (per_second + rate, load + rate * mean / servers);
        calls.push((poisson(rate), format!("priority = {number_of}\nservice_time = {takes}")));
        let place = number_of + 1;
        for (key, metric) in [("sojourn", "response_mean"), ("wait", "wait_mean")] {
            let metric = if tiers.len() > 1 {
                format!("{metric}.s.t{place}")
            } else {
                format!("{metric}.s")
            };
            figures.push((format!("{key}_tier{place}"), metric));
        }
    }
    let service = format!(
        "concurrency = {servers}\nservice_time = {}\ndiscipline = \"preemptive-priority\"\n",
        exponential(mean)
    );
    let text = scenario(seconds(per_second, load), &service, &calls);
    vec![Trial { text, policies: None, figures }]
}

/// Clients who think, call and wait.
fn closed(case: &Value) -> Vec<Trial> {
    let of = &case["params"];
    let value = |key: &str| number(of, key).unwrap_or_else(|| panic!("no {key}"));
    let distribution = |key: &str, mean: f64| {
        distribution_of(of[key].as_str().unwrap_or("exponential"), mean, number(of, "scv"))
    };
    let service = format!(
        "concurrency = {}\nservice_time = {}\n",
        value("pool_size"),
        distribution("service", value("mean_service"))
    );
    let arrivals = format!(
        "{{ kind = \"closed\", clients = {}, think = {} }}",
        value("clients"),
        distribution("think", value("mean_think"))
    );
    let free = value("clients") / (value("mean_think") + value("mean_service"));
    let per_second = free.min(value("pool_size") / value("mean_service"));
    let text = scenario(seconds(per_second, 0.0), &service, &[(arrivals, String::new())]);
    vec![Trial { text, policies: None, figures: all_figures(case) }]
}

/// Many replicas with one server each. Only chance and the best of two can be said in a file.
fn choices(case: &Value) -> Vec<Trial> {
    let of = &case["params"];
    let mean = number(of, "mean_service").unwrap_or(1.0);
    let per_replica = number(of, "per_server_arrival_rate").expect("an arrival rate");
    let trial = |replicas: f64, balance: &str, key: &str| {
        let service = format!(
            "concurrency = 1\nreplicas = {replicas}\nbalance = \"{balance}\"\nservice_time = {}\n",
            exponential(mean)
        );
        let per_second = per_replica * replicas;
        let calls = [(poisson(per_second), String::new())];
        let text = scenario(seconds(per_second, per_replica * mean), &service, &calls);
        Trial {
            text,
            policies: None,
            figures: vec![(key.to_owned(), "response_mean.s".to_owned())],
        }
    };
    let balance = match number(of, "choices") {
        Some(1.0) => "random",
        Some(2.0) => "least-of-two",
        other => {
            println!("{}: choices of {other:?} cannot be said in a file", case["id"]);
            return Vec::new();
        }
    };
    // By chance each replica is a queue of its own: fewer of them run longer and forget their start.
    vec![
        trial(1_000.0, balance, "mean_sojourn"),
        trial(20.0, "random", "mean_sojourn_random_choice"),
    ]
}

/// How long one of the runs lasts; a tenth of it is the warm-up. The deviation of a mean wait goes
/// with 1 ÷ ((1 - load) √requests), so heavy load begins with longer runs.
fn seconds(per_second: f64, load: f64) -> f64 {
    let idle = (1.0 - load).max(0.05);
    let requests = REQUESTS_MIN * (0.01 / (idle * idle)).max(1.0);
    requests / RUNS as f64 / 0.9 / per_second
}

/// What the reference calls our metrics.
fn all_figures(case: &Value) -> Vec<(String, String)> {
    let known = [
        ("prob_wait", "prob_wait"),
        ("prob_blocked", "prob_refused"),
        ("prob_abandon", "prob_abandoned"),
        ("mean_wait_in_queue", "wait_mean"),
        ("mean_wait", "wait_mean"),
        ("mean_sojourn", "response_mean"),
        ("mean_sojourn_accepted", "response_mean"),
        ("mean_response", "response_mean"),
        ("mean_slowdown", "slowdown_mean"),
        ("mean_queue_length", "queue_mean"),
        ("mean_in_system", "in_system_mean"),
        ("wait_p50", "wait_p50"),
        ("wait_p95", "wait_p95"),
        ("response_p50", "response_p50"),
        ("response_p95", "response_p95"),
        ("utilisation", "utilisation"),
        ("throughput", "throughput"),
    ];
    let keys = case["expected"].as_object().expect("expected figures").keys();
    let metric = |key: &String| {
        let found = known.iter().find(|(ours, _)| ours == key);
        let (_, metric) = found.unwrap_or_else(|| panic!("{}: what is {key}?", case["id"]));
        (key.clone(), format!("{metric}.s"))
    };
    keys.map(metric).collect()
}

/// A distribution as the reference names it: `erlang4`, `lognormal_scv4`, `hyperexp2_balanced_scv4`.
fn distribution_of(word: &str, mean: f64, scv: Option<f64>) -> String {
    let by_scv = |kind: &str| {
        let scv = word.rsplit_once("scv").and_then(|(_, digits)| digits.parse().ok()).or(scv);
        let scv: f64 = scv.unwrap_or_else(|| panic!("{word} without its scv"));
        format!("{{ kind = \"{kind}\", mean = {}, scv = {scv:?} }}", span(mean))
    };
    if let Some(phases) = word.strip_prefix("erlang") {
        return format!("{{ kind = \"erlang\", phases = {phases}, mean = {} }}", span(mean));
    }
    match word {
        "exponential" => exponential(mean),
        "deterministic" | "constant" | "fixed" => span(mean),
        _ if word.starts_with("lognormal") => by_scv("lognormal-scv"),
        _ if word.starts_with("hyperexp") => by_scv("hyper-exponential-scv"),
        _ if word.starts_with("uniform") => {
            // A uniform distribution from nothing to twice the mean has an scv of 1/3.
            let half = mean * (3.0 * scv.unwrap_or(1.0 / 3.0)).sqrt().min(1.0);
            let (from, to) = (span(mean - half), span(mean + half));
            format!("{{ kind = \"uniform\", from = {from}, to = {to} }}")
        }
        _ => panic!("what is {word}?"),
    }
}

fn number(of: &Value, key: &str) -> Option<f64> {
    of[key].as_f64()
}
