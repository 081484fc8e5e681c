//! `seatrial sweep status`

use super::at::place;
use super::folder::{Kept, PlanFolder};
use crate::exit::{Exit, Stop, json, print};
use crate::format::Format;
use clap::Args;
use seatrial_record::{UnitFound, UnitOutcome};
use seatrial_reports::count;
use serde_json::json as value;
use std::path::{Path, PathBuf};

/// Say what of a plan is done, missing, damaged or failed.
#[derive(Args)]
#[command(after_help = "Example:
  seatrial sweep status plan

Exit codes: 0 all is done; 2 there is no plan; 3 something could not be read; 4 something is missing or \
damaged; 101 all is there, and a run failed: a bug of ours.")]
pub struct Status {
    /// The folder of the plan.
    plan: PathBuf,
    /// How the result is written to stdout.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// What there is of all units.
pub struct Found {
    /// What each found, by its place in the plan.
    pub units: Vec<Option<UnitFound>>,
    /// The places of those that are missing.
    pub missing: Vec<usize>,
    /// The places of those that are damaged, and how.
    pub damaged: Vec<(usize, &'static str)>,
    /// The places of those that failed, and what was said.
    pub failed: Vec<(usize, String)>,
}

impl Found {
    /// Looks at all units of a plan.
    pub fn of(folder: &PlanFolder) -> Result<Self, Stop> {
        let mut all = Self {
            units: Vec::new(),
            missing: Vec::new(),
            damaged: Vec::new(),
            failed: Vec::new(),
        };
        for at in 0..folder.plan.units.len() {
            let found = match folder.kept(at)? {
                Kept::Found(found) => {
                    if let UnitOutcome::Failed(failure) = &found.outcome {
                        all.failed.push((at, failure.what.clone()));
                    }
                    Some(*found)
                }
                Kept::Missing => {
                    all.missing.push(at);
                    None
                }
                Kept::Damaged(why) => {
                    all.damaged.push((at, why));
                    None
                }
            };
            all.units.push(found);
        }
        Ok(all)
    }

    /// Whether nothing is missing or damaged.
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty() && self.damaged.is_empty()
    }

    /// How much there is, which units there are not, and how to go on.
    pub fn told(&self, folder: &PlanFolder, path: &Path) -> String {
        /// So many are named.
        const MOST: usize = 10;
        let amount = |of: usize| count(of as u64);
        let done = self.units.iter().flatten().count() - self.failed.len();
        let mut text = format!(
            "{} runs: {} done, {} missing, {} damaged, {} failed\n",
            amount(self.units.len()),
            amount(done),
            amount(self.missing.len()),
            amount(self.damaged.len()),
            amount(self.failed.len()),
        );
        let plan = &folder.plan;
        let missing = self.missing.iter().map(|at| format!("missing  {}", place(plan, *at)));
        let damaged =
            self.damaged.iter().map(|(at, why)| format!("damaged  {}: {why}", place(plan, *at)));
        let failed = self.failed.iter().map(|(at, what)| {
            let what = seatrial_contract::outside::sentence(what);
            format!("failed   {}: {what}", place(plan, *at))
        });
        let lines: Vec<String> = missing.chain(damaged).chain(failed).collect();
        lines.iter().take(MOST).for_each(|line| text += &format!("  {line}\n"));
        if lines.len() > MOST {
            text += &format!("  and {} more\n", amount(lines.len() - MOST));
        }
        if !self.is_whole() {
            text += &format!("Go on with: seatrial sweep run {}\n", path.display());
        }
        text
    }
}

impl Status {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let folder = PlanFolder::open(&self.plan)?;
        let found = Found::of(&folder)?;
        match self.format {
            Format::Table => print(&found.told(&folder, &self.plan))?,
            Format::Json => {
                let one = |at: &usize| {
                    let unit = &folder.plan.units[*at];
                    value!({ "unit": unit.id, "what": place(&folder.plan, *at) })
                };
                let all = |places: Vec<&usize>| places.into_iter().map(one).collect::<Vec<_>>();
                let failed = all(found.failed.iter().map(|(at, _)| at).collect());
                let document = value!({
                    "units": found.units.len(),
                    "done": found.units.iter().flatten().count() - failed.len(),
                    "missing": all(found.missing.iter().collect()),
                    "damaged": all(found.damaged.iter().map(|(at, _)| at).collect()),
                    "failed": failed,
                });
                print(&(json(&document) + "\n"))?;
            }
        }
        Ok(match (found.is_whole(), found.failed.is_empty()) {
            (false, _) => Exit::Undecided,
            (true, false) => Exit::Bug,
            (true, true) => Exit::Fine,
        })
    }
}
