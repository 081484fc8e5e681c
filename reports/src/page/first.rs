//! The first screen: does it hold, what does it cost, who is worst off, what breaks first, what was not tested.

use super::bites::Bite;
use super::found::FoundRun;
use super::rest::{sign, told};
use crate::document::notes;
use crate::figures::{count, money, quantity, seconds, span};
use maud::{Markup, html};
use seatrial_record::{Estimate, Goal, TierRow, Unit};

/// What people ask of first, the most asked before; as many as there are, up to [`NUMBERS`].
const ASKED: [(&str, &str); 10] = [
    ("bill_month", "a month"),
    ("logins_unserved_share", "of logins not served"),
    ("wake_wait_p95", "wake-up, 95 in 100 within"),
    ("served_share", "of the time served"),
    ("prob_failed", "of calls failed"),
    ("response_p95", "response, 95 in 100 within"),
    ("nodes_mean", "machines on the mean"),
    ("asleep_share", "of tenants asleep"),
    ("recovery_p95", "recovery, 95 in 100 within"),
    ("wait_p95", "wait, 95 in 100 within"),
];

const NUMBERS: usize = 4;

pub(super) fn screen(found: &FoundRun, bites: &[Bite]) -> Markup {
    let runs = &found.runs;
    let broken: Vec<&Goal> = runs.goals.iter().filter(|goal| !goal.holds).collect();
    html! {
        header {
            p .brand { "Seatrial" }
            h1 { (runs.first.scenario) }
            p .sub {
                (span(seconds(runs.first.duration))) " of simulated time, "
                @if runs.seeds.len() == 1 { "one run" } @else { (runs.seeds.len()) " runs" }
                ", " (count(runs.events)) " events"
                @if runs.seeds.len() > 1 { "; charts, tenants, incidents and decisions are of the first, seed " (runs.first.seed) }
            }
            @for note in notes(&runs.first) { p .note { "Mind: " (note) "." } }
            div .answers {
                section #holds .answer .good[broken.is_empty() && !runs.goals.is_empty()] .bad[!broken.is_empty()] {
                    h2 { "Does it hold?" }
                    (holds(&runs.goals, &broken))
                }
                section #costs .answer { h2 { "The figures" } (numbers(found)) }
                section #worst .answer { h2 { "Who is worst off?" } (worst(found)) }
                section #breaks .answer { h2 { "What breaks first?" } (breaks(bites)) }
                section #untested .answer { h2 { "What was not tested?" } (untested(found)) }
            }
        }
    }
}

fn holds(goals: &[Goal], broken: &[&Goal]) -> Markup {
    html! {
        @if goals.is_empty() {
            p .verdict { "– nothing is promised" }
            p { "The scenario states neither objectives nor claims." }
        } @else if broken.is_empty() {
            p .verdict { (sign(true)) }
            p { "All " (goals.len()) " objectives and claims." }
        } @else {
            p .verdict { (sign(false)) }
            p { (broken.len()) " of " (goals.len()) " objectives and claims do not hold:" }
            ul { @for goal in broken.iter().take(6) {
                li { (goal.name) ": " (goal.value.map_or_else(|| "not measured".to_owned(), |of| quantity(of, goal.unit))) ", where " (crate::figures::bound(&goal.bound, goal.unit)) " was wanted" }
            } }
            @if broken.len() > 6 { p { "and " (broken.len() - 6) " more: " a href="#goals" { "all of them" } } }
        }
    }
}

fn numbers(found: &FoundRun) -> Markup {
    let estimates = &found.runs.estimates;
    let find = |stem: &str| -> Option<&Estimate> {
        let whole = estimates.iter().find(|of| of.name == stem && of.value.is_some());
        // Where there is none of all, the worst part speaks.
        let prefix = format!("{stem}.");
        let parts =
            estimates.iter().filter(|of| of.name.starts_with(&prefix) && of.value.is_some());
        // Of what is served more is better, of all else that is asked less.
        let sign = if stem == "served_share" { -1.0 } else { 1.0 };
        let badness = |of: &Estimate| sign * of.value.unwrap_or_default();
        whole.or_else(|| parts.max_by(|one, other| badness(one).total_cmp(&badness(other))))
    };
    let mut shown: Vec<(&Estimate, String)> = Vec::new();
    for (stem, words) in ASKED {
        if let Some(of) = find(stem).filter(|_| shown.len() < NUMBERS) {
            let which = of.name.strip_prefix(stem).and_then(|rest| rest.strip_prefix('.'));
            shown.push((
                of,
                which.map_or_else(|| words.to_owned(), |which| format!("{words} ({which})")),
            ));
        }
    }
    html! {
        @if shown.is_empty() { p { "Nothing was there to measure." } }
        dl .numbers { @for (of, words) in shown { dt { (told(of)) } dd { (words) } } }
        @if found.runs.seeds.len() == 1 && found.runs.first.sampled.is_none() { p .small { "One run: " code { "--reps 10" } " gives intervals." } }
    }
}

fn worst(found: &FoundRun) -> Markup {
    let first = &found.runs.first;
    let tenant =
        first.tenants.iter().max_by_key(|of| (of.logins_unserved, core::cmp::Reverse(of.tenant)));
    let share = |tier: &TierRow| {
        (tier.logins > 0).then(|| {
            #[expect(clippy::cast_precision_loss, reason = "logins of a run")]
            let share = tier.logins_unserved as f64 / tier.logins as f64;
            share
        })
    };
    let tier = first.tiers.iter().filter_map(|tier| Some((tier, share(tier)?)));
    let tier = tier.max_by(|one, other| one.1.total_cmp(&other.1)).filter(|of| of.1 > 0.0);
    html! {
        @match tenant.filter(|of| of.logins_unserved > 0) {
            Some(of) => {
                @let tier = first.tiers.get(usize::from(of.tier)).map_or("", |tier| tier.name.as_str());
                p { b { (first.tenant(of.tenant)) } " (" (tier) "): " (of.logins_unserved) " of its logins were not served." }
            }
            None if first.tenants.is_empty() => p { "No tenants are in this scenario." },
            None => p { "Nobody: each login of each tenant was served." },
        }
        @if let Some((tier, share)) = tier {
            p { "Tier " b { (tier.name) } ": " (quantity(share, Unit::Share)) " of its logins were not served, those of " (tier.unserved) " of its tenants; it costs " (money(tier.amount)) "." }
        }
    }
}

fn breaks(bites: &[Bite]) -> Markup {
    html! {
        @if bites.is_empty() { p { "No limit bit in this run." } }
        @else {
            ol { @for bite in bites.iter().take(5) { li { (bite.told) "; " (span(bite.lasts.max(1.0))) " in all" } } }
            @if bites.len() > 5 { p { "and " (bites.len() - 5) " more limits later." } }
        }
    }
}

/// Kinds of faults that never struck, and what chance may have hidden.
fn untested(found: &FoundRun) -> Markup {
    let struck = &found.runs.first.struck;
    let (did, not): (Vec<&String>, Vec<&String>) =
        found.kinds.iter().partition(|kind| struck.iter().any(|of| of.word == **kind));
    let runs = u32::try_from(found.runs.seeds.len()).unwrap_or(u32::MAX).max(1);
    // What strikes a share p of runs is seen in none of n with (1-p)^n; 5 % of that is what is called unseen.
    let unseen = 1.0 - 0.05_f64.powf(1.0 / f64::from(runs));
    html! {
        @if did.is_empty() { p { b { "No fault at all" } " struck in this run." } }
        @else { p { "Struck: " (did.iter().map(|kind| kind.as_str()).collect::<Vec<&str>>().join(", ")) "." } }
        details { summary { (not.len()) " of " (found.kinds.len()) " kinds of faults were not tried" } p { (not.iter().map(|kind| kind.as_str()).collect::<Vec<&str>>().join(", ")) } }
        p .small { "With " (runs) @if runs == 1 { " run" } @else { " runs" } ", what strikes fewer than " (quantity(unseen, Unit::Share)) " of runs may be unseen." }
    }
}
