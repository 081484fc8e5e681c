//! What the second world went through, over all its runs: what its policies did, what struck them, and how near it came
//! to its bounds. Judges nothing.

use super::mean;
use seatrial_record::{Bound, Counted, Goal, Row};
use std::collections::BTreeMap;

/// What a world went through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Covered {
    /// The actions that were decided, and how often.
    pub actions: Vec<Counted>,
    /// The kinds of faults that struck, and how often.
    pub struck: Vec<Counted>,
    /// Of each goal, by its place, what its metric was: the mean of all runs, and the worst of them.
    pub goals: Vec<(Option<f64>, Option<f64>)>,
}

pub(super) fn covered(goals: &[Goal], rows: &[Row]) -> Covered {
    let reasons = rows.iter().flat_map(|row| &row.reasons).filter(|of| of.verdict != "hold");
    let struck = rows.iter().flat_map(|row| &row.struck).map(|of| (of.word.as_str(), of.count));
    let goal = |goal: &Goal| {
        let value = |row: &Row| row.metrics.iter().find(|of| of.name == goal.metric)?.value;
        let values: Vec<f64> = rows.iter().filter_map(value).collect();
        let worst = values
            .iter()
            .copied()
            .max_by(|a, b| beyond(&goal.bound, *a).total_cmp(&beyond(&goal.bound, *b)));
        (mean(values.iter().copied().map(Some)), worst)
    };
    Covered {
        actions: counted(reasons.map(|of| (of.verdict.as_str(), of.count))),
        struck: counted(struck),
        goals: goals.iter().map(goal).collect(),
    }
}

/// How far a value is beyond a bound; below nothing where it keeps it.
fn beyond(bound: &Bound, value: f64) -> f64 {
    let below = bound.at_least.map_or(f64::NEG_INFINITY, |least| least - value);
    below.max(bound.at_most.map_or(f64::NEG_INFINITY, |most| value - most))
}

fn counted<'a>(all: impl Iterator<Item = (&'a str, u64)>) -> Vec<Counted> {
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    all.for_each(|(word, count)| *sums.entry(word).or_default() += count);
    sums.into_iter().map(|(word, count)| Counted { word: word.to_owned(), count }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_record::{GoalKind, Metric, ReasonCount, Unit};

    fn row(verdict: &str, count: u64, value: f64) -> Row {
        let (policy, reason) = ("p".to_owned(), "r".to_owned());
        Row {
            reasons: vec![ReasonCount { policy, verdict: verdict.to_owned(), reason, count }],
            struck: vec![Counted { word: "zone-loss".to_owned(), count }],
            metrics: vec![Metric::new("m", Unit::Count, Some(value))],
            ..Row::default()
        }
    }

    fn goal(at_least: Option<f64>, at_most: Option<f64>) -> Goal {
        Goal {
            kind: GoalKind::Objective,
            name: "g".to_owned(),
            source: String::new(),
            metric: "m".to_owned(),
            value: None,
            bound: Bound { at_least, at_most },
            unit: Unit::Count,
            holds: false,
        }
    }

    #[test]
    fn holds_are_no_actions_and_the_worst_is_what_is_nearest_to_the_bound_or_farthest_beyond() {
        let rows = [row("wake", 2, 3.0), row("hold", 9, 5.0), row("wake", 1, 1.0)];
        let goals = [
            goal(None, Some(4.0)),
            goal(Some(2.0), None),
            goal(Some(2.0), Some(4.5)),
            goal(Some(0.0), Some(10.0)),
        ];
        let found = covered(&goals, &rows);
        assert_eq!(found.actions, [Counted { word: "wake".to_owned(), count: 3 }]);
        assert_eq!(found.struck, [Counted { word: "zone-loss".to_owned(), count: 12 }]);
        let worst: Vec<_> = found.goals.iter().map(|of| of.1).collect();
        assert_eq!(worst, [Some(5.0), Some(1.0), Some(1.0), Some(1.0)]);
        assert_eq!(found.goals[0].0, Some(3.0));
    }
}
