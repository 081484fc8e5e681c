//! Scenarios as text, run over several seeds, and what was found. Knows no expected figure.

use seatrial_host::{Opened, Silent, World, open_text};
use seatrial_record::Record;

/// Runs the scenario under the policies of a policy file, once for each seed.
pub fn run_under(text: &str, policies: Option<&str>, seeds: &[u64]) -> Vec<Record> {
    let Opened { scenario, policies, .. } = match open_text(text, policies) {
        Ok(opened) => opened,
        Err(failure) => {
            panic!("{text}\n{}", failure.render(seatrial_format::Style::default()))
        }
    };
    let policies = policies.as_ref();
    let run = |seed: &u64| World::new(&scenario, policies, *seed).run(&Silent);
    seeds
        .iter()
        .map(|seed| run(seed).unwrap_or_else(|broken| panic!("seed {seed}: {broken}")))
        .collect()
}

/// A figure of one run.
pub fn figure(record: &Record, name: &str) -> f64 {
    let metric = record.metrics.iter().find(|metric| metric.name == name);
    let metric = metric.unwrap_or_else(|| panic!("no metric {name}"));
    metric.value.unwrap_or_else(|| panic!("{name} has no value"))
}
