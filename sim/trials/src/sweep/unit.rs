//! One unit of a sweep: one run at one point. And what all units of a plan come to. Judges nothing.

use super::breaks::breaks;
use crate::Trial;
use crate::replicate::{Found, merge};
use seatrial_host::Watch;
use seatrial_record::{
    FailureKind, PlannedScenario, Record, Runs, SweepPlan, Swept, SweptPoint, SweptScenario,
    UNIT_VERSION, UnitFailure, UnitFound, UnitOutcome, UnitRun,
};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs the first seed of a trial. A run that fails is a result, too: the others go on.
pub fn unit(id: &str, trial: &Trial<'_>, watch: &dyn Watch) -> UnitFound {
    // Nothing of a run that panicked is used again.
    let run = catch_unwind(AssertUnwindSafe(|| trial.world(trial.seed).run(watch)));
    let failed = |kind, what| UnitOutcome::Failed(UnitFailure { kind, what });
    let outcome = match run {
        Ok(Ok(record)) => UnitOutcome::Ran(Box::new(UnitRun {
            digest: record.digest(),
            goals: trial.goals.clone(),
            record: head(record),
        })),
        Ok(Err(broken)) => failed(FailureKind::Invariant, broken.to_string()),
        Err(panic) => failed(FailureKind::Panic, said(&*panic)),
    };
    UnitFound { version: UNIT_VERSION, unit: id.to_owned(), outcome }
}

/// What a panic says.
fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "it did not say why".to_owned())
}

/// What a sweep tells of a run; numbers that JSON does not have are none.
fn head(mut record: Record) -> Record {
    for metric in &mut record.metrics {
        metric.value = metric.value.filter(|value| value.is_finite());
        metric.within = metric.within.filter(|value| value.is_finite());
    }
    Record {
        version: record.version,
        scenario: record.scenario,
        seed: record.seed,
        generator: record.generator,
        departure: record.departure,
        sampled: record.sampled,
        policy_digest: record.policy_digest,
        duration: record.duration,
        events: record.events,
        metrics: record.metrics,
        ..Record::default()
    }
}

/// What all units of a plan come to: what was found of each, by its place in the plan.
#[must_use]
pub fn swept(plan: &SweepPlan, mut found: Vec<Option<UnitFound>>) -> Swept {
    found.resize(plan.units.len(), None);
    let of = |(at, scenario): (usize, &PlannedScenario)| {
        let mut points: Vec<Vec<(u64, Option<UnitFound>)>> = vec![Vec::new(); plan.points.len()];
        for (unit, found) in plan.units.iter().zip(&mut found) {
            if unit.scenario == at
                && let Some(point) = points.get_mut(unit.point)
            {
                point.push((unit.seed, found.take()));
            }
        }
        let points = plan.points.iter().zip(points).map(|(at, units)| point(at.clone(), units));
        let points: Vec<SweptPoint> = points.collect();
        SweptScenario {
            file: scenario.file.clone(),
            title: scenario.title.clone(),
            axes: plan.axes.clone(),
            breaks: breaks(&plan.axes, &points),
            points,
        }
    };
    let scenarios = plan.scenarios.iter().enumerate().map(of).collect();
    Swept { program: plan.program.clone(), scenarios }
}

fn point(at: Vec<String>, units: Vec<(u64, Option<UnitFound>)>) -> SweptPoint {
    let mut point = SweptPoint { at, ..SweptPoint::default() };
    let (mut runs, mut seeds) = (Vec::new(), Vec::new());
    for (seed, found) in units {
        match found.map(|found| found.outcome) {
            None => point.missing.push(seed),
            Some(UnitOutcome::Failed(failure)) => point.failed.push((seed, failure)),
            Some(UnitOutcome::Ran(run)) => {
                runs.push(*run);
                seeds.push(seed);
            }
        }
    }
    if point.missing.is_empty() && point.failed.is_empty() {
        point.runs = merged(runs, seeds);
    }
    point
}

fn merged(runs: Vec<UnitRun>, seeds: Vec<u64>) -> Option<Runs> {
    let goals = runs.first()?.goals.clone();
    let found = |UnitRun { digest, record, .. }: UnitRun| Found {
        digest,
        events: record.events,
        metrics: record.metrics.clone(),
        record: Some(record),
    };
    Some(merge(runs.into_iter().map(found).collect(), seeds, goals))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replicate;
    use seatrial_contract::units::Span;
    use seatrial_host::{Opened, Silent, open_text};
    use seatrial_record::{PlannedUnit, SweepAxis};

    fn opened() -> Opened {
        let text = "title = \"q\"\nduration = \"10 min\"\n[[services]]\nname = \"s\"\nconcurrency = 2\n\
                    service_time = \"20 ms\"\n[[traffic]]\nname = \"calls\"\nservice = \"s\"\n\
                    arrivals = { kind = \"poisson\", rate = \"50/s\" }\n[[objectives]]\nname = \"quick\"\n\
                    metric = \"response_p95.s\"\nat_most = \"1 s\"\n";
        open_text(text, None)
            .unwrap_or_else(|failure| panic!("{}", failure.render(Default::default())))
    }

    fn trial(opened: &Opened, seed: u64, replications: u32) -> Trial<'_> {
        Trial {
            scenario: &opened.scenario,
            policies: None,
            departure: None,
            goals: opened.goals.clone(),
            seed,
            replications,
            threads: Some(1),
            series: None,
        }
    }

    fn plan(seeds: &[u64]) -> SweepPlan {
        let unit = |seed: &u64| PlannedUnit { seed: *seed, ..PlannedUnit::default() };
        SweepPlan {
            axes: vec![SweepAxis { key: "a".to_owned(), values: vec!["1".to_owned()] }],
            points: vec![vec!["1".to_owned()]],
            scenarios: vec![PlannedScenario::default()],
            units: seeds.iter().map(unit).collect(),
            ..SweepPlan::default()
        }
    }

    #[test]
    fn units_that_are_stored_and_merged_are_what_replications_are() {
        let opened = opened();
        let stored = |seed: u64| {
            let text =
                serde_json::to_string(&unit("u", &trial(&opened, seed, 1), &Silent)).unwrap();
            Some(serde_json::from_str(&text).unwrap())
        };
        let found = swept(&plan(&[7, 8, 9]), [7, 8, 9].map(stored).to_vec());
        let point = &found.scenarios[0].points[0];
        let runs = point.runs.clone().unwrap();
        let whole = replicate(trial(&opened, 7, 3), &Silent).unwrap();
        assert_eq!((runs.record_digest, runs.seeds), (whole.record_digest, whole.seeds));
        assert_eq!((runs.estimates, runs.goals), (whole.estimates, whole.goals));
        assert!(whole.events > 0 && runs.events == whole.events);
    }

    /// Stops a run in its middle, as a mistake of ours would.
    struct Mistake;

    impl Watch for Mistake {
        fn passed(&self, _: Span, _: u64) {
            panic!("a mistake of {}", "ours");
        }
    }

    #[test]
    fn a_run_that_panics_is_a_result_with_what_was_said_and_keeps_its_point_from_being_judged() {
        let opened = opened();
        let failed = unit("u", &trial(&opened, 8, 1), &Mistake);
        let what = "a mistake of ours".to_owned();
        let failure = UnitFailure { kind: FailureKind::Panic, what };
        assert_eq!(failed.outcome, UnitOutcome::Failed(failure.clone()));
        let fine = unit("u", &trial(&opened, 7, 1), &Silent);
        let found = swept(&plan(&[7, 8, 9]), vec![Some(fine), Some(failed), None]);
        let point = &found.scenarios[0].points[0];
        assert_eq!((&point.runs, &point.failed[..]), (&None, &[(8, failure)][..]));
        assert_eq!(point.missing, [9]);
    }
}
