//! Two worlds, or a suite of them, as a page: what is better or worse, by how much, and how sure that is.

use super::rest::interval_of;
use super::shell;
use crate::comparison::why::told;
use crate::figures::{count, quantity};
use maud::{Markup, html};
use seatrial_record::{Comparison, Gated, GatedCase, Outcome, ScaleWord, VerdictRow, VerdictWord};

/// The shape that stands before a verdict's word, so that it needs no colour.
const fn sign(verdict: VerdictWord) -> &'static str {
    match verdict {
        VerdictWord::Identical => "=",
        VerdictWord::Equivalent => "≈",
        VerdictWord::Better => "▲",
        VerdictWord::Worse => "▼",
        VerdictWord::Changed => "◆",
        VerdictWord::Undecided => "?",
        VerdictWord::Inconsistent => "!",
    }
}

/// A difference as people read it.
fn effect(of: f64, row: &VerdictRow) -> String {
    match row.scale {
        ScaleWord::Ratio => format!("{}{:.2} %", if of >= 0.0 { "+" } else { "" }, of * 100.0),
        ScaleWord::Difference | ScaleWord::YesNo => {
            let told = quantity(of.abs(), row.unit);
            if of < 0.0 { format!("-{told}") } else { format!("+{told}") }
        }
    }
}

/// The page of a comparison.
pub(super) fn comparison(found: &Comparison) -> String {
    let title = format!("{} against {}", found.second.name, found.first.name);
    let verdict = summary(&found.verdicts);
    let body = html! {
        header {
            p .brand { "Seatrial" }
            h1 { (title) }
            p .sub { (found.first.scenario) ", " (found.seeds.len()) " pairs of runs with the same seed each; " (found.identical) " are the same to the byte" }
            div .answers {
                section .answer .good[verdict.1 == Outcome::Pass] .bad[verdict.1 == Outcome::Fail] {
                    h2 { "Is it better?" } p .verdict { (verdict.0) } (counts(&found.verdicts))
                }
                section .answer { h2 { "What was not seen?" } p { "What strikes fewer than " (quantity(found.exposure, seatrial_record::Unit::Share)) " of runs may be unseen in " (found.seeds.len()) " pairs." } }
            }
        }
        (compared(found, "compared"))
        (about(found))
    };
    shell(&title, &body)
}

/// The page of a suite.
pub(super) fn gated(found: &Gated) -> String {
    let title = if found.title.is_empty() { &found.file } else { &found.title };
    let (word, is) = match found.outcome {
        Outcome::Pass => ("✔ passes", Outcome::Pass),
        Outcome::Fail => ("✘ fails", Outcome::Fail),
        Outcome::Undecided => ("? not decided", Outcome::Undecided),
    };
    let body = html! {
        header {
            p .brand { "Seatrial" }
            h1 { (title) }
            p .sub { (found.cases.len()) " cases of " (found.file) }
            @if let Some(why) = &found.cut_short { p .note { (why) } }
            div .answers {
                section .answer .good[is == Outcome::Pass] .bad[is == Outcome::Fail] { h2 { "Does it pass?" } p .verdict { (word) } }
                section .answer { h2 { "Which cases?" } ul { @for (at, case) in found.cases.iter().enumerate() {
                    li { a href={ "#case-" (at) } { (case.name) } ": " (summary(&case.comparison.verdicts).0) @if case.objectives.iter().any(seatrial_record::GatedObjective::fails) { ", an objective is broken" } }
                } } }
            }
        }
        @for (at, case) in found.cases.iter().enumerate() { (case_of(case, at)) }
        footer #about { h2 { "How to repeat it" } pre { code { "seatrial gate " (found.file) } } }
    };
    shell(title, &body)
}

fn case_of(case: &GatedCase, at: usize) -> Markup {
    html! {
        section id={ "case-" (at) } {
            h2 { (case.name) }
            p .sub { (case.comparison.second.scenario) ", " (case.comparison.seeds.len()) " pairs" }
            @if let Some(note) = &case.note { p .note { (note) } }
            (compared(&case.comparison, &format!("verdicts-{at}")))
            @if !case.objectives.is_empty() {
                div .scroll tabindex="0" { table .data {
                    caption { "Objectives, each run by itself" }
                    thead { tr { th { "holds" } th { "objective" } th { "metric" } th { "mean" } th { "worst" } th { "broken in" } th { "may be" } } }
                    tbody { @for of in &case.objectives { tr {
                        td .fails[of.fails()] .holds[!of.fails()] { (super::rest::sign(!of.fails())) }
                        td { (of.name) } td { code { (of.metric) } }
                        td { (of.mean.map_or_else(|| "-".to_owned(), |value| quantity(value, of.unit))) }
                        td { (of.worst.map_or_else(|| "-".to_owned(), |value| quantity(value, of.unit))) }
                        td { (of.broken) } td { (of.may_fail) }
                    } } }
                } }
            }
        }
    }
}

/// What verdicts come to together.
fn summary(rows: &[VerdictRow]) -> (&'static str, Outcome) {
    let any = |words: &[VerdictWord]| rows.iter().any(|row| words.contains(&row.verdict));
    if any(&[VerdictWord::Worse]) {
        ("▼ worse", Outcome::Fail)
    } else if any(&[VerdictWord::Undecided, VerdictWord::Inconsistent]) {
        ("? not decided", Outcome::Undecided)
    } else if any(&[VerdictWord::Better]) {
        ("▲ better", Outcome::Pass)
    } else if any(&[VerdictWord::Changed]) {
        ("◆ changed", Outcome::Pass)
    } else {
        ("≈ as good", Outcome::Pass)
    }
}

fn counts(rows: &[VerdictRow]) -> Markup {
    let all = [
        VerdictWord::Worse,
        VerdictWord::Better,
        VerdictWord::Changed,
        VerdictWord::Undecided,
        VerdictWord::Inconsistent,
        VerdictWord::Equivalent,
        VerdictWord::Identical,
    ];
    let times = |word| rows.iter().filter(|row| row.verdict == word).count();
    html! { ul { @for word in all { @if times(word) > 0 { li { (sign(word)) " " (times(word)) " " (word.word()) } } } } }
}

/// The paired differences, what else moved, what is broken and decided otherwise.
fn compared(found: &Comparison, id: &str) -> Markup {
    html! {
        section {
            h2 { "Paired differences" }
            @if found.verdicts.is_empty() { p .empty { "Nothing is gated here." } }
            @else { figure .chart id=(id) {
                figcaption { h3 { "By how much each gated metric differs" } p { "The interval holds the true difference 19 times in 20, all metrics and looks together; the grey band is what counts as no difference." } }
                div .scroll tabindex="0" { table .data .bars {
                    caption { "Gated metrics" }
                    thead { tr { th { "verdict" } th { "metric" } th { "first" } th { "second" } th { "difference" } th { "from" } th { "to" } th { "pairs" } th { "drawn" } } }
                    tbody { @for row in &found.verdicts { tr {
                        td .fails[row.verdict == VerdictWord::Worse] .holds[row.verdict == VerdictWord::Better] { (sign(row.verdict)) " " (row.verdict.word()) }
                        td { code { (row.metric) } }
                        td { (value(row.first, row)) } td { (value(row.second, row)) }
                        td { (row.effect.map_or_else(|| "-".to_owned(), |of| effect(of, row))) }
                        td { (row.low.map_or_else(|| "unknown".to_owned(), |of| effect(of, row))) }
                        td { (row.high.map_or_else(|| "unknown".to_owned(), |of| effect(of, row))) }
                        td { (row.pairs) }
                        td { (interval_of(row.effect, row.low.zip(row.high), row.margin)) }
                    } } }
                } }
            } }
            (moved(found))
        }
    }
}

fn value(of: Option<f64>, row: &VerdictRow) -> String {
    of.map_or_else(|| "-".to_owned(), |of| quantity(of, row.unit))
}

fn moved(found: &Comparison) -> Markup {
    html! {
        @if !found.watched.is_empty() { details { summary { (found.watched.len()) " other metrics moved" }
            div .scroll tabindex="0" { table .data { caption { "Not gated; at most one in ten of these moved by chance" }
                thead { tr { th { "metric" } th { "first" } th { "second" } th { "by chance" } } }
                tbody { @for row in &found.watched { tr { td { code { (row.metric) } } td { (quantity(row.first, row.unit)) } td { (quantity(row.second, row.unit)) } td { (format!("{:.1e}", row.chance)) } } } }
            } } } }
        @if !found.broken.is_empty() { div .scroll tabindex="0" { table .data { caption { "Objectives and claims: in how many runs each is broken" }
            thead { tr { th { "name" } th { "kind" } th { "first" } th { "second" } } }
            tbody { @for row in &found.broken { tr { td { (row.name) } td { @if row.is_objective { "objective" } @else { "claim" } } td { (row.first) } td { (row.second) } } } }
        } } }
        @if !found.reasons.is_empty() { details { summary { "What was decided otherwise" }
            div .scroll tabindex="0" { table .data { caption { "How often each reason was given, over all pairs" }
                thead { tr { th { "policy" } th { "did" } th { "since" } th { "first" } th { "second" } } }
                tbody { @for row in &found.reasons { tr { td { (row.policy) } td { (row.verdict) } td { (row.reason) } td { (count(row.first)) } td { (count(row.second)) } } } }
            } } } }
        @if let Some(parting) = &found.parting {
            p { "With seed " (parting.seed) " the two decide the same " (count(parting.same)) " times, and then otherwise:" }
            ul { @for (name, row) in [("first", &parting.first), ("second", &parting.second)] {
                li { (name) ": " @match row { Some(row) => { "at " (crate::figures::moment(row.at)) ": " (told(row)) } None => "nothing more" } }
            } }
        }
    }
}

fn about(found: &Comparison) -> Markup {
    html! { footer #about { h2 { "What was compared" } dl {
        @for (name, half) in [("First", &found.first), ("Second", &found.second)] {
            dt { (name) } dd { (half.name) "; program " (half.program) "; policies " @if half.policies.is_empty() { "none" } @else { (half.policies) } }
        }
        dt { "Seeds" } dd { (found.seeds.iter().map(ToString::to_string).collect::<Vec<String>>().join(", ")) }
        dt { "Looks" } dd { @if found.until_decided { "after every pair" } @else { "after " (found.looks.iter().map(ToString::to_string).collect::<Vec<String>>().join(", ")) " pairs" } }
    } } }
}
