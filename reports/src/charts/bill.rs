//! The bill by day, stacked by tier. Credits count as nothing: a stack has no minus.

use super::labels::{dollars, short};
use super::scale::Scale;
use super::sheet::{Axis, Entry, LEGEND_COLUMNS, Mark, PALETTE, REST, Rgb, Shape, Sheet};
use super::{days_run, subtitle};
use crate::figures::money;
use seatrial_record::{DayRow, Runs};
use std::collections::BTreeMap;

/// Bars are days, or where there are more than this, the means of so many weeks each.
const BARS_MOST: u32 = 120;

/// What has one colour in the bars.
struct Part {
    name: String,
    colour: Rgb,
    of: fn(&DayRow, usize) -> i64,
    tier: usize,
}

/// The chart; none without days, without tiers or without a bill.
pub(super) fn sheet(runs: &Runs) -> Option<Sheet> {
    let days = days_run(runs);
    let last = days.last()?.day;
    let tiers = &runs.first.tiers;
    if tiers.is_empty() {
        return None;
    }
    let length = match last / BARS_MOST {
        0 => 1,
        days => (days + 1).next_multiple_of(7),
    };
    let parts = parts(runs);
    let bars = bars(&days, &parts, length, last);
    let most = bars.values().map(|bar| bar.iter().sum()).fold(0.0, f64::max);
    if most <= 0.0 {
        return None;
    }
    let label = match length {
        1 => "dollars a day".to_owned(),
        _ => format!("dollars a day, mean of {length} days"),
    };
    let until = f64::from(last) + 1.0;
    let mut sheet = Sheet {
        title: "Bill by day and tier".to_owned(),
        subtitle: subtitle(runs),
        along: Axis::new("days since the start".to_owned(), Scale::ending(until, 10, 1.0)),
        upward: Axis::written(label, Scale::covering(most, 5, 0.01), dollars),
        second: None,
        shapes: stacks(&bars, &parts, length, until),
        legend: Vec::new(),
    };
    // From the top, as the eye meets them.
    for part in parts.iter().rev() {
        let total: i128 = days.iter().map(|row| i128::from((part.of)(row, part.tier).max(0))).sum();
        let total = i64::try_from(total).unwrap_or(i64::MAX);
        if total == 0 && part.colour == REST {
            continue;
        }
        let detail = format!("{} in all", money(total));
        sheet.legend.push(Entry::new(Mark::Block, part.colour, part.name.clone(), detail));
    }
    Some(sheet)
}

/// A part for each tier that has a colour, and one for all the rest of the bill.
fn parts(runs: &Runs) -> Vec<Part> {
    let tiers = &runs.first.tiers;
    let own = |row: &DayRow, tier: usize| row.by_tier.get(tier).copied().unwrap_or_default();
    let rest = |row: &DayRow, named: usize| {
        let named = row.by_tier.iter().take(named).fold(0, |sum: i64, a| sum.saturating_add(*a));
        let left = row.amount.saturating_sub(named);
        // Below a cent it is rounding.
        if left < 10_000 { 0 } else { left }
    };
    let coloured = tiers.iter().zip(PALETTE).enumerate();
    let mut parts: Vec<Part> = coloured
        .map(|(tier, (row, colour))| Part {
            name: short(&row.name, LEGEND_COLUMNS),
            colour,
            of: own,
            tier,
        })
        .collect();
    let more = tiers.len() - parts.len();
    let name = match more {
        0 => "of no tier".to_owned(),
        _ => format!("{more} more tiers"),
    };
    parts.push(Part { name, colour: REST, of: rest, tier: parts.len() });
    parts
}

/// Each bar's parts, as dollars a day.
fn bars(days: &[&DayRow], parts: &[Part], length: u32, last: u32) -> BTreeMap<u32, Vec<f64>> {
    let mut bars: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for row in days {
        let bar = bars.entry(row.day / length).or_insert_with(|| vec![0.0; parts.len()]);
        let covered = length.min(last - row.day / length * length + 1);
        for (sum, part) in bar.iter_mut().zip(parts) {
            *sum += in_dollars((part.of)(row, part.tier).max(0)) / f64::from(covered);
        }
    }
    bars
}

fn stacks(bars: &BTreeMap<u32, Vec<f64>>, parts: &[Part], length: u32, until: f64) -> Vec<Shape> {
    let mut shapes = Vec::new();
    for (place, bar) in bars {
        let from = f64::from(*place) * f64::from(length);
        let to = (from + f64::from(length)).min(until);
        let mut height = 0.0;
        for (amount, part) in bar.iter().zip(parts) {
            if *amount > 0.0 {
                let (low, high) = ((from, height), (to, height + amount));
                shapes.push(Shape::Bar { low, high, colour: part.colour });
            }
            height += amount;
        }
    }
    shapes
}

#[expect(clippy::cast_precision_loss, reason = "for display only")]
fn in_dollars(millionths: i64) -> f64 {
    millionths as f64 / 1e6
}
