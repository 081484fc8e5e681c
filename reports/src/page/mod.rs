//! A run as one page that can be sent around: a single file that asks nothing of any network, is complete without
//! script and legible without style. Equal folders give equal bytes.

mod bites;
mod capacity;
mod chart;
mod compared;
mod first;
mod found;
mod incidents;
mod lines;
mod rest;
mod scale;
mod swept;

pub use found::{Found, ReadFailure};

use bites::bites;
use capacity::Maker;
use chart::Chart;
use found::FoundRun;
use lines::POINTS;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A page is no larger than that, if fewer points in its charts make it so.
const SIZE: usize = 500_000;

/// The page of what a folder holds.
#[must_use]
pub fn page(found: &mut Found) -> String {
    match found {
        Found::Run(run) => {
            // What has many charts has fewer points in each, so that it can be sent by mail.
            let mut page = of_run(run);
            for points in [POINTS * 3 / 4, POINTS / 2, POINTS / 3] {
                if page.len() <= SIZE {
                    break;
                }
                run.lines.thin(points);
                page = of_run(run);
            }
            page
        }
        Found::Compared(comparison) => compared::comparison(comparison),
        Found::Gated(gated) => compared::gated(gated),
        Found::Swept(document) => swept::swept(document),
    }
}

fn of_run(found: &FoundRun) -> String {
    let bites = bites(&found.lines);
    let maker = Maker { found, bites: &bites };
    let body = html! {
        (first::screen(found, &bites))
        (contents())
        (section("capacity", "Machines against their limits", &maker.machines(), "no machines are in this scenario."))
        (section("tenants", "Tenants", &maker.tenants(), "no tenants are in this scenario."))
        (section("calls", "Latency and errors", &maker.calls(), "no calls are in this scenario."))
        (section("stores", "Connections and caches", &maker.stores(), "neither databases, poolers nor caches are in this scenario."))
        (incidents::incidents(found))
        (alerts(found, &maker.alerts()))
        (rest::spread(found))
        section #money { h2 { "Money" } (rest::bill(found)) (maker.spend().figure()) (rest::totals(found)) }
        (rest::decisions(found))
        (rest::goals(found))
        (rest::repeats(found))
        (footer(found))
    };
    shell(&found.runs.first.scenario, &body)
}

/// The whole file around what it says.
fn shell(title: &str, body: &Markup) -> String {
    let policy = format!(
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{}'; img-src data:",
        base64(&Sha256::digest(SCRIPT))
    );
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content="Seatrial";
                title { (title) " · Seatrial" }
                style { (PreEscaped(STYLE)) }
            }
            body { (body) script { (PreEscaped(SCRIPT)) } }
        }
    };
    markup.into_string() + "\n"
}

/// What is on the page, for those who jump.
fn contents() -> Markup {
    let all = [
        ("capacity", "Machines"),
        ("tenants", "Tenants"),
        ("calls", "Latency"),
        ("stores", "Connections and caches"),
        ("incidents", "Incidents"),
        ("money", "Money"),
        ("decisions", "Decisions"),
        ("goals", "Promises"),
        ("repeats", "How sure"),
        ("about", "How to repeat it"),
    ];
    html! { nav aria-label="Contents" { ul { @for (id, title) in all { li { a href={ "#" (id) } { (title) } } } } } }
}

fn section(id: &str, title: &str, charts: &[Chart], empty: &str) -> Markup {
    html! {
        section id=(id) {
            h2 { (title) }
            @if charts.is_empty() { p .empty { "Nothing to draw: " (empty) } }
            @for chart in charts { (chart.figure()) }
        }
    }
}

/// More rows than that nobody reads.
const ALERTS: usize = 50;

fn alerts(found: &FoundRun, firing: &Chart) -> Markup {
    let rows = &found.alerts;
    html! {
        section #alerts {
            h2 { "Alerts" }
            @if rows.is_empty() { p .empty { "No alert went off: none is in this scenario, or nothing was worth one." } }
            @else {
                (firing.figure())
                details { summary { "When alerts went off" } div .scroll tabindex="0" { table .data {
                    caption { (rows.len()) " times an alert went off" }
                    thead { tr { th { "alert" } th { "machine" } th { "at" } th { "until" } } }
                    tbody { @for row in rows.iter().take(ALERTS) { tr {
                        td { (row.alert) } td { (row.machine) } td { (crate::figures::moment(row.at)) }
                        td { (row.until.map_or_else(|| "the end".to_owned(), crate::figures::moment)) }
                    } } }
                } }
                @if rows.len() > ALERTS { p .note { "Left out here: " (rows.len() - ALERTS) " more, in alerts.parquet." } } }
            }
        }
    }
}

fn footer(found: &FoundRun) -> Markup {
    let runs = &found.runs;
    let thinned = found.lines.thinned;
    html! {
        footer #about {
            h2 { "How to repeat it" }
            pre { code { (found.repeat) } }
            dl {
                dt { "Program" } dd { (found.program) }
                dt { "Policies" } dd { @if runs.first.policy_digest.is_empty() { "none" } @else { (runs.first.policy_digest) } }
                dt { "Record" } dd { (runs.record_digest) }
                dt { "Seeds" } dd { (runs.seeds.iter().map(ToString::to_string).collect::<Vec<String>>().join(", ")) }
                dt { "Thinned out" } dd {
                    @if thinned > 1 {
                        "A point of a chart stands for up to " (thinned) " stretches of the series: the least of the least, the most of the most, the mean over time, of quantiles the worst. All stretches are in series.parquet."
                    } @else { "Nothing: charts show each stretch of the series." }
                }
            }
        }
    }
}

/// Bytes in base 64.
fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let whole = three.iter().chain([0; 2].iter()).take(3);
        let whole = whole.fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        for at in 0..4 {
            let sign = char::from(SIGNS[whole >> (18 - 6 * at) & 63]);
            text.push(if at <= three.len() { sign } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        let pairs =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (plain, coded) in pairs {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn the_script_is_small_and_asks_nothing_of_a_network() {
        assert!(SCRIPT.len() <= 10_000, "{} bytes", SCRIPT.len());
        for word in ["fetch", "XMLHttp", "import", "http:", "https:", "eval", "</script"] {
            assert!(!SCRIPT.contains(word), "{word}");
        }
    }
}
