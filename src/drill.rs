//! `seatrial drill`

use crate::exit::{Exit, Stop, json, print, say};
use crate::progress::Progress;
use crate::{ask, open, read};
use clap::Args;
use seatrial_format::Override;
use seatrial_host::estimate::{Estimate, Load};
use seatrial_record::{DRILL_VERSION, Drill as Record};
use seatrial_reports::drill_markdown;
use seatrial_trials::{DrillTerms, Trial, drill, replicate};
use std::fs;
use std::io::{ErrorKind, Write};
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

/// Hold a drill in simulation: run a rehearsed incident, and write the record that auditors ask for.
///
/// The scenario says what strikes (`[[faults]]`), what is wished for (`rto` and `rpo` of tiers and databases,
/// `[[objectives]]`) and which policies answer. The record says what was measured beside it, what happened step by step,
/// and what did not go as it was meant to; beside the last drill of the series, and beside a forecast.
#[derive(Args)]
#[command(after_help = "Example:
  seatrial drill scenarios/chaos/zone-loss.toml --series zone-evacuation --reps 5 --out drills")]
pub struct Drill {
    /// The scenario file.
    scenario: PathBuf,
    /// What the series of drills is called; files are named after it.
    #[arg(long, value_name = "NAME", value_parser = name)]
    series: String,
    /// Write ID.json and ID.md into this folder; a record that is there is never replaced.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// How many runs.
    #[arg(long, default_value = "5", value_name = "N")]
    reps: NonZeroU32,
    /// The first seed; the scenario's own where left out.
    #[arg(long)]
    seed: Option<u64>,
    /// Change a value of the scenario, or of its policy file.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// When it is held.
    #[arg(long, value_name = "DATE")]
    date: Option<String>,
    /// Who answers for what it finds.
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// By when findings are to be mended.
    #[arg(long, value_name = "DATE")]
    due: Option<String>,
    /// The record of the last drill of the series.
    #[arg(long, value_name = "FILE")]
    last: Option<PathBuf>,
    /// The record of a drill that says what was forecast.
    #[arg(long, value_name = "FILE")]
    forecast: Option<PathBuf>,
    /// Run whatever time and memory it is estimated to take: above 30 minutes or 4 GiB it is asked first.
    #[arg(long, short)]
    yes: bool,
    /// Show no progress.
    #[arg(long, short)]
    quiet: bool,
}

/// A name that files can be named after.
fn name(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if text.is_empty() || text.len() > 60 || !text.chars().all(fits) || text.starts_with('-') {
        return Err("a series is called by up to 60 letters, digits, `-` and `_`".to_owned());
    }
    Ok(text.to_owned())
}

impl Drill {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let overrides: Vec<Override> = self.sets.iter().map(|set| set.clone().into()).collect();
        let opened =
            open::scenario(&self.scenario, &overrides).map_err(|failure| open::stop(&failure))?;
        open::warn(&opened, self.quiet);
        if opened.scenario.faults.is_empty() {
            let what =
                "nothing strikes in it, so there is nothing to rehearse; give it `[[faults]]`";
            return Err(Stop::file(&self.scenario, &what));
        }
        let last = self.last.as_deref().map(record).transpose()?;
        let forecast = self.forecast.as_deref().map(record).transpose()?;
        if let (Some(last), Some(path)) = (&last, &self.last)
            && last.series != self.series
        {
            let what = format!("it is of the series `{}`, not of `{}`", last.series, self.series);
            return Err(Stop::file(path, &what));
        }
        let estimate = Estimate::of(&opened.scenario, opened.policies.as_ref());
        ask::first(&Load::default().and(estimate, self.reps.get(), ask::cores()), self.yes)?;
        // What cannot be written fails before the run, not after it.
        fs::create_dir_all(&self.out).map_err(|error| Stop::unwritten(&self.out, &error))?;
        let progress = Progress::new(self.quiet, *opened.scenario.duration, self.reps.get());
        let trial = Trial {
            scenario: &opened.scenario,
            policies: opened.policies.as_ref(),
            departure: None,
            goals: opened.goals,
            seed: self.seed.unwrap_or(opened.scenario.seed),
            replications: self.reps.get(),
            threads: None,
            series: None,
        };
        let runs = replicate(trial, &progress).map_err(Stop::Broken)?;
        progress.done(runs.events);
        let terms = DrillTerms {
            series: self.series,
            date: self.date,
            owner: self.owner,
            due: self.due,
            last,
            forecast,
        };
        let held = drill(&opened.scenario, &runs, terms);
        let page = drill_markdown(&held);
        write(&self.out.join(format!("{}.json", held.id)), &(json(&held) + "\n"))?;
        write(&self.out.join(format!("{}.md", held.id)), &page)?;
        print(&page)?;
        if !self.quiet {
            say(&format!("wrote {0}.json and {0}.md into {1}", held.id, self.out.display()));
        }
        let is_broken = held.verdicts.iter().any(|of| !of.holds);
        Ok(if is_broken { Exit::Failed } else { Exit::Fine })
    }
}

/// A record that was written before.
fn record(path: &Path) -> Result<Record, Stop> {
    let text = read::text(path, read::PAGE_MOST)?;
    let record: Record = serde_json::from_str(&text)
        .map_err(|error| Stop::file(path, &format!("it is no record of a drill: {error}")))?;
    if record.version != DRILL_VERSION {
        let what = format!("it has version {}, and {DRILL_VERSION} is read here", record.version);
        return Err(Stop::file(path, &what));
    }
    Ok(record)
}

/// Writes a file that was not there; one that says the same may be.
fn write(path: &Path, text: &str) -> Result<(), Stop> {
    let made = fs::OpenOptions::new().write(true).create_new(true).open(path);
    match made {
        Ok(mut file) => {
            file.write_all(text.as_bytes()).map_err(|error| Stop::unwritten(path, &error))
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            if fs::read_to_string(path).is_ok_and(|there| there == text) {
                return Ok(());
            }
            let what = "a record of this drill is there that says something else, and none is replaced; \
                        choose another folder or series";
            Err(Stop::unwritten(path, &what))
        }
        Err(error) => Err(Stop::unwritten(path, &error)),
    }
}
