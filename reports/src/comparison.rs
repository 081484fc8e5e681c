//! Two worlds side by side, as text and as Markdown: the verdict first, then what is gated, what moved, and why.

pub(crate) mod why;

pub(crate) use why::parting as parting_told;

use crate::figures::{count, quantity, span};
use crate::grid::Grid;
use crate::summary::Style;
use core::fmt::Write;
use seatrial_contract::outside;
use seatrial_record::{Comparison, Half, ScaleWord, Unit, VerdictRow, VerdictWord, WatchedRow};

/// So many of those that only moved are told.
const WATCHED_MOST: usize = 10;
/// So many things that were decided otherwise are told.
const REASONS_MOST: usize = 12;
/// Pairs that vary so little less than two runs gain nothing.
const GAIN_LEAST: f64 = 1.0;

/// What a comparison came to, in a line.
#[must_use]
pub fn comparison_verdict(found: &Comparison) -> String {
    let pairs = found.seeds.len();
    let of = |word: VerdictWord| {
        let rows = found.verdicts.iter().filter(|row| row.verdict == word);
        rows.map(|row| row.metric.as_str()).collect::<Vec<&str>>()
    };
    if found.identical as usize == pairs && pairs > 0 {
        return format!("identical: all {pairs} pairs are the same to the last byte");
    }
    let told = |word: VerdictWord, rows: &[&str]| {
        (!rows.is_empty()).then(|| format!("{}: {}", word.word(), rows.join(", ")))
    };
    let loud = [
        VerdictWord::Worse,
        VerdictWord::Inconsistent,
        VerdictWord::Undecided,
        VerdictWord::Changed,
        VerdictWord::Better,
    ];
    let all: Vec<String> = loud.into_iter().filter_map(|word| told(word, &of(word))).collect();
    if all.is_empty() {
        "as good: nothing that is gated differs".to_owned()
    } else {
        all.join("; ")
    }
}

/// The text for a terminal.
#[must_use]
pub fn comparison(found: &Comparison, style: Style) -> String {
    let mut text = format!("{}\n", bold(&comparison_verdict(found), style));
    let mut grid = Grid::new("ll");
    for (word, half) in halves(found) {
        grid.row([word.to_owned(), half]);
    }
    text += &grid.print(2);
    let _ = writeln!(text, "  {}", pairs(found));
    text += "\nGated\n";
    text += &table(&gated_rows(found)).print(2);
    for note in notes(found) {
        let _ = writeln!(text, "  {note}");
    }
    for (title, rows) in sections(found) {
        let _ = write!(text, "\n{title}\n{}", table(&rows).print(2));
    }
    if let Some(parting) = &found.parting {
        let _ = write!(text, "\nWhere they part\n{}", parting_told(parting));
    }
    let _ = writeln!(text, "\n{}", exposure(found));
    text
}

/// The same as Markdown, for a comment on a pull request.
#[must_use]
pub fn comparison_markdown(found: &Comparison) -> String {
    let mut text = format!("**{}**\n\n", escape(&comparison_verdict(found)));
    for (word, half) in halves(found) {
        let _ = writeln!(text, "- {word}: {}", escape(&half));
    }
    let _ = write!(text, "- {}\n\n", pairs(found));
    text += &markdown(&gated_rows(found));
    for note in notes(found) {
        let _ = writeln!(text, "\n{}", escape(&note));
    }
    for (title, rows) in sections(found) {
        let _ = write!(
            text,
            "\n<details><summary>{title}</summary>\n\n{}\n</details>\n",
            markdown(&rows)
        );
    }
    if let Some(parting) = &found.parting {
        let _ = write!(
            text,
            "\n<details><summary>Where they part</summary>\n\n```\n{}```\n</details>\n",
            parting_told(parting)
        );
    }
    let _ = writeln!(text, "\n{}", exposure(found));
    text
}

/// Both halves by name, with what runs them where that is not the same program.
fn halves(found: &Comparison) -> [(&'static str, String); 2] {
    let is_one = found.first.program == found.second.program;
    let told = |half: &Half| {
        let policies: String = half.policies.chars().take(16).collect();
        let policies = if policies.is_empty() { "none".to_owned() } else { policies };
        let program = if is_one { String::new() } else { format!(", {}", half.program) };
        format!("{} (policies {policies}{program})", half.name)
    };
    [("first", told(&found.first)), ("second", told(&found.second))]
}

fn pairs(found: &Comparison) -> String {
    let seeds = match found.seeds.as_slice() {
        [from, .., to] => format!("{} pairs, seeds {from} to {to}", found.seeds.len()),
        [seed] => format!("1 pair, seed {seed}"),
        [] => "no pairs".to_owned(),
    };
    #[expect(clippy::cast_precision_loss, reason = "for display only")]
    let duration = found.first.duration as f64 / 1e9;
    let looks: Vec<String> = found.looks.iter().map(u32::to_string).collect();
    let looks = if found.until_decided {
        format!("looked at after every pair, at most {}", found.looks.last().unwrap_or(&0))
    } else {
        format!("looks after {}", looks.join(", "))
    };
    format!("{seeds}, {} each; {looks}", span(duration))
}

fn exposure(found: &Comparison) -> String {
    format!(
        "What strikes fewer than {:.1} % of runs may be unseen in {} pairs.",
        found.exposure * 100.0,
        found.seeds.len()
    )
}

pub(crate) type Rows = Vec<Vec<String>>;

/// The gated metrics, with a head.
pub(crate) fn gated_rows(found: &Comparison) -> Rows {
    let head = ["verdict", "metric", "first", "second", "effect", "from", "to", "margin", "pairs"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(found.verdicts.iter().map(|row| {
        let value = |of: Option<f64>| of.map_or("-".to_owned(), |of| quantity(of, row.unit));
        vec![
            row.verdict.word().to_owned(),
            row.metric.clone(),
            value(row.first),
            value(row.second),
            signed(row, row.effect),
            signed(row, row.low),
            signed(row, row.high),
            format!("± {}", signed(row, Some(row.margin)).trim_start_matches('+')),
            row.pairs.to_string(),
        ]
    }));
    rows
}

/// A difference with its sign: a share of the first where compared by ratio.
fn signed(row: &VerdictRow, value: Option<f64>) -> String {
    let Some(value) = value else { return "?".to_owned() };
    let unit = if row.scale == ScaleWord::Ratio { Unit::Share } else { row.unit };
    let sign = if value < 0.0 { "-" } else { "+" };
    let mut told = quantity(value.abs(), unit);
    if row.scale != ScaleWord::Ratio && unit == Unit::Share {
        // Beside shares of the first, which ratios are told in.
        told = told.replace(" %", " points");
    }
    if told.starts_with("0 ") || told == "0" { told } else { format!("{sign}{told}") }
}

/// What has to be said of gated metrics.
pub(crate) fn notes(found: &Comparison) -> Vec<String> {
    let mut all = Vec::new();
    for row in &found.verdicts {
        if row.unit == Unit::Dollars
            && row.metric == "bill_month"
            && let (Some(first), Some(low), Some(high)) = (row.first, row.low, row.high)
            && !matches!(row.verdict, VerdictWord::Identical)
        {
            let told = |share: f64| {
                let sign = if share < 0.0 { "-" } else { "+" };
                format!("{sign}{}", quantity((first * share).abs(), Unit::Dollars))
            };
            all.push(format!("money: {} to {} a month", told(low), told(high)));
        }
        if let Some(needs) = row.needs {
            all.push(format!(
                "{}: about {} pairs would decide it",
                row.metric,
                count(needs.into())
            ));
        }
        if row.verdict == VerdictWord::Undecided && (row.low.is_none() || row.high.is_none()) {
            let what = "it is absent, or nothing, in some runs of one world alone";
            all.push(format!("{}: {what}", row.metric));
        }
        if row.gain.is_some_and(|gain| gain < GAIN_LEAST) {
            let what = "pairs of one seed vary more than two runs would: pairing gains nothing";
            all.push(format!("{}: {what}", row.metric));
        }
    }
    let gains: Vec<String> = found
        .verdicts
        .iter()
        .filter_map(|row| Some(format!("{} {}", row.metric, gain(row.gain?))))
        .collect();
    if !gains.is_empty() {
        all.push(format!("pairing is worth so many times as many runs: {}", gains.join(", ")));
    }
    all
}

fn gain(times: f64) -> String {
    match times {
        of if of >= 1_000.0 => "over 1,000".to_owned(),
        of if of >= 10.0 => format!("{of:.0}"),
        of => format!("{of:.1}"),
    }
}

pub(crate) fn sections(found: &Comparison) -> Vec<(String, Rows)> {
    let mut all = Vec::new();
    let broken: Vec<_> = found.broken.iter().filter(|of| of.first + of.second > 0).collect();
    if !broken.is_empty() {
        let mut rows = vec![["", "broken in", "first", "second"].map(str::to_owned).to_vec()];
        rows.extend(broken.into_iter().map(|of| {
            let kind = if of.is_objective { "objective" } else { "claim" };
            let of_all = |runs: u32| format!("{runs} of {}", found.seeds.len());
            vec![kind.to_owned(), of.name.clone(), of_all(of.first), of_all(of.second)]
        }));
        all.push(("Objectives and claims".to_owned(), rows));
    }
    if !found.watched.is_empty() {
        all.push((watched_title(&found.watched), watched(&found.watched)));
    }
    if !found.reasons.is_empty() {
        let title =
            format!("Decided otherwise, over all pairs{}", more(found.reasons.len(), REASONS_MOST));
        let mut rows =
            vec![["policy", "what", "why", "first", "second"].map(str::to_owned).to_vec()];
        rows.extend(found.reasons.iter().take(REASONS_MOST).map(|of| {
            vec![
                of.policy.clone(),
                of.verdict.clone(),
                of.reason.clone(),
                count(of.first),
                count(of.second),
            ]
        }));
        all.push((title, rows));
    }
    all
}

fn watched_title(all: &[WatchedRow]) -> String {
    format!("Moved too, and gates nothing{}", more(all.len(), WATCHED_MOST))
}

fn more(all: usize, told: usize) -> String {
    if all > told { format!(" ({told} of {all})") } else { String::new() }
}

fn watched(all: &[WatchedRow]) -> Rows {
    let mut rows = vec![["metric", "first", "second"].map(str::to_owned).to_vec()];
    rows.extend(all.iter().take(WATCHED_MOST).map(|of| {
        vec![of.metric.clone(), quantity(of.first, of.unit), quantity(of.second, of.unit)]
    }));
    rows
}

pub(crate) fn table(rows: &Rows) -> Grid {
    let columns = rows.first().map_or(0, Vec::len);
    // Words to the left, figures to the right.
    let right = |column: usize| {
        let cells = rows.iter().skip(1).filter_map(|row| row.get(column));
        let mut cells = cells.filter(|cell| !cell.is_empty());
        cells.all(|cell| cell.starts_with(|of: char| of.is_ascii_digit() || "+-$?±".contains(of)))
    };
    let letters: String = (0..columns).map(|at| if right(at) { 'r' } else { 'l' }).collect();
    let mut grid = Grid::new(&letters);
    rows.iter().for_each(|row| grid.row(row.iter().cloned()));
    grid
}

pub(crate) fn markdown(rows: &Rows) -> String {
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row.iter().map(|cell| escape(cell)).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
        if at == 0 {
            let _ = writeln!(text, "|{}", "---|".repeat(row.len()));
        }
    }
    text
}

/// Text from outside in a cell of a table.
pub(crate) fn escape(text: &str) -> String {
    let text = outside::sentence(text);
    text.replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;").replace('`', "\\`")
}

fn bold(text: &str, style: Style) -> String {
    let text = outside::sentence(text);
    if style.colour { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.clone() }
}
