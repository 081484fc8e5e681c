//! `seatrial sweep emit`

use super::folder::PlanFolder;
use crate::exit::{Exit, Stop, print};
use clap::{Args, Subcommand};
use seatrial_reports::{Cluster, SweepJobs, sweep_kubernetes, sweep_parallel, sweep_slurm};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

/// Print a job that runs a plan elsewhere; nothing is started.
#[derive(Args)]
#[command(after_help = "Examples:
  seatrial sweep emit k8s plan --shards 32 --image registry.example/seatrial:1 --claim sweeps | kubectl apply -f -
  seatrial sweep emit slurm plan --shards 200 --at-once 50 > sweep.sh && sbatch sweep.sh
  seatrial sweep emit parallel plan --shards 64 | sh")]
pub struct Emit {
    #[command(subcommand)]
    to: To,
}

#[derive(Subcommand)]
enum To {
    /// An Indexed Job of Kubernetes.
    K8s {
        #[command(flatten)]
        jobs: Jobs,
        /// The image that has the program.
        #[arg(long)]
        image: String,
        /// The claim of the volume that the plan is in; many pods write to it at once (ReadWriteMany).
        #[arg(long)]
        claim: String,
        /// Where in the volume the plan is; the name of its folder where left out.
        #[arg(long, value_name = "PATH")]
        at: Option<String>,
    },
    /// A script for an array job of Slurm.
    Slurm {
        #[command(flatten)]
        jobs: Jobs,
    },
    /// A command of GNU parallel.
    Parallel {
        #[command(flatten)]
        jobs: Jobs,
    },
}

#[derive(Args)]
struct Jobs {
    /// The folder of the plan.
    plan: PathBuf,
    /// In so many parts; some minutes each are good.
    #[arg(long, value_name = "N")]
    shards: NonZeroU32,
    /// So many of them at once; as many as there is room for where left out.
    #[arg(long, value_name = "M")]
    at_once: Option<NonZeroU32>,
    /// What the job is called: small letters, digits and `-`.
    #[arg(long, value_parser = name)]
    name: Option<String>,
}

/// A name as clusters take it.
fn name(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let is_end = |c: char| c != '-';
    let is_name = text.len() <= 63
        && text.starts_with(is_end)
        && text.ends_with(is_end)
        && text.chars().all(fits);
    if is_name {
        Ok(text.to_owned())
    } else {
        Err("small letters, digits and `-` between them".to_owned())
    }
}

impl Emit {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let (To::K8s { jobs, .. } | To::Slurm { jobs } | To::Parallel { jobs }) = &self.to;
        let folder = PlanFolder::open(&jobs.plan)?;
        let units = folder.plan.units.len();
        if jobs.shards.get() as usize > units {
            let what =
                format!("{} are more than there are runs: have at most {units}", jobs.shards);
            return Err(Stop::Argument { name: "--shards", what });
        }
        let check: String = folder.plan.check.chars().take(8).collect();
        let name = jobs.name.clone().unwrap_or_else(|| format!("seatrial-sweep-{check}"));
        let here = written(&jobs.plan)?;
        let of = |plan| SweepJobs {
            plan,
            name: &name,
            shards: jobs.shards.get(),
            at_once: jobs.at_once.map(NonZeroU32::get),
        };
        let text = match &self.to {
            To::K8s { image, claim, at, .. } => {
                let last = jobs.plan.canonicalize().unwrap_or_else(|_| jobs.plan.clone());
                let last = written(Path::new(last.file_name().unwrap_or_default()))?;
                let at = at.clone().unwrap_or(last);
                let at = at.trim_start_matches('/');
                sweep_kubernetes(&of(at), &Cluster { image, claim })
            }
            To::Slurm { .. } => sweep_slurm(&of(&here)),
            To::Parallel { .. } => sweep_parallel(&of(&here)),
        };
        print(&text)?;
        Ok(Exit::Fine)
    }
}

/// A path that can stand in a script: text of one line.
fn written(path: &Path) -> Result<String, Stop> {
    let text = path.to_str().filter(|text| !text.contains(char::is_control));
    text.map(str::to_owned).ok_or_else(|| {
        Stop::file(path, &"its name is no text of one line, which a script needs; give it another")
    })
}
