//! What faults took and how it came back, as a timeline with the steps of each, and as a table.

use super::found::FoundRun;
use super::scale::{plain, ticks_of_time};
use crate::figures::{count, moment, seconds, span};
use core::fmt::Write;
use maud::{Markup, html};
use seatrial_record::IncidentRow;

/// More rows than that nobody reads in a picture; the table has some more.
const DRAWN: usize = 24;
const TOLD: usize = 100;

/// The steps of an incident, their marks, and their names.
const STEPS: [(&str, &str); 5] =
    [("▸", "detected"), ("◆", "decided"), ("▲", "acted"), ("●", "restored"), ("✔", "verified")];

fn steps(row: &IncidentRow) -> [Option<u64>; 5] {
    [row.detected, row.decided, row.acted, row.restored, row.verified]
}

/// When the last step of an incident was.
fn ends(row: &IncidentRow) -> u64 {
    let all = steps(row).into_iter().chain([row.healed, row.clients_back]).flatten();
    all.max().unwrap_or(row.at)
}

pub(super) fn incidents(found: &FoundRun) -> Markup {
    let rows = &found.runs.first.incidents;
    html! {
        section #incidents {
            h2 { "Incidents" }
            @if rows.is_empty() {
                p .empty { "No fault struck in this run." }
            } @else {
                figure .chart id="incident-timeline" {
                    figcaption { h3 { "Faults, and how what they took came back" }
                        p { "Each row is an incident, drawn from its fault to its last step by its own time: what took longest stands first. A bar that reaches the end may be longer." } }
                    (timeline(rows))
                    p .legend { @for (sign, name) in STEPS { (sign) " " (name) "   " } "▬ until the fault itself was over" }
                    (table(rows))
                }
            }
        }
    }
}

/// The longest incidents, each by its own time.
fn timeline(rows: &[IncidentRow]) -> Markup {
    let mut longest: Vec<(usize, &IncidentRow)> = rows.iter().enumerate().collect();
    longest.sort_by_key(|(at, row)| (core::cmp::Reverse(ends(row) - row.at), *at));
    longest.truncate(DRAWN);
    // Faults may last much longer than what they took is away: their bars are cut off.
    let away = |row: &IncidentRow| steps(row).into_iter().flatten().max();
    let last = |row: &IncidentRow| away(row).unwrap_or_else(|| ends(row)).saturating_sub(row.at);
    let until = longest.iter().map(|(_, row)| seconds(last(row))).fold(1.0, f64::max);
    let x = |at: f64| 210.0 + 735.0 * at / until;
    let height = 20 * longest.len() + 40;
    let mut words = String::new();
    for (at, row) in &longest {
        let _ = write!(words, "{at} {}: {}. ", row.fault, in_words(row));
    }
    html! {
        div .scroll tabindex="0" {
            svg .drawing viewBox={ "0 0 960 " (height) } role="img" aria-labelledby="incidents-t incidents-d" font-family="sans-serif" font-size="12" {
                title #incidents-t { "Faults, and how what they took came back" }
                desc #incidents-d { (words) }
                @for (at, label) in ticks_of_time(until) {
                    line .grid x1=(plain(x(at))) x2=(plain(x(at))) y1="4" y2=(height - 30) stroke="#ccc" {}
                    text x=(plain(x(at))) y=(height - 14) text-anchor="middle" fill="currentColor" { (label) }
                }
                text x="577" y=(height - 1) text-anchor="middle" fill="currentColor" { "time since the fault struck" }
                @for (line, (at, row)) in longest.iter().enumerate() {
                    @let y = 20 * line + 16;
                    text x="4" y=(y) fill="currentColor" { (label(*at, row)) }
                    @let healed = seconds(row.healed.map_or(ends(row), |at| at.max(row.at)) - row.at).min(until);
                    rect x="210" y=(y - 9) width=(plain(735.0 * healed / until)) height="8" fill="#b00020" fill-opacity="0.35" {}
                    @for ((sign, name), step) in STEPS.iter().zip(steps(row)) {
                        @if let Some(step) = step {
                            text x=(plain(x(seconds(step.saturating_sub(row.at))))) y=(y) text-anchor="middle" fill="currentColor" {
                                (sign) title { (name) " after " (span(seconds(step.saturating_sub(row.at)))) }
                            }
                        }
                    }
                }
            }
        }
        @if rows.len() > DRAWN { p .note { "Drawn are the " (DRAWN) " longest of " (count(rows.len() as u64)) " incidents." } }
    }
}

/// An incident's fault and moment, in what fits beside its row.
fn label(at: usize, row: &IncidentRow) -> String {
    let name: String = row.fault.chars().take(20).collect();
    format!("{at} {name} {}", moment(row.at))
}

fn in_words(row: &IncidentRow) -> String {
    let all = STEPS.iter().zip(steps(row));
    let told = all.filter_map(|((_, name), step)| {
        Some(format!("{name} after {}", span(seconds(step?.saturating_sub(row.at)))))
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() { "nothing came of it".to_owned() } else { told.join(", ") }
}

fn table(rows: &[IncidentRow]) -> Markup {
    html! {
        details {
            summary { "The data of this figure" }
            div .scroll tabindex="0" {
                table .data {
                    caption { "Incidents; steps in seconds after the fault" }
                    thead { tr {
                        th { "number" } th { "fault" } th { "at" } th { "over" }
                        @for (_, name) in STEPS { th { (name) } }
                        th { "clients back" } th { "machines" } th { "tenants" } th { "databases" } th { "writes lost" } th { "why a step is absent" }
                    } }
                    tbody {
                        @for (at, row) in rows.iter().take(TOLD).enumerate() {
                            @let after = |step: Option<u64>| step.map(|step| plain(seconds(step.saturating_sub(row.at)))).unwrap_or_default();
                            tr {
                                td { (at) } td { (row.fault) } td { (moment(row.at)) } td { (after(row.healed)) }
                                @for step in steps(row) { td { (after(step)) } }
                                td { (after(row.clients_back)) } td { (row.machines) } td { (row.tenants) }
                                td { (row.databases.join(", ")) } td { (row.writes_lost) } td { (row.absent) }
                            }
                        }
                    }
                }
            }
            @if rows.len() > TOLD { p .note { "Left out here: " (count((rows.len() - TOLD) as u64)) " more, in incidents.parquet." } }
        }
    }
}
