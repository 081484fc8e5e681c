//! Series as counters, and the stretches in which calls of a source of traffic were in trouble. Knows no single call: the
//! record has none.

use super::groups::Groups;
use super::packets::{Packets, Place, Said, Track};
use super::source::{Source, TraceFailure, stretch};
use seatrial_tables::Rows;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Calls are in trouble where more than such a part of them is tried again or fails: one in twenty is more than chance
/// and less than an outage.
const TROUBLE: f64 = 0.05;

/// Which columns of a series become counters, by its shape, and what is added to its name.
const FACETS: [(&str, &[(&str, &str)]); 4] = [
    ("level", &[("mean", ""), ("most", ", most")]),
    ("sum", &[("total", "")]),
    ("times", &[("p50", " p50"), ("p95", " p95"), ("most", ", longest")]),
    ("ratio", &[("mean", "")]),
];

/// A counter and its last value.
struct Counter {
    /// None as long as it only ever was nothing.
    track: Option<Track>,
    last: f64,
    since: u64,
}

/// Calls of a source in a stretch.
#[derive(Clone, Copy, Debug, Default)]
struct Calls {
    until: u64,
    calls: f64,
    retries: f64,
    failed: f64,
}

impl Calls {
    /// Calls that were tried again or failed, as a part of all.
    fn trouble(&self) -> f64 {
        if self.calls > 0.0 { (self.retries + self.failed) / self.calls } else { 0.0 }
    }
}

/// The key of a counter: its kind, what it is of, its series, and which column.
type Key = (String, String, String, &'static str);

/// Every series as counters that say what changed.
pub(super) fn counters<W: Write>(
    source: &Source,
    packets: &mut Packets<W>,
    groups: &mut Groups,
) -> Result<(), TraceFailure> {
    let mut all: BTreeMap<Key, Counter> = BTreeMap::new();
    let mut traffic: BTreeMap<(String, u64), Calls> = BTreeMap::new();
    source.each("series", |rows, row| {
        let Some((from, until)) = source.window.clip(stretch(rows, row)) else { return Ok(()) };
        let shape = rows.text(row, "shape");
        let facets = FACETS.iter().find(|(of, _)| *of == shape).map_or(&[][..], |of| of.1);
        for (column, more) in facets {
            let Some(value) = rows.number(row, column) else { continue };
            let key = key(rows, row, column);
            count(
                &mut all,
                key,
                (from, value),
                |packets, groups, key| {
                    let above = groups.thing(packets, (&key.0, &key.1))?;
                    let name = format!("{}{more}", key.2);
                    let place = Place { below: Some(above), name: &name, rank: groups.next(above) };
                    packets.counter(&place, rows.text(row, "unit"))
                },
                packets,
                groups,
            )?;
        }
        if rows.text(row, "kind") == "traffic" {
            note_calls(&mut traffic, rows, row, (from, until));
        }
        Ok(())
    })?;
    Ok(troubles(&traffic, packets, groups)?)
}

fn key(rows: &Rows, row: usize, column: &'static str) -> Key {
    let text = |column| rows.text(row, column).to_owned();
    (text("kind"), text("of"), text("series"), column)
}

/// A counter has this value from then on.
fn count<W: Write>(
    all: &mut BTreeMap<Key, Counter>,
    key: Key,
    (at, value): (u64, f64),
    track: impl FnOnce(&mut Packets<W>, &mut Groups, &Key) -> io::Result<Track>,
    packets: &mut Packets<W>,
    groups: &mut Groups,
) -> io::Result<()> {
    let new = Counter { track: None, last: 0.0, since: at };
    let mut counter = match all.remove(&key) {
        Some(counter) if counter.last.to_bits() == value.to_bits() => counter,
        None if value == 0.0 => new,
        before => {
            let is_new = before.as_ref().is_none_or(|of| of.track.is_none());
            let mut counter = before.unwrap_or(new);
            let of = match counter.track {
                Some(of) => of,
                None => track(packets, groups, &key)?,
            };
            if is_new && counter.since < at {
                packets.value(of, counter.since, 0.0)?;
            }
            packets.value(of, at, value)?;
            counter.track = Some(of);
            counter
        }
    };
    counter.last = value;
    all.insert(key, counter);
    Ok(())
}

fn note_calls(
    traffic: &mut BTreeMap<(String, u64), Calls>,
    rows: &Rows,
    row: usize,
    (from, until): (u64, u64),
) {
    let total = rows.number(row, "total").unwrap_or_default();
    let calls = traffic.entry((rows.text(row, "of").to_owned(), from)).or_default();
    calls.until = until;
    match rows.text(row, "series") {
        "calls" => calls.calls = total,
        "retries" => calls.retries = total,
        "failed" => calls.failed = total,
        _ => {}
    }
}

/// Stretches in trouble that follow one another, as one slice.
fn troubles<W: Write>(
    traffic: &BTreeMap<(String, u64), Calls>,
    packets: &mut Packets<W>,
    groups: &mut Groups,
) -> io::Result<()> {
    let mut open: Option<(&str, u64, Calls)> = None;
    for ((of, from), calls) in traffic.iter().filter(|(_, calls)| calls.trouble() > TROUBLE) {
        match &mut open {
            Some((before, _, sum)) if *before == of && sum.until == *from => {
                sum.until = calls.until;
                sum.calls += calls.calls;
                sum.retries += calls.retries;
                sum.failed += calls.failed;
            }
            before => {
                if let Some(over) = before.replace((of.as_str(), *from, *calls)) {
                    trouble(over, packets, groups)?;
                }
            }
        }
    }
    open.map_or(Ok(()), |over| trouble(over, packets, groups))
}

fn trouble<W: Write>(
    (of, from, calls): (&str, u64, Calls),
    packets: &mut Packets<W>,
    groups: &mut Groups,
) -> io::Result<()> {
    let track = groups.thing(packets, ("traffic", of))?;
    let part = |of: f64| format!("{:.0} %", 100.0 * of / calls.calls);
    let (retried, failed) = (part(calls.retries), part(calls.failed));
    let name = format!("trouble: {retried} tried again, {failed} failed");
    let said = Said { name: &name, category: "trouble", ..Said::default() };
    packets.slice(track, (from, calls.until), &said)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_call_in_twenty_is_chance_and_one_more_is_trouble() {
        let of = |retries, failed| Calls { until: 1, calls: 100.0, retries, failed };
        assert!(of(3.0, 2.0).trouble() <= TROUBLE);
        assert!(of(3.0, 3.0).trouble() > TROUBLE);
        assert!(Calls::default().trouble() <= TROUBLE, "nobody called");
    }
}
