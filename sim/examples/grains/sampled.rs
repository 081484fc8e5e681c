//! Calls of which some are lived through against all of them, figure by figure. Prints; knows no formula.

use super::shapes::shapes;
use super::{figure, run};
use seatrial_record::Record;
use std::time::Instant;

/// Every shape, or those whose names have this in them.
pub fn all(wanted: Option<&str>) {
    let (mut judged, mut wrong, mut uncovered) = (0, 0, 0);
    for shape in shapes() {
        if wanted.is_some_and(|wanted| !shape.name.contains(wanted)) {
            continue;
        }
        let factor: u64 = std::env::var("FACTOR").ok().and_then(|f| f.parse().ok()).unwrap_or(1);
        let text = longer(&shape.text, factor);
        let seeds = if factor > 1 { 2 } else { shape.seeds };
        let begun = Instant::now();
        let requests: Vec<Record> = (1..=seeds).map(|seed| run(&text, seed)).collect();
        let took = begun.elapsed().as_secs_f64() / seeds as f64;
        let begun = Instant::now();
        let sampled = run(&format!("grain = \"sampled\"\n{text}"), 1);
        let sampled_took = begun.elapsed().as_secs_f64();
        let lived = sampled.lived.unwrap_or_default() as f64 / sampled.duration as f64;
        println!(
            "{}: lived {:.1} %, {:.0} % of the time, {:.1} ms",
            shape.name,
            lived * 100.0,
            sampled_took / took * 100.0,
            took * 1e3
        );
        for (name, target) in &shape.metrics {
            let request = figure(&requests[0], name);
            let metric = sampled.metrics.iter().find(|metric| metric.name == *name);
            let Some((found, value)) = request.zip(metric.and_then(|metric| metric.value)) else {
                continue;
            };
            let within = metric.and_then(|metric| metric.within).unwrap_or(0.0);
            judged += 1;
            let away = (value - found).abs();
            let is_wrong = away > target * found.abs() + within;
            let is_covered = away <= within + 1e-9 * found.abs();
            wrong += u32::from(is_wrong);
            uncovered += u32::from(!is_covered);
            if is_wrong || !is_covered || wanted.is_some() {
                println!(
                    "   {name}: {found:.6}, sampled {value:.6} ± {within:.6}, {:+.1} %{}{}",
                    (value / found - 1.0) * 100.0,
                    if is_wrong { " WRONG" } else { "" },
                    if is_covered { "" } else { " not covered" },
                );
            }
        }
    }
    println!("{judged} figures, {wrong} wrong, {uncovered} not covered");
}

/// So many times as long.
fn longer(text: &str, factor: u64) -> String {
    let lines = text.lines().map(|line| {
        let Some(rest) = line.strip_prefix("duration = \"") else { return line.to_owned() };
        let (count, unit) = rest.split_once(' ').expect("a number and a unit");
        let count: u64 = count.parse().expect("a whole number");
        format!("duration = \"{} {unit}", count * factor)
    });
    lines.collect::<Vec<_>>().join("\n")
}
