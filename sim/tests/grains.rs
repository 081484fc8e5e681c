//! Calls as rates against calls one by one: the same scenarios, the same figures, within what is
//! promised. The runs one by one have fixed seeds; what they do not tell exactly is allowed for by
//! their interval of confidence, which must be narrow. Knows no formula.

mod common;
#[path = "../examples/grains/shapes.rs"]
#[expect(dead_code, reason = "the number of runs there is for a table")]
mod shapes;

use common::{figure, run_under};
use seatrial_contract::units::Ppm;
use seatrial_record::Record;
use seatrial_sim::kernel::statistics::confidence_interval;
use shapes::shapes;

const SEEDS: [u64; 5] = [31, 32, 33, 34, 35];
/// So often the truth lies within the interval that is looked at.
const LEVEL: Ppm = Ppm(990_000);

fn run(text: &str, seed: u64) -> Record {
    run_under(text, None, &[seed]).remove(0)
}

/// All figures of a shape but some agree; and the runs tell them to within a sixth.
fn agrees(name: &str, but: &[&str]) {
    let all = shapes();
    let shape = all.iter().find(|shape| shape.name == name);
    let shape = shape.unwrap_or_else(|| panic!("no shape {name}"));
    let flow = run(&format!("grain = \"flow\"\n{}", shape.text), 1);
    let requests = SEEDS.map(|seed| run(&shape.text, seed));
    let names = |record: &Record| -> Vec<String> {
        record.metrics.iter().map(|metric| metric.name.clone()).collect()
    };
    assert_eq!(names(&flow), names(&requests[0]), "both grains have the same metrics");
    for (metric, target) in shape.metrics.iter().filter(|(metric, _)| !but.contains(metric)) {
        let values = requests.each_ref().map(|record| figure(record, metric));
        let found = confidence_interval(&values, LEVEL).expect("two runs at least");
        let (mean, half, flow) = (found.mean, found.half_width, figure(&flow, metric));
        println!("{name}: {metric} {mean:.6} ± {half:.6}, as a flow {flow:.6}");
        assert!(half <= mean / 6.0, "{name}: {metric}: {mean} ± {half} tells too little");
        let away = (flow - mean).abs();
        assert!(away <= target * mean + half, "{name}: {metric} is {flow}, not {mean} ± {half}");
    }
}

#[test]
fn a_stable_service_is_the_same_in_both_grains() {
    agrees("stable", &[]);
}

#[test]
fn so_is_one_near_saturation() {
    agrees("near saturation", &[]);
}

#[test]
fn so_are_an_overload_its_backlog_and_the_recovery() {
    agrees("overload and recovery", &[]);
    agrees("overload, backlog", &[]);
}

#[test]
fn so_are_time_outs_and_the_attempts_after_them() {
    // One call in ten stands in line: who calls again meets the line that made it late.
    agrees("time-outs with retries", &["queue_mean.s"]);
}

#[test]
fn so_is_a_small_pool_before_a_large_database() {
    agrees("small pool, large database", &[]);
}

#[test]
fn so_is_a_cache_cold_and_warm() {
    // Hardly anybody ever waits there.
    agrees("cache, cold", &["queue_mean.s", "response_mean.c", "response_p95.c"]);
    agrees("cache, warm", &["queue_mean.s"]);
}

#[test]
fn so_are_the_urgent_and_the_others() {
    agrees("priority classes", &[]);
    agrees("priority classes, nobody interrupted", &["wait_p95.s.urgent"]);
}

#[test]
fn so_are_bursts() {
    agrees("bursts", &[]);
}

#[test]
fn so_are_copies_called_in_turn() {
    agrees("in turn", &[]);
}

#[test]
fn so_are_time_outs_with_a_budget_of_retries() {
    agrees("time-outs with a budget of retries", &[]);
}

#[test]
fn a_flow_draws_nothing() {
    let text = "grain = \"flow\"\n".to_owned() + &shapes()[0].text;
    let metrics = |seed| run(&text, seed).metrics;
    assert_eq!(metrics(1), metrics(2));
}

#[test]
fn a_flow_costs_the_same_at_any_rate() {
    // A thousand times the calls and servers: as many steps, and lines of as many points.
    let text = |rate: u32, servers: u32| {
        format!(
            "title = \"rate\"\ngrain = \"flow\"\nduration = \"1 h\"\n[[services]]\nname = \"s\"\n\
             concurrency = {servers}\nservice_time = {{ kind = \"exponential\", mean = \"100 ms\" }}\n\
             [[traffic]]\nname = \"t\"\nservice = \"s\"\n\
             arrivals = {{ kind = \"poisson\", rate = \"{rate}/s\" }}\n"
        )
    };
    let (few, many) = (run(&text(80, 10), 1), run(&text(80_000, 10_000), 1));
    assert_eq!(few.events, many.events);
    assert!((figure(&many, "served.s") / 80_000.0 - 3_600.0).abs() < 1.0);
    assert!((figure(&few, "served.s") / 80.0 - 3_600.0).abs() < 1.0);
}

#[test]
fn a_zoom_goes_on_with_the_backlog_and_hands_it_back() {
    let all = shapes();
    let shape = all.iter().find(|shape| shape.name == "overload and recovery").expect("a shape");
    // Half an hour of single calls in the midst of the overload.
    let zoom = "grain = \"flow\"\nzoom = [{ at = \"570 min\", lasts = \"30 min\" }]\n";
    let zoomed = SEEDS.map(|seed| run(&format!("{zoom}{}", shape.text), seed));
    let requests = SEEDS.map(|seed| run(&shape.text, seed));
    for (metric, target) in [("served.s", 0.01), ("wait_mean.s", 0.06), ("queue_mean.s", 0.06)] {
        let mean = |records: &[Record; 5]| {
            records.iter().map(|record| figure(record, metric)).sum::<f64>() / 5.0
        };
        let (zoomed, requests) = (mean(&zoomed), mean(&requests));
        println!("{metric}: {requests}, with a zoom {zoomed}");
        assert!((zoomed / requests - 1.0).abs() < target, "{metric}: {zoomed}, not {requests}");
    }
    // Of 18 hours, half an hour of about ten calls a second are events, and each is two.
    assert!(zoomed.iter().zip(&requests).all(|(zoomed, all)| zoomed.events * 10 < all.events));
}
