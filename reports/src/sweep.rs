//! What a sweep found: a column for each value of one axis, or a line for each point of several; what breaks where;
//! and the document for machines.

mod jobs;

pub use jobs::{Cluster, SweepJobs, sweep_kubernetes, sweep_parallel, sweep_slurm};

use crate::document::document;
use crate::figures::{bound, count, quantity};
use crate::grid::Grid;
use seatrial_contract::outside;
use seatrial_record::{
    Goal, GoalKind, Runs, SWEPT_VERSION, SweepAxis, Swept, SweptAlong, SweptBreak, SweptPoint,
    SweptScenario, Unit,
};
use serde_json::{Map, Value, json};

/// The tables of a sweep, in text that lines up.
#[must_use]
pub fn sweep(swept: &Swept) -> String {
    let one = |of: &SweptScenario| {
        let rows = cells(of);
        let left = if of.axes.len() == 1 { 2 } else { of.axes.len() };
        let width = rows.first().map_or(0, Vec::len);
        let columns = "l".repeat(left.min(width)) + &"r".repeat(width.saturating_sub(left));
        let mut grid = Grid::new(&columns);
        rows.into_iter().for_each(|row| grid.row(row));
        format!("{}\n{}{}", outside::sentence(&of.title), grid.print(2), told(of))
    };
    swept.scenarios.iter().map(one).collect::<Vec<String>>().join("\n")
}

/// The same as tables of Markdown.
#[must_use]
pub fn sweep_markdown(swept: &Swept) -> String {
    let cell = |cell: &String| outside::sentence(cell).replace('|', "\\|");
    let line = |cells: &[String]| {
        format!("| {} |\n", cells.iter().map(cell).collect::<Vec<String>>().join(" | "))
    };
    let one = |of: &SweptScenario| {
        let mut rows = cells(of).into_iter();
        let head = rows.next().unwrap_or_default();
        let rule: Vec<String> = head.iter().map(|_| "---".to_owned()).collect();
        let rows: String = rows.map(|row| line(&row)).collect();
        let told = listed(&told(of));
        let title = outside::sentence(&of.title);
        format!("### {title}\n\n{}{}{rows}\n{}\n", line(&head), line(&rule), told)
    };
    swept.scenarios.iter().map(one).collect::<Vec<String>>().join("\n")
}

/// One line as it is, several as a list.
fn listed(told: &str) -> String {
    if told.lines().count() <= 1 {
        return told.trim().to_owned();
    }
    let item = |line: &str| {
        let nested = if line.starts_with("    ") { "  " } else { "" };
        format!("{nested}- {}", line.trim())
    };
    told.lines().map(item).collect::<Vec<String>>().join("\n")
}

/// What programs are told: scenario by scenario.
#[must_use]
pub fn sweep_scenarios(swept: &Swept) -> Value {
    let axis = |of: &SweepAxis| {
        let values: Vec<Value> = of.values.iter().map(|value| plain(value)).collect();
        json!({ "key": of.key, "values": values })
    };
    let one = |of: &SweptScenario| {
        json!({
            "title": of.title,
            "file": of.file,
            "axes": of.axes.iter().map(axis).collect::<Vec<Value>>(),
            "points": of.points.iter().map(|point| point_value(of, point)).collect::<Vec<Value>>(),
            "breaks": of.breaks.iter().map(break_value).collect::<Vec<Value>>(),
        })
    };
    swept.scenarios.iter().map(one).collect()
}

/// The document of a sweep: the same, with its version and the program.
#[must_use]
pub fn sweep_document(swept: &Swept) -> Value {
    json!({
        "version": SWEPT_VERSION,
        "program": swept.program,
        "scenarios": sweep_scenarios(swept),
    })
}

/// A whole number as such, all else as text.
fn plain(value: &str) -> Value {
    let number = value.parse::<i64>().ok().filter(|number| number.to_string() == value);
    number.map_or_else(|| value.into(), Into::into)
}

fn point_value(of: &SweptScenario, point: &SweptPoint) -> Value {
    let at = of.axes.iter().zip(&point.at).map(|(axis, at)| (axis.key.clone(), plain(at)));
    let at: Map<String, Value> = at.collect();
    let mut value = Map::new();
    if let Some(tenants) = at.get("tenants") {
        value.insert("tenants".to_owned(), tenants.clone());
    }
    value.insert("at".to_owned(), at.into());
    if let Some(runs) = &point.runs {
        value.insert("run".to_owned(), document(runs));
    }
    if !point.failed.is_empty() {
        let failed = point.failed.iter().map(|(seed, failure)| {
            json!({ "seed": seed, "kind": failure.kind.word(), "what": failure.what })
        });
        value.insert("failed".to_owned(), failed.collect());
    }
    if !point.missing.is_empty() {
        value.insert("missing".to_owned(), json!(point.missing));
    }
    value.into()
}

fn break_value(of: &SweptBreak) -> Value {
    let along = of.along.iter().map(|along| {
        json!({
            "key": along.key,
            "first": along.first.as_deref().map(plain),
            "before": along.before.as_deref().map(plain),
            "looked_at": along.looked_at,
        })
    });
    json!({
        "objective": of.objective,
        "points": of.points,
        "along": along.collect::<Vec<Value>>(),
    })
}

fn objectives(runs: &Runs) -> impl Iterator<Item = &Goal> {
    runs.goals.iter().filter(|goal| goal.kind == GoalKind::Objective)
}

/// A value as it is told: numbers of tenants with their commas.
fn value(axis: &SweepAxis, value: &str) -> String {
    match value.parse() {
        Ok(tenants) if axis.key == "tenants" => count(tenants),
        Ok(_) | Err(_) => value.to_owned(),
    }
}

/// Where a point is, in words: `pools.mid.count 3, tenants 1,000`.
fn place(axes: &[SweepAxis], at: &[String]) -> String {
    let one = |(axis, at): (&SweepAxis, &String)| match axis.key.as_str() {
        "tenants" => format!("{} tenants", value(axis, at)),
        key => format!("{key}={at}"),
    };
    axes.iter().zip(at).map(one).collect::<Vec<String>>().join(", ")
}

/// What stands for a figure of a point that has none.
fn absent(point: &SweptPoint) -> String {
    let word = if point.failed.is_empty() { "missing" } else { "failed" };
    word.to_owned()
}

/// The whole table: with one axis a line for its values, one for the bill and one for each objective; with
/// several the same with lines and columns exchanged.
fn cells(of: &SweptScenario) -> Vec<Vec<String>> {
    let found = of.points.iter().find_map(|point| point.runs.as_ref());
    let goals: Vec<&Goal> = found.map(|runs| objectives(runs).collect()).unwrap_or_default();
    let mut lines: Vec<Vec<String>> = Vec::new();
    for (at, axis) in of.axes.iter().enumerate() {
        let values = of.points.iter().map(|point| value(axis, &point.at[at]));
        lines.push([axis.key.clone(), String::new()].into_iter().chain(values).collect());
    }
    let line = |name: &str, bound: String, figure: &dyn Fn(&Runs) -> String| {
        let each = of.points.iter().map(|point| point.runs.as_ref().map_or(absent(point), figure));
        [name.to_owned(), bound].into_iter().chain(each).collect::<Vec<String>>()
    };
    lines.push(line("bill a month", String::new(), &bill));
    for goal in goals {
        let figure = |runs: &Runs| {
            let found = objectives(runs).find(|found| found.name == goal.name);
            let value = found.and_then(|goal| goal.value);
            let value = value.map_or("-".to_owned(), |of| quantity(of, goal.unit));
            if found.is_some_and(|goal| goal.holds) { value } else { format!("{value} !") }
        };
        lines.push(line(&goal.name, bound(&goal.bound, goal.unit), &figure));
    }
    if of.axes.len() == 1 { lines } else { exchanged(&lines) }
}

fn bill(runs: &Runs) -> String {
    let bill = runs.estimates.iter().find(|of| of.name == "bill_month");
    let bill = bill.and_then(|of| of.value).map(|of| quantity(of, Unit::Dollars));
    bill.unwrap_or_else(|| "-".to_owned())
}

fn exchanged(lines: &[Vec<String>]) -> Vec<Vec<String>> {
    let width = lines.first().map_or(0, Vec::len);
    let column = |at: usize| lines.iter().map(|line| line[at].clone()).collect();
    (0..width).map(column).collect()
}

/// What breaks where, what failed and what is missing, in lines.
fn told(of: &SweptScenario) -> String {
    let mut text = match &of.axes[..] {
        [axis] => first(axis, of),
        axes => several(axes, of),
    };
    for point in &of.points {
        let place = outside::sentence(&place(&of.axes, &point.at));
        for (seed, failure) in &point.failed {
            let (kind, what) = (failure.kind.word(), outside::sentence(&failure.what));
            text += &format!("  Failed with {place}, seed {seed} ({kind}): {what}\n");
        }
        if !point.missing.is_empty() {
            let seeds: Vec<String> = point.missing.iter().map(ToString::to_string).collect();
            text += &format!("  Missing with {place}: seed {}\n", seeds.join(", "));
        }
    }
    text
}

/// Which objectives are the first to break along one axis, in a line.
fn first(axis: &SweepAxis, of: &SweptScenario) -> String {
    let broken = |runs: &Runs| -> Vec<String> {
        let broken = objectives(runs).filter(|goal| !goal.holds);
        broken.map(|goal| goal.name.clone()).collect()
    };
    let found = of.points.iter().filter_map(|point| Some((&point.at[0], point.runs.as_ref()?)));
    let mut found: Vec<(&String, Vec<String>)> =
        found.map(|(at, runs)| (at, broken(runs))).collect();
    if found.is_empty() {
        return "  Nothing was found.\n".to_owned();
    }
    // What is too small breaks at the beginning: then the way from the other end is the one to a first.
    let is_first = found.first().is_some_and(|(_, broken)| !broken.is_empty());
    if is_first && found.last().is_some_and(|(_, broken)| broken.is_empty()) {
        found.reverse();
    }
    let Some(at) = found.iter().position(|(_, broken)| !broken.is_empty()) else {
        return "  Nothing breaks.\n".to_owned();
    };
    let place = |at: &String| place(std::slice::from_ref(axis), std::slice::from_ref(at));
    let (at_value, names) = (found[at].0, found[at].1.join(", "));
    let told = match at.checked_sub(1) {
        Some(before) => {
            let before = place(found[before].0);
            format!("all holds with {before}; with {} {names}", value(axis, at_value))
        }
        None => format!("with {} {names}", place(at_value)),
    };
    let told = format!("Breaks first: {told}.");
    format!("  {}\n", outside::line(&told, 4_000))
}

/// So many points are named.
const POINTS_TOLD: usize = 8;

/// Where each objective breaks among several axes.
fn several(axes: &[SweepAxis], of: &SweptScenario) -> String {
    if of.points.iter().all(|point| point.runs.is_none()) {
        return "  Nothing was found.\n".to_owned();
    }
    if of.breaks.is_empty() {
        return "  Nothing breaks.\n".to_owned();
    }
    let mut text = String::new();
    for found in &of.breaks {
        let count = found.points.len();
        let some = found.points.iter().take(POINTS_TOLD).filter_map(|at| of.points.get(*at));
        let some: Vec<String> = some.map(|point| format!("({})", point.at.join(", "))).collect();
        let more = if count > POINTS_TOLD { ", …" } else { "" };
        let name = outside::sentence(&found.objective);
        let some = outside::line(&some.join(", "), 4_000);
        text +=
            &format!("  {name} breaks at {count} of {} points: {some}{more}\n", of.points.len());
        for along in found.along.iter().filter(|along| along.looked_at > 0) {
            let line = format!("along {}: {}", along.key, edge(along));
            text += &format!("    {}\n", outside::sentence(&line));
        }
    }
    let is_looked_at = |found: &SweptBreak| found.along.iter().any(|along| along.looked_at > 0);
    let line = if of.breaks.iter().any(is_looked_at) {
        let firsts = axes.iter().map(|axis| axis.values.first().cloned().unwrap_or_default());
        let firsts: Vec<String> = firsts.collect();
        format!("Along an axis the others stand at their first value: {}.", place(axes, &firsts))
    } else {
        "Nothing is said along an axis: no point has the others at their first value.".to_owned()
    };
    text + &format!("  {}\n", outside::line(&line, 4_000))
}

fn edge(along: &SweptAlong) -> String {
    match (&along.first, &along.before) {
        (Some(first), Some(before)) => format!("first at {first}; it holds at {before}"),
        (Some(first), None) => format!("at {first} already"),
        (None, _) => match along.looked_at {
            1 => "it holds at the one value looked at".to_owned(),
            all => format!("it holds at all {all} values"),
        },
    }
}

#[cfg(test)]
mod tests;
