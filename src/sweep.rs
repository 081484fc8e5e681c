//! `seatrial sweep`

use crate::exit::{Exit, Stop, json, print};
use crate::progress::Progress;
use crate::{ask, open};
use clap::{Args, ValueEnum};
use seatrial_format::Override;
use seatrial_host::estimate::{Estimate, Load};
use seatrial_record::Runs;
use seatrial_reports::{Swept, document, sweep, sweep_markdown};
use seatrial_trials::{Sweep as Trials, scaled};
use std::num::NonZeroU32;
use std::path::PathBuf;

/// Run scenarios with fewer and more tenants, and say which objective breaks first.
///
/// The mix of tiers stays as it is. Policies and machines are the scenario's: what it may order, it orders.
#[derive(Args)]
#[command(after_help = "Example:
  seatrial sweep scenarios/thousand-users.toml --tenants 500,1000,2000 --set duration=7d")]
pub struct Sweep {
    /// The scenario files.
    #[arg(required = true)]
    scenarios: Vec<PathBuf>,
    /// How many tenants at the start: `200,1000,4000`.
    #[arg(long, value_delimiter = ',', required = true, value_name = "N,…")]
    tenants: Vec<NonZeroU32>,
    /// Change a value of each scenario, or of its policy file: `--set duration=7d`,
    /// `--set policies.idle-ladder.ladder.asleep=3d`.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// The first seed; the scenario's own where left out.
    #[arg(long)]
    seed: Option<u64>,
    /// How many runs with each number of tenants.
    #[arg(long, default_value = "1", value_name = "RUNS")]
    reps: NonZeroU32,
    /// How the result is written to stdout.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// Run whatever time and memory it is estimated to take: above 30 minutes or 4 GiB it is asked first.
    #[arg(long, short)]
    yes: bool,
    /// Show no progress.
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// For documents.
    Markdown,
    /// For programs.
    Json,
}

/// More would not fit the simulator's own bounds (5 million tenants).
const TENANTS_MAX: u32 = 5_000_000;

impl Sweep {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let overrides: Vec<Override> = self.sets.iter().map(|set| set.clone().into()).collect();
        let tenants: Vec<u32> = self.tenants.iter().map(|count| count.get()).collect();
        if let Some(most) = tenants.iter().find(|count| **count > TENANTS_MAX) {
            let what = format!("{most} are too many; have at most {TENANTS_MAX}");
            return Err(Stop::Argument { name: "--tenants", what });
        }
        let mut all = Vec::new();
        let mut load = Load::default();
        for path in &self.scenarios {
            // What is wrong is told where it is run.
            let Ok(opened) = open::scenario(path, &overrides) else { continue };
            for count in &tenants {
                let estimate =
                    Estimate::of(&scaled(&opened.scenario, *count), opened.policies.as_ref());
                load = load.and(estimate, self.reps.get(), ask::cores());
            }
        }
        ask::first(&load, self.yes)?;
        for path in &self.scenarios {
            let opened =
                open::scenario(path, &overrides).map_err(|failure| open::stop(&failure))?;
            open::warn(&opened, self.quiet);
            if opened.scenario.tiers.iter().all(|tier| tier.tenants.value == 0) {
                let what =
                    "it has no tenants at the start, so there is no mix to keep; give a tier some";
                return Err(Stop::file(path, &what));
            }
            let title = opened.scenario.title.clone();
            let runs = u32::try_from(tenants.len()).unwrap_or(u32::MAX);
            let runs = runs.saturating_mul(self.reps.get());
            let progress = Progress::new(self.quiet, *opened.scenario.duration, runs);
            let trials = Trials {
                scenario: &opened.scenario,
                policies: opened.policies.as_ref(),
                goals: opened.goals,
                seed: self.seed.unwrap_or(opened.scenario.seed),
                replications: self.reps.get(),
            };
            let found = trials.run(&tenants, &progress).map_err(Stop::Broken)?;
            progress.done(found.iter().map(|runs| runs.events).sum());
            all.push(Swept { title, points: tenants.iter().copied().zip(found).collect() });
        }
        let text = match self.format {
            Format::Table => all.iter().map(sweep).collect::<Vec<String>>().join("\n"),
            Format::Markdown => all.iter().map(sweep_markdown).collect::<Vec<String>>().join("\n"),
            Format::Json => {
                let one = |(tenants, runs): &(u32, Runs)| serde_json::json!({ "tenants": tenants, "run": document(runs) });
                let of = |swept: &Swept| {
                    let points: Vec<_> = swept.points.iter().map(one).collect();
                    serde_json::json!({ "title": swept.title, "points": points })
                };
                let all: Vec<_> = all.iter().map(of).collect();
                json(&all) + "\n"
            }
        };
        print(&text)?;
        let points = all.iter().flat_map(|swept| &swept.points);
        let is_broken = |runs: &Runs| {
            let objective = seatrial_record::GoalKind::Objective;
            runs.goals.iter().any(|goal| goal.kind == objective && !goal.holds)
        };
        let broken = points.into_iter().any(|(_, runs)| is_broken(runs));
        Ok(if broken { Exit::Failed } else { Exit::Fine })
    }
}
