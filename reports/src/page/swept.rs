//! A sweep as a page: how each objective answers to what is varied, and where it breaks first.

use super::scale::{Axis, plain};
use super::shell;
use crate::figures::quantity;
use core::fmt::Write;
use maud::{Markup, html};
use seatrial_record::Unit;
use serde_json::Value;

/// The page of a sweep, from its document.
pub(super) fn swept(document: &Value) -> String {
    let scenarios = list(&document["scenarios"]);
    let title = match scenarios {
        [one] => format!("{}: a sweep", text(&one["title"])),
        _ => "A sweep of several scenarios".to_owned(),
    };
    let body = html! {
        header {
            p .brand { "Seatrial" }
            h1 { (title) }
            p .sub { @for (at, scenario) in scenarios.iter().enumerate() { @if at > 0 { "; " } (text(&scenario["file"])) ", " (list(&scenario["points"]).len()) " points" } }
            div .answers {
                @for scenario in scenarios { section .answer .bad[!list(&scenario["breaks"]).is_empty()] .good[list(&scenario["breaks"]).is_empty()] {
                    h2 { "What breaks first in " (text(&scenario["title"])) "?" }
                    (breaks(scenario))
                } }
            }
        }
        @for (at, scenario) in scenarios.iter().enumerate() { (of_scenario(scenario, at)) }
        footer #about { h2 { "About" } dl { dt { "Program" } dd { (text(&document["program"])) } } }
    };
    shell(&title, &body)
}

fn list(of: &Value) -> &[Value] {
    of.as_array().map_or(&[], Vec::as_slice)
}

/// A value as people would write it.
fn text(of: &Value) -> String {
    match of {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => of.to_string(),
    }
}

fn breaks(scenario: &Value) -> Markup {
    let breaks = list(&scenario["breaks"]);
    html! {
        @if breaks.is_empty() { p .verdict { "✔ nothing breaks" } p { "Every objective holds at every point that was run." } }
        @else {
            p .verdict { "✘ something breaks" }
            ul { @for of in breaks { li {
                b { (text(&of["objective"])) } " breaks at " (list(&of["points"]).len()) " of " (list(&scenario["points"]).len()) " points"
                @for along in list(&of["along"]) { @if !along["first"].is_null() {
                    "; along " code { (text(&along["key"])) } " first at " (text(&along["first"]))
                    @if !along["before"].is_null() { ", holds at " (text(&along["before"])) }
                } }
            } } }
        }
    }
}

/// One curve of a response plot: a name, and its values along the first axis.
struct Response {
    name: String,
    values: Vec<Option<f64>>,
}

/// What is plotted: a metric, its unit, its bounds.
struct Plot {
    name: String,
    unit: Unit,
    bounds: Vec<(&'static str, f64)>,
    responses: Vec<Response>,
}

fn of_scenario(scenario: &Value, at: usize) -> Markup {
    let axes = list(&scenario["axes"]);
    let along: Vec<String> =
        axes.first().map_or(&[][..], |axis| list(&axis["values"])).iter().map(text).collect();
    let key = axes.first().map(|axis| text(&axis["key"])).unwrap_or_default();
    html! {
        section {
            h2 { (text(&scenario["title"])) }
            @if along.is_empty() { p .empty { "Nothing to draw: nothing is varied." } }
            @for (number, plot) in plots(scenario, &key, &along).iter().enumerate() { (figure(plot, &key, &along, &format!("response-{at}-{number}"))) }
            (table(scenario, axes))
        }
    }
}

/// More curves than that are a tangle.
const CURVES: usize = 8;

/// A plot of the bill, and one of each objective.
fn plots(scenario: &Value, key: &str, along: &[String]) -> Vec<Plot> {
    let points = list(&scenario["points"]);
    let Some(first) = points.iter().find(|point| !point["run"].is_null()) else {
        return Vec::new();
    };
    let mut plots = Vec::new();
    let bill = &first["run"]["metrics"]["bill_month"];
    if !bill.is_null() {
        let read = |point: &Value| point["run"]["metrics"]["bill_month"]["value"].as_f64();
        plots.push(Plot {
            name: "The bill a month".to_owned(),
            unit: Unit::Dollars,
            bounds: Vec::new(),
            responses: responses(points, (key, along), &read),
        });
    }
    for (at, goal) in list(&first["run"]["objectives"]).iter().enumerate() {
        let read = |point: &Value| point["run"]["objectives"][at]["value"].as_f64();
        let bounds =
            [("at most", &goal["bound"]["at_most"]), ("at least", &goal["bound"]["at_least"])];
        plots.push(Plot {
            name: format!("{}: {}", text(&goal["name"]), text(&goal["metric"])),
            unit: serde_json::from_value(goal["unit"].clone()).unwrap_or_default(),
            bounds: bounds
                .into_iter()
                .filter_map(|(word, of)| Some((word, of.as_f64()?)))
                .collect(),
            responses: responses(points, (key, along), &read),
        });
    }
    plots
}

/// One curve for each combination of the other axes' values.
fn responses(
    points: &[Value],
    (key, along): (&str, &[String]),
    read: &dyn Fn(&Value) -> Option<f64>,
) -> Vec<Response> {
    let mut all: Vec<Response> = Vec::new();
    for point in points {
        let Some(at) = point["at"].as_object() else { continue };
        let others = at.iter().filter(|(name, _)| *name != key);
        let others: Vec<String> =
            others.map(|(name, value)| format!("{name} = {}", text(value))).collect();
        let name = others.join(", ");
        let found = all.iter().position(|of| of.name == name);
        let found = found.unwrap_or_else(|| {
            all.push(Response { name, values: vec![None; along.len()] });
            all.len() - 1
        });
        let place = along.iter().position(|value| *value == text(&at[key]));
        if let Some(place) = place {
            all[found].values[place] = read(point);
        }
    }
    all
}

fn figure(plot: &Plot, key: &str, along: &[String], id: &str) -> Markup {
    let drawn = &plot.responses[..plot.responses.len().min(CURVES)];
    let values = drawn.iter().flat_map(|of| of.values.iter().copied().flatten());
    let axis = Axis::of(values.clone().chain(plot.bounds.iter().map(|of| of.1)), plot.unit, false);
    #[expect(clippy::cast_precision_loss, reason = "values of an axis")]
    let x = |at: usize| 90.0 + 840.0 * (at as f64 + 0.5) / along.len().max(1) as f64;
    let y = |value: f64| 8.0 + 200.0 * (1.0 - axis.part(value));
    html! {
        figure .chart id=(id) {
            figcaption { h3 { (plot.name) } p { "Along " code { (key) } @if !plot.bounds.is_empty() { "; the dotted line is the bound" } "." } }
            @if values.clone().next().is_none() { p .empty { "Nothing to draw: nothing was measured." } } @else {
                div .scroll tabindex="0" { svg .drawing viewBox="0 0 960 244" role="img" aria-labelledby={ (id) "-t " (id) "-d" } font-family="sans-serif" font-size="12" {
                    title id={ (id) "-t" } { (plot.name) }
                    desc id={ (id) "-d" } { (in_words(plot, along)) }
                    @for (value, label) in axis.ticks() { line .grid x1="86" x2="950" y1=(plain(y(value))) y2=(plain(y(value))) stroke="#ccc" {} text x="80" y=(plain(y(value) + 4.0)) text-anchor="end" fill="currentColor" { (label) } }
                    @for (at, label) in along.iter().enumerate() { text x=(plain(x(at))) y="226" text-anchor="middle" fill="currentColor" { (label) } }
                    text x="508" y="241" text-anchor="middle" fill="currentColor" { (key) }
                    @for (_, bound) in &plot.bounds { path d={ "M86 " (plain(y(*bound))) "H950" } stroke="#b00020" stroke-dasharray="2 4" stroke-width="1.5" fill="none" {} }
                    @for (at, of) in drawn.iter().enumerate() {
                        @let (colour, dash) = super::chart::look_of(at);
                        path d=(line(of, &x, &y)) stroke=(colour) stroke-dasharray=(dash) stroke-width="1.8" fill="none" {}
                        @for (place, value) in of.values.iter().enumerate() { @if let Some(value) = value { circle cx=(plain(x(place))) cy=(plain(y(*value))) r="4" fill=(colour) { title { (of.name) " " (along[place]) ": " (quantity(*value, plot.unit)) } } } }
                    }
                } }
                @if plot.responses.len() > 1 { ul .legend { @for (at, of) in drawn.iter().enumerate() { @let (colour, dash) = super::chart::look_of(at); li { svg width="28" height="8" aria-hidden="true" { path d="M0 4H28" stroke=(colour) stroke-width="2" stroke-dasharray=(dash) fill="none" {} } " " (of.name) } } } }
                @if plot.responses.len() > CURVES { p .note { "Drawn are " (CURVES) " of " (plot.responses.len()) " combinations; the table below has all." } }
                (data(plot, key, along))
            }
        }
    }
}

fn line(of: &Response, x: &dyn Fn(usize) -> f64, y: &dyn Fn(f64) -> f64) -> String {
    let mut path = String::new();
    for (at, value) in of.values.iter().enumerate() {
        if let Some(value) = value {
            let sign = if path.is_empty() { "M" } else { "L" };
            let _ = write!(path, "{sign}{} {}", plain(x(at)), plain(y(*value)));
        }
    }
    path
}

fn in_words(plot: &Plot, along: &[String]) -> String {
    let mut words = String::new();
    for of in plot.responses.iter().take(CURVES) {
        for (value, at) in of.values.iter().zip(along) {
            let told =
                value.map_or_else(|| "nothing".to_owned(), |value| quantity(value, plot.unit));
            let _ = write!(words, "{} {at}: {told}. ", of.name);
        }
    }
    words
}

fn data(plot: &Plot, key: &str, along: &[String]) -> Markup {
    html! { details { summary { "The data of this figure" } div .scroll tabindex="0" { table .data {
        caption { (plot.name) ", in " (plot.unit.word()) }
        thead { tr { th { (key) } @for of in &plot.responses { th { @if of.name.is_empty() { "value" } @else { (of.name) } } } } }
        tbody { @for (at, value) in along.iter().enumerate() { tr { td { (value) } @for of in &plot.responses { td { (of.values[at].map(plain).unwrap_or_default()) } } } } }
    } } } }
}

/// Every point with its objectives.
fn table(scenario: &Value, axes: &[Value]) -> Markup {
    let points = list(&scenario["points"]);
    let first = points.iter().find(|point| !point["run"].is_null());
    let goals = first.map_or(&[][..], |point| list(&point["run"]["objectives"]));
    html! {
        h3 { "All points" }
        div .scroll tabindex="0" { table .data {
            caption { "Objectives that do not hold bear ✘" }
            thead { tr { @for axis in axes { th { (text(&axis["key"])) } } th { "bill a month" } @for goal in goals { th { (text(&goal["name"])) } } } }
            tbody { @for point in points { tr {
                @for axis in axes { td { (text(&point["at"][text(&axis["key"])])) } }
                @if point["run"].is_null() { td { "failed, or not run" } }
                @else {
                    td { (point["run"]["metrics"]["bill_month"]["value"].as_f64().map_or_else(|| "-".to_owned(), |of| quantity(of, Unit::Dollars))) }
                    @for goal in list(&point["run"]["objectives"]) {
                        @let unit: Unit = serde_json::from_value(goal["unit"].clone()).unwrap_or_default();
                        td .fails[goal["holds"] != true] { (goal["value"].as_f64().map_or_else(|| "-".to_owned(), |of| quantity(of, unit))) @if goal["holds"] != true { " ✘" } }
                    }
                }
            } } }
        } }
    }
}
