//! What a draw and an observation cost, in nanoseconds. Proves nothing; the clock it reads reaches
//! no result.
//!
//!     cargo run --release -p seatrial-kernel --example draws

use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{Dice, Purpose};
use seatrial_kernel::chance::{Distribution, Rhythm, exponential, normal};
use seatrial_kernel::statistics::{Sketch, Tally, TimeWeighted};
use std::hint::black_box;
use std::time::Instant;

const TIMES: u32 = 5_000_000;

fn report(name: &str, mut deed: impl FnMut() -> u64) {
    let started = Instant::now();
    let mut sum = 0_u64;
    for _ in 0..TIMES {
        sum = sum.wrapping_add(deed());
    }
    black_box(sum);
    let each = started.elapsed().as_secs_f64() * 1e9 / f64::from(TIMES);
    println!("{name:>20}: {each:6.2} ns");
}

fn main() {
    let mut stream = Dice::new(1).stream(0, Purpose::new("speed"));
    report("64 bits", || stream.bits());
    let mut turn = 0;
    report("a new stream", || {
        turn += 1;
        Dice::new(1).turn(7, Purpose::new("speed"), turn).bits()
    });
    report("exponential, bare", || exponential(&mut stream).to_bits());
    report("normal, bare", || normal(&mut stream).to_bits());
    let (short, long) = (Span::millis(5), Span::millis(80));
    let distributions = [
        ("exponential", Distribution::exponential(short)),
        ("lognormal", Distribution::lognormal(short, long)),
        ("weibull", Distribution::weibull(0.7, short)),
        ("erlang of 3", Distribution::erlang(3, short)),
        ("hyper-exponential", Distribution::balanced(short, 4.0)),
        ("uniform", Distribution::uniform(short, long)),
        ("empirical", Distribution::empirical(&[(short, 3), (long, 1)])),
    ];
    for (name, distribution) in distributions {
        match distribution.map(black_box) {
            Ok(distribution) => report(name, || distribution.sample(&mut stream).0),
            Err(impossible) => println!("{name:>20}: {impossible}"),
        }
    }
    let mut hours = [0.2; 24];
    hours[8..18].fill(1.0);
    let rhythm = Rhythm::new(&hours, &[1.0; 7]).unwrap_or_else(|_| Rhythm::flat());
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
    let (mut now, mut held) = (Moment::START, TimeWeighted::new(Moment::START, 0));
    report("TimeWeighted::set", || {
        let value = stream.bits() >> 48;
        now = now.after(Span(value));
        held.set(now, value);
        value
    });
    let (mut tally, mut sketch) = (Tally::default(), Sketch::default());
    report("Tally::add", || {
        let value = stream.bits() >> 32;
        tally.add(value);
        value
    });
    report("Sketch::add", || {
        let value = stream.bits() >> 32;
        sketch.add(value);
        value
    });
    black_box((held, tally, sketch));
}
