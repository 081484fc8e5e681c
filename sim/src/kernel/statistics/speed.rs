//! What an observation costs:
//! `cargo test --release -p seatrial-sim statistics::speed -- --ignored --nocapture`.
//! Proves nothing; the clock it reads reaches no result.

use super::{Sketch, Tally, TimeWeighted};
use crate::kernel::chance::Law;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{Dice, Purpose};
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: u32 = 1_000;

fn report<T>(name: &str, values: &[u64], mut kept: T, mut add: impl FnMut(&mut T, u64)) {
    let started = Instant::now();
    for _ in 0..ROUNDS {
        values.iter().for_each(|value| add(&mut kept, *value));
    }
    let observations = f64::from(ROUNDS) * super::float(values.len() as u64);
    let each = started.elapsed().as_secs_f64() * 1e9 / observations;
    black_box(&kept);
    println!("{name:>20}: {each:6.2} ns");
}

#[test]
#[ignore = "a measurement for people"]
fn an_observation_costs() {
    let mut stream = Dice::new(1).stream(0, Purpose::new("speed"));
    let law = Law::lognormal(Span::millis(5), Span::millis(80)).unwrap();
    let values: Vec<u64> = (0..10_000).map(|_| law.sample(&mut stream).0).collect();
    let mut now = Moment::START;
    report("TimeWeighted::set", &values, TimeWeighted::new(now, 0), |kept, value| {
        now = now.after(Span(value & 0xffff));
        kept.set(now, value);
    });
    report("Tally::add", &values, Tally::default(), Tally::add);
    report("Sketch::add", &values, Sketch::default(), Sketch::add);
    let mut sketch = Sketch::default();
    values.iter().for_each(|value| sketch.add(*value));
    report("Sketch::merge", &values[..100], Sketch::default(), |kept, _| kept.merge(&sketch));
}
