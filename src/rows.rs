//! `seatrial rows`

use crate::exit::{Exit, Stop, print};
use crate::open;
use crate::progress::Progress;
use crate::sides::trial;
use clap::Args;
use seatrial_format::Override;
use seatrial_record::{ROWS_VERSION, Rows as Found};
use seatrial_trials::{half, row};
use std::path::PathBuf;

/// Print what each run of a scenario found, one after the other, for another program: `compare` asks the program of
/// another revision for it.
#[derive(Args)]
#[command(after_help = "Example:
  seatrial rows scenarios/thousand-users.toml --seed 4 --reps 3 --set duration=7d")]
pub struct Rows {
    /// The scenario file.
    scenario: PathBuf,
    /// The first seed; the file's where left out.
    #[arg(long)]
    seed: Option<u64>,
    /// How many seeds, one after the other; with 0 only what would run is said.
    #[arg(long, default_value = "1", value_name = "N")]
    reps: u32,
    /// Add every action of each run.
    #[arg(long)]
    actions: bool,
    /// Change a value of the file or of its policy file: `--set duration=7d`.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
}

impl Rows {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let overrides: Vec<Override> = self.sets.iter().map(|set| set.clone().into()).collect();
        let opened =
            open::scenario(&self.scenario, &overrides).map_err(|failure| open::stop(&failure))?;
        let seed = self.seed.unwrap_or(opened.scenario.seed);
        let trial = trial(&opened, seed);
        let quiet = Progress::new(true, *opened.scenario.duration, self.reps.max(1));
        let of = half(&self.scenario.display().to_string(), &crate::VERSION, &trial);
        let run = |number: u32| {
            let seed = seed.wrapping_add(u64::from(number));
            row(&trial, seed, self.actions, &quiet).map_err(Stop::Broken)
        };
        let rows = (0..self.reps).map(run).collect::<Result<_, Stop>>()?;
        let found = Found { version: ROWS_VERSION, of, rows };
        // Whoever reads it is a program, and takes it as it is.
        let text = serde_json::to_string(&found).unwrap_or_default();
        print(&(text + "\n"))?;
        Ok(Exit::Fine)
    }
}
