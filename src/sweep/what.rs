//! What is swept: the options that `sweep` and `sweep plan` share, and the plan that they make.

use super::at::{TENANTS, opened_at, words};
use super::files::{Copied, Noted};
use crate::exit::{Stop, colours};
use crate::open;
use clap::Args;
use seatrial_format::axes::{Axis, each_once, load_axes};
use seatrial_format::{Disk, Style, render_warnings};
use seatrial_host::Opened;
use seatrial_host::estimate::{Estimate, Load};
use seatrial_record::{
    PLAN_VERSION, PlannedFile, PlannedScenario, PlannedUnit, SweepAxis, SweepPlan, digest,
};
use seatrial_trials::sweep::{each, grid, latin};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The scenarios, the axes, and what is the same at all points.
#[derive(Args)]
pub struct What {
    /// The scenario files.
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<PathBuf>,
    /// Vary a value: `pools.worker-mid.count=1..4`, `0..100/25` in steps, or a list such as
    /// `policies.idle-ladder.ladder.asleep=3d,7d,14d`; as often as is wanted.
    ///
    /// The key is one that `--set` reaches, in the scenario or in its policy file, or `tenants`. Ranges are of whole
    /// numbers, with both ends.
    #[arg(long, value_name = "KEY=VALUES")]
    vary: Vec<String>,
    /// Vary what this file says: TOML with tables `[[axes]]`, each with a `key` and its `values`.
    #[arg(long, value_name = "FILE")]
    axes: Option<PathBuf>,
    /// How many tenants at the start, in the scenario's mix: `200,1000,4000`; the same as `--vary tenants=…`.
    #[arg(long, value_delimiter = ',', value_name = "N,…")]
    tenants: Vec<NonZeroU32>,
    /// Run so many of the combinations, a Latin hypercube: each value of an axis stands in as many as any other.
    #[arg(long, value_name = "POINTS")]
    latin: Option<NonZeroU32>,
    /// The seed by which those are drawn.
    #[arg(long, value_name = "SEED", default_value = "1", requires = "latin")]
    latin_seed: u64,
    /// Change a value of each scenario, or of its policy file, at all points: `--set duration=7d`,
    /// `--set policies.idle-ladder.ladder.asleep=3d`.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// The first seed; the scenario's own where left out.
    #[arg(long)]
    seed: Option<u64>,
    /// How many runs at each point.
    #[arg(long, default_value = "1", value_name = "RUNS")]
    reps: NonZeroU32,
}

/// A plan, and what is needed to run it.
pub struct Planned {
    /// The plan.
    pub plan: SweepPlan,
    /// The files that it is made of.
    pub files: Copied,
    /// What all of it is estimated to take.
    pub load: Load,
    /// What is odd about the scenarios, each thing once.
    pub warnings: BTreeSet<String>,
}

/// More would not fit the simulator's own bounds (5 million tenants).
const TENANTS_MAX: u32 = 5_000_000;
/// More runs than anybody waits for.
const UNITS_MOST: u64 = 250_000;

/// What one point comes to before it is run.
struct Looked {
    title: String,
    seed: u64,
    duration: u64,
    estimate: Estimate,
    /// Path and digest of the files it is made of.
    files: Vec<(String, String)>,
}

impl What {
    /// Opens all scenarios at all points, and plans their runs; so many are to go on at once.
    pub fn planned(&self, at_once: usize) -> Result<Planned, Stop> {
        let axes = self.axes()?;
        let points = self.points(&axes)?;
        let runs = (points.len() as u64).saturating_mul(self.scenarios.len() as u64);
        if runs.saturating_mul(self.reps.get().into()) > UNITS_MOST {
            let what =
                format!("this comes to more than {UNITS_MOST} runs; take fewer points or runs");
            return Err(Stop::Argument { name: "--reps", what });
        }
        let mut plan = SweepPlan {
            version: PLAN_VERSION,
            program: crate::VERSION.clone(),
            policies: seatrial_policies::sources().to_owned(),
            axes,
            points,
            sets: self.sets.clone(),
            replications: self.reps.get(),
            ..SweepPlan::default()
        };
        let (noted, warnings) = (Noted::default(), Mutex::default());
        let mut estimates = Vec::new();
        for (at, path) in self.scenarios.iter().enumerate() {
            if self.scenarios[..at].contains(path) {
                return Err(Stop::file(path, &"it is named twice; leave one of them out"));
            }
            let looked = look(path, &plan, &noted, (&warnings, at_once))?;
            let file = path.display().to_string();
            let first = looked.first();
            let title = first.map(|of| of.title.clone()).unwrap_or_default();
            let seed = self.seed.or(first.map(|of| of.seed)).unwrap_or_default();
            plan.scenarios.push(PlannedScenario { file, title, seed });
            for (point, looked) in looked.into_iter().enumerate() {
                let seed = self.seed.unwrap_or(looked.seed);
                let seeds = (0..u64::from(self.reps.get())).map(|more| seed.wrapping_add(more));
                let units = seeds.map(|seed| planned_unit(&plan, (at, point), &looked, seed));
                let units: Vec<PlannedUnit> = units.collect();
                plan.units.extend(units);
                estimates.push((looked.estimate, self.reps.get()));
            }
        }
        let files = noted.copied();
        plan.files = files.0.iter().map(|(path, bytes)| planned_file(path, bytes)).collect();
        plan.check = plan.checked();
        let mut warnings: BTreeSet<String> = warnings.into_inner().unwrap_or_default();
        if let Some(drawn) = self.latin.filter(|drawn| plan.points.len() < drawn.get() as usize) {
            let points = plan.points.len();
            warnings.insert(format!(
                "of {drawn} points that were drawn {points} differ; each is run once"
            ));
        }
        Ok(Planned { plan, files, load: Load::of_all(&estimates, at_once), warnings })
    }

    /// All axes: tenants, those of the file, those of the command line.
    fn axes(&self) -> Result<Vec<SweepAxis>, Stop> {
        let wrong = |name, what: String| Stop::Argument { name, what };
        let mut axes = Vec::new();
        if !self.tenants.is_empty() {
            let values = self.tenants.iter().map(ToString::to_string).collect();
            let axis = Axis::of(TENANTS.to_owned(), values);
            axes.push(axis.map_err(|no| wrong("--tenants", no.to_string()))?);
        }
        if let Some(file) = &self.axes {
            axes.extend(load_axes(&Disk, file).map_err(|failure| open::stop(&failure))?);
        }
        for text in &self.vary {
            axes.push(Axis::parse(text).map_err(|no| wrong("--vary", no.to_string()))?);
        }
        each_once(&axes).map_err(|no| wrong("--vary", no.to_string()))?;
        if axes.is_empty() {
            let what = "nothing is varied; give --vary pools.front.count=1..4, --tenants 500,1000 or --axes FILE";
            return Err(wrong("sweep", what.to_owned()));
        }
        for value in axes.iter().filter(|axis| axis.key == TENANTS).flat_map(|axis| &axis.values) {
            match value.parse::<NonZeroU32>().map(NonZeroU32::get) {
                Ok(count) if count <= TENANTS_MAX => {}
                Ok(count) => {
                    let what = format!("{count} are too many; have at most {TENANTS_MAX}");
                    return Err(wrong("--tenants", what));
                }
                Err(_) => {
                    let what = format!("`{value}` is no number of tenants; write such as 500,1000");
                    return Err(wrong("--tenants", what));
                }
            }
        }
        Ok(axes.into_iter().map(|Axis { key, values }| SweepAxis { key, values }).collect())
    }

    fn points(&self, axes: &[SweepAxis]) -> Result<Vec<Vec<String>>, Stop> {
        let points = match self.latin {
            None => grid(axes),
            Some(count) => latin(axes, count.get(), self.latin_seed),
        };
        let name = if self.latin.is_some() { "--latin" } else { "--vary" };
        points.map_err(|no| Stop::Argument { name, what: no.to_string() })
    }
}

/// Opens a scenario at every point; what is wrong at the first of those where something is, is told.
fn look(
    path: &Path,
    plan: &SweepPlan,
    noted: &Noted,
    (warnings, at_once): (&Mutex<BTreeSet<String>>, usize),
) -> Result<Vec<Looked>, Stop> {
    let style = Style { colour: colours(&std::io::stderr()) };
    let found: Mutex<BTreeMap<usize, Result<Looked, Stop>>> = Mutex::default();
    let numbers: Vec<usize> = (0..plan.points.len()).collect();
    let work = |at: &usize| {
        let files = noted.by_one();
        let opened = opened_at(&files, path, &plan.sets, &plan.axes, &plan.points[*at]);
        let looked = match &opened {
            Ok(opened) => {
                let odd = &opened.warnings;
                if !odd.problems.is_empty() {
                    let text = render_warnings(&odd.problems, &odd.sources, style);
                    let mut all = warnings.lock().unwrap_or_else(PoisonError::into_inner);
                    all.insert(text.trim_end().to_owned());
                }
                looked(path, opened, plan, files.digests())
            }
            Err(failure) => Err(open::stop(failure)),
        };
        found.lock().unwrap_or_else(PoisonError::into_inner).insert(*at, looked);
        Ok::<(), Stop>(())
    };
    each(&numbers, Some(at_once), work)?;
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let broken = found.values().filter(|looked| looked.is_err()).count();
    let mut all = Vec::new();
    for (at, looked) in found {
        let looked = looked.map_err(|stop| {
            let Stop::Refused(what) = stop else { return stop };
            if broken == plan.points.len() {
                return Stop::Refused(what);
            }
            let place = words(&plan.axes, &plan.points[at]);
            let more = format!("{broken} of {} points cannot be run", plan.points.len());
            Stop::Refused(format!("{what}\n{more}; this is the first of them: {place}"))
        })?;
        all.push(looked);
    }
    Ok(all)
}

fn looked(
    path: &Path,
    opened: &Opened,
    plan: &SweepPlan,
    files: Vec<(String, String)>,
) -> Result<Looked, Stop> {
    let scenario = &opened.scenario;
    let is_scaled = plan.axes.iter().any(|axis| axis.key == TENANTS);
    if is_scaled && scenario.tiers.iter().all(|tier| tier.tenants.value == 0) {
        let what = "it has no tenants at the start, so there is no mix to keep; give a tier some";
        return Err(Stop::file(path, &what));
    }
    Ok(Looked {
        title: scenario.title.clone(),
        seed: scenario.seed,
        duration: scenario.duration.0,
        estimate: Estimate::of(scenario, opened.policies.as_ref()),
        files,
    })
}

/// A unit under a name that is all that it depends on.
fn planned_unit(
    plan: &SweepPlan,
    (scenario, point): (usize, usize),
    looked: &Looked,
    seed: u64,
) -> PlannedUnit {
    let file = &plan.scenarios[scenario].file;
    let varied: Vec<(&String, &String)> =
        plan.axes.iter().map(|axis| &axis.key).zip(&plan.points[point]).collect();
    let of = (&plan.program, &plan.policies, file, &looked.files, &plan.sets, varied, seed);
    let id = digest(&serde_json::to_vec(&(PLAN_VERSION, of)).unwrap_or_default());
    let took = Duration::try_from_secs_f64(looked.estimate.seconds()).unwrap_or(Duration::MAX);
    PlannedUnit {
        id: id.chars().take(32).collect(),
        scenario,
        point,
        seed,
        duration: looked.duration,
        millis: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
    }
}

fn planned_file(path: &str, bytes: &[u8]) -> PlannedFile {
    let digest = digest(bytes);
    let name = Path::new(path).file_name().unwrap_or_default().to_string_lossy();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-' || c == '_';
    let name: String = name.chars().map(|c| if is_plain(c) { c } else { '-' }).take(60).collect();
    let copy = format!("{}-{name}", digest.chars().take(16).collect::<String>());
    PlannedFile { path: path.to_owned(), digest, copy }
}
