//! What happens from a moment on under other policies, by the same chance. Judges nothing.

use crate::Trial;
use crate::compare::parting;
use crate::rows::row_of;
use rayon::join;
use seatrial_contract::units::Moment;
use seatrial_host::{BrokenInvariant, Watch, forking};
use seatrial_policies::{PolicyFile, digest};
use seatrial_record::{Forked, Goal, Metric, Record};

pub(super) fn forked(
    trial: &Trial<'_>,
    at: Moment,
    (name, policies): (&str, &PolicyFile),
    watch: &dyn Watch,
) -> Result<Forked, BrokenInvariant> {
    let world = || trial.world(trial.seed);
    let (first, second) = join(|| world().run(watch), || forking(world(), at, policies).run(watch));
    let (first, second) = (first?, second?);
    let differs = |(a, b): &(&Metric, &Metric)| a.value != b.value;
    let pairs = first.metrics.iter().zip(&second.metrics).filter(differs);
    let metrics = pairs.map(|(a, b)| (a.clone(), b.clone())).collect();
    let goals = |record: &Record| trial.goals.iter().map(|goal| judged(goal, record)).collect();
    let goals = (goals(&first), goals(&second));
    let rows = [row_of(trial, first, true), row_of(trial, second, true)];
    let [first, second] = &rows;
    Ok(Forked {
        name: name.to_owned(),
        policies: digest(policies),
        identical: first.digest == second.digest,
        parting: parting(core::slice::from_ref(first), core::slice::from_ref(second)),
        goals: goals.0,
        goals_forked: goals.1,
        metrics,
    })
}

/// A goal in one run.
fn judged(goal: &Goal, record: &Record) -> Goal {
    let value = record.metric(&goal.metric).and_then(|of| of.value);
    let holds = value.is_some_and(|value| goal.bound.holds(value));
    Goal { value, holds, ..goal.clone() }
}
