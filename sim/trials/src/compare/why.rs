//! Why two worlds differ: what was decided otherwise, and when first. Judges nothing.

use seatrial_record::{DecisionRow, Parting, ReasonRow, Row};
use std::collections::BTreeMap;

/// What was decided otherwise, over all runs; the largest difference first.
pub(super) fn reasons(first: &[Row], second: &[Row]) -> Vec<ReasonRow> {
    let mut all: BTreeMap<(&str, &str, &str), [u64; 2]> = BTreeMap::new();
    for (half, rows) in [first, second].into_iter().enumerate() {
        for of in rows.iter().flat_map(|row| &row.reasons) {
            all.entry((&of.policy, &of.verdict, &of.reason)).or_default()[half] += of.count;
        }
    }
    let differ = all.into_iter().filter(|(_, [first, second])| first != second);
    let mut rows: Vec<ReasonRow> = differ
        .map(|((policy, verdict, reason), [first, second])| ReasonRow {
            policy: policy.to_owned(),
            verdict: verdict.to_owned(),
            reason: reason.to_owned(),
            first,
            second,
        })
        .collect();
    // What is done comes before what is left.
    rows.sort_by_key(|of| (of.verdict == "hold", core::cmp::Reverse(of.first.abs_diff(of.second))));
    rows
}

/// Where the worlds of the first pair part.
pub(crate) fn parting(first: &[Row], second: &[Row]) -> Option<Parting> {
    let (first, second) = (first.first()?, second.first()?);
    let (a, b) = (first.actions.as_deref()?, second.actions.as_deref()?);
    if first.seed != second.seed {
        return None;
    }
    let same = a.iter().zip(b).take_while(|(a, b)| is_same(a, b)).count();
    let (a, b) = (a.get(same).cloned(), b.get(same).cloned());
    let parting = Parting { seed: first.seed, same: same as u64, first: a, second: b };
    (parting.first.is_some() || parting.second.is_some()).then_some(parting)
}

/// Whether two decisions are one, by whatever policy of whatever name and whyever.
fn is_same(first: &DecisionRow, second: &DecisionRow) -> bool {
    first.at == second.at && first.action == second.action
}
