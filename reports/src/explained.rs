//! A moment of a run as text: what was seen, what was decided on it and why, what was in flight, and whose story was
//! asked for.

use crate::comparison::{Rows, parting_told, table};
use crate::figures::{count, moment, quantity};
use crate::grid::Grid;
use seatrial_contract::outside;
use seatrial_record::{
    Explained, Explainee, FlightRow, Forked, Goal, GoalKind, Metric, StoryRow, Unit,
};
use serde_json::Value;

/// So many actions in flight are shown.
const FLIGHTS_MOST: usize = 12;
/// So many reasons and actions of one tick are shown.
const DECIDED_MOST: usize = 20;
/// So many things that were seen at once are shown.
const PARTS_MOST: usize = 6;
/// So many metrics that come out otherwise are shown.
const METRICS_MOST: usize = 16;

/// The text; of a story no more than its last rows, or all of it.
#[must_use]
pub fn explained(of: &Explained, story_most: Option<usize>) -> String {
    let mut text = format!(
        "{}, seed {}, at {}; the policies looked last at {}\n",
        outside::sentence(&of.scenario),
        of.seed,
        moment(of.at),
        moment(of.looked)
    );
    if let Some(subject) = &of.subject {
        text += &told(subject, story_most);
    }
    text += "\nWhat they saw\n";
    let mut grid = Grid::new("ll");
    of.seen.iter().for_each(|row| grid.row([row.of.clone(), row.is.clone()]));
    text += &grid.print(2);
    let rows = rows(
        ["policy", "", "what", "about", "why"],
        of.decided.iter().map(|row| {
            let (count, target) = match row.count {
                1 => (String::new(), row.target.clone()),
                many => (count(many), format!("{} and others", row.target)),
            };
            [row.policy.clone(), count, row.what.clone(), target, row.why.clone()]
        }),
    );
    text += &section("What they decided, and what they left", rows, DECIDED_MOST);
    text += &section("In flight", flights(&of.flights), FLIGHTS_MOST);
    if let Some(fork) = &of.fork {
        text += &forked(fork, of.at);
    }
    text
}

fn rows<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> Rows {
    let head = head.map(str::to_owned).to_vec();
    [head].into_iter().chain(rows.map(|row| row.to_vec())).collect()
}

/// A table under its title, cut where it is long.
fn section(title: &str, mut rows: Rows, most: usize) -> String {
    let all = rows.len() - 1;
    if all == 0 {
        return format!("\n{title}\n  nothing\n");
    }
    rows.truncate(most.saturating_add(1));
    let more =
        if all > most { format!(" ({most} of {})", count(all as u64)) } else { String::new() };
    format!("\n{title}{more}\n{}", table(&rows).print(2))
}

fn flights(of: &[FlightRow]) -> Rows {
    rows(
        ["since", "about", "what", "policy", "", "until"],
        of.iter().map(|row| {
            let state = match (row.waits, row.failures) {
                (true, 0) => "its effect is waited for".to_owned(),
                (true, many) => format!("its effect is waited for, after {many} without"),
                (false, many) => format!("it had no effect, {many} times; not again"),
            };
            let (what, policy) = (row.what.clone(), row.policy.clone());
            [moment(row.since), row.target.clone(), what, policy, state, moment(row.due)]
        }),
    )
}

fn told(of: &Explainee, most: Option<usize>) -> String {
    let mut text = format!("\n{} {}, as it was seen\n", of.kind, outside::name(&of.name));
    let mut grid = Grid::new("ll");
    if let Ok(Value::Object(row)) = serde_json::from_str(of.row.text()) {
        for (key, value) in row.iter().filter(|of| *of.0 != "name" && !of.1.is_null()) {
            let each = value.as_array().map_or(core::slice::from_ref(value), Vec::as_slice);
            each.iter().for_each(|of| grid.row([key.clone(), plain(of)]));
        }
    }
    text += &grid.print(2);
    text += &section("What was said of it last", story(&of.last), usize::MAX);
    let all = of.story.len();
    let from = most.map_or(0, |most| all.saturating_sub(most));
    let more = if from > 0 {
        format!(
            " (the last {} of {}; --most 0 shows all)",
            count((all - from) as u64),
            count(all as u64)
        )
    } else {
        String::new()
    };
    text += &section(&format!("Its story{more}"), story(&of.story[from..]), usize::MAX);
    text
}

/// A value of a row in words.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(plain).collect::<Vec<_>>().join("; "),
        Value::Object(all) if all.contains_key("seen_at") && all.contains_key("value") => {
            format!("{} (seen {})", plain(&all["value"]), plain(&all["seen_at"]))
        }
        Value::Object(all) => {
            let told = all.iter().map(|(key, value)| format!("{key} {}", plain(value)));
            told.collect::<Vec<_>>().join(", ")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

fn story(of: &[StoryRow]) -> Rows {
    rows(
        ["at", "by", "what", "why"],
        of.iter().map(|row| {
            let by = row.policy.clone().unwrap_or_else(|| "seen".to_owned());
            [moment(row.at), by, short(&row.what), row.why.clone()]
        }),
    )
}

/// No more of a list than fits on a line.
fn short(text: &str) -> String {
    let parts: Vec<&str> = text.split(", ").collect();
    match parts.get(PARTS_MOST..) {
        Some(more @ [_, _, ..]) => {
            format!("{} and {} more", parts[..PARTS_MOST].join(", "), more.len())
        }
        Some(_) | None => text.to_owned(),
    }
}

fn forked(of: &Forked, at: u64) -> String {
    let mut text = format!(
        "\nUnder {} from {} on (policies {})\n",
        outside::sentence(&of.name),
        moment(at),
        of.policies.get(..16).unwrap_or(&of.policies)
    );
    if of.identical {
        return text + "  all that happens is the same to the last byte\n";
    }
    match &of.parting {
        Some(parting) => text += &parting_told(parting),
        None => text += "  the same actions are taken\n",
    }
    let goals = of.goals.iter().zip(&of.goals_forked).map(|(before, after)| {
        let kind = match before.kind {
            GoalKind::Objective => "objective",
            GoalKind::Claim => "claim",
        };
        [kind.to_owned(), before.name.clone(), goal(before), goal(after)]
    });
    let goals = rows(["", "over the whole run", "as it was", "forked"], goals);
    if goals.len() > 1 {
        text += &section("Objectives and claims", goals, usize::MAX);
    }
    let mut metrics: Vec<&(Metric, Metric)> = of.metrics.iter().collect();
    // Money first.
    metrics.sort_by_key(|(before, _)| before.unit != Unit::Dollars);
    let metrics = metrics.into_iter().map(|(before, after)| {
        let value = |of: Option<f64>| of.map_or("-".to_owned(), |of| quantity(of, before.unit));
        [before.name.clone(), value(before.value), value(after.value)]
    });
    let metrics = rows(["over the whole run", "as it was", "forked"], metrics);
    text + &section("What comes out otherwise", metrics, METRICS_MOST)
}

fn goal(of: &Goal) -> String {
    let value = of.value.map_or("-".to_owned(), |value| quantity(value, of.unit));
    let holds = if of.holds { "holds" } else { "does not hold" };
    format!("{value}, {holds}")
}
