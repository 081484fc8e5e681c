//! Several voyages that differ in one number, as a table: what each objective came to, and which breaks
//! first.

use crate::figures::{bound, count, quantity};
use crate::grid::Grid;
use seatrial_record::{Goal, GoalKind, Unit, Voyage};

/// One scenario with several numbers of tenants.
pub struct Swept {
    /// What it is called.
    pub title: String,
    /// So many tenants, and what was found with them.
    pub points: Vec<(u32, Voyage)>,
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

fn objectives(voyage: &Voyage) -> impl Iterator<Item = &Goal> {
    voyage.goals.iter().filter(|goal| goal.kind == GoalKind::Objective)
}

/// A line for the numbers of tenants, one for the bill, and one for each objective.
fn cells(swept: &Swept) -> Vec<Vec<String>> {
    let line = |name: &str, bound: String, each: &dyn Fn(u32, &Voyage) -> String| {
        let values = swept.points.iter().map(|(tenants, voyage)| each(*tenants, voyage));
        [name.to_owned(), bound].into_iter().chain(values).collect::<Vec<String>>()
    };
    let bill = |_, voyage: &Voyage| {
        let bill = voyage.estimates.iter().find(|of| of.name == "bill_month");
        let bill = bill.and_then(|of| of.value).map(|of| quantity(of, Unit::Dollars));
        bill.unwrap_or_else(|| "-".to_owned())
    };
    let mut rows = vec![
        line("tenants", String::new(), &|tenants, _| count(u64::from(tenants))),
        line("bill a month", String::new(), &bill),
    ];
    let goals = swept.points.first().map(|(_, voyage)| objectives(voyage).collect::<Vec<&Goal>>());
    for (at, goal) in goals.unwrap_or_default().into_iter().enumerate() {
        let value = |_, voyage: &Voyage| {
            let found = objectives(voyage).nth(at);
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
    let broken = |voyage: &Voyage| -> Vec<String> {
        let broken = objectives(voyage).filter(|goal| !goal.holds);
        broken.map(|goal| goal.name.clone()).collect()
    };
    let at = swept.points.iter().position(|(_, voyage)| !broken(voyage).is_empty());
    let Some(at) = at else { return "  Nothing breaks.\n".to_owned() };
    let (tenants, voyage) = &swept.points[at];
    let names = broken(voyage).join(", ");
    let before = match at.checked_sub(1) {
        Some(before) => {
            format!("all holds with {} tenants; ", count(swept.points[before].0.into()))
        }
        None => String::new(),
    };
    format!("  Breaks first: {before}with {} {names}.\n", count(u64::from(*tenants)))
}
