//! Calls as rates against calls one by one, shape by shape, as a document in markdown: `cargo run
//! --release --example grains > docs/grains.md`. A shape's name as argument runs that one alone.

#[path = "grains/shapes.rs"]
mod shapes;

use seatrial_contract::units::{Ppm, percent};
use seatrial_format::scenario::Scenario;
use seatrial_record::Record;
use seatrial_sim::kernel::statistics::{Interval, confidence_interval};
use seatrial_sim::{Silent, World};
use shapes::{Shape, shapes};
use std::time::{Duration, Instant};

const LEVEL: Ppm = percent(99);

fn main() {
    let wanted = std::env::args().nth(1);
    if wanted.is_none() {
        print!("{}", include_str!("grains/intro.md"));
    }
    println!("| Shape | Metric | One by one | Flow | Error | Target | |");
    println!("|---|---|---:|---:|---:|---:|---|");
    let mut times = Vec::new();
    for shape in shapes() {
        if wanted.as_ref().is_none_or(|wanted| shape.name.contains(wanted.as_str())) {
            times.push((shape.name, compare(&shape)));
        }
    }
    println!("\n| Shape | One by one, a run | Flow, a run |\n|---|---:|---:|");
    for (name, (requests, flow)) in times {
        println!("| {name} | {} | {} |", told(requests), told(flow));
    }
}

/// Prints a shape's lines; returns how long a run took in each grain.
fn compare(shape: &Shape) -> (Duration, Duration) {
    let begun = Instant::now();
    let requests: Vec<Record> = (1..=shape.seeds).map(|seed| run(&shape.text, seed)).collect();
    let took = begun.elapsed() / u32::try_from(shape.seeds).unwrap_or(1);
    let begun = Instant::now();
    let flow = run(&format!("grain = \"flow\"\n{}", shape.text), 1);
    let flowed = begun.elapsed();
    for (metric, target) in &shape.metrics {
        let values: Vec<f64> = requests.iter().filter_map(|run| figure(run, metric)).collect();
        let (Some(found), Some(flow)) =
            (confidence_interval(&values, LEVEL), figure(&flow, metric))
        else {
            println!("| {} | `{metric}` | nobody, in one grain at least | | | | |", shape.name);
            continue;
        };
        let Interval { mean, half_width, .. } = found;
        let error = if mean.abs() > 1e-12 { flow / mean - 1.0 } else { flow };
        let beyond = (flow - mean).abs() - target * mean.abs();
        let verdict = match beyond {
            _ if beyond <= 0.0 => "",
            _ if beyond <= half_width => "within the interval",
            _ => "**missed**",
        };
        println!(
            "| {} | `{metric}` | {} ± {} | {} | {:+.1} % | {:.0} % | {verdict} |",
            shape.name,
            rounded(mean),
            rounded(half_width),
            rounded(flow),
            error * 100.0,
            target * 100.0
        );
    }
    (took, flowed)
}

fn run(text: &str, seed: u64) -> Record {
    let scenario = match seatrial_format::read_text::<Scenario>("shape.toml", text) {
        Ok(loaded) => loaded.value,
        Err(failure) => panic!("{text}\n{}", failure.render(seatrial_format::Style::default())),
    };
    World::new(&scenario, None, seed).run(None, &Silent).unwrap_or_else(|law| panic!("{law}"))
}

fn figure(record: &Record, name: &str) -> Option<f64> {
    record.metrics.iter().find(|metric| metric.name == name)?.value
}

/// Four digits that count.
fn rounded(value: f64) -> String {
    let size = value.abs();
    match size {
        _ if size >= 1_000.0 => format!("{value:.0}"),
        _ if size >= 10.0 => format!("{value:.2}"),
        _ if size >= 0.1 => format!("{value:.4}"),
        _ => format!("{value:.6}"),
    }
}

fn told(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}
