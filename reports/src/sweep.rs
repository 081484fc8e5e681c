//! Several runs that differ in one number, as a table: what each objective came to, and which breaks
//! first.

use crate::figures::{bound, count, quantity};
use crate::grid::Grid;
use seatrial_record::{Goal, GoalKind, Runs, Unit};

/// One scenario with several numbers of tenants.
pub struct Swept {
    /// What it is called.
    pub title: String,
    /// So many tenants, and what was found with them.
    pub points: Vec<(u32, Runs)>,
}

/// The table of a sweep, in text that lines up.
#[must_use]
pub fn sweep(swept: &Swept) -> String {
    let rows = cells(swept);
    let mut grid = Grid::new(&format!("ll{}", "r".repeat(swept.points.len())));
    rows.into_iter().for_each(|row| grid.row(row));
    format!("{}\n{}{}", swept.title, grid.print(2), first(swept))
}

/// The same as a table of Markdown.
#[must_use]
pub fn sweep_markdown(swept: &Swept) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut rows = cells(swept).into_iter();
    let head = rows.next().unwrap_or_default();
    let rule: Vec<String> = head.iter().map(|_| "---".to_owned()).collect();
    let rows: String = rows.map(|row| line(&row)).collect();
    format!(
        "### {}\n\n{}{}{rows}\n{}\n",
        swept.title,
        line(&head),
        line(&rule),
        first(swept).trim()
    )
}

fn objectives(runs: &Runs) -> impl Iterator<Item = &Goal> {
    runs.goals.iter().filter(|goal| goal.kind == GoalKind::Objective)
}

/// A line for the numbers of tenants, one for the bill, and one for each objective.
fn cells(swept: &Swept) -> Vec<Vec<String>> {
    let line = |name: &str, bound: String, each: &dyn Fn(u32, &Runs) -> String| {
        let values = swept.points.iter().map(|(tenants, runs)| each(*tenants, runs));
        [name.to_owned(), bound].into_iter().chain(values).collect::<Vec<String>>()
    };
    let bill = |_, runs: &Runs| {
        let bill = runs.estimates.iter().find(|of| of.name == "bill_month");
        let bill = bill.and_then(|of| of.value).map(|of| quantity(of, Unit::Dollars));
        bill.unwrap_or_else(|| "-".to_owned())
    };
    let mut rows = vec![
        line("tenants", String::new(), &|tenants, _| count(u64::from(tenants))),
        line("bill a month", String::new(), &bill),
    ];
    let goals = swept.points.first().map(|(_, runs)| objectives(runs).collect::<Vec<&Goal>>());
    for (at, goal) in goals.unwrap_or_default().into_iter().enumerate() {
        let value = |_, runs: &Runs| {
            let found = objectives(runs).nth(at);
            let value = found.and_then(|goal| goal.value);
            let value = value.map_or("-".to_owned(), |of| quantity(of, goal.unit));
            if found.is_some_and(|goal| goal.holds) { value } else { format!("{value} !") }
        };
        rows.push(line(&goal.name, bound(&goal.bound, goal.unit), &value));
    }
    rows
}

/// Which objectives are the first to break, in a line.
fn first(swept: &Swept) -> String {
    let broken = |runs: &Runs| -> Vec<String> {
        let broken = objectives(runs).filter(|goal| !goal.holds);
        broken.map(|goal| goal.name.clone()).collect()
    };
    let at = swept.points.iter().position(|(_, runs)| !broken(runs).is_empty());
    let Some(at) = at else { return "  Nothing breaks.\n".to_owned() };
    let (tenants, runs) = &swept.points[at];
    let names = broken(runs).join(", ");
    let before = match at.checked_sub(1) {
        Some(before) => {
            format!("all holds with {} tenants; ", count(swept.points[before].0.into()))
        }
        None => String::new(),
    };
    format!("  Breaks first: {before}with {} {names}.\n", count(u64::from(*tenants)))
}
