//! The receipt of a suite that passed: what its cases went through, put together by the policies they ran under. Says
//! nothing about whether it passed.

use crate::gate::CaseFound;
use seatrial_contract::Action;
use seatrial_record::{
    Build, Counted, RECEIPT_VERSION, Receipt, ReceiptAgainst, ReceiptCase, ReceiptSuite, Rehearsed,
};
use std::collections::BTreeMap;

/// A case of a suite, and what it came to.
pub struct Rehearsal<'a> {
    /// Its name.
    pub name: &'a str,
    /// The digest of its scenario.
    pub scenario: &'a str,
    /// The policy file.
    pub file: String,
    /// What was found.
    pub found: &'a CaseFound,
}

/// The receipt of all cases of a suite.
#[must_use]
pub fn receipt(
    (suite, build, date): (ReceiptSuite, Build, Option<String>),
    cases: &[Rehearsal<'_>],
) -> Receipt {
    let mut policies: Vec<Rehearsed> = Vec::new();
    for case in cases {
        let digest = &case.found.comparison.second.policies;
        if digest.is_empty() {
            continue;
        }
        let at = policies.iter().position(|of| of.digest == *digest).unwrap_or_else(|| {
            let file = case.file.clone();
            policies.push(Rehearsed { digest: digest.clone(), file, ..Rehearsed::default() });
            policies.len() - 1
        });
        let of = &mut policies[at];
        of.cases.push(case.name.to_owned());
        add(&mut of.actions, &case.found.covered.actions);
        add(&mut of.faults, &case.found.covered.struck);
    }
    for of in &mut policies {
        of.never_taken = missing(&Action::WORDS, &of.actions);
        of.never_struck = missing(&seatrial_faults::kinds(), &of.faults);
    }
    let cases = cases.iter().map(of_case).collect();
    Receipt { version: RECEIPT_VERSION, date, suite, build, policies, cases }
}

fn of_case(case: &Rehearsal<'_>) -> ReceiptCase {
    let found = &case.found.comparison;
    let first = &found.first;
    ReceiptCase {
        name: case.name.to_owned(),
        scenario: case.scenario.to_owned(),
        policies: found.second.policies.clone(),
        against: ReceiptAgainst {
            name: first.name.clone(),
            program: first.program.clone(),
            policies: first.policies.clone(),
        },
        seeds: found.seeds.clone(),
        identical: found.identical,
        verdicts: found.verdicts.clone(),
        objectives: case.found.objectives.clone(),
    }
}

/// Adds counts to counts.
fn add(all: &mut Vec<Counted>, more: &[Counted]) {
    let both = all.iter().chain(more);
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    both.for_each(|of| *sums.entry(&of.word).or_default() += of.count);
    let sums = sums.into_iter().map(|(word, count)| Counted { word: word.to_owned(), count });
    *all = sums.collect();
}

/// Those of some words that were never counted.
fn missing(words: &[&str], counted: &[Counted]) -> Vec<String> {
    let is_missing = |word: &&&str| !counted.iter().any(|of| of.word == **word && of.count > 0);
    let mut all: Vec<String> =
        words.iter().filter(is_missing).map(|word| (*word).to_owned()).collect();
    all.sort();
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Covered;
    use seatrial_record::{Comparison, Half};

    fn found(policies: &str, action: &str, fault: &str) -> CaseFound {
        let counted = |word: &str| vec![Counted { word: word.to_owned(), count: 2 }];
        CaseFound {
            rows: [Vec::new(), Vec::new()],
            comparison: Comparison {
                second: Half { policies: policies.to_owned(), ..Half::default() },
                ..Comparison::default()
            },
            objectives: Vec::new(),
            values: Vec::new(),
            covered: Covered {
                actions: counted(action),
                struck: counted(fault),
                goals: Vec::new(),
            },
        }
    }

    #[test]
    fn what_one_set_of_policies_went_through_counts_for_no_other() {
        let all = [
            ("a", found("one", "wake", "zone-loss")),
            ("b", found("two", "drain", "oom-kill")),
            ("c", found("one", "wake", "rack-loss")),
            ("d", found("", "place", "partition")),
        ];
        let cases = all.iter().map(|(name, found)| Rehearsal {
            name,
            scenario: "s",
            file: "p.toml".to_owned(),
            found,
        });
        let cases: Vec<_> = cases.collect();
        let made = receipt((ReceiptSuite::default(), Build::default(), None), &cases);
        let digests: Vec<&str> = made.policies.iter().map(|of| of.digest.as_str()).collect();
        assert_eq!(digests, ["one", "two"]);
        let one = made.of("one").unwrap();
        assert_eq!(
            (&one.cases[..], one.actions[0].count),
            (&["a".to_owned(), "c".to_owned()][..], 4)
        );
        assert_eq!(one.faults.len(), 2);
        assert!(one.took("wake") && !one.took("drain") && !one.took("place"));
        assert!(one.never_taken.contains(&"drain".to_owned()));
        assert!(!one.never_taken.contains(&"wake".to_owned()));
        assert!(one.never_struck.contains(&"partition".to_owned()));
        assert_eq!(one.never_struck.len() + 2, seatrial_faults::kinds().len());
        assert_eq!(made.cases.len(), 4);
    }
}
