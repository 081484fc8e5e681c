//! What services tell in a run: the same names whatever happened, and nothing of the warm-up.

mod common;

use common::{figure, run_under};
use seatrial_host::{World, open_text};
use seatrial_record::Metric;

const TEXT: &str = include_str!("../../traffic/src/two_services.toml");

#[test]
fn metrics_have_the_same_names_before_and_after_a_run() {
    let scenario = open_text(TEXT, None).unwrap().scenario;
    let before = World::new(&scenario, None, 1).metrics();
    let after = run_under(TEXT, None, &[1]).remove(0).metrics;
    let names = |of: &[Metric]| of.iter().map(|m| (m.name.clone(), m.unit)).collect::<Vec<_>>();
    assert_eq!(names(&before), names(&after));
    assert!(after.iter().all(|metric| metric.value.is_some()));
    let of_web = names(&before).iter().filter(|(name, _)| name.ends_with(".front.web")).count();
    assert_eq!(of_web, 11);
    // A service's only source has no metrics of its own.
    assert!(!before.iter().any(|metric| metric.name.ends_with(".jobs")));
}

#[test]
fn the_warm_up_is_left_out() {
    let found = run_under(TEXT, None, &[1]).remove(0);
    // Calls at 101 … 300 s count; each is alone, so those of 100 … 299 s are done in that time.
    assert!((figure(&found, "arrivals.back") - 200.0).abs() < 1e-9);
    assert!((figure(&found, "served.back") - 200.0).abs() < 1e-9);
    assert!((figure(&found, "throughput.back") - 1.0).abs() < 1e-9);
    assert!((figure(&found, "utilisation.back") - 0.9).abs() < 1e-9);
    assert!((figure(&found, "slowdown_mean.back") - 1.0).abs() < 1e-9);
}
