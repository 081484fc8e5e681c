//! What a draw costs: `cargo test --release -p seatrial-sim chance::speed -- --ignored --nocapture`.
//! Proves nothing; the clock it reads reaches no result.

use super::oracle::Adapted;
use super::{Rhythm, exponential, normal};
use rand_distr::Distribution;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{Dice, Purpose};
use std::hint::black_box;
use std::time::Instant;

const DRAWS: u32 = 5_000_000;

fn report(name: &str, mut draw: impl FnMut() -> u64) {
    let started = Instant::now();
    let mut sum = 0_u64;
    for _ in 0..DRAWS {
        sum = sum.wrapping_add(draw());
    }
    black_box(sum);
    let each = started.elapsed().as_secs_f64() * 1e9 / f64::from(DRAWS);
    println!("{name:>20}: {each:6.2} ns");
}

#[test]
#[ignore = "a measurement for people"]
fn a_draw_costs() {
    let mut stream = Dice::new(1).stream(0, Purpose::new("speed"));
    report("64 bits", || stream.bits());
    report("exponential, bare", || exponential(&mut stream).to_bits());
    report("normal, bare", || normal(&mut stream).to_bits());
    for (name, law) in super::golden::laws() {
        let law = black_box(law);
        report(name, || law.sample(&mut stream).0);
    }
    let mut adapted = Adapted(stream.clone());
    report("rand_distr's Exp1", || {
        let x: f64 = rand_distr::Exp1.sample(&mut adapted);
        x.to_bits()
    });
    report("rand_distr's normal", || {
        let x: f64 = rand_distr::StandardNormal.sample(&mut adapted);
        x.to_bits()
    });
    let mut hours = [0.2; 24];
    hours[8..18].fill(1.0);
    let rhythm = Rhythm::new(&hours, &[1.0; 7]).unwrap();
    let mut at = Moment::START;
    report("rhythm, advance", || {
        at = rhythm.advance(at, Span::ZERO, Span::minutes(7));
        at.0
    });
    let mut at = Moment::START;
    report("rhythm, thinning", || {
        at = rhythm.next_arrival(at, Span::ZERO, Span::minutes(7), &mut stream);
        at.0
    });
}
