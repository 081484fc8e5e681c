//! One JSON document for machines: stable names, plain numbers, units beside them.

use crate::figures::seconds;
use seatrial_record::{Estimate, Goal, GoalKind, Record, Runs, VERSION};
use serde_json::{Map, Value, json};

/// The document of a run.
#[must_use]
pub fn document(runs: &Runs) -> Value {
    let first = &runs.first;
    let goals = |kind: GoalKind| -> Vec<Value> {
        runs.goals.iter().filter(|goal| goal.kind == kind).map(goal_value).collect()
    };
    let metrics: Map<String, Value> =
        runs.estimates.iter().map(|e| (e.name.clone(), estimate_value(e))).collect();
    json!({
        "version": VERSION,
        "scenario": first.scenario,
        "seed": first.seed,
        "seeds": runs.seeds,
        "generator": first.generator,
        "departure": first.departure,
        "notes": notes(first),
        "sampled": sampled(first),
        "policy_digest": first.policy_digest,
        "record_digest": runs.record_digest,
        "duration_seconds": seconds(first.duration),
        "events": runs.events,
        "objectives": goals(GoalKind::Objective),
        "claims": goals(GoalKind::Claim),
        "metrics": metrics,
    })
}

/// What is to be known of all figures before anybody relies on them, each in a sentence.
pub(crate) fn notes(record: &Record) -> Vec<&'static str> {
    let fell = "sampled calls went from one lasting state to another by themselves: when they do is chance, \
                which a sample does not tell; look with grain = \"request\" before you rely on any figure";
    let may_fall = "sampled calls could collapse by themselves: all tries of those that fail would be more work than \
                    can be done; that begins seldom and by chance, which a sample may miss (grain = \"request\" does not)";
    match record.sampled {
        Some(sampled) if sampled.fell => vec![fell],
        Some(sampled) if sampled.may_fall => vec![may_fall],
        Some(_) | None => Vec::new(),
    }
}

/// How calls were sampled, where they were.
fn sampled(record: &Record) -> Value {
    record.sampled.map_or(Value::Null, |sampled| {
        json!({
            "lived_seconds": seconds(sampled.lived),
            "precision": f64::from(sampled.precision) / 1e6,
        })
    })
}

fn goal_value(goal: &Goal) -> Value {
    let mut value = json!({
        "name": goal.name,
        "metric": goal.metric,
        "holds": goal.holds,
        "value": goal.value,
        "bound": { "at_least": goal.bound.at_least, "at_most": goal.bound.at_most },
        "unit": goal.unit.word(),
    });
    if goal.kind == GoalKind::Claim
        && let Value::Object(map) = &mut value
    {
        map.insert("source".to_owned(), json!(goal.source));
    }
    value
}

fn estimate_value(estimate: &Estimate) -> Value {
    json!({
        "value": estimate.value,
        "ci_low": estimate.ci_low,
        "ci_high": estimate.ci_high,
        "unit": estimate.unit.word(),
    })
}
