//! The record of a drill as Markdown, for whoever signs it.

use crate::figures::span;
use seatrial_contract::outside;
use seatrial_record::{Beside, Drill, Held, Severity};

/// The record as a document.
#[must_use]
pub fn drill_markdown(drill: &Drill) -> String {
    let mut text = head(drill);
    text += "\n## Targets and what was measured\n\n";
    let rows = drill.targets.iter().map(|of| {
        let missed = of.missed.map(|part| format!("{:.1} %", part * 100.0));
        let count = of.count.map(|count| format!("{count:.1}"));
        [
            outside::name(&of.of),
            of.what.clone(),
            time(of.target),
            count.unwrap_or_else(none),
            time(of.p50),
            time(of.p95),
            time(of.max),
            missed.unwrap_or_else(none),
        ]
    });
    text += &table(
        ["of", "what", "target", "a run", "p50", "p95", "longest", "missed"],
        rows.collect(),
    );
    if !drill.backups.is_empty() {
        text += "\n## Backups\n\n";
        let rows = drill.backups.iter().map(|of| {
            let size = format!("{:.1} GiB", gib(of.bytes));
            [outside::name(&of.of), time(Some(of.every)), size, time(of.oldest_loss)]
        });
        text += &table(["of", "every", "size", "oldest write lost"], rows.collect());
    }
    text += "\n## Integrity\n\n";
    let rows = drill.checks.iter().map(|of| {
        let verdict = if of.passes { "passes" } else { "FAILS" };
        [outside::name(&of.what), of.found.clone(), verdict.to_owned()]
    });
    text += &table(["what was looked at", "found", ""], rows.collect());
    text += "\n## Objectives\n\n";
    let rows = drill.verdicts.iter().map(|of| {
        let bound = |name: &str, of: Option<f64>| of.map(|of| format!("{name} {of}"));
        let bounds = [bound("at least", of.at_least), bound("at most", of.at_most)];
        let bounds = bounds.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let measured = of.measured.map_or_else(none, |of| format!("{of:.3}"));
        let verdict = if of.holds { "holds" } else { "FAILS" };
        [outside::name(&of.objective), of.metric.clone(), bounds, measured, verdict.to_owned()]
    });
    text += &table(["objective", "metric", "asked", "measured", ""], rows.collect());
    text += &steps(drill);
    text += &findings(drill);
    for (what, other) in [("the last drill", &drill.last), ("the forecast", &drill.forecast)] {
        text += &match other {
            Some(other) => beside(what, other),
            None => format!("\n## Beside {what}\n\nThere is none.\n"),
        };
    }
    text += "\n## Signed off\n\nName, date:\n";
    text
}

fn head(drill: &Drill) -> String {
    let subject = &drill.subject;
    let held = match drill.held {
        Held::Simulated => "in simulation",
        Held::Live => "on a real cluster",
    };
    let list = |all: Vec<String>| if all.is_empty() { none() } else { all.join(", ") };
    let faults =
        subject.faults.iter().map(|(name, times)| format!("{} {times}×", outside::name(name)));
    let tenants =
        subject.tenants.iter().map(|(tier, count)| format!("{} {count}", outside::name(tier)));
    let said = |of: &Option<String>| of.as_deref().map_or_else(none, outside::name);
    let rows = vec![
        ["series".to_owned(), outside::name(&drill.series)],
        ["held".to_owned(), format!("{held}, {} runs from seed {}", subject.runs, subject.seed)],
        ["date".to_owned(), said(&drill.date)],
        ["answers for findings".to_owned(), said(&drill.owner)],
        ["on".to_owned(), outside::name(&subject.title)],
        ["faults in the first run".to_owned(), list(faults.collect())],
        ["systems".to_owned(), list(subject.systems.iter().map(|of| outside::name(of)).collect())],
        ["tenants".to_owned(), list(tenants.collect())],
        ["policies".to_owned(), subject.policies.clone()],
        ["record".to_owned(), subject.record.clone()],
        ["drill before".to_owned(), drill.previous.clone().unwrap_or_else(none)],
    ];
    let table = table(["", ""], rows);
    format!("# Drill {}\n\n**{}.**\n\n{table}", outside::name(&drill.id), drill.notice)
}

fn steps(drill: &Drill) -> String {
    let rows = drill.steps.iter().map(|of| {
        let after = of
            .after
            .map_or_else(|| format!("absent: {}", of.absent), |at| format!("+{}", span(at)));
        [outside::name(&of.incident), span(of.struck), of.step.clone(), of.actor.clone(), after]
    });
    let table = table(["incident", "struck at", "step", "by", "after"], rows.collect());
    format!("\n## Steps, of the first run\n\n{table}")
}

fn findings(drill: &Drill) -> String {
    if drill.findings.is_empty() {
        return "\n## Findings\n\nNone.\n".to_owned();
    }
    let rows = drill.findings.iter().map(|of| {
        let severity = match of.severity {
            Severity::High => "high",
            Severity::Medium => "medium",
        };
        let said = |of: &Option<String>| of.as_deref().map_or_else(none, outside::name);
        let what = outside::name(&of.what);
        [severity.to_owned(), what, said(&of.owner), said(&of.due), outside::name(&of.retest)]
    });
    let table = table(["severity", "what", "owner", "due", "looked at again in"], rows.collect());
    format!("\n## Findings\n\n{table}")
}

fn beside(what: &str, other: &Beside) -> String {
    let rows = other.rows.iter().map(|of| {
        let times = if of.other > 0.0 { format!("{:.2}", of.here / of.other) } else { none() };
        [outside::name(&of.of), of.what.clone(), span(of.other), span(of.here), times]
    });
    let table = table(["of", "what", "there", "here", "here over there"], rows.collect());
    format!("\n## Beside {what}\n\n{}\n\n{table}", outside::name(&other.id))
}

fn table<const N: usize>(head: [&str; N], rows: Vec<[String; N]>) -> String {
    if rows.is_empty() {
        return "None.\n".to_owned();
    }
    let line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let rule = vec!["---".to_owned(); N];
    let rows: String = rows.iter().map(|row| line(row)).collect();
    format!("{}{}{rows}", line(&head.map(str::to_owned)), line(&rule))
}

fn time(seconds: Option<f64>) -> String {
    seconds.map_or_else(none, span)
}

fn none() -> String {
    "-".to_owned()
}

#[expect(clippy::cast_precision_loss, reason = "a size for people")]
fn gib(bytes: u64) -> f64 {
    bytes as f64 / 1_073_741_824.0
}
