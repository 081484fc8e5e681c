//! `seatrial availability`

use crate::exit::{Exit, Stop, json, print};
use crate::progress::Progress;
use crate::{ask, open};
use clap::{Args, ValueEnum};
use seatrial_contract::PoolId;
use seatrial_format::Override;
use seatrial_format::scenario::Scenario;
use seatrial_host::estimate::{Estimate, Load};
use seatrial_host::rare::Rare as Counted;
use seatrial_record::Rare;
use seatrial_trials::{NotFound, RareTrial};
use std::num::NonZeroU32;
use std::path::PathBuf;

/// Estimate how likely losses are that are too rare to be seen in ordinary runs.
///
/// Counts what is lost at the same time: machines, tenants, or servers of a database. Runs that come nearer to the
/// number asked for go on into many futures, level by level; the levels are chosen by a pilot and frozen, and repeats
/// give the interval.
#[derive(Args)]
#[command(after_help = "Examples:
  seatrial availability scenarios/chaos/rack-power.toml --machines 6
  seatrial availability scenarios/chaos/postgres-primary-loss.toml --database accounts --set duration=365d")]
pub struct Availability {
    /// The scenario file.
    scenario: PathBuf,
    /// So many machines are lost at the same time.
    #[arg(long, value_name = "N", group = "counted")]
    machines: Option<NonZeroU32>,
    /// Count machines of this pool alone.
    #[arg(long, value_name = "POOL", requires = "machines")]
    pool: Option<String>,
    /// So many tenants are down at the same time.
    #[arg(long, value_name = "N", group = "counted")]
    tenants: Option<NonZeroU32>,
    /// All servers of this database are lost at the same time, or do not follow yet.
    #[arg(long, value_name = "NAME", group = "counted")]
    database: Option<String>,
    /// Change a value of the scenario, or of its policy file: `--set duration=365d`.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// The first seed; the scenario's own where left out.
    #[arg(long)]
    seed: Option<u64>,
    /// How many runs at each level; up to ten times as many where few come on.
    #[arg(long, default_value = "200", value_name = "RUNS", value_parser = clap::value_parser!(u32).range(10..=100_000))]
    effort: u32,
    /// How often all is done again, for the interval: 5 at least.
    #[arg(long, default_value = "20", value_name = "TIMES", value_parser = clap::value_parser!(u32).range(5..=1000))]
    repeats: u32,
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
    /// For programs.
    Json,
}

/// More levels than these are seldom needed.
const LEVELS: u32 = 4;

impl Availability {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let overrides: Vec<Override> = self.sets.iter().map(|set| set.clone().into()).collect();
        let opened =
            open::scenario(&self.scenario, &overrides).map_err(|failure| open::stop(&failure))?;
        open::warn(&opened, self.quiet);
        let scenario = &opened.scenario;
        let (rare, target, what) = self.counted(scenario)?;
        let seed = self.seed.unwrap_or(scenario.seed);
        // Nobody knows yet how many levels there are on the way; each stage has so many runs, and the pilot's.
        let stages = target.min(LEVELS).saturating_add(1).saturating_mul(self.repeats + 2);
        let runs = self.effort.saturating_mul(stages);
        let estimate = Estimate::of(scenario, opened.policies.as_ref());
        ask::first(&Load::default().and(estimate, runs, ask::cores()), self.yes)?;
        let progress = Progress::new(self.quiet, *scenario.duration, runs);
        let trial = RareTrial {
            scenario,
            policies: opened.policies.as_ref(),
            rare,
            target,
            seed,
            effort: self.effort,
            repeats: self.repeats,
        };
        let found = trial.run(&progress).map_err(|why| match why {
            NotFound::Broken(broken) => Stop::Broken(broken),
            NotFound::Beyond(most) => {
                let what = format!(
                    "no run of {} came beyond {most} at once; ask for fewer, or for more runs (`--effort`)",
                    self.effort
                );
                Stop::file(&self.scenario, &what)
            }
        })?;
        progress.done(found.effort.1);
        let found = Rare {
            scenario: scenario.title.clone(),
            what,
            seed,
            duration: scenario.duration.0,
            effort: self.effort,
            levels: found.levels,
            chances: found.chances,
            seconds: found.seconds,
            runs: found.effort.0,
            events: found.effort.1,
        };
        print(&match self.format {
            Format::Table => seatrial_reports::rare(&found),
            Format::Json => json(&found) + "\n",
        })?;
        Ok(Exit::Fine)
    }

    /// What is counted, how many are rare, and that in words.
    fn counted(&self, scenario: &Scenario) -> Result<(Counted, u32, String), Stop> {
        if let Some(count) = self.machines {
            let pool = self.pool.as_ref().map(|name| {
                let found = scenario.pools.iter().position(|pool| pool.name.as_str() == name);
                found.map(PoolId::at).ok_or_else(|| unknown("--pool", name, &names(scenario).0))
            });
            let of = self.pool.as_ref().map(|pool| format!(" of `{pool}`")).unwrap_or_default();
            let what = format!("{count} machines{of} are lost at once");
            return Ok((Counted::Machines(pool.transpose()?), count.get(), what));
        }
        if let Some(count) = self.tenants {
            return Ok((
                Counted::Tenants,
                count.get(),
                format!("{count} tenants are down at once"),
            ));
        }
        let Some(name) = &self.database else {
            let what =
                "say what is counted: --machines N, --tenants N or --database NAME".to_owned();
            return Err(Stop::Argument { name: "--machines", what });
        };
        let found = scenario.databases.iter().position(|of| of.name.as_str() == name);
        let Some((at, number)) = found.and_then(|at| Some((at, u16::try_from(at).ok()?))) else {
            return Err(unknown("--database", name, &names(scenario).1));
        };
        let servers = u32::try_from(scenario.databases[at].standbys.len()).unwrap_or(u32::MAX);
        let all = servers.saturating_add(1);
        let what = format!("all {all} servers of `{name}` are lost at once");
        Ok((Counted::Servers(number), all, what))
    }
}

/// Pools and databases of a scenario.
fn names(scenario: &Scenario) -> (Vec<String>, Vec<String>) {
    let pools = scenario.pools.iter().map(|of| of.name.to_string()).collect();
    (pools, scenario.databases.iter().map(|of| of.name.to_string()).collect())
}

fn unknown(argument: &'static str, name: &str, have: &[String]) -> Stop {
    let what = if have.is_empty() {
        format!("the scenario has none called `{name}`, nor any other")
    } else {
        format!("the scenario has none called `{name}`; it has {}", have.join(", "))
    };
    Stop::Argument { name: argument, what }
}
