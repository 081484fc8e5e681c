//! `seatrial sweep merge`

use super::folder::PlanFolder;
use super::status::Found;
use super::told::{self, Format};
use crate::exit::{Exit, Stop};
use clap::Args;
use seatrial_trials::sweep::swept;
use std::path::PathBuf;

/// Put together what the runs of a plan found.
///
/// It is what `seatrial sweep` with the same options finds in one process, to the byte, in however many shards and
/// after however many crashes. A run that failed is told as such; while runs are missing nothing is put together.
#[derive(Args)]
#[command(after_help = "Examples:
  seatrial sweep merge plan
  seatrial sweep merge plan --out result/ --format markdown

Exit codes: 0 all holds; 1 an objective does not hold; 2 there is no plan; 3 something could not be read or \
written; 4 runs are missing or damaged; 101 a run failed: a bug of ours.")]
pub struct Merge {
    /// The folder of the plan.
    plan: PathBuf,
    /// Write what was found, too: into this file, or as `sweep.json` into this folder.
    #[arg(long, value_name = "FILE|DIR")]
    out: Option<PathBuf>,
    /// Put together what there is though runs are missing; points that lack one have no figures.
    #[arg(long)]
    partial: bool,
    /// How the result is written to stdout.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

impl Merge {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let folder = PlanFolder::open(&self.plan)?;
        let found = Found::of(&folder)?;
        if !found.is_whole() && !self.partial {
            let told = found.told(&folder, &self.plan);
            return Err(Stop::Unfinished(format!(
                "{told}or put together what there is: --partial"
            )));
        }
        let out = self.out.as_deref().map(told::meant).transpose()?;
        let swept = swept(&folder.plan, found.units);
        told::tell(&swept, self.format, out.as_deref())?;
        Ok(told::exit(&swept))
    }
}
