//! A suite: several cases, each two worlds side by side, judged together. Runs no world itself.

use crate::compare::{Compared, Covered, Terms, World, compare};
use crate::judging::{Looks, Measure, Pairs};
use seatrial_record::{Comparison, GatedObjective, GoalKind, Outcome, Row, VerdictWord};

/// A case of a suite.
pub struct GateCase<'a, E> {
    /// What it is compared with.
    pub first: &'a dyn World<Error = E>,
    /// What is gated.
    pub second: &'a dyn World<Error = E>,
    /// The gated metrics.
    pub measures: Vec<Measure>,
    /// The first seed.
    pub seed: u64,
    /// Objectives that may be broken in some runs.
    pub may_fail: Vec<(String, u32)>,
}

/// What a case came to.
pub struct CaseFound {
    /// What was found.
    pub comparison: Comparison,
    /// Its objectives.
    pub objectives: Vec<GatedObjective>,
    /// Of each gated metric its values, pair by pair.
    pub values: Vec<Pairs>,
    /// What the gated half went through.
    pub covered: Covered,
    /// What each run of the first and of the second found.
    pub rows: [Vec<Row>; 2],
}

/// When one looks at all cases of a suite together: every metric of every case counts. Nothing where so few pairs decide
/// nothing.
#[must_use]
pub fn looks<E>(cases: &[GateCase<'_, E>], most: u32) -> Option<Looks> {
    Looks::planned(cases.iter().map(|case| case.measures.len()).sum(), most)
}

/// Runs all cases, one after the other, each on all cores.
///
/// # Errors
/// A run that failed.
pub fn gate<E: Send>(
    cases: &[GateCase<'_, E>],
    looks: &Looks,
    threads: Option<usize>,
    may_go_on: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<CaseFound>, E> {
    let run = |case: &GateCase<'_, E>| {
        let terms = Terms {
            measures: case.measures.clone(),
            looks: looks.clone(),
            seed: case.seed,
            second_seed: case.seed,
            threads,
            may_go_on: Some(may_go_on),
        };
        let Compared { found, values, covered, rows } = compare(case.first, case.second, &terms)?;
        let objectives = objectives(&found, &covered, &case.may_fail);
        Ok(CaseFound { comparison: found, objectives, values, covered, rows })
    };
    cases.iter().map(run).collect()
}

fn objectives(
    found: &Comparison,
    covered: &Covered,
    may_fail: &[(String, u32)],
) -> Vec<GatedObjective> {
    let goals = found.second.goals.iter().zip(&covered.goals);
    let own = goals.filter(|(goal, _)| goal.kind == GoalKind::Objective);
    let of = own.map(|(goal, (mean, worst))| GatedObjective {
        name: goal.name.clone(),
        metric: goal.metric.clone(),
        unit: goal.unit,
        bound: goal.bound,
        mean: *mean,
        worst: *worst,
        broken: found.broken.iter().find(|of| of.name == goal.name).map_or(0, |of| of.second),
        may_fail: may_fail.iter().find(|of| of.0 == goal.name).map_or(0, |of| of.1),
        place: None,
    });
    of.collect()
}

/// What all of it comes to, by what something that is not decided counts as; it stays undecided where nobody says.
#[must_use]
pub fn outcome(cases: &[CaseFound], undecided: Option<bool>) -> Outcome {
    let is = |words: &[VerdictWord]| {
        let mut rows = cases.iter().flat_map(|case| &case.comparison.verdicts);
        rows.any(|row| words.contains(&row.verdict))
    };
    let fails = cases.iter().flat_map(|case| &case.objectives).any(GatedObjective::fails);
    if fails || is(&[VerdictWord::Worse]) {
        return Outcome::Fail;
    }
    match undecided {
        _ if !is(&[VerdictWord::Undecided, VerdictWord::Inconsistent]) => Outcome::Pass,
        Some(true) => Outcome::Pass,
        Some(false) => Outcome::Fail,
        None => Outcome::Undecided,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_record::{ScaleWord, Unit, VerdictRow};

    fn found(verdict: VerdictWord, broken: u32, may_fail: u32) -> CaseFound {
        let row = VerdictRow {
            metric: "bill_month".to_owned(),
            unit: Unit::Dollars,
            scale: ScaleWord::Ratio,
            margin: 0.01,
            verdict,
            first: None,
            second: None,
            effect: None,
            low: None,
            high: None,
            pairs: 50,
            gain: None,
            needs: None,
        };
        CaseFound {
            comparison: Comparison { verdicts: vec![row], ..Comparison::default() },
            objectives: vec![GatedObjective { broken, may_fail, ..GatedObjective::default() }],
            values: Vec::new(),
            covered: Covered::default(),
            rows: [Vec::new(), Vec::new()],
        }
    }

    #[test]
    fn what_is_worse_or_broken_fails_and_what_is_not_decided_counts_as_somebody_says() {
        let of =
            |verdict| outcome(&[found(VerdictWord::Equivalent, 0, 0), found(verdict, 0, 0)], None);
        assert_eq!(of(VerdictWord::Identical), Outcome::Pass);
        assert_eq!(of(VerdictWord::Better), Outcome::Pass);
        assert_eq!(of(VerdictWord::Changed), Outcome::Pass);
        assert_eq!(of(VerdictWord::Worse), Outcome::Fail);
        assert_eq!(of(VerdictWord::Undecided), Outcome::Undecided);
        assert_eq!(of(VerdictWord::Inconsistent), Outcome::Undecided);
        let undecided = [found(VerdictWord::Undecided, 0, 0)];
        assert_eq!(outcome(&undecided, Some(true)), Outcome::Pass);
        assert_eq!(outcome(&undecided, Some(false)), Outcome::Fail);
        assert_eq!(outcome(&[found(VerdictWord::Better, 1, 0)], None), Outcome::Fail);
        assert_eq!(outcome(&[found(VerdictWord::Better, 2, 2)], None), Outcome::Pass);
        assert_eq!(outcome(&[found(VerdictWord::Undecided, 3, 2)], Some(true)), Outcome::Fail);
    }
}
