//! Shapes of load that make bucket queues collapse. Prints nanoseconds an event for each; nothing
//! here may reach a microsecond. Knows no cluster.

use crate::chance::Chance;
use crate::measure::cpu_seconds;
use seatrial_contract::units::{Moment, Span};
use seatrial_kernel::agenda::{Agenda, Class};

const MONTH: Moment = Moment(30 * 86_400 * 1_000_000_000);
const MANY: u32 = 1_000_000;

/// Runs them all.
pub fn run() {
    show("many before a lone far event", before_a_lone_far_event);
    show("latest scheduled first", |agenda, _| {
        (0..MANY).for_each(|event| agenda.schedule(millis(MANY - event), Class(0), event));
    });
    show("soonest scheduled first", |agenda, _| {
        (0..MANY).for_each(|event| agenda.schedule(millis(event), Class(0), event));
    });
    show("one instant, 256 classes", |agenda, chance| {
        for event in 0..MANY {
            let class = Class(chance.below(256) as u8);
            agenda.schedule(Moment(5), class, event);
            if event > MANY / 2 {
                agenda.next(Moment::NEVER);
            }
        }
    });
    show("distances of every power of two", powers_of_two);
    show("half a year of ticks each 15 s, sparse others", half_a_year_of_ticks);
    show("bursts on three neighbouring nanoseconds", |agenda, chance| {
        for event in 0..MANY {
            let burst = u64::from(event / 20_000) * 1_000_000_000;
            let at = Moment(burst + chance.below(3) as u64);
            agenda.schedule(at, Class((event % 3) as u8), event);
        }
    });
    show("crowded instants, four classes", |agenda, chance| {
        let crowd = MANY / 10;
        let at = |event: u32| Moment(1_000_000 + u64::from(event / 1_000));
        (0..crowd).for_each(|event| agenda.schedule(at(event), Class(0), event));
        for event in 0..MANY {
            let Some((now, _)) = agenda.next(Moment::NEVER) else { return };
            let at = now + Span(chance.below(3) as u64);
            agenda.schedule(at, Class(chance.below(4) as u8), event);
        }
    });
}

fn millis(count: u32) -> Moment {
    Moment::START + Span::millis(u64::from(count))
}

/// Runs a shape of about a million events, then the agenda dry.
fn show(name: &str, shape: impl FnOnce(&mut Agenda<u32>, &mut Chance)) {
    let mut agenda = Agenda::new();
    let begun = cpu_seconds();
    shape(&mut agenda, &mut Chance::new(7));
    let mut left = 0;
    while agenda.next(Moment::NEVER).is_some() {
        left += 1;
    }
    let nanos = (cpu_seconds() - begun) * 1e9 / f64::from(MANY);
    println!("{name}: {nanos:.0} ns an event ({left} left at the end)");
}

fn before_a_lone_far_event(agenda: &mut Agenda<u32>, chance: &mut Chance) {
    agenda.schedule(MONTH, Class(0), 0);
    assert_eq!(agenda.next(Moment::START), None);
    for event in 0..MANY {
        agenda.schedule(Moment(chance.bits() % MONTH.0), Class(0), event);
    }
}

fn powers_of_two(agenda: &mut Agenda<u32>, chance: &mut Chance) {
    for event in 0..MANY {
        let distance = Span((1 << (event % 56)) + chance.below(8) as u64);
        agenda.schedule(agenda.now().after(distance), Class(0), event);
        if event % 5 > 0 {
            agenda.next(Moment::NEVER);
        }
    }
}

fn half_a_year_of_ticks(agenda: &mut Agenda<u32>, chance: &mut Chance) {
    for event in 0..1_000 {
        agenda.schedule(Moment(chance.bits() % (6 * MONTH.0)), Class(0), event);
    }
    agenda.schedule(Moment::START, Class(1), MANY);
    for _ in 0..MANY {
        let Some((now, event)) = agenda.next(Moment::NEVER) else { return };
        if event == MANY && now.0 < 6 * MONTH.0 {
            agenda.schedule(now + Span::seconds(15), Class(1), MANY);
        }
    }
}
