//! What it costs to record what a run is like over time: the same run without it, told to nobody, and written as a
//! table, in turn, so that whatever else the machine does meets all three alike.
//!
//! `cargo run --release --example cost_of_recording -- scenarios/thousand-users.toml 21`

use seatrial_format::Disk;
use seatrial_host::{Opened, Recording, Silent, World, open, recorded, resolution};
use seatrial_record::{Point, SeriesHead, SeriesSink, Stretch};
use seatrial_tables::SeriesFile;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

struct Nobody;

impl SeriesSink for Nobody {
    fn begin(&self, _: &[SeriesHead]) {}
    fn stretch(&self, _: Stretch, _: usize, _: &[Point]) {}
}

fn timed(opened: &Opened, sink: Option<Arc<dyn SeriesSink>>) -> Duration {
    let world = World::new(&opened.scenario, opened.policies.as_ref(), opened.scenario.seed);
    let each = resolution(*opened.scenario.duration);
    let begun = Instant::now();
    let world = match sink {
        Some(sink) => recorded(world, Recording { each, sink }),
        None => world,
    };
    let record = world.run(&Silent);
    assert!(record.is_ok(), "a broken invariant");
    begun.elapsed()
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().unwrap_or_else(|| "scenarios/thousand-users.toml".to_owned());
    let times: u32 = arguments.next().and_then(|of| of.parse().ok()).unwrap_or(21);
    let opened = match open(&Disk, Path::new(&file), &[]) {
        Ok(opened) => opened,
        Err(failure) => {
            eprintln!("{}", failure.render(seatrial_format::Style::default()));
            std::process::exit(2);
        }
    };
    let (mut plain, mut told, mut written) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..times.max(1) {
        let without = timed(&opened, None);
        plain.push(without.as_secs_f64());
        told.push(timed(&opened, Some(Arc::new(Nobody))).as_secs_f64() / without.as_secs_f64());
        let Ok(table) = SeriesFile::new(0, std::io::sink()).map(Arc::new) else { return };
        let begun = timed(&opened, Some(Arc::clone(&table) as Arc<dyn SeriesSink>));
        let closing = Instant::now();
        assert!(table.close().is_ok(), "nothing can fail to be thrown away");
        written.push((begun + closing.elapsed()).as_secs_f64() / without.as_secs_f64());
    }
    println!(
        "{file}: {:.3} s; recorded {:.3} times as long, and written as a table {:.3} (medians of {times})",
        median(plain),
        median(told),
        median(written)
    );
}
