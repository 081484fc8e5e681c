//! What a suite may say: which scenarios are run, what is gated of them, and what they are compared with. Runs nothing.

use crate::scenario::Amount;
use core::num::NonZeroU32;
use seatrial_contract::config::{Located, Name, Path, Problems, element, words};
use seatrial_contract::units::Span;
use std::collections::BTreeSet;

element! {
    /// A suite: what a change must not make worse.
    pub struct Suite {
        /// What it is called.
        title: String,
        /// Run so many pairs of each case at the most.
        most: Located<NonZeroU32> = Located::nowhere(NonZeroU32::new(50).unwrap_or(NonZeroU32::MIN)),
        /// What a gated metric that is not decided counts as; exit code 4 where left out.
        undecided: Option<CountsAs> = None,
        /// How long all of it may take; then no more pairs are begun, and what is not decided by then is not.
        budget: Option<Located<Span>> = None,
        /// What it is compared with where the command line does not say.
        against: Option<Located<Against>> = None,
        /// What is run.
        cases: Vec<Case>,
    }
}

words! {
    /// What something that is not decided counts as.
    pub enum CountsAs {
        /// It fails nothing.
        Pass = "pass",
        /// It fails.
        Fail = "fail",
    }
}

element! {
    /// What the cases are compared with: one of these.
    pub struct Against {
        /// A revision of the repository, such as `main`: its program, and its files.
        revision: Option<Located<String>> = None,
        /// Another policy file; relative to this file.
        policies: Option<Located<String>> = None,
        /// What was found before, as `gate --accept` wrote it; relative to this file.
        baseline: Option<Located<String>> = None,
    }
}

element! {
    /// A scenario, and what is gated of it.
    pub struct Case {
        /// Its name.
        name: Located<Name>,
        /// The scenario file; relative to this file.
        scenario: Located<String>,
        /// What is changed in it or in its policy file, as `--set` does: `["duration=7d"]`.
        set: Vec<String> = Vec::new(),
        /// The first seed; the scenario's own where left out.
        seed: Option<u64> = None,
        /// What is gated; the bill and what objectives and claims are about where left out.
        metrics: Vec<GatedMetric> = Vec::new(),
        /// Objectives that may be broken in some runs; all others hold in each.
        may_fail: Vec<MayFail> = Vec::new(),
    }
}

element! {
    /// A gated metric.
    pub struct GatedMetric {
        /// The metric: `seatrial reference metrics` lists them.
        name: Located<String>,
        /// What is no difference: a share (`"1 %"`) by ratio; a number, a span or a size by difference; `"yes-no"`. Its
        /// usual margin where left out.
        margin: Option<Located<Amount>> = None,
        /// Which way is better; as objectives and claims of the scenario have it where left out, and money is better the less.
        better: Option<Better> = None,
    }
}

words! {
    /// Which way a metric is better.
    pub enum Better {
        /// Less of it.
        Less = "less",
        /// More of it.
        More = "more",
    }
}

element! {
    /// In how many runs an objective may be broken.
    pub struct MayFail {
        /// The objective.
        objective: Located<String>,
        /// So many.
        runs: u32,
    }
}

impl Suite {
    /// Says what does not fit together.
    pub fn check(&self, problems: &mut Problems) {
        let path = Path::Key(&Path::Root, "cases");
        if self.cases.is_empty() {
            let remedy = "add a table `[[cases]]` with a scenario";
            problems.add(
                &path,
                seatrial_contract::config::Place::default(),
                "there is no case",
                remedy,
            );
        }
        let mut names = BTreeSet::new();
        for case in &self.cases {
            if !names.insert(case.name.value.as_str()) {
                let message = format!("two cases are called `{}`", case.name.value.as_str());
                problems.add(&path, case.name.place, message, "give each a name of its own");
            }
        }
        if let Some(against) = &self.against {
            let of = &against.value;
            let said = [of.revision.is_some(), of.policies.is_some(), of.baseline.is_some()];
            if said.into_iter().filter(|said| *said).count() != 1 {
                let path = Path::Key(&Path::Root, "against");
                let remedy = "name one of `revision`, `policies` and `baseline`";
                problems.add(&path, against.place, "one thing to compare with is needed", remedy);
            }
        }
    }
}
