//! `seatrial explain`

use crate::exit::{Exit, Stop, json, print};
use crate::open;
use crate::progress::Progress;
use crate::sides::trial;
use clap::{Args, ValueEnum};
use seatrial_format::Override;
use seatrial_reports as reports;
use seatrial_trials::explain::{Question, Subject, Unexplained, explain};
use std::path::PathBuf;

/// Say what happened at a moment of a run, and why: what the policies saw, what they decided and left, and what was in
/// flight.
///
/// The run is replayed up to the moment. With a tenant, a machine or a service its story from its birth to then is told;
/// with other policies, what happens from then on under those.
#[derive(Args)]
#[command(after_help = "Examples:
  seatrial explain scenarios/thousand-users.toml --at '15 d' --tenant tenant-17
  seatrial explain scenarios/thousand-users.toml --at '15 d' --fork mine.toml")]
pub struct Explain {
    /// The scenario file.
    scenario: PathBuf,
    /// The moment: `26 h` or `1 d 02:00:00` into the run.
    #[arg(long, value_name = "MOMENT")]
    at: String,
    /// Tell the story of this tenant.
    #[arg(long, value_name = "NAME", group = "subject")]
    tenant: Option<String>,
    /// Tell the story of this machine.
    #[arg(long, value_name = "NAME", group = "subject")]
    node: Option<String>,
    /// Tell the story of this service.
    #[arg(long, value_name = "NAME", group = "subject")]
    service: Option<String>,
    /// Have the policies of this file take over after the moment, by the same chance. They know what is in flight; those
    /// that are the same go on with what they remember, others remember nothing.
    #[arg(long, value_name = "FILE")]
    fork: Option<PathBuf>,
    /// The seed; the scenario's own where left out.
    #[arg(long)]
    seed: Option<u64>,
    /// Change a value of the scenario, or of its policy file: `--set duration=7d`.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// How many rows of a story are shown, the last ones; all with 0. JSON has all of them.
    #[arg(long, default_value = "60", value_name = "N")]
    most: usize,
    /// How it is written to stdout.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
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

impl Explain {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let overrides: Vec<Override> = self.sets.iter().map(|set| set.clone().into()).collect();
        let opened =
            open::scenario(&self.scenario, &overrides).map_err(|failure| open::stop(&failure))?;
        let fork = self.fork.as_ref().map(|file| {
            // In the scenario, so that all is checked that they name.
            let place = std::path::absolute(file).unwrap_or_else(|_| file.clone());
            let named = Override::from(format!("policies.file={}", place.display()));
            let opened = open::scenario(&self.scenario, &[&overrides[..], &[named]].concat());
            let opened = opened.map_err(|failure| open::stop(&failure))?;
            Ok((file.display().to_string(), opened.policies))
        });
        let fork: Option<(String, _)> = fork.transpose()?;
        let trial = trial(&opened, self.seed.unwrap_or(opened.scenario.seed));
        let runs = if fork.is_some() { 3 } else { 1 };
        let progress = Progress::new(self.quiet, *opened.scenario.duration, runs);
        let subject = self.tenant.map(Subject::Tenant);
        let subject = subject.or(self.node.map(Subject::Node));
        let subject = subject.or(self.service.map(Subject::Service));
        let question = Question {
            trial: &trial,
            at: &self.at,
            subject,
            fork: fork.as_ref().and_then(|(name, policies)| Some((&**name, policies.as_ref()?))),
        };
        let found = explain(&question, &progress);
        progress.over();
        let found = found.map_err(|why| match why {
            Unexplained::Broken(broken) => Stop::Broken(broken),
            Unexplained::NoPolicies => Stop::file(&self.scenario, &why),
            Unexplained::NoMoment(_) | Unexplained::TooLate(_) | Unexplained::TooEarly(_) => {
                Stop::Argument { name: "--at", what: why.to_string() }
            }
            Unexplained::Nobody { kind, .. } => {
                let name = match kind {
                    "tenant" => "--tenant",
                    "node" => "--node",
                    _ => "--service",
                };
                Stop::Argument { name, what: why.to_string() }
            }
        })?;
        print(&match self.format {
            Format::Table => reports::explained(&found, (self.most > 0).then_some(self.most)),
            Format::Json => json(&found) + "\n",
        })?;
        Ok(Exit::Fine)
    }
}
