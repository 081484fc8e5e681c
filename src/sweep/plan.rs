//! `seatrial sweep plan`

use super::folder::PlanFolder;
use super::what::{Planned, What};
use crate::ask;
use crate::exit::{Exit, Stop, print, say};
use clap::Args;
use seatrial_reports::{count, span};
use std::path::PathBuf;

/// Write down all runs of a sweep, to be run anywhere.
///
/// The folder has all that is needed: the runs under names that are what they are made of, and copies of the
/// scenarios, their policies and whatever else they read. The program that runs it must be this one. Writing the same
/// plan again changes nothing.
#[derive(Args)]
#[command(after_help = "Example:
  seatrial sweep plan shop.toml --vary pools.front.count=1..4 --reps 20 -o plan
  seatrial sweep run plan
  seatrial sweep merge plan")]
pub struct Plan {
    #[command(flatten)]
    what: What,
    /// The folder to write it into.
    #[arg(long, short, value_name = "PLAN")]
    out: PathBuf,
    /// Say nothing of what is odd about the scenarios.
    #[arg(long, short)]
    quiet: bool,
}

impl Plan {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let Planned { plan, files, warnings, .. } = self.what.planned(ask::cores())?;
        if !self.quiet {
            warnings.iter().for_each(|warning| say(warning));
        }
        let was_there = PlanFolder::write(&self.out, &plan, &files)?;
        let millis = plan.units.iter().fold(0_u64, |all, unit| all.saturating_add(unit.millis));
        #[expect(clippy::cast_precision_loss, reason = "for display only")]
        let took = span((millis as f64 / 1_000.0).ceil());
        let out = self.out.display();
        let (units, points) = (plan.units.len(), plan.points.len() * plan.scenarios.len());
        let head = if was_there { "that plan is there already" } else { "wrote the plan" };
        print(&format!(
            "{head}: {} runs at {} points, about {took} on one core\n\nNext:\n  seatrial sweep run {out}\n  \
             seatrial sweep merge {out}\n",
            count(units as u64),
            count(points as u64),
        ))?;
        Ok(Exit::Fine)
    }
}
