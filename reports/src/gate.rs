//! What a gate found, as text, as Markdown for one comment on a pull request, and for those who read neither: JUnit, SARIF
//! and annotations.

mod annotations;
mod junit;
mod sarif;
mod told;

use crate::comparison::{escape, gated_rows, markdown, notes, parting_told, sections, table};
use crate::summary::Style;
use core::fmt::Write;
use seatrial_contract::outside;
use seatrial_record::{Comparison, Gated, GatedCase, Outcome, VerdictWord};

pub use annotations::gate_annotations;
pub use junit::gate_junit;
pub use sarif::gate_sarif;
use told::{Told, told};

/// So many things are named in the line that says what it came to.
const NAMED_MOST: usize = 3;

/// What it came to, in a line.
#[must_use]
pub fn gate_verdict(found: &Gated) -> String {
    let of = told(found);
    let names = |level: told::Level| {
        let all = of.iter().filter(|of| of.level == level);
        let all: Vec<String> = all.map(|of| format!("{}: {}", of.case, of.short)).collect();
        let more = all.len().saturating_sub(NAMED_MOST);
        let rest = if more > 0 { format!("; and {more} more") } else { String::new() };
        all.into_iter().take(NAMED_MOST).collect::<Vec<_>>().join("; ") + &rest
    };
    let word = match found.outcome {
        Outcome::Pass => "passes",
        Outcome::Fail => "fails",
        Outcome::Undecided => "undecided",
    };
    let (bad, open) = (names(told::Level::Error), names(told::Level::Warning));
    let all: Vec<String> = [bad, open].into_iter().filter(|of| !of.is_empty()).collect();
    if !all.is_empty() {
        return format!("{word}: {}", all.join("; "));
    }
    if found.cases.iter().all(|case| is_identical(&case.comparison)) {
        return format!("{word}: identical in all cases");
    }
    format!("{word}: nothing that is gated is worse")
}

fn is_identical(of: &Comparison) -> bool {
    !of.seeds.is_empty() && of.identical as usize == of.seeds.len()
}

/// The text for a terminal.
#[must_use]
pub fn gate(found: &Gated, style: Style) -> String {
    let verdict = outside::sentence(&gate_verdict(found)).to_string();
    let bold = |text: &str| {
        if style.colour { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    };
    let mut text = format!("{}\n{}\n", bold(&verdict), outside::sentence(&found.title));
    if let Some(note) = &found.cut_short {
        let _ = writeln!(text, "{note}");
    }
    for case in &found.cases {
        let of = &case.comparison;
        let _ = writeln!(text, "\n{}: {}", bold(&outside::sentence(&case.name)), head(of));
        if let Some(note) = &case.note {
            let _ = writeln!(text, "  {note}");
        }
        for objective in case.objectives.iter().filter(|of| of.broken > 0) {
            let _ = writeln!(text, "  {}", broken(case, objective));
        }
        if is_identical(of) {
            continue;
        }
        text += &table(&gated_rows(of)).print(2);
        for note in notes(of) {
            let _ = writeln!(text, "  {note}");
        }
        for (title, rows) in sections(of) {
            let _ = write!(text, "  {title}\n{}", table(&rows).print(4));
        }
        if let Some(parting) = &of.parting {
            let _ = write!(text, "  Where they part\n{}", parting_told(parting));
        }
    }
    text
}

fn head(of: &Comparison) -> String {
    let pairs = of.seeds.len();
    if is_identical(of) {
        return format!("identical, {pairs} pairs");
    }
    format!(
        "{pairs} pairs; what strikes fewer than {:.1} % of runs may be unseen",
        of.exposure * 100.0
    )
}

fn broken(case: &GatedCase, of: &seatrial_record::GatedObjective) -> String {
    let may = if of.fails() { "may be in" } else { "as it may be, in up to" };
    format!(
        "objective {} is broken in {} of {} runs ({may} {})",
        of.name,
        of.broken,
        case.comparison.seeds.len(),
        of.may_fail
    )
}

/// One comment on a pull request: the verdict, what moved, money, and the rest folded.
#[must_use]
pub fn gate_markdown(found: &Gated) -> String {
    let mut text = format!("### {}\n\n{}\n\n", escape(&gate_verdict(found)), escape(&found.title));
    if let Some(note) = &found.cut_short {
        let _ = writeln!(text, "{}\n", escape(note));
    }
    let mut moved: Vec<Vec<String>> = Vec::new();
    for case in &found.cases {
        let rows = gated_rows(&case.comparison);
        let verdicts = &case.comparison.verdicts;
        for (row, verdict) in rows.iter().skip(1).zip(verdicts) {
            if matches!(verdict.verdict, VerdictWord::Identical | VerdictWord::Equivalent) {
                continue;
            }
            let mut cells = vec![case.name.clone()];
            cells.extend(row.iter().cloned());
            moved.push(cells);
        }
    }
    if !moved.is_empty() {
        let head = gated_rows(&Comparison::default());
        let mut rows = vec![["case".to_owned()].into_iter().chain(head[0].clone()).collect()];
        rows.append(&mut moved);
        text += &markdown(&rows);
        text.push('\n');
    }
    for case in &found.cases {
        for objective in case.objectives.iter().filter(|of| of.broken > 0) {
            let _ =
                writeln!(text, "- {}: {}", escape(&case.name), escape(&broken(case, objective)));
        }
        for note in notes(&case.comparison).iter().filter(|of| of.starts_with("money")) {
            let _ = writeln!(text, "- {}: {}", escape(&case.name), escape(note));
        }
    }
    for case in &found.cases {
        let of = &case.comparison;
        let _ = write!(
            text,
            "\n<details><summary>{}: {}</summary>\n\n{}",
            escape(&case.name),
            escape(&head(of)),
            markdown(&gated_rows(of))
        );
        for note in case.note.iter().chain(&notes(of)) {
            let _ = writeln!(text, "\n{}", escape(note));
        }
        for (title, rows) in sections(of) {
            let _ = write!(text, "\n{title}\n\n{}", markdown(&rows));
        }
        if let Some(parting) = &of.parting {
            let _ = write!(text, "\nWhere they part\n\n```\n{}```\n", parting_told(parting));
        }
        text += "\n</details>\n";
    }
    text
}

impl Told {
    /// What is said of it, in a sentence.
    fn sentence(&self) -> String {
        format!("{}: {}", self.case, self.long)
    }
}
