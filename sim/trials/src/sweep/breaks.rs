//! Which objectives of a sweep break at which points, and where first along each axis.

use seatrial_record::{GoalKind, SweepAxis, SweptAlong, SweptBreak, SweptPoint};

/// Each objective that breaks somewhere, in their order.
pub(crate) fn breaks(axes: &[SweepAxis], points: &[SweptPoint]) -> Vec<SweptBreak> {
    let mut names: Vec<&str> = Vec::new();
    for goal in points.iter().flat_map(|point| &point.runs).flat_map(|runs| &runs.goals) {
        if goal.kind == GoalKind::Objective && !names.contains(&&*goal.name) {
            names.push(&goal.name);
        }
    }
    let one = |name: &&str| SweptBreak {
        objective: (*name).to_owned(),
        points: (0..points.len()).filter(|at| holds(&points[*at], name) == Some(false)).collect(),
        along: (0..axes.len()).map(|axis| along(axes, axis, points, name)).collect(),
    };
    names.iter().map(one).filter(|of| !of.points.is_empty()).collect()
}

/// Whether an objective holds at a point; not known where nothing was found.
fn holds(point: &SweptPoint, name: &str) -> Option<bool> {
    let goals = &point.runs.as_ref()?.goals;
    let goal = goals.iter().find(|goal| goal.kind == GoalKind::Objective && goal.name == name)?;
    Some(goal.holds)
}

fn along(axes: &[SweepAxis], axis: usize, points: &[SweptPoint], name: &str) -> SweptAlong {
    let SweepAxis { key, values } = &axes[axis];
    let first = |other: usize| axes[other].values.first();
    let is_here =
        |point: &&SweptPoint, value: &String| {
            point.at.iter().enumerate().all(|(other, at)| {
                if other == axis { at == value } else { Some(at) == first(other) }
            })
        };
    let found = values.iter().filter_map(|value| {
        let point = points.iter().find(|point| is_here(point, value))?;
        Some((value, holds(point, name)?))
    });
    let found: Vec<(&String, bool)> = found.collect();
    let broken = found.iter().position(|(_, holds)| !holds);
    let before = broken.and_then(|at| at.checked_sub(1));
    SweptAlong {
        key: key.clone(),
        first: broken.map(|at| found[at].0.clone()),
        before: before.map(|at| found[at].0.clone()),
        looked_at: found.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_record::{Bound, Goal, Record, Runs, Unit};

    fn axis(key: &str, values: &[&str]) -> SweepAxis {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        SweepAxis { key: key.to_owned(), values }
    }

    fn point(at: &str, holds: Option<bool>) -> SweptPoint {
        let goal = |kind, name: &str, holds| Goal {
            kind,
            name: name.to_owned(),
            source: String::new(),
            metric: "m".to_owned(),
            value: None,
            bound: Bound::default(),
            unit: Unit::Count,
            holds,
        };
        let goals = |holds| {
            vec![
                goal(GoalKind::Objective, "quick", holds),
                goal(GoalKind::Objective, "always", true),
                goal(GoalKind::Claim, "claimed", false),
            ]
        };
        let runs = |holds| Runs {
            first: Record::default(),
            seeds: vec![1],
            record_digest: String::new(),
            events: 0,
            estimates: Vec::new(),
            goals: goals(holds),
            each: Vec::new(),
        };
        let at = at.split(' ').map(str::to_owned).collect();
        SweptPoint { at, runs: holds.map(runs), ..SweptPoint::default() }
    }

    #[test]
    fn an_objective_breaks_at_points_and_first_along_each_axis() {
        let axes = [axis("a", &["1", "2", "3"]), axis("b", &["x", "y"])];
        // It breaks where a is 3, and where a is 2 and b is y.
        let all = ["1 x", "1 y", "2 x", "2 y", "3 x", "3 y"].map(|at| {
            let breaks = at.starts_with('3') || at == "2 y";
            point(at, Some(!breaks))
        });
        let found = breaks(&axes, &all);
        assert_eq!(found.len(), 1);
        assert_eq!((&*found[0].objective, &*found[0].points), ("quick", &[3, 4, 5][..]));
        let along = |key: &str, first: Option<&str>, before: Option<&str>, looked_at| SweptAlong {
            key: key.to_owned(),
            first: first.map(str::to_owned),
            before: before.map(str::to_owned),
            looked_at,
        };
        assert_eq!(
            found[0].along,
            [along("a", Some("3"), Some("2"), 3), along("b", None, None, 2)]
        );
    }

    #[test]
    fn what_was_not_found_is_not_taken_to_hold() {
        let axes = [axis("a", &["1", "2", "3"])];
        let all = [point("1", Some(true)), point("2", None), point("3", Some(false))];
        let found = breaks(&axes, &all);
        assert_eq!(found[0].points, [2]);
        assert_eq!(found[0].along[0].before.as_deref(), Some("1"));
        assert_eq!(found[0].along[0].looked_at, 2);
    }
}
