//! What a gate has to say, one thing after the other, with the place that it is about.

use crate::comparison::gated_rows;
use seatrial_record::{Gated, GatedCase, GatedPlace, Outcome, VerdictWord};

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// It fails.
    Error,
    /// It is not decided.
    Warning,
    /// It is fine.
    Fine,
}

/// One thing.
pub(super) struct Told {
    /// Of which case.
    pub(super) case: String,
    /// The metric, or the objective.
    pub(super) of: String,
    /// `metric` or `objective`.
    pub(super) kind: &'static str,
    pub(super) level: Level,
    /// In a few words.
    pub(super) short: String,
    /// In a sentence.
    pub(super) long: String,
    pub(super) place: Option<GatedPlace>,
}

/// All of it, case by case.
pub(super) fn told(found: &Gated) -> Vec<Told> {
    let of = |open| found.cases.iter().flat_map(|case| of_case(case, open)).collect::<Vec<Told>>();
    let all = of(Level::Warning);
    // Where nothing else fails it, what is not decided does.
    let is_open = found.outcome == Outcome::Fail && all.iter().all(|of| of.level != Level::Error);
    if is_open { of(Level::Error) } else { all }
}

fn of_case(case: &GatedCase, open: Level) -> Vec<Told> {
    let rows = gated_rows(&case.comparison);
    let metrics = case.comparison.verdicts.iter().zip(rows.iter().skip(1)).map(|(row, cells)| {
        let level = match row.verdict {
            VerdictWord::Worse => Level::Error,
            VerdictWord::Undecided | VerdictWord::Inconsistent => open,
            VerdictWord::Identical
            | VerdictWord::Equivalent
            | VerdictWord::Better
            | VerdictWord::Changed => Level::Fine,
        };
        let cell = |at: usize| cells.get(at).cloned().unwrap_or_default();
        Told {
            case: case.name.clone(),
            of: row.metric.clone(),
            kind: "metric",
            level,
            short: format!("{} {}", row.metric, row.verdict.word()),
            long: format!(
                "{} is {}: {} before, {} now, {} ({} to {}), in {} pairs",
                row.metric,
                row.verdict.word(),
                cell(2),
                cell(3),
                cell(4),
                cell(5),
                cell(6),
                row.pairs
            ),
            place: case.changed.clone().or_else(|| case.place.clone()),
        }
    });
    let runs = case.comparison.seeds.len();
    let objectives = case.objectives.iter().map(|of| Told {
        case: case.name.clone(),
        of: of.name.clone(),
        kind: "objective",
        level: if of.fails() { Level::Error } else { Level::Fine },
        short: format!("objective {} broken in {} of {runs}", of.name, of.broken),
        long: format!(
            "objective {} is broken in {} of {runs} runs, and may be in {}",
            of.name, of.broken, of.may_fail
        ),
        place: of.place.clone().or_else(|| case.place.clone()),
    });
    metrics.chain(objectives).collect()
}
