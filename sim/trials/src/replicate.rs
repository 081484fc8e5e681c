//! Runs a scenario over several seeds and merges what was found.

use rayon::prelude::*;
use seatrial_contract::units::{Span, percent};
use seatrial_format::scenario::Scenario;
use seatrial_host::{
    BrokenInvariant, Departure, Logbook, Recording, Watch, World, recorded, resolution, told_of,
};
use seatrial_kernel::statistics::confidence_interval;
use seatrial_policies::PolicyFile;
use seatrial_record::{Each, Estimate, Goal, LifeSink, Metric, Record, Runs, SeriesSink};
use std::io;
use std::sync::Arc;

/// What to run.
pub struct Trial<'a> {
    /// The scenario, checked.
    pub scenario: &'a Scenario,
    /// Its policies.
    pub policies: Option<&'a PolicyFile>,
    /// What its runs depart from, if not from the scenario's own beginning.
    pub departure: Option<Arc<Departure>>,
    /// Its objectives and claims, not judged yet.
    pub goals: Vec<Goal>,
    /// The first seed; replications take the next ones.
    pub seed: u64,
    /// How many runs.
    pub replications: u32,
    /// How many threads at the most; all cores where left out.
    pub threads: Option<usize>,
    /// What the first run is like over time, and who is told.
    pub series: Option<Series>,
}

/// Who is told what a run is like over time.
pub struct Series {
    /// How long a stretch is; about two thousand of a run where left out.
    pub each: Option<Span>,
    /// Who is told.
    pub sink: Arc<dyn SeriesSink>,
    /// Who is told what tenants and machines go through.
    pub lives: Arc<dyn LifeSink>,
}

impl Trial<'_> {
    pub(crate) fn world(&self, seed: u64) -> World {
        match &self.departure {
            Some(from) => World::departing(self.scenario, self.policies, seed, Arc::clone(from)),
            None => World::new(self.scenario, self.policies, seed),
        }
    }

    fn recorded(&self, world: World) -> World {
        let Some(series) = &self.series else { return world };
        let each = series.each.unwrap_or_else(|| resolution(*self.scenario.duration));
        let world = recorded(world, Recording { each, sink: Arc::clone(&series.sink) });
        told_of(world, Arc::clone(&series.lives))
    }
}

/// Runs the trial.
///
/// # Errors
/// The broken invariant of the first seed that broke one: a bug of ours.
pub fn replicate(trial: Trial<'_>, watch: &dyn Watch) -> Result<Runs, BrokenInvariant> {
    let seeds: Vec<u64> =
        (0..u64::from(trial.replications.max(1))).map(|n| trial.seed.wrapping_add(n)).collect();
    let run = |seed: &u64| -> Result<Found, BrokenInvariant> {
        let is_first = *seed == trial.seed;
        let world = trial.world(*seed);
        let world = if is_first { trial.recorded(world) } else { world };
        Ok(Found::of(world.run(watch)?, is_first))
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(trial.threads.unwrap_or(0)).build();
    let found: Result<Vec<Found>, BrokenInvariant> = match pool {
        Ok(pool) if seeds.len() > 1 => pool.install(|| seeds.par_iter().map(run).collect()),
        // Without threads (or with one run) the same work is done in turn.
        _ => seeds.iter().map(run).collect(),
    };
    Ok(merge(found?, seeds, trial.goals))
}

/// Runs the first seed of a trial once, and writes down what its pilot saw and decided.
///
/// # Errors
/// A broken invariant: a bug of ours. Inside, whether the logbook could be written.
pub fn log(
    trial: Trial<'_>,
    logbook: Logbook,
    watch: &dyn Watch,
) -> Result<(Runs, io::Result<()>), BrokenInvariant> {
    let world = trial.recorded(trial.world(trial.seed));
    let (record, logbook) = world.run_logged(watch, logbook)?;
    let written = logbook.map_or(Ok(()), Logbook::close);
    Ok((merge(vec![Found::of(record, true)], vec![trial.seed], trial.goals), written))
}

/// What is kept of a run: of all but the first, its digest and its figures.
pub(crate) struct Found {
    pub(crate) digest: String,
    pub(crate) events: u64,
    pub(crate) metrics: Vec<Metric>,
    pub(crate) record: Option<Record>,
}

impl Found {
    fn of(record: Record, whole: bool) -> Self {
        Self {
            digest: record.digest(),
            events: record.events,
            metrics: record.metrics.clone(),
            record: whole.then_some(record),
        }
    }
}

/// All runs of a trial as one result; the goals are judged by the means.
pub(crate) fn merge(mut found: Vec<Found>, seeds: Vec<u64>, mut goals: Vec<Goal>) -> Runs {
    let digests: Vec<&str> = found.iter().map(|one| one.digest.as_str()).collect();
    let record_digest = Runs::digest(&digests);
    let estimates = estimate(&found);
    for goal in &mut goals {
        let found = estimates.iter().find(|estimate| estimate.name == goal.metric);
        goal.value = found.and_then(|estimate| estimate.value);
        goal.holds = goal.value.is_some_and(|value| goal.bound.holds(value));
    }
    let events = found.iter().map(|one| one.events).sum();
    let each = found.iter().zip(&seeds).map(|(one, seed)| Each {
        seed: *seed,
        digest: one.digest.clone(),
        events: one.events,
        metrics: one.metrics.clone(),
    });
    let each = each.collect();
    let first = found.iter_mut().find_map(|one| one.record.take()).unwrap_or_default();
    Runs { first, seeds, record_digest, events, estimates, goals, each }
}

/// Each metric's mean over the runs that have it, and how sure that is.
fn estimate(found: &[Found]) -> Vec<Estimate> {
    let Some(first) = found.first() else { return Vec::new() };
    let each = first.metrics.iter().enumerate().map(|(index, metric)| {
        let values = found.iter().filter_map(|one| one.metrics.get(index)?.value);
        let values: Vec<f64> = values.collect();
        #[expect(clippy::cast_precision_loss, reason = "replications are few")]
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let interval = confidence_interval(&values, percent(95));
        // Several runs tell more than how sure one is by itself.
        let own = metric.value.zip(metric.within).filter(|_| found.len() == 1);
        let low = |(value, within): (f64, f64)| value - within;
        let ci_low = interval.map(|interval| interval.low()).or(own.map(low));
        let high = |(value, within): (f64, f64)| value + within;
        let ci_high = interval.map(|interval| interval.high()).or(own.map(high));
        Estimate {
            name: metric.name.clone(),
            value: (!values.is_empty()).then_some(mean),
            ci_low,
            ci_high,
            unit: metric.unit,
        }
    });
    each.collect()
}
