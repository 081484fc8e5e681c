//! A scenario at a point of a sweep: opened with what is changed there, and run.

use crate::exit::Stop;
use crate::open;
use seatrial_format::{Failure, Files, Override};
use seatrial_host::{Opened, Watch};
use seatrial_record::{SweepAxis, SweepPlan, UnitFound};
use seatrial_trials::Trial;
use seatrial_trials::sweep::{scaled, unit};
use std::path::Path;

/// The axis that no `--set` reaches: how many tenants there are in all.
pub const TENANTS: &str = "tenants";

/// Opens a scenario at a point.
pub fn opened_at(
    files: &dyn Files,
    file: &Path,
    sets: &[String],
    axes: &[SweepAxis],
    point: &[String],
) -> Result<Opened, Failure> {
    let varied = axes.iter().zip(point).filter(|(axis, _)| axis.key != TENANTS);
    let varied = varied.map(|(axis, value)| Override::set(&axis.key, value));
    let overrides: Vec<Override> = sets.iter().cloned().map(Override::from).chain(varied).collect();
    let mut opened = seatrial_host::open(files, file, &overrides)?;
    let tenants = axes.iter().zip(point).find(|(axis, _)| axis.key == TENANTS);
    if let Some(tenants) = tenants.and_then(|(_, value)| value.parse().ok()) {
        opened.scenario = scaled(&opened.scenario, tenants);
    }
    Ok(opened)
}

/// Runs a unit of a plan.
pub fn unit_at(
    plan: &SweepPlan,
    files: &dyn Files,
    at: usize,
    watch: &dyn Watch,
) -> Result<UnitFound, Stop> {
    let of = &plan.units[at];
    let (scenario, point) = (&plan.scenarios[of.scenario], &plan.points[of.point]);
    let opened = opened_at(files, Path::new(&scenario.file), &plan.sets, &plan.axes, point)
        .map_err(|failure| open::stop(&failure))?;
    let trial = Trial {
        scenario: &opened.scenario,
        policies: opened.policies.as_ref(),
        departure: None,
        goals: opened.goals,
        seed: of.seed,
        replications: 1,
        threads: Some(1),
        series: None,
    };
    Ok(unit(&of.id, &trial, watch))
}

/// Where a unit of a plan is, in words.
pub fn place(plan: &SweepPlan, at: usize) -> String {
    let of = &plan.units[at];
    let point = words(&plan.axes, &plan.points[of.point]);
    let file = &plan.scenarios[of.scenario].file;
    seatrial_contract::outside::sentence(&format!("{file} with {point}, seed {}", of.seed))
}

/// A point in words.
pub fn words(axes: &[SweepAxis], point: &[String]) -> String {
    let one = |(axis, value): (&SweepAxis, &String)| format!("{}={value}", axis.key);
    axes.iter().zip(point).map(one).collect::<Vec<String>>().join(", ")
}
