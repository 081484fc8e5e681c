//! The figures of a pooler by name.

use super::super::figures::{Kept, Show};
use super::Pooler;
use super::figures::limits;
use crate::sheet::{Row, Sheet};
use crate::telling::{number, quantiles, ratio, share};
use seatrial_contract::units::Moment;
use seatrial_record::{Metric, Unit};

/// Shows its statistics.
pub(crate) fn show(pooler: &mut Pooler, show: &mut Show<'_>) {
    let held = [&mut pooler.counted.clients, &mut pooler.counted.waiting, &mut pooler.counted.open];
    held.into_iter().for_each(|of| show(Kept::Held(of)));
    let seen = &mut pooler.counted.seen;
    let counts = [&mut seen.asked, &mut seen.refused, &mut seen.timed_out];
    counts.into_iter().for_each(|count| show(Kept::Count(count)));
    show(Kept::Times(&mut seen.wait));
}

/// Its figures by name. `clients` have a connection or wait for one; `wait` is of those who were
/// given one.
pub(crate) fn metrics(pooler: &Pooler, time: u128, now: Moment, all: &mut Vec<Metric>) {
    let mut add = |name: &str, unit, value: Option<f64>| {
        all.push(Metric::new(format!("{name}.{}", pooler.name), unit, value));
    };
    let seen = &pooler.counted.seen;
    add("asked", Unit::Count, Some(number(seen.asked)));
    add("refused", Unit::Count, Some(number(seen.refused)));
    add("timed_out", Unit::Count, Some(number(seen.timed_out)));
    add("prob_timed_out", Unit::Share, share(seen.timed_out, seen.asked));
    for (figure, value) in quantiles(&seen.wait) {
        add(&format!("wait_{figure}"), Unit::Seconds, value);
    }
    add("clients_most", Unit::Count, Some(number(pooler.counted.clients.maximum())));
    add("queue_mean", Unit::Count, ratio(pooler.counted.waiting.integral(now), time));
    add("queue_most", Unit::Count, Some(number(pooler.counted.waiting.maximum())));
    add("connections_mean", Unit::Count, ratio(pooler.counted.open.integral(now), time));
    add("connections_most", Unit::Count, Some(number(pooler.counted.open.maximum())));
}

/// What it is like over time.
pub(crate) fn series(pooler: &mut Pooler, sheet: &mut Sheet) {
    let row = |series| Row::count(series, "pooler", &pooler.name);
    let limit = limits(pooler).fold(0, u64::saturating_add).min(pooler.terms.most);
    let counted = &mut pooler.counted;
    sheet.level(row("clients"), &mut counted.clients, 1);
    sheet.level(row("waiting"), &mut counted.waiting, 1);
    sheet.level(row("connections"), &mut counted.open, 1);
    sheet.fixed(row("connections_limit"), limit);
    sheet.sum(row("asked"), counted.seen.asked);
    sheet.sum(row("refused"), counted.seen.refused);
    sheet.sum(row("timed_out"), counted.seen.timed_out);
    sheet.times(row("wait").unit(Unit::Seconds), core::iter::once(&counted.seen.wait));
}
