//! Calls as rates against calls one by one, shape by shape, as a document in markdown: `cargo run
//! --release --example grains > docs/grains.md`. A shape's name as argument runs that one alone;
//! `variations` tells how far the flow is off at worst where the hardest shapes' parameters are varied.

#[path = "grains/judge.rs"]
mod judge;
#[path = "grains/named.rs"]
mod named;
#[path = "grains/random.rs"]
mod random;
#[path = "grains/sampled.rs"]
mod sampled;
#[path = "grains/shapes.rs"]
mod shapes;
#[path = "grains/variations.rs"]
mod variations;

use seatrial_contract::units::{Ppm, percent};
use seatrial_record::Record;
use seatrial_sim::kernel::statistics::{Interval, confidence_interval};
use seatrial_sim::{Silent, World};
use shapes::{Shape, shapes};
use std::time::{Duration, Instant};

const LEVEL: Ppm = percent(99);

fn main() {
    let wanted = std::env::args().nth(1);
    if wanted.as_deref() == Some("variations") {
        return vary(std::env::args().nth(2).as_deref());
    }
    let number = |at: usize| std::env::args().nth(at).and_then(|number| number.parse().ok());
    if wanted.as_deref() == Some("random") {
        return judge::judge(number(2).unwrap_or(100), number(3).unwrap_or(1), number(4));
    }
    if wanted.as_deref() == Some("sampled") {
        return sampled::all(std::env::args().nth(2).as_deref());
    }
    if wanted.is_none() {
        print!("{}", include_str!("grains/intro.md"));
    }
    println!("| Shape | Metric | One by one | Flow | Error | Target | |");
    println!("|---|---|---:|---:|---:|---:|---|");
    let mut times = Vec::new();
    for shape in shapes() {
        if wanted.as_ref().is_none_or(|wanted| shape.name.contains(wanted.as_str())) {
            let (compared, took) = compare(&shape);
            tell(shape.name, &compared);
            times.push((shape.name, took));
        }
    }
    println!("\n| Shape | One by one, a run | Flow, a run |\n|---|---:|---:|");
    for (name, (requests, flow)) in times {
        println!("| {name} | {} | {} |", told(requests), told(flow));
    }
}

/// A figure one by one and as a flow.
struct Compared {
    metric: &'static str,
    target: f64,
    /// None where nobody was there in one grain at least.
    found: Option<(Interval, f64)>,
}

impl Compared {
    fn error(&self) -> f64 {
        let Some((found, flow)) = &self.found else { return 0.0 };
        if found.mean.abs() > 1e-12 { flow / found.mean - 1.0 } else { *flow }
    }

    /// How far it is beyond the target, and by how much more than the runs tell apart.
    fn beyond(&self) -> (f64, f64) {
        let Some((found, flow)) = &self.found else { return (0.0, 0.0) };
        let beyond = (flow - found.mean).abs() - self.target * found.mean.abs();
        (beyond, beyond - found.half_width)
    }
}

/// Runs a shape in both grains, and tells how long a run takes in each.
fn compare(shape: &Shape) -> (Vec<Compared>, (Duration, Duration)) {
    let begun = Instant::now();
    let requests: Vec<Record> = (1..=shape.seeds).map(|seed| run(&shape.text, seed)).collect();
    let took = begun.elapsed() / u32::try_from(shape.seeds).unwrap_or(1);
    let begun = Instant::now();
    let flow = run(&format!("grain = \"flow\"\n{}", shape.text), 1);
    let flowed = begun.elapsed();
    let compared = shape.metrics.iter().map(|(metric, target)| {
        let values: Vec<f64> = requests.iter().filter_map(|run| figure(run, metric)).collect();
        let found = confidence_interval(&values, LEVEL).zip(figure(&flow, metric));
        Compared { metric, target: *target, found }
    });
    (compared.collect(), (took, flowed))
}

/// Prints a shape's lines.
fn tell(name: &str, compared: &[Compared]) {
    for one in compared {
        let Some((Interval { mean, half_width, .. }, flow)) = &one.found else {
            println!("| {name} | `{}` | nobody, in one grain at least | | | | |", one.metric);
            continue;
        };
        let verdict = match one.beyond() {
            (beyond, _) if beyond <= 0.0 => "",
            (_, surely) if surely <= 0.0 => "within the interval",
            _ => "**missed**",
        };
        println!(
            "| {name} | `{}` | {} ± {} | {} | {:+.1} % | {:.0} % | {verdict} |",
            one.metric,
            rounded(*mean),
            rounded(*half_width),
            rounded(*flow),
            one.error() * 100.0,
            one.target * 100.0
        );
    }
}

/// By kind of shape and figure, the worst error of all variations.
fn vary(wanted: Option<&str>) {
    println!("| Kind | Metric | Worst | Where | Target | Missed |\n|---|---|---:|---|---:|---:|");
    for (kind, shapes) in variations::variations() {
        if wanted.is_some_and(|wanted| !kind.contains(wanted)) {
            continue;
        }
        let count = shapes.len();
        let mut worst: Vec<(Compared, String, usize)> = Vec::new();
        for (name, shape) in shapes {
            for one in compare(&shape).0 {
                let missed = usize::from(one.beyond().1 > 0.0);
                match worst.iter_mut().find(|(kept, ..)| kept.metric == one.metric) {
                    Some(kept) => {
                        kept.2 += missed;
                        if one.error().abs() > kept.0.error().abs() {
                            (kept.0, kept.1) = (one, name.clone());
                        }
                    }
                    None => worst.push((one, name.clone(), missed)),
                }
            }
        }
        for (one, at, missed) in worst {
            println!(
                "| {kind} | `{}` | {:+.1} % | {at} | {:.0} % | {missed} of {count} |",
                one.metric,
                one.error() * 100.0,
                one.target * 100.0
            );
        }
    }
}

fn run(text: &str, seed: u64) -> Record {
    let scenario = match seatrial_sim::open_text(text, None) {
        Ok(opened) => opened.scenario,
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
