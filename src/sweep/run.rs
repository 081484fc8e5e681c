//! `seatrial sweep run`

use super::at::{place, unit_at};
use super::folder::{Kept, PlanFolder};
use super::shard::Part;
use crate::exit::{Exit, Stop, print, say};
use crate::progress::Progress;
use clap::Args;
use seatrial_record::UnitOutcome;
use seatrial_reports::count;
use seatrial_trials::sweep::{each, shard};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

/// Run what is missing of a plan.
///
/// What each run found is a file of its own, which is whole or not there. So it can be killed at any time and started
/// again, by several processes and machines at once: what is there and intact is not run again, and what is damaged is.
/// Whether objectives hold is for `merge` to say.
#[derive(Args)]
#[command(after_help = "Examples:
  seatrial sweep run plan
  seatrial sweep run plan --shard 2/8
  JOB_COMPLETION_INDEX=1 seatrial sweep run plan --shards 8

Exit codes: 0 all of it is there; 2 bad input: no plan, or one of another program; 3 something could not be \
written; 101 a bug of ours: a run failed, which is kept as its result, and the others went on.")]
pub struct Run {
    /// The folder of the plan.
    plan: PathBuf,
    #[command(flatten)]
    part: Part,
    /// Use at most so many threads; all cores where left out.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Show no progress.
    #[arg(long, short)]
    quiet: bool,
}

impl Run {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let folder = PlanFolder::open(&self.plan)?;
        self.is_for_this_program(&folder)?;
        let part = self.part.meant()?;
        let files = folder.files()?;
        let folder = folder.with_units()?;
        let plan = &folder.plan;
        let millis: Vec<u64> = plan.units.iter().map(|unit| unit.millis).collect();
        let own = shard(&millis, part.index, part.count);
        let (mut left, mut there, mut failed) = (Vec::new(), 0_u64, 0_u64);
        for at in &own {
            match folder.kept(*at)? {
                Kept::Found(found) => {
                    there += 1;
                    failed += u64::from(matches!(found.outcome, UnitOutcome::Failed(_)));
                }
                Kept::Missing => left.push(*at),
                Kept::Damaged(why) => {
                    if !self.quiet {
                        say(&format!("{}: {why}; it is run again", place(plan, *at)));
                    }
                    left.push(*at);
                }
            }
        }
        let progress =
            Progress::over_all(self.quiet, left.iter().map(|at| plan.units[*at].duration));
        let (ran, failed) = (AtomicU64::new(0), AtomicU64::new(failed));
        let work = |at: &usize| {
            // Somebody else may have done it meanwhile.
            let found = match folder.kept(*at)? {
                Kept::Found(found) => *found,
                Kept::Missing | Kept::Damaged(_) => {
                    let found = unit_at(plan, &files, *at, &progress)?;
                    folder.keep(&found)?;
                    ran.fetch_add(1, Ordering::Relaxed);
                    found
                }
            };
            if let UnitOutcome::Failed(failure) = &found.outcome {
                failed.fetch_add(1, Ordering::Relaxed);
                let (kind, what) = (failure.kind.word(), &failure.what);
                say(&format!("{} failed ({kind}): {what}", place(plan, *at)));
            }
            Ok::<(), Stop>(())
        };
        each(&left, self.threads.map(NonZeroUsize::get), work)?;
        progress.over();
        let (ran, failed) = (ran.into_inner(), failed.into_inner());
        let others = own.len() as u64 - ran - there;
        let by_others = if others > 0 {
            format!(", {} by others meanwhile", count(others))
        } else {
            String::new()
        };
        print(&format!(
            "{} runs: {} run{by_others}, {} there already, {} failed\n",
            count(own.len() as u64),
            count(ran),
            count(there),
            count(failed),
        ))?;
        Ok(if failed > 0 { Exit::Bug } else { Exit::Fine })
    }

    /// That the plan is for this program, policies and all.
    fn is_for_this_program(&self, folder: &PlanFolder) -> Result<(), Stop> {
        let plan = &folder.plan;
        if plan.program == *crate::VERSION && plan.policies == seatrial_policies::sources() {
            return Ok(());
        }
        let (wants, is) = (&plan.program, &*crate::VERSION);
        let what = format!(
            "it was planned by seatrial {wants}, and this is {is}: run it by that program, or plan again by this one"
        );
        Err(Stop::file(&self.plan, &what))
    }
}
