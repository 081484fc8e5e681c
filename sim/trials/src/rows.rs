//! What one run found, as a row of a comparison. Compares nothing.

use crate::Trial;
use seatrial_contract::units::Span;
use seatrial_host::{BrokenInvariant, Watch};
use seatrial_record::{Half, Metric, Record, Row};

/// What a trial is, under that name, run by that program.
#[must_use]
pub fn half(name: &str, program: &str, trial: &Trial<'_>) -> Half {
    let Span(duration) = *trial.scenario.duration;
    Half {
        name: name.to_owned(),
        scenario: trial.scenario.title.clone(),
        program: program.to_owned(),
        policies: trial.policies.map(seatrial_policies::digest).unwrap_or_default(),
        duration,
        goals: trial.goals.clone(),
    }
}

/// Runs one seed of a trial; with every action where it is to be whole.
///
/// # Errors
/// A broken invariant: a bug of ours.
pub fn row(
    trial: &Trial<'_>,
    seed: u64,
    is_whole: bool,
    watch: &dyn Watch,
) -> Result<Row, BrokenInvariant> {
    Ok(row_of(trial, trial.world(seed).run(watch)?, is_whole))
}

/// The row of a run.
pub(crate) fn row_of(trial: &Trial<'_>, mut record: Record, is_whole: bool) -> Row {
    let seed = record.seed;
    let value = |name: &str| record.metric(name).and_then(|of| of.value);
    let is_broken = |at: &u32| {
        let goal = trial.goals.get(*at as usize);
        goal.is_some_and(|goal| !value(&goal.metric).is_some_and(|value| goal.bound.holds(value)))
    };
    let count = u32::try_from(trial.goals.len()).unwrap_or(u32::MAX);
    let broken = (0..count).filter(is_broken).collect();
    // What happened is compared, and not what the policies are called by whom it happened.
    record.policy_digest.clear();
    let digest = record.digest();
    let Record { events, metrics, struck, reasons, actions, .. } = record;
    let actions = is_whole.then_some(actions);
    Row { seed, digest, events, metrics, broken, struck, reasons, actions }
}

/// The metrics of a trial by name and unit, before anything has run.
#[must_use]
pub fn metrics(trial: &Trial<'_>) -> Vec<Metric> {
    trial.world(trial.seed).metrics()
}
