//! Pictures of a run's first run, as SVG. Equal records give equal bytes.
//!
//! Reads no clock, measures no font and writes no file; a picture that would be empty is left out.

mod bill;
mod labels;
mod machines;
mod scale;
mod sheet;
mod steps;
mod tenants;

#[cfg(test)]
mod tests;

use seatrial_record::{DayRow, Runs};

/// The pictures that the record has something for, by file name.
#[must_use]
pub fn charts(runs: &Runs) -> Vec<(&'static str, String)> {
    let sheets = [
        ("machines.svg", machines::sheet(runs)),
        ("tenants.svg", tenants::sheet(runs)),
        ("bill.svg", bill::sheet(runs)),
    ];
    sheets.into_iter().filter_map(|(name, sheet)| Some((name, sheet?.svg()?))).collect()
}

const NANOS_PER_DAY: u64 = 86_400_000_000_000;

/// The days that lie within the run, in order. Rows beyond its end, if any, tell nothing.
fn days_run(runs: &Runs) -> Vec<&DayRow> {
    let first = &runs.first;
    let ends = first.duration.div_ceil(NANOS_PER_DAY);
    let mut days: Vec<&DayRow> =
        first.days.iter().filter(|row| u64::from(row.day) < ends).collect();
    days.sort_by_key(|row| row.day);
    days
}

/// What stands under a title: the scenario, and which run of it.
fn subtitle(runs: &Runs) -> String {
    let first = &runs.first;
    match runs.seeds.len() {
        0 | 1 => format!("{} · seed {}", labels::short(&first.scenario, 80), first.seed),
        runs => format!(
            "{} · seed {}, the first of {runs} runs",
            labels::short(&first.scenario, 70),
            first.seed
        ),
    }
}
