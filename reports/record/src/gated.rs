//! What a gate found, and what was found before.

use crate::{Bound, Comparison, Unit};
use core::fmt;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The version of [`Gated`].
pub const GATED_VERSION: u32 = 1;

/// A suite that was run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Gated {
    /// [`GATED_VERSION`] when it was written.
    pub version: u32,
    /// The suite's title.
    pub title: String,
    /// The suite's file.
    pub file: String,
    /// What it came to.
    pub outcome: Outcome,
    /// Why more pairs were not begun, where they were not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut_short: Option<String>,
    /// The cases.
    pub cases: Vec<GatedCase>,
}

/// What a suite came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Nothing is worse.
    #[default]
    Pass,
    /// Something is, or an objective is broken.
    Fail,
    /// Something is not decided.
    Undecided,
}

/// A case that was run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GatedCase {
    /// Its name.
    pub name: String,
    /// The digest of the scenario.
    pub scenario: String,
    /// What is to be known of its baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Where it stands in the suite.
    pub place: Option<Place>,
    /// The first line of the policy file that changed.
    pub changed: Option<Place>,
    /// What was found.
    pub comparison: Comparison,
    /// Its objectives.
    pub objectives: Vec<GatedObjective>,
}

/// A line of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// An objective of a case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GatedObjective {
    /// Its name.
    pub name: String,
    /// The metric that it is about.
    pub metric: String,
    /// What that is counted in.
    pub unit: Unit,
    /// What it may be.
    pub bound: Bound,
    /// What it was, the mean of all runs.
    pub mean: Option<f64>,
    /// What it was in the worst of them.
    pub worst: Option<f64>,
    /// In how many runs it is broken.
    pub broken: u32,
    /// In how many it may be.
    pub may_fail: u32,
    /// Where it stands.
    pub place: Option<Place>,
}

impl GatedObjective {
    /// Whether it is broken more often than it may be.
    #[must_use]
    pub const fn fails(&self) -> bool {
        self.broken > self.may_fail
    }
}

/// What was found before and counts as well: a text of sorted lines, so that its diff can be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Baseline {
    /// By case.
    pub cases: BTreeMap<String, BaselineCase>,
}

/// A case of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BaselineCase {
    /// The digest of the scenario.
    pub scenario: String,
    /// The digest of the policies.
    pub policies: String,
    /// The first seed.
    pub seed: u64,
    /// By metric, its value with each seed.
    pub metrics: BTreeMap<String, Vec<Option<f64>>>,
}

/// A line of a baseline that is not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaselineError {
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} is not understood; accept the baseline anew", self.line)
    }
}

impl std::error::Error for BaselineError {}

const HEAD: &str = "# What `seatrial gate --accept` found: by case its scenario, policies and first seed, then by metric its\n\
                    # value with each seed. Written by the program, read by people in the diff.\n";

impl Baseline {
    /// The text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = HEAD.to_owned();
        for (name, case) in &self.cases {
            let none =
                |digest: &str| if digest.is_empty() { "-".to_owned() } else { digest.to_owned() };
            let _ = writeln!(
                text,
                "{name} scenario {} policies {} seed {}",
                none(&case.scenario),
                none(&case.policies),
                case.seed
            );
            for (metric, values) in &case.metrics {
                let told = values.iter().map(|of| of.map_or("-".to_owned(), |of| of.to_string()));
                let _ = writeln!(text, "{name} {metric} {}", told.collect::<Vec<_>>().join(" "));
            }
        }
        text
    }

    /// What a text says.
    ///
    /// # Errors
    /// A line that is not understood.
    pub fn of_text(text: &str) -> Result<Self, BaselineError> {
        let mut found = Self::default();
        for (at, line) in text.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let words: Vec<&str> = line.split_whitespace().collect();
            found.add(&words).ok_or(BaselineError { line: at + 1 })?;
        }
        Ok(found)
    }

    fn add(&mut self, words: &[&str]) -> Option<()> {
        let digest = |word: &str| if word == "-" { String::new() } else { word.to_owned() };
        match *words {
            [name, "scenario", scenario, "policies", policies, "seed", seed] => {
                let case = BaselineCase {
                    scenario: digest(scenario),
                    policies: digest(policies),
                    seed: seed.parse().ok()?,
                    metrics: BTreeMap::new(),
                };
                self.cases.insert(name.to_owned(), case).is_none().then_some(())
            }
            [name, metric, ref values @ ..] => {
                let value = |word: &&str| match *word {
                    "-" => Some(None),
                    word => word.parse().ok().filter(|of: &f64| of.is_finite()).map(Some),
                };
                let values: Option<Vec<Option<f64>>> = values.iter().map(value).collect();
                let metrics = &mut self.cases.get_mut(name)?.metrics;
                metrics.insert(metric.to_owned(), values?).is_none().then_some(())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_reads_as_it_was_written() {
        let values = vec![Some(0.1), None, Some(3_153.31), Some(1.0 / 3.0), Some(-0.0)];
        let case = BaselineCase {
            scenario: "ab".to_owned(),
            policies: String::new(),
            seed: 4,
            metrics: [("bill_month".to_owned(), values)].into(),
        };
        let baseline = Baseline { cases: [("plan-b".to_owned(), case)].into() };
        let text = baseline.to_text();
        assert!(
            text.contains("plan-b scenario ab policies - seed 4\nplan-b bill_month 0.1 - 3153.31 ")
        );
        assert_eq!(Baseline::of_text(&text), Ok(baseline));
    }

    #[test]
    fn a_line_that_is_not_understood_is_named() {
        for (text, line) in [
            ("plan-b bill_month 1 2", 1),
            ("# x\n\na scenario s policies p seed x", 3),
            ("a scenario s policies p seed 4\na m 1 much", 2),
            ("a scenario s policies p seed 4\na m NaN", 2),
            ("a scenario s policies p seed 4\na m 1\na m 1", 3),
            ("a", 1),
        ] {
            assert_eq!(Baseline::of_text(text), Err(BaselineError { line }), "{text}");
        }
    }
}
