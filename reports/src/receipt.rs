//! A receipt for people: whom it is for, what was gone through, and what was not.

use crate::comparison::{Rows, table};
use crate::figures::{count, quantity};
use core::fmt::Write;
use seatrial_contract::outside;
use seatrial_record::{Bound, Counted, Receipt, Rehearsed, Unit, VerdictWord};

/// So wide are lists of words.
const WIDTH: usize = 96;

/// The receipt as text; `signed` says who signed it.
#[must_use]
pub fn receipt(of: &Receipt, digest: &str, signed: &str) -> String {
    let Receipt { suite, build, .. } = of;
    let date = of.date.as_ref().map_or(String::new(), |date| format!(", {date}"));
    let mut text = format!("Receipt {}{date}\n", short(digest));
    let mut line = |name: &str, what: &str| {
        let _ = writeln!(text, "  {name:<9} {}", outside::sentence(what));
    };
    line("suite", &format!("{} ({}, {})", suite.title, suite.file, short(&suite.digest)));
    line("ran by", &format!("seatrial {}, file {}", build.program, short(&build.digest)));
    line("signed by", signed);
    for policies in &of.policies {
        text += &rehearsed(policies);
    }
    let _ = write!(text, "\nCases\n{}", table(&cases(of)).print(2));
    let objectives = objectives(of);
    if objectives.len() > 1 {
        let _ = write!(text, "\nObjectives\n{}", table(&objectives).print(2));
    }
    text
}

fn short(digest: &str) -> &str {
    digest.get(..16).unwrap_or(digest)
}

/// What policies went through, and what they did not.
#[must_use]
pub fn rehearsed(of: &Rehearsed) -> String {
    let mut text = format!("\nPolicies {} ({})\n", short(&of.digest), outside::sentence(&of.file));
    let counted = |all: &[Counted]| {
        all.iter().map(|of| format!("{} {}", of.word, count(of.count))).collect::<Vec<_>>()
    };
    let mut list = |name: &str, words: &[String]| {
        let words = if words.is_empty() { &["none".to_owned()] } else { words };
        let _ = writeln!(text, "  {name}");
        text += &wrapped(words);
    };
    list("in the cases", &of.cases);
    list("decided", &counted(&of.actions));
    list("under the faults", &counted(&of.faults));
    list("not covered: actions that were never decided", &of.never_taken);
    list("not covered: faults that never struck", &of.never_struck);
    text
}

/// Words with commas between them, over as many lines as they need.
fn wrapped(words: &[String]) -> String {
    let (mut text, mut line) = (String::new(), String::new());
    for (at, word) in words.iter().enumerate() {
        let word = outside::sentence(word) + if at + 1 < words.len() { "," } else { "" };
        if !line.is_empty() && line.len() + 1 + word.len() > WIDTH {
            let _ = writeln!(text, "    {line}");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line += &word;
    }
    let _ = writeln!(text, "    {line}");
    text
}

fn cases(of: &Receipt) -> Rows {
    let head = ["case", "scenario", "policies", "pairs", "compared with", "verdict"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(of.cases.iter().map(|case| {
        let seeds = match case.seeds.as_slice() {
            [from, .., to] => format!("{} (seeds {from} to {to})", case.seeds.len()),
            [seed] => format!("1 (seed {seed})"),
            [] => "0".to_owned(),
        };
        let policies = if case.policies.is_empty() { "none" } else { short(&case.policies) };
        vec![
            case.name.clone(),
            short(&case.scenario).to_owned(),
            policies.to_owned(),
            seeds,
            case.against.name.clone(),
            verdict(case),
        ]
    }));
    rows
}

fn verdict(case: &seatrial_record::ReceiptCase) -> String {
    if case.identical as usize == case.seeds.len() {
        return "identical".to_owned();
    }
    let words = [
        VerdictWord::Undecided,
        VerdictWord::Inconsistent,
        VerdictWord::Worse,
        VerdictWord::Changed,
        VerdictWord::Better,
        VerdictWord::Equivalent,
        VerdictWord::Identical,
    ];
    let told = words.into_iter().filter_map(|word| {
        let rows = case.verdicts.iter().filter(|row| row.verdict == word);
        let names: Vec<&str> = rows.map(|row| row.metric.as_str()).collect();
        (!names.is_empty()).then(|| format!("{}: {}", word.word(), names.join(", ")))
    });
    told.collect::<Vec<_>>().join("; ")
}

fn objectives(of: &Receipt) -> Rows {
    let head = ["case", "objective", "metric", "asked", "mean", "worst", "broken in", "may be in"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for case in &of.cases {
        rows.extend(case.objectives.iter().map(|of| {
            let value =
                |value: Option<f64>| value.map_or("-".to_owned(), |value| quantity(value, of.unit));
            vec![
                case.name.clone(),
                of.name.clone(),
                of.metric.clone(),
                asked(&of.bound, of.unit),
                value(of.mean),
                value(of.worst),
                format!("{} of {}", of.broken, case.seeds.len()),
                of.may_fail.to_string(),
            ]
        }));
    }
    rows
}

fn asked(bound: &Bound, unit: Unit) -> String {
    let told = |word: &str, of: Option<f64>| Some(format!("{word} {}", quantity(of?, unit)));
    let both = [told("at least", bound.at_least), told("at most", bound.at_most)];
    both.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
