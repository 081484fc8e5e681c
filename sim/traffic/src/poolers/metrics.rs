//! The figures of a pooler by name.

use super::super::figures::{Kept, Show};
use super::Pooler;
use crate::telling::{number, quantiles, ratio, share};
use seatrial_contract::units::Moment;
use seatrial_record::{Metric, Unit};

impl Pooler {
    /// Shows its statistics.
    pub(in super::super) fn show(&mut self, show: &mut Show<'_>) {
        let held = [&mut self.clients, &mut self.waiting, &mut self.open];
        held.into_iter().for_each(|of| show(Kept::Held(of)));
        let seen = &mut self.seen;
        let counts = [&mut seen.asked, &mut seen.refused, &mut seen.timed_out];
        counts.into_iter().for_each(|count| show(Kept::Count(count)));
        show(Kept::Times(&mut seen.wait));
    }

    /// Its figures by name. `clients` have a connection or wait for one; `wait` is of those who were
    /// given one.
    pub(in super::super) fn metrics(&self, time: u128, now: Moment, all: &mut Vec<Metric>) {
        let mut add = |name: &str, unit, value: Option<f64>| {
            all.push(Metric::new(format!("{name}.{}", self.name), unit, value));
        };
        let seen = &self.seen;
        add("asked", Unit::Count, Some(number(seen.asked)));
        add("refused", Unit::Count, Some(number(seen.refused)));
        add("timed_out", Unit::Count, Some(number(seen.timed_out)));
        add("prob_timed_out", Unit::Share, share(seen.timed_out, seen.asked));
        for (figure, value) in quantiles(&seen.wait) {
            add(&format!("wait_{figure}"), Unit::Seconds, value);
        }
        add("clients_most", Unit::Count, Some(number(self.clients.maximum())));
        add("queue_mean", Unit::Count, ratio(self.waiting.integral(now), time));
        add("queue_most", Unit::Count, Some(number(self.waiting.maximum())));
        add("connections_mean", Unit::Count, ratio(self.open.integral(now), time));
        add("connections_most", Unit::Count, Some(number(self.open.maximum())));
    }
}
