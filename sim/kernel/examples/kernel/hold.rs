//! W1, the hold model: so many events pend, and each schedules itself again. Knows no cluster.

use crate::measure::{Measure, Run, resident_bytes};
use seatrial_contract::units::{Moment, Span};
use seatrial_kernel::agenda::{Agenda, Class};

#[derive(Clone, Copy)]
enum Event {
    Tick(u32),
}

/// Runs `events` among `pending`, after a warm-up.
pub fn run(pending: u64, events: u64, increments: &str) {
    let resident_before = resident_bytes();
    let warm_up = (2 * pending).max(200_000).min(events);
    let mut increments = Increments::new(increments);
    let mut agenda = Agenda::new();
    for id in 0..u32::try_from(pending).expect("fewer events than four thousand million") {
        agenda.schedule(Moment::START + increments.draw(), Class(0), Event::Tick(id));
    }
    turn(&mut agenda, &mut increments, warm_up);
    let bytes_each = (resident_bytes() - resident_before) as f64 / pending as f64;
    let measure = Measure::begin();
    let hash = turn(&mut agenda, &mut increments, events);
    measure.end(&Run {
        contender: "seatrial",
        workload: "W1",
        size: pending,
        units: events,
        bytes_each,
        check: format!("{} {hash:x}", agenda.now().0),
    });
}

fn turn(agenda: &mut Agenda<Event>, increments: &mut Increments, events: u64) -> u64 {
    let mut hash = 0_u64;
    for _ in 0..events {
        let Some((now, Event::Tick(id))) = agenda.next(Moment::NEVER) else { break };
        hash = hash.wrapping_mul(31).wrapping_add(u64::from(id));
        agenda.schedule(now.after(increments.draw()), Class(0), Event::Tick(id));
    }
    hash
}

/// 4,096 increments, drawn by a linear congruential generator.
struct Increments {
    table: Box<[u64; 4_096]>,
    state: u64,
}

impl Increments {
    /// `table` is exponential with mean 1 s; the others are there to break queues.
    fn new(kind: &str) -> Self {
        let share = |step: usize| (step as f64 + 0.5) / 4_096.0;
        let exponential = |step: usize| -(1.0 - share(step)).ln();
        let day = 86_400e9;
        let increment = |step: usize| match kind {
            "table" => exponential(step) * 1e9,
            "constant" => 1e9,
            "zero" => -1.0,
            // Half a few nanoseconds, half about thirty days.
            "bimodal" if step.is_multiple_of(2) => exponential(step) * 10.0,
            "bimodal" => exponential(step) * 30.0 * day,
            // A tick every 15 s, one in 4,096 a month ahead.
            "ticks" if step == 0 => 30.0 * day,
            "ticks" => 15e9,
            // A Pareto tail of exponent 0.5: no mean, steps from a microsecond to hours.
            "pareto" => (1.0 - share(step)).powi(-2) * 1e3,
            // Log-logistic of shape 0.57, the lognormal's heavier sister: no mean either.
            "loglogistic" => (share(step) / (1.0 - share(step))).powf(1.76) * 1e3,
            // Whole seconds from 1 to 8: many ties.
            "seconds" => (1 + step % 8) as f64 * 1e9 - 1.0,
            _ => panic!("no increments `{kind}`"),
        };
        let table = Box::new(std::array::from_fn(|step| (increment(step) + 1.0) as u64));
        let mut all = Self { table, state: 12_345 };
        if kind == "table" {
            // As the peers round: down, then one more.
            all.table = Box::new(std::array::from_fn(|step| increment(step) as u64 + 1));
        }
        all
    }

    #[inline]
    fn draw(&mut self) -> Span {
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        Span(self.table[(self.state >> 52) as usize])
    }
}
