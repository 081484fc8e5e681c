//! W2: customers come at 0.9 load to ten servers and wait in one line. Knows no cluster.

use crate::chance::Chance;
use crate::measure::{Measure, Run};
use seatrial_contract::units::{Moment, Span};
use seatrial_kernel::agenda::{Agenda, Class};
use std::collections::VecDeque;

#[derive(Clone, Copy)]
enum Event {
    Arrive,
    Depart,
}

struct Station {
    chance: Chance,
    line: VecDeque<Moment>,
    busy: u32,
    arrived: u64,
    served: u64,
    customers: u64,
    waited: u64,
}

/// Serves so many customers.
pub fn run(customers: u64) {
    let mut station = Station {
        chance: Chance::new(7),
        line: VecDeque::new(),
        busy: 0,
        arrived: 0,
        served: 0,
        customers,
        waited: 0,
    };
    let measure = Measure::begin();
    let mut agenda = Agenda::new();
    agenda.schedule(Moment(1), Class(0), Event::Arrive);
    while let Some((now, event)) = agenda.next(Moment::NEVER) {
        match event {
            Event::Arrive => station.arrive(&mut agenda, now),
            Event::Depart => station.depart(&mut agenda, now),
        }
    }
    measure.end(&Run {
        contender: "seatrial",
        workload: "W2",
        size: 10,
        units: station.served,
        bytes_each: 0.0,
        check: format!("wait {:.5}", station.waited as f64 / station.served as f64 / 1e9),
    });
}

impl Station {
    #[inline]
    fn arrive(&mut self, agenda: &mut Agenda<Event>, now: Moment) {
        self.arrived += 1;
        if self.arrived < self.customers {
            let pause = Span(self.chance.exponential(1e9 / 9.0));
            agenda.schedule(now + pause, Class(0), Event::Arrive);
        }
        if self.busy == 10 {
            self.line.push_back(now);
            return;
        }
        self.busy += 1;
        self.serve(agenda, now);
    }

    #[inline]
    fn depart(&mut self, agenda: &mut Agenda<Event>, now: Moment) {
        self.served += 1;
        let Some(came) = self.line.pop_front() else {
            self.busy -= 1;
            return;
        };
        self.waited += (now - came).0;
        self.serve(agenda, now);
    }

    #[inline]
    fn serve(&mut self, agenda: &mut Agenda<Event>, now: Moment) {
        let service = Span(self.chance.exponential(1e9));
        agenda.schedule(now + service, Class(0), Event::Depart);
    }
}
