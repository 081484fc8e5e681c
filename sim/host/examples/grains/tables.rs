//! Shapes in both grains, figure by figure, as tables. Knows no formula.

use super::named::named as all_named;
use super::shapes::{Shape, shapes as all_shapes};
use super::{figure, rounded, run};
use seatrial_contract::units::percent;
use seatrial_kernel::statistics::confidence_interval;
use seatrial_record::Record;
use std::time::Instant;

/// Every shape, or those whose names have this in them.
pub fn shapes(wanted: Option<&str>) {
    let shapes = all_shapes();
    let is_wanted = |shape: &&Shape| wanted.is_none_or(|wanted| shape.name.contains(wanted));
    table(shapes.iter().filter(is_wanted), wanted.is_some());
}

/// What a model of rates once had wrong.
pub fn named() {
    table(all_named().iter(), true);
}

/// A line for each shape; with its figures one by one, or with how many are right.
fn table<'a>(shapes: impl Iterator<Item = &'a Shape>, one_by_one: bool) {
    if one_by_one {
        println!("| Shape | Figure | Request | Sampled | | Lived |");
        println!("|---|---|---:|---:|---:|---:|");
    } else {
        println!("| Shape | Figures | Right | Farthest off | Lived | Time |");
        println!("|---|---:|---:|---|---:|---:|");
    }
    for shape in shapes {
        let begun = Instant::now();
        let requests: Vec<Record> = (1..=shape.seeds).map(|seed| run(&shape.text, seed)).collect();
        let took = begun.elapsed().as_secs_f64() / shape.seeds as f64;
        let begun = Instant::now();
        let sampled = run(&format!("grain = \"sampled\"\n{}", shape.text), 1);
        let share = begun.elapsed().as_secs_f64() / took * 100.0;
        let lived =
            sampled.sampled.map_or(0, |of| of.lived) as f64 / sampled.duration as f64 * 100.0;
        let (mut right, mut farthest) = (0, ("", 0.0_f64));
        for (name, target) in &shape.metrics {
            let values: Vec<f64> = requests.iter().filter_map(|run| figure(run, name)).collect();
            let Some(known) = confidence_interval(&values, percent(95)) else { continue };
            let found = sampled.metrics.iter().find(|metric| metric.name == *name);
            let value = found.and_then(|metric| metric.value).unwrap_or(0.0);
            let within = found.and_then(|metric| metric.within).unwrap_or(0.0);
            let away = (value - known.mean).abs();
            let is_right = away <= target * known.mean.abs() + within + known.half_width;
            right += u32::from(is_right);
            let off = if known.mean == 0.0 { value } else { value / known.mean - 1.0 };
            if off.abs() > farthest.1.abs() {
                farthest = (name, off);
            }
            if one_by_one {
                println!(
                    "| {} | `{name}` | {} ± {} | {} ± {} | {:+.1} %{} | {lived:.0} % |",
                    shape.name,
                    rounded(known.mean),
                    rounded(known.half_width),
                    rounded(value),
                    rounded(within),
                    off * 100.0,
                    if is_right { "" } else { " **missed**" },
                );
            }
        }
        if !one_by_one {
            println!(
                "| {} | {} | {right} | `{}` {:+.1} % | {lived:.0} % | {share:.0} % |",
                shape.name,
                shape.metrics.len(),
                farthest.0,
                farthest.1 * 100.0
            );
        }
    }
}
