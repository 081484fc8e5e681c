//! How likely something rare is, as text.

use crate::figures::{count, span};
use crate::grid::Grid;
use seatrial_contract::units::Span;
use seatrial_record::Rare;

/// Student's t at 97.5 % with so many degrees of freedom, at 4, 9, 19 and 49 of them or the next below.
const T: [(usize, f64); 5] = [(49, 2.010), (19, 2.093), (9, 2.262), (4, 2.776), (1, 12.706)];

/// What a planner reads of it.
#[must_use]
pub fn rare(found: &Rare) -> String {
    let (chance, off) = mean(&found.chances);
    let (seconds, seconds_off) = mean(&found.seconds);
    let run = Span(found.duration).as_seconds();
    let mut text =
        format!("{}\n{} within {}, seed {}\n\n", found.scenario, found.what, span(run), found.seed);
    let mut grid = Grid::new("lrr");
    grid.row(["", "mean", "95 % interval"]);
    grid.row(["chance in a run".to_owned(), number(chance), between(chance, off, number)]);
    if chance > 0.0 {
        let every = |of: f64| span(run / of.max(1e-300));
        grid.row(["once in".to_owned(), every(chance), String::new()]);
    }
    let long = |of: f64| span(of);
    grid.row(["so long in a run".to_owned(), long(seconds), between(seconds, seconds_off, long)]);
    let share = |of: f64| number(of / run.max(1e-9));
    grid.row([
        "share of the time".to_owned(),
        share(seconds),
        between(seconds, seconds_off, share),
    ]);
    text += &grid.print(2);
    text += "\nOn the way\n";
    let mut grid = Grid::new("rrr");
    grid.row(["at once", "runs", "came so far from the level before"]);
    for level in &found.levels {
        let runs = count(u64::from(level.runs));
        grid.row([level.count.to_string(), runs, format!("{:.1} %", level.share * 100.0)]);
    }
    text += &grid.print(2);
    text += &format!(
        "\n{} repeats; {} runs with the pilot's, {} events.\n",
        found.chances.len(),
        count(found.runs),
        count(found.events)
    );
    let none = found.chances.iter().filter(|of| **of <= 0.0).count();
    if none > 0 {
        text += &format!(
            "{none} of the repeats came to nothing: more runs at each level (`--effort`) are needed.\n"
        );
    }
    text
}

/// The mean of repeats, and how far its interval goes to either side.
fn mean(repeats: &[f64]) -> (f64, f64) {
    let of = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let n = of(repeats.len()).max(1.0);
    let mean = repeats.iter().sum::<f64>() / n;
    let squares: f64 = repeats.iter().map(|x| (x - mean) * (x - mean)).sum();
    let freedom = repeats.len().saturating_sub(1);
    let t = T.iter().find(|(least, _)| freedom >= *least).map_or(f64::NAN, |of| of.1);
    (mean, t * (squares / (n - 1.0).max(1.0) / n).sqrt())
}

fn between(mean: f64, off: f64, told: impl Fn(f64) -> String) -> String {
    if off.is_nan() {
        return "-".to_owned();
    }
    format!("{} to {}", told((mean - off).max(0.0)), told(mean + off))
}

fn number(of: f64) -> String {
    if of <= 0.0 { "0".to_owned() } else { format!("{of:.2e}") }
}
