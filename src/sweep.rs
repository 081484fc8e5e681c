//! `seatrial sweep`

mod at;
mod emit;
mod files;
mod folder;
mod merge;
mod plan;
mod run;
mod shard;
mod status;
mod told;
mod what;

use crate::ask;
use crate::exit::{Exit, Stop, say};
use crate::progress::Progress;
use at::unit_at;
use clap::{Args, Subcommand};
use seatrial_record::UnitFound;
use seatrial_trials::sweep::{each, longest_first, swept};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use told::Format;
use what::{Planned, What};

/// Run scenarios with one or several values changed, and say which objective breaks first.
///
/// What is varied is a number of tenants, whose mix of tiers stays as it is, or any value that `--set` reaches.
/// Several axes give all combinations, or with `--latin` some of them that are spread evenly. With `plan`, `run` and
/// `merge` the same is done on several machines, and goes on where it was broken off; a scenario whose file is called
/// like one of these is written `./plan`.
#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    subcommand_value_name = "COMMAND",
    after_help = "Examples:
  seatrial sweep scenarios/thousand-users.toml --tenants 500,1000,2000 --set duration=7d
  seatrial sweep shop.toml --vary pools.front.count=1..4 --vary databases.orders.cores=2,4,8
  seatrial sweep shop.toml --axes axes.toml --latin 50 --out result
  seatrial sweep plan shop.toml --vary pools.front.count=1..4 --reps 20 -o plan
  seatrial sweep run plan && seatrial sweep merge plan

Exit codes: 0 all holds; 1 an objective does not hold; 2 bad input; 3 something could not be written; \
101 a bug of ours: a run failed, and the others were told."
)]
pub struct Sweep {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    what: What,
    /// Write what was found into this folder, too: `sweep.json`.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// How the result is written to stdout.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Use at most so many threads; all cores where left out. The result is the same.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Run whatever time and memory it is estimated to take: above 30 minutes or 4 GiB it is asked first.
    #[arg(long, short)]
    yes: bool,
    /// Show no progress.
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Subcommand)]
enum Action {
    /// Write down all runs of a sweep, to be run anywhere.
    Plan(plan::Plan),
    /// Run what is missing of a plan.
    Run(run::Run),
    /// Say what of a plan is done.
    Status(status::Status),
    /// Put together what the runs of a plan found.
    Merge(merge::Merge),
    /// Print a job that runs a plan elsewhere.
    Emit(emit::Emit),
}

impl Sweep {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        match self.action {
            None => self.here(),
            Some(Action::Plan(plan)) => plan.run(),
            Some(Action::Run(run)) => run.run(),
            Some(Action::Status(status)) => status.run(),
            Some(Action::Merge(merge)) => merge.run(),
            Some(Action::Emit(emit)) => emit.run(),
        }
    }

    /// Runs all of it in this process.
    fn here(self) -> Result<Exit, Stop> {
        let threads = self.threads.map(NonZeroUsize::get);
        let Planned { plan, files, load, warnings } =
            self.what.planned(threads.unwrap_or_else(ask::cores))?;
        ask::first(&load, self.yes)?;
        // What cannot be written fails before the runs, not after them.
        let out = self.out.as_deref().map(told::claimed).transpose()?;
        if !self.quiet {
            warnings.iter().for_each(|warning| say(warning));
        }
        let progress = Progress::over_all(self.quiet, plan.units.iter().map(|unit| unit.duration));
        let found: Mutex<Vec<Option<UnitFound>>> = Mutex::new(vec![None; plan.units.len()]);
        let millis: Vec<u64> = plan.units.iter().map(|unit| unit.millis).collect();
        let work = |at: &usize| {
            let one = unit_at(&plan, &files, *at, &progress)?;
            found.lock().unwrap_or_else(PoisonError::into_inner)[*at] = Some(one);
            Ok::<(), Stop>(())
        };
        each(&longest_first(&millis), threads, work)?;
        progress.over();
        let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        let swept = swept(&plan, found);
        told::tell(&swept, self.format, out.as_deref())?;
        Ok(told::exit(&swept))
    }
}
