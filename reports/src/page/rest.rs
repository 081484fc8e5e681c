//! What is told beside time: distributions by tier, the bill, decisions by reason, promises, several runs. Draws bars and
//! tables.

use super::found::FoundRun;
use super::scale::{Axis, plain};
use crate::figures::{bound, count, money, quantity};
use maud::{Markup, html};
use seatrial_record::{Estimate, Goal, GoalKind, Unit};

fn value<'a>(found: &'a FoundRun, name: &str) -> Option<&'a Estimate> {
    found.runs.estimates.iter().find(|of| of.name == name && of.value.is_some())
}

/// A value in its unit, with its interval where it has one.
pub(super) fn told(of: &Estimate) -> String {
    let Some(value) = of.value else { return "-".to_owned() };
    let told = quantity(value, of.unit);
    match of.ci_low.zip(of.ci_high) {
        Some((low, high)) => {
            format!("{told} ({} to {})", quantity(low, of.unit), quantity(high, of.unit))
        }
        None => told,
    }
}

/// Wakes, recoveries and lost data: what half and 95 in 100 are within, and the most.
pub(super) fn spread(found: &FoundRun) -> Markup {
    let stems = [
        ("wake_wait", "How long users waited for a tenant to wake"),
        ("recovery", "How long tenants were down until they served again"),
        ("recovery_point", "How old the oldest write was that a restored tenant lost"),
    ];
    let figures = ["p50", "p95", "max"];
    let is_of = |name: &str, stem: &str| {
        name.strip_prefix(stem).and_then(|rest| rest.strip_prefix('_')).is_some_and(|rest| {
            figures.iter().any(|figure| rest == *figure || rest.starts_with(&format!("{figure}.")))
        })
    };
    let of_stem = |stem: &str| -> Vec<&Estimate> {
        found.runs.estimates.iter().filter(|of| is_of(&of.name, stem)).collect()
    };
    let all: Vec<_> = stems
        .iter()
        .map(|(stem, title)| (title, of_stem(stem)))
        .filter(|of| !of.1.is_empty())
        .collect();
    html! {
        section #spread {
            h2 { "Wakes, recoveries, lost data" }
            @if all.is_empty() { p .empty { "Nothing to tell: no tenant sleeps in this scenario, and nothing is lost." } }
            @for (title, estimates) in all {
                figure .chart {
                    figcaption { h3 { (title) } }
                    (bars(title, &estimates.iter().map(|of| (of.name.clone(), of.value, told(of))).collect::<Vec<_>>(), Unit::Seconds))
                }
            }
        }
    }
}

/// Bars beside names, as a table that draws itself.
fn bars(title: &str, rows: &[(String, Option<f64>, String)], unit: Unit) -> Markup {
    let axis = Axis::of(rows.iter().filter_map(|row| row.1), unit, false);
    html! {
        div .scroll tabindex="0" {
            table .bars {
                caption { (title) }
                tbody {
                    @for (name, value, told) in rows {
                        tr {
                            th scope="row" { (name) }
                            td { (told) }
                            td { @if let Some(value) = value {
                                svg width="260" height="12" role="img" aria-label=(told) {
                                    rect .bar x="0" y="1" height="10" width=(plain(260.0 * axis.part(*value))) fill="#0072b2" {}
                                }
                            } }
                        }
                    }
                }
            }
        }
    }
}

/// The bill by tier and day.
pub(super) fn bill(found: &FoundRun) -> Markup {
    let first = &found.runs.first;
    let most = first.days.iter().map(|day| day.amount).max().unwrap_or_default().max(1);
    #[expect(clippy::cast_precision_loss, reason = "dollars of a day")]
    let part = |amount: i64| 180.0 * amount as f64 / most as f64;
    #[expect(clippy::cast_precision_loss, reason = "days of a run")]
    let width = 880.0 / first.days.len().max(1) as f64;
    let colours = ["#0072b2", "#d55e00", "#009e73", "#8c4f9f", "#b8860b", "#3a86a8"];
    html! {
        figure .chart id="bill-days" {
            figcaption { h3 { "The bill by tier and day" } p { "Each day's bill, shared out among tiers by what they used; the first tier stands at the bottom." } }
            @if first.days.iter().all(|day| day.amount == 0) {
                p .empty { "Nothing to draw: nothing in this scenario has a price." }
            } @else {
                div .scroll tabindex="0" {
                    svg .drawing viewBox="0 0 960 220" role="img" aria-labelledby="bill-t bill-d" font-family="sans-serif" font-size="12" {
                        title #bill-t { "The bill by tier and day" }
                        desc #bill-d { "The dearest day costs " (money(most)) "." }
                        text x="60" y="20" text-anchor="end" fill="currentColor" { (money(most)) }
                        text x="60" y="200" text-anchor="end" fill="currentColor" { "0" }
                        line x1="66" x2="950" y1="196" y2="196" stroke="#888" {}
                        @for (at, day) in first.days.iter().enumerate() {
                            @let x = 68.0 + width * at as f64;
                            @let parts: Vec<i64> = if day.by_tier.is_empty() { vec![day.amount] } else { day.by_tier.clone() };
                            @for (tier, amount) in parts.iter().enumerate() {
                                @let below: i64 = parts.iter().take(tier).sum();
                                rect x=(plain(x)) y=(plain(196.0 - part(below + amount))) width=(plain((width - 1.0).max(0.5))) height=(plain(part(*amount))) fill=(colours[tier % colours.len()]) {}
                            }
                        }
                        text x="508" y="214" text-anchor="middle" fill="currentColor" { "days since the start" }
                    }
                }
                ul .legend { @for (at, tier) in first.tiers.iter().enumerate() {
                    li { svg width="12" height="10" aria-hidden="true" { rect width="12" height="10" fill=(colours[at % colours.len()]) {} } " " (tier.name) }
                } }
                (bill_table(found))
            }
        }
    }
}

fn bill_table(found: &FoundRun) -> Markup {
    let first = &found.runs.first;
    html! {
        details {
            summary { "The data of this figure" }
            div .scroll tabindex="0" { table .data {
                caption { "The bill by day, in dollars" }
                thead { tr { th { "day" } th { "all" } @for tier in &first.tiers { th { (tier.name) } } } }
                tbody { @for day in first.days.iter().take(400) {
                    tr { td { (day.day) } td { (dollars(day.amount)) } @for part in &day.by_tier { td { (dollars(*part)) } } }
                } }
            } }
            @if first.days.len() > 400 { p .note { "Left out here: " (first.days.len() - 400) " more days, in days.parquet." } }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "dollars of a run")]
fn dollars(millionths: i64) -> String {
    plain(millionths as f64 / 1e6)
}

/// The whole bill, by what costs and by who uses it.
pub(super) fn totals(found: &FoundRun) -> Markup {
    let first = &found.runs.first;
    html! {
        div .scroll tabindex="0" { table .data {
            caption { "The bill of the whole run" }
            thead { tr { th { "what" } th { "dollars" } } }
            tbody {
                @for line in &first.bill.lines { tr { td { (line.name) } td { (money(line.amount)) } } }
                @for tier in &first.tiers { tr { td { "of this, for tier " (tier.name) } td { (money(tier.amount)) } } }
                tr { th scope="row" { "all" } td { (money(first.bill.total)) } }
            }
        } }
    }
}

/// More reasons than that say nothing.
const REASONS: usize = 40;

/// Decisions by reason.
pub(super) fn decisions(found: &FoundRun) -> Markup {
    let mut reasons: Vec<_> = found.runs.first.reasons.iter().collect();
    let held: u64 = reasons.iter().filter(|of| of.verdict == "hold").map(|of| of.count).sum();
    reasons.sort_by_key(|of| (of.verdict == "hold", core::cmp::Reverse(of.count)));
    #[expect(clippy::cast_precision_loss, reason = "for a bar")]
    let rows: Vec<_> = reasons
        .iter()
        .take(REASONS)
        .map(|of| {
            let name = format!("{}: {}, since {}", of.policy, of.verdict, of.reason);
            (name, Some(of.count as f64), count(of.count))
        })
        .collect();
    html! {
        section #decisions {
            h2 { "Decisions by reason" }
            @if rows.is_empty() { p .empty { "Nothing was decided: no policy runs in this scenario, or none had a reason to act." } }
            @else {
                p { (count(found.runs.first.actions.len() as u64)) " actions, and " (count(held)) " times nothing was done with a reason." }
                figure .chart { figcaption { h3 { "What was done and why, then what was not" } } (bars("How often each reason was given", &rows, Unit::Count)) }
                @if reasons.len() > REASONS { p .note { "Left out here: " (reasons.len() - REASONS) " rarer reasons, in reasons.parquet." } }
            }
        }
    }
}

/// Objectives and claims.
pub(super) fn goals(found: &FoundRun) -> Markup {
    let kinds = [(GoalKind::Objective, "Objectives"), (GoalKind::Claim, "Claims")];
    let of = |kind: GoalKind| -> Vec<&Goal> {
        found.runs.goals.iter().filter(|goal| goal.kind == kind).collect()
    };
    html! {
        section #goals {
            h2 { "Objectives and claims" }
            @if found.runs.goals.is_empty() { p .empty { "This scenario states neither objectives nor claims, so nothing is judged." } }
            @for (kind, title) in kinds {
                @let goals = of(kind);
                @if !goals.is_empty() {
                    div .scroll tabindex="0" { table .data {
                        caption { (title) }
                        thead { tr { th { "holds" } th { "name" } th { "metric" } th { "was" } th { "may be" } @if kind == GoalKind::Claim { th { "source" } } } }
                        tbody { @for goal in goals { tr {
                            td .holds[goal.holds] .fails[!goal.holds] { (sign(goal.holds)) }
                            td { (goal.name) } td { code { (goal.metric) } }
                            td { (goal.value.map_or_else(|| "not measured".to_owned(), |value| quantity(value, goal.unit))) }
                            td { (bound(&goal.bound, goal.unit)) }
                            @if kind == GoalKind::Claim { td { (goal.source) } }
                        } } }
                    } }
                }
            }
        }
    }
}

/// Whether something holds, by shape and word.
pub(super) fn sign(holds: bool) -> &'static str {
    if holds { "✔ holds" } else { "✘ does not hold" }
}

/// Several runs: the intervals of what is judged, and of the bill.
pub(super) fn repeats(found: &FoundRun) -> Markup {
    let runs = found.runs.seeds.len();
    let mut names: Vec<&str> = found.runs.goals.iter().map(|goal| goal.metric.as_str()).collect();
    names.push("bill_month");
    let mut seen: Vec<&str> = Vec::new();
    names.retain(|name| {
        !seen.contains(name) && {
            seen.push(name);
            true
        }
    });
    let rows: Vec<&Estimate> = names
        .iter()
        .filter_map(|name| value(found, name))
        .filter(|of| of.ci_low.is_some())
        .collect();
    html! {
        section #repeats {
            h2 { "How sure that is" }
            @if runs < 2 && rows.is_empty() {
                p .empty { "One run only, so there are no intervals: " code { "--reps 10" } " runs ten, and every figure gets one." }
            } @else {
                div .scroll tabindex="0" { table .bars {
                    caption { "95 % intervals" @if runs > 1 { " over " (runs) " runs" } @else { " of what was sampled" } }
                    tbody { @for of in rows { tr { th scope="row" { code { (of.name) } } td { (told(of)) } td { (interval(of)) } } } }
                } }
            }
        }
    }
}

fn interval(of: &Estimate) -> Markup {
    let (Some(value), Some(low), Some(high)) = (of.value, of.ci_low, of.ci_high) else {
        return html! {};
    };
    let axis = Axis::of([value, high].into_iter(), of.unit, false);
    let x = |at: f64| plain(4.0 + 250.0 * axis.part(at));
    html! {
        svg width="260" height="14" role="img" aria-label=(told(of)) {
            line x1=(x(low.max(0.0))) x2=(x(high)) y1="7" y2="7" stroke="currentColor" stroke-width="2" {}
            circle cx=(x(value)) cy="7" r="4" fill="#0072b2" {}
        }
    }
}

/// A difference with its interval, beside nothing and beside what counts as nothing.
pub(super) fn interval_of(effect: Option<f64>, ends: Option<(f64, f64)>, margin: f64) -> Markup {
    let all = [effect, ends.map(|of| of.0), ends.map(|of| of.1), Some(margin)];
    let widest = all.into_iter().flatten().filter(|of| of.is_finite()).map(f64::abs);
    let widest = widest.fold(0.0, f64::max).max(1e-12) * 1.1;
    let x = |at: f64| plain(130.0 + 126.0 * (at / widest).clamp(-1.0, 1.0));
    html! {
        svg width="260" height="16" role="img" aria-label="the difference with its interval; the middle is no difference" {
            rect x=(x(-margin)) y="1" width=(plain(2.0 * 126.0 * (margin / widest).min(1.0))) height="14" fill="#888" fill-opacity="0.25" {}
            line x1="130" x2="130" y1="0" y2="16" stroke="currentColor" {}
            @if let Some((low, high)) = ends { line x1=(x(low)) x2=(x(high)) y1="8" y2="8" stroke="currentColor" stroke-width="2" {} }
            @if let Some(effect) = effect { circle cx=(x(effect)) cy="8" r="4" fill="#0072b2" {} }
        }
    }
}
