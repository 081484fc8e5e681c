//! What a month of plan B costs without calls, and with all calls as rates, side by side: `cargo run
//! --release --example flow`. Knows no expected figure.

use seatrial_record::Record;
use seatrial_sim::{Opened, Silent, World, open_text};
use std::time::Instant;

const PLAN: &str = include_str!("../../scenarios/thousand-users.toml");
const POLICIES: &str = include_str!("../../policies/thousand-users.toml");

/// Dashboards call every ten seconds while somebody is there, each bot every minute while it runs,
/// and each start asks the database: through a portal of two copies, a pooler and a database.
const CALLS: &str = include_str!("flow/calls.toml");

/// How often each is run; the quickest counts, since everything else on the machine only slows it.
const ROUNDS: u32 = 5;

fn main() {
    let Opened { scenario: without, .. } = opened(PLAN);
    let with = format!("grain = \"flow\"\n{PLAN}\n{CALLS}");
    let Opened { scenario: with, policies, .. } = opened(&with);
    let policies = policies.as_ref();
    let mut quickest = [f64::INFINITY; 2];
    let mut last = None;
    for _ in 0..ROUNDS {
        for (scenario, quickest) in [&without, &with].into_iter().zip(&mut quickest) {
            let begun = Instant::now();
            let record = World::new(scenario, policies, 4).run(policies, &Silent);
            *quickest = quickest.min(begun.elapsed().as_secs_f64());
            last = Some(record.unwrap_or_else(|law| panic!("{law}")));
        }
    }
    let [without, with] = quickest;
    println!("\n## What a month of plan B costs\n");
    println!(
        "A thousand tenants for thirty days; dashboards call every ten seconds while somebody is there,"
    );
    println!(
        "each bot every minute: the quickest of {ROUNDS} runs each, in turn. The target is three times.\n"
    );
    println!("| A month of plan B | Seconds | |\n|---|---:|---:|");
    println!(
        "| without calls | {without:.2} | 1 |\n| calls as rates | {with:.2} | {:.2} |",
        with / without
    );
    let Some(record) = last else { return };
    println!("\n| Of {} events | |\n|---|---:|", record.events);
    for name in [
        "calls.dashboards",
        "response_p95.dashboards",
        "calls.ticks",
        "response_p95.ticks",
        "calls.starts",
        "response_p95.starts",
        "starts_failed",
        "utilisation.portal",
        "utilisation.postgres",
        "wait_p95.bouncer",
        "connections_mean.postgres",
    ] {
        println!("| `{name}` | {:.4} |", figure(&record, name).unwrap_or_default());
    }
}

fn figure(record: &Record, name: &str) -> Option<f64> {
    record.metrics.iter().find(|metric| metric.name == name)?.value
}

fn opened(text: &str) -> Opened {
    match open_text(text, Some(POLICIES)) {
        Ok(opened) => opened,
        Err(failure) => panic!("{}", failure.render(seatrial_format::Style::default())),
    }
}
