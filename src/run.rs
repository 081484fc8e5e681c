//! `seatrial run`

use crate::depart::depart;
use crate::exit::{Exit, Stop, colours, json, print, say};
use crate::format::Format;
use crate::trace::{self, Aside};
use crate::view_at::Wanted;
use crate::{VERSION, ask, logbook, open, progress::Progress};
use clap::{ArgGroup, Args, ValueEnum};
use seatrial_contract::units::{Bytes, Span};
use seatrial_format::Override;
use seatrial_host::estimate::{Estimate, Load};
use seatrial_record::{About, GoalKind, Runs};
use seatrial_reports::{
    Folder, Streams, Style, TraceWindow, WriteError, document, summary, write_files,
};
use seatrial_trials::{Series, Trial, log, replicate};
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};

/// Run a scenario and say what was found.
#[derive(Args)]
#[command(group = ArgGroup::new("told").args(["out", "trace"]).multiple(true))]
#[command(after_help = "Examples:
  seatrial run scenarios/thousand-users.toml
  seatrial run shop.toml --set duration=2d --set pools.front.count=5
  seatrial run shop.toml --reps 10 --out result
  seatrial run shop.toml --trace shop.pftrace && seatrial open shop.pftrace
  seatrial run shop.toml --logbook shop.logbook && seatrial replay shop.logbook --tell actions")]
pub struct Run {
    /// The scenario file.
    scenario: PathBuf,
    /// The seed of all chance, instead of the file's.
    #[arg(long)]
    seed: Option<u64>,
    /// Run so many times with one seed after the other, and give means with 95 % confidence.
    #[arg(long, default_value = "1", value_name = "N")]
    reps: NonZeroU32,
    /// Use at most so many threads; all cores where left out. The result is the same.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Change a value of the file or of its policy file: `--set duration=7d`,
    /// `--set pools.worker-low.count=3`, `--set policies.hpa.services.portal.most=8`.
    ///
    /// A policy goes by its `name`, which is its `kind` where the file gives it none. What stands in the policy file beside
    /// the policies is reached in the same way: `--set policies.tick=5s`. `policies.file` names another
    /// policy file, whose values the others then change.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// How the result is written to stdout.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Write the full record into this folder: tables as Parquet (docs/data.md), JSON, CSV, charts
    /// and all actions with their reasons.
    ///
    /// Files of an earlier run there are replaced, whatever else is there stays. `files.json` lists
    /// what was written, and which run each file tells of where there were several.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write a trace of the run into this file, to look at in Perfetto (docs/trace.md), as `seatrial trace` does.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// How finely it is told what the run is like over time: `1min`. About two thousand points a
    /// series where left out; each keeps its least and its most, so that no spike is lost.
    #[arg(long, value_name = "SPAN", requires = "told", value_parser = resolution)]
    resolution: Option<Span>,
    /// Write down every view that the policies saw and every decision, for `seatrial replay`: into
    /// a file, or where it ends with a slash into a folder of segments.
    ///
    /// It takes longer than the run alone: for a month of a thousand users with a view each 15 s about
    /// 3 times as long on two cores, 5 times on one, and 9 MB. Turns are written some hundred at a
    /// time, which are lost where the run is killed.
    #[arg(long, value_name = "FILE", conflicts_with = "reps")]
    logbook: Option<PathBuf>,
    /// A new segment of the logbook begins when the last has reached this size; 16 MiB where left
    /// out.
    #[arg(long, value_name = "SIZE", requires = "logbook", value_parser = size)]
    logbook_segment: Option<Bytes>,
    /// Start from the last view of this logbook (of a run or of the bridge, a file or a folder of
    /// segments) instead of the scenario's own beginning.
    ///
    /// The logbook says what there is: machines with their pools, zones and sizes, cordoned and
    /// draining ones among them; tenants with their homes, their sleep, who is there and how long
    /// nobody has been: the next visit is drawn given that. The scenario says how all that goes
    /// on: sessions, growth, prices, the shape of machines ordered later, policies, objectives.
    /// Its `count` of machines and `tenants` of tiers are of no account. Tiers and pools are
    /// matched by name. Machines that no longer answered are taken to be gone, tenants that were
    /// missing are left out, and both are said. The week goes on at the logbook's weekday and
    /// hour; policies begin with nothing remembered.
    #[arg(long, value_name = "LOGBOOK")]
    from_logbook: Option<PathBuf>,
    /// Start from the view of this moment instead of the last: `26 h` or `1 d 02:00:00` into a
    /// run, `2026-11-21 10:50:33Z`.
    #[arg(long, value_name = "MOMENT", default_value = "last", requires = "from_logbook")]
    from_logbook_at: String,
    /// What ends with exit code 1.
    #[arg(long, value_enum, default_value = "claim", value_name = "WHAT")]
    fail_on: FailOn,
    /// Run whatever time and memory it is estimated to take: above 30 minutes or 4 GiB it is asked first.
    #[arg(long, short)]
    yes: bool,
    /// Show no progress.
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// An objective or a claim that does not hold.
    Claim,
    /// An objective that does not hold.
    Objective,
    /// Nothing.
    Nothing,
}

fn unwritable(error: WriteError) -> Stop {
    Stop::Unwritten(error.to_string())
}

/// That there is something else in the folder.
fn kept(folder: &Folder) -> Option<String> {
    let [first, rest @ ..] = folder.others() else { return None };
    let more = if rest.is_empty() { String::new() } else { format!(" and {} more", rest.len()) };
    Some(format!("`{}`{more}, which no run wrote, stays", first.escape_debug()))
}

/// Finer than that no chart can show, and a table would have more rows than events.
const FINEST: Span = Span::millis(1);

fn resolution(text: &str) -> Result<Span, String> {
    let span: Span = serde_json::from_value(text.into()).map_err(|error| error.to_string())?;
    if span < FINEST {
        return Err("stretches are a millisecond long at the least".to_owned());
    }
    Ok(span)
}

fn size(text: &str) -> Result<Bytes, String> {
    serde_json::from_value(text.into()).map_err(|error| error.to_string())
}

impl Run {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let overrides: Vec<Override> = self.sets.iter().map(|set| set.clone().into()).collect();
        let opened =
            open::scenario(&self.scenario, &overrides).map_err(|failure| open::stop(&failure))?;
        open::warn(&opened, self.quiet);
        let seed = self.seed.unwrap_or(opened.scenario.seed);
        let departure = match &self.from_logbook {
            None => None,
            Some(logbook) => {
                let (moment, option) = (&*self.from_logbook_at, "--from-logbook-at");
                let wanted = Wanted { logbook, moment, option, quiet: self.quiet };
                Some(depart(&opened.scenario, &wanted)?)
            }
        };
        let at_once = self.threads.map_or_else(ask::cores, NonZeroUsize::get);
        let load = Load::default();
        let load = load.and(
            Estimate::of(&opened.scenario, opened.policies.as_ref()),
            self.reps.get(),
            at_once,
        );
        ask::first(&load, self.yes)?;
        // What cannot be written fails before the run, not after it.
        let aside = self.trace.as_deref().filter(|_| self.out.is_none());
        let aside = aside.map(Aside::beside).transpose()?;
        let tables = self.out.as_deref().or(aside.as_ref().map(Aside::path));
        let folder = tables.map(Folder::claim).transpose().map_err(unwritable)?;
        if let (Some(path), false) = (&self.out, self.quiet)
            && let Some(kept) = folder.as_ref().and_then(kept)
        {
            say(&format!("{}: {kept}", path.display()));
        }
        let begin = |folder| Streams::begin(folder, seed);
        let streams = folder.as_ref().map(begin).transpose().map_err(unwritable)?;
        let progress = Progress::new(self.quiet, *opened.scenario.duration, self.reps.get());
        let trial = Trial {
            scenario: &opened.scenario,
            policies: opened.policies.as_ref(),
            departure,
            goals: opened.goals,
            seed,
            replications: self.reps.get(),
            threads: self.threads.map(NonZeroUsize::get),
            series: streams.clone().map(|Streams { series, lives }| Series {
                each: self.resolution,
                sink: series,
                lives,
            }),
        };
        let runs = match &self.logbook {
            None => replicate(trial, &progress).map_err(Stop::Broken)?,
            Some(_) if opened.policies.is_none() => {
                let what = "this scenario has no policies, so nothing is decided".to_owned();
                return Err(Stop::Argument { name: "--logbook", what });
            }
            Some(path) => {
                let unwritten = |error| Stop::unwritten(path, &error);
                let logbook =
                    logbook::begin(path, self.logbook_segment, &trial).map_err(unwritten)?;
                let (runs, written) = log(trial, logbook, &progress).map_err(Stop::Broken)?;
                written.map_err(unwritten)?;
                runs
            }
        };
        progress.done(runs.events);
        self.tell(&runs, seed)?;
        self.write(&runs, seed, tables.zip(folder.as_ref()).zip(streams.as_ref()))?;
        Ok(self.judge(&runs))
    }

    /// Prints what came out.
    fn tell(&self, runs: &Runs, seed: u64) -> Result<(), Stop> {
        match self.format {
            Format::Table => {
                let style = Style { colour: colours(&std::io::stdout()) };
                print(&summary(runs, style))?;
                print(&format!("\nRepeat with: {}\n", self.again(seed)))?;
            }
            Format::Json => {
                let text = json(&document(runs));
                print(&format!("{text}\n"))?;
            }
        }
        Ok(())
    }

    /// Writes what came out into a folder, and the trace where that is wanted.
    fn write(
        &self,
        runs: &Runs,
        seed: u64,
        to: Option<((&Path, &Folder), &Streams)>,
    ) -> Result<(), Stop> {
        let Some(((path, folder), streams)) = to else { return Ok(()) };
        let kinds = seatrial_faults::kinds().into_iter().map(str::to_owned).collect();
        let about = About::of(runs, VERSION.clone(), self.again(seed), kinds);
        let files = write_files(runs, streams, &about, folder).map_err(unwritable)?;
        if self.out.is_some() && !self.quiet {
            say(&format!("wrote {} files into {}", files.len(), path.display()));
        }
        if let Some(to) = &self.trace {
            let counts = trace::write(path, TraceWindow::default(), to)?;
            if !self.quiet {
                trace::told(to, &counts);
            }
        }
        Ok(())
    }

    fn judge(&self, runs: &Runs) -> Exit {
        let counts = |kind: GoalKind| match self.fail_on {
            FailOn::Claim => true,
            FailOn::Objective => kind == GoalKind::Objective,
            FailOn::Nothing => false,
        };
        let failed = runs.goals.iter().any(|goal| !goal.holds && counts(goal.kind));
        if failed { Exit::Failed } else { Exit::Fine }
    }

    /// The command that repeats this run.
    fn again(&self, seed: u64) -> String {
        let mut line = format!("seatrial run {} --seed {seed}", self.scenario.display());
        if self.reps.get() > 1 {
            line += &format!(" --reps {}", self.reps);
        }
        let quoted = |text: &str| format!("'{}'", text.replace('\'', "'\\''"));
        for set in &self.sets {
            line += &format!(" --set {}", quoted(set));
        }
        if let Some(logbook) = &self.from_logbook {
            line += &format!(" --from-logbook {}", quoted(&logbook.display().to_string()));
            if self.from_logbook_at != "last" {
                line += &format!(" --from-logbook-at {}", quoted(&self.from_logbook_at));
            }
        }
        line
    }
}
