//! Calls of which some are lived through against all of them, as a document in markdown: `cargo run --release
//! -p seatrial-host --example grains > docs/grains.md`. With `random 100 7` a hundred random scenarios of seed
//! 7 are judged, with `random 100 7 13` the thirteenth of them alone, with `shapes NAME` the shapes whose names
//! have that in them, with `named` what rates had wrong.

#[path = "grains/judge.rs"]
mod judge;
#[path = "grains/named.rs"]
mod named;
#[path = "grains/random.rs"]
mod random;
#[path = "grains/shapes.rs"]
mod shapes;
#[path = "grains/tables.rs"]
mod tables;

use seatrial_host::{Silent, World};
use seatrial_record::Record;
use std::env;

/// Random scenarios of the document, and their seed: none that anything was developed with.
const RANDOM: (u64, u64) = (210, 2026);

fn main() {
    let word = env::args().nth(1);
    let number = |at: usize| env::args().nth(at).and_then(|number| number.parse().ok());
    match word.as_deref() {
        Some("random") => {
            judge::judge(number(2).unwrap_or(100), number(3).unwrap_or(1), number(4));
        }
        Some("named") => tables::named(),
        Some("shapes") => tables::shapes(env::args().nth(2).as_deref()),
        Some(other) => {
            eprintln!(
                "there is no `{other}`: say `random COUNT SEED`, `shapes NAME`, `named`, or nothing"
            );
            std::process::exit(2);
        }
        None => {
            print!("{}", include_str!("grains/intro.md"));
            println!("\n## What rates had wrong\n");
            tables::named();
            println!("\n## Shape by shape\n");
            tables::shapes(None);
            println!("\n## Random scenarios\n\n`random {} {}`:\n", RANDOM.0, RANDOM.1);
            judge::judge(RANDOM.0, RANDOM.1, None);
        }
    }
}

fn run(text: &str, seed: u64) -> Record {
    let scenario = match seatrial_host::open_text(text, None) {
        Ok(opened) => opened.scenario,
        Err(failure) => panic!("{text}\n{}", failure.render(seatrial_format::Style::default())),
    };
    World::new(&scenario, None, seed).run(&Silent).unwrap_or_else(|broken| panic!("{broken}"))
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
