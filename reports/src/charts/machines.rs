//! Machines that are ready as the run goes, a lane for each pool: pools are often of equal size, and
//! lines over each other would hide all but one. Says nothing of machines that boot.

use super::labels::{plain, short};
use super::scale::Scale;
use super::sheet::{Axis, Entry, LEGEND_COLUMNS, Mark, PALETTE, PAPER, Shape, Sheet, tint};
use super::steps::steps;
use super::{NANOS_PER_DAY, subtitle};
use crate::figures::{count, quantity};
use core::cmp::Reverse;
use seatrial_record::{Record, Runs, Unit};
use std::collections::BTreeMap;

/// One pool's history.
struct Pool<'a> {
    name: &'a str,
    changes: Vec<(u64, u32)>,
}

impl Pool<'_> {
    fn most(&self) -> u32 {
        self.changes.iter().map(|(_, ready)| *ready).max().unwrap_or_default()
    }

    /// Machines times nanoseconds.
    fn machine_time(&self, until: u64) -> u128 {
        let ends = self.changes.iter().skip(1).map(|(at, _)| *at).chain([until]);
        let spans = self.changes.iter().zip(ends);
        spans.map(|((at, ready), end)| u128::from(*ready) * u128::from(end - at)).sum()
    }
}

/// How much of its lane the largest value takes.
const LANE_FILLED: f64 = 0.72;

/// The chart; none where no machine was ever there.
pub(super) fn sheet(runs: &Runs) -> Option<Sheet> {
    let record = &runs.first;
    let pools = pools(record);
    pools.iter().map(Pool::most).max().filter(|most| *most > 0)?;
    let last = record.nodes.iter().map(|change| change.at).max().unwrap_or_default();
    let until = record.duration.max(last).max(1);
    let (unit, unit_nanos) = unit(until);
    let units = |at: u64| ratio(u128::from(at), unit_nanos);

    let lanes = lanes(&pools, until);
    let mut sheet = Sheet {
        title: "Machines by pool".to_owned(),
        subtitle: subtitle(runs),
        along: Axis::new(format!("{unit} since the start"), Scale::ending(units(until), 10, 0.001)),
        upward: upward(&lanes),
        second: None,
        shapes: Vec::new(),
        legend: Vec::new(),
    };
    for ((pool, colour), foot) in lanes.iter().zip(PALETTE).zip(feet(lanes.len())) {
        let height = |ready: u32| foot + LANE_FILLED * share(ready, pool.most());
        let changes = pool.changes.iter().map(|(at, ready)| (units(*at), height(*ready)));
        let points = steps(changes, units(until));
        sheet.shapes.push(Shape::Area { points: points.clone(), foot, colour: tint(colour) });
        sheet.shapes.push(Shape::Line { points, colour });
        let mean = quantity(ratio(pool.machine_time(until), until), Unit::Count);
        let detail = format!("mean {mean}, most {}", count(u64::from(pool.most())));
        let entry = Entry::new(Mark::Line, colour, short(pool.name, LEGEND_COLUMNS), detail);
        sheet.legend.push(entry.beside(foot + LANE_FILLED / 2.0));
    }
    let more = pools.len() - lanes.len();
    if more > 0 {
        let plural = if more == 1 { "" } else { "s" };
        let name = format!("and {more} smaller pool{plural}");
        sheet.legend.push(Entry::new(Mark::Line, PAPER, name, String::new()));
    }
    Some(sheet)
}

/// An axis with 0 and the largest value of each lane.
fn upward(lanes: &[&Pool<'_>]) -> Axis {
    let (mut marks, mut written) = (Vec::new(), Vec::new());
    for (pool, foot) in lanes.iter().zip(feet(lanes.len())) {
        // From six lanes on there is no room for both words.
        marks.push(foot);
        written.push(if lanes.len() > 5 { String::new() } else { "0".to_owned() });
        if pool.most() > 0 {
            marks.push(foot + LANE_FILLED);
            let most = f64::from(pool.most());
            written.push(plain(most, most));
        }
    }
    let end = feet(lanes.len()).next().map_or(1.0, |top| top + 1.0);
    Axis::worded("machines ready".to_owned(), Scale { end, marks }, written)
}

/// Where each lane stands: the first on top.
fn feet(lanes: usize) -> impl Iterator<Item = f64> {
    (0..lanes).rev().map(|lane| ratio(lane as u128, 1))
}

fn share(ready: u32, most: u32) -> f64 {
    f64::from(ready) / f64::from(most.max(1))
}

/// Pools in the order in which they are first seen; of several changes at once, the last counts.
fn pools(record: &Record) -> Vec<Pool<'_>> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut pools: Vec<Pool<'_>> = Vec::new();
    for change in &record.nodes {
        let place = *places.entry(&change.pool).or_insert(pools.len());
        if place == pools.len() {
            pools.push(Pool { name: &change.pool, changes: Vec::new() });
        }
        pools[place].changes.push((change.at, change.ready));
    }
    for pool in &mut pools {
        pool.changes.sort_by_key(|(at, _)| *at);
        // Kept is the earlier element, so the later one's value moves into it.
        pool.changes.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                kept.1 = later.1;
            }
            same
        });
    }
    pools
}

/// The pools with most machine time, as many as there are colours, in their own order.
fn lanes<'a>(pools: &'a [Pool<'a>], until: u64) -> Vec<&'a Pool<'a>> {
    let mut order: Vec<usize> = (0..pools.len()).collect();
    order.sort_by_key(|index| Reverse(pools[*index].machine_time(until)));
    order.truncate(PALETTE.len());
    order.sort_unstable();
    order.into_iter().map(|index| &pools[index]).collect()
}

/// The largest unit of which a run has at least two.
fn unit(length: u64) -> (&'static str, u64) {
    const HOUR: u64 = NANOS_PER_DAY / 24;
    match length {
        l if l >= 2 * NANOS_PER_DAY => ("days", NANOS_PER_DAY),
        l if l >= 2 * HOUR => ("hours", HOUR),
        l if l >= HOUR / 30 => ("minutes", HOUR / 60),
        _ => ("seconds", HOUR / 3_600),
    }
}

#[expect(clippy::cast_precision_loss, reason = "for display only")]
fn ratio(part: u128, whole: u64) -> f64 {
    part as f64 / whole as f64
}
