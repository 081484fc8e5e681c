//! The command line: one thin file a command, and no logic.

mod calibrate;
mod check;
mod completions;
mod decide;
mod depart;
mod exit;
mod format;
mod logbook;
mod open;
mod progress;
mod replay;
mod run;
mod schema;
mod sweep;
mod view_at;

use clap::{Parser, Subcommand};
use exit::Exit;
use std::process::ExitCode;

/// Sea trials for the policies that run a multi-tenant cluster.
///
/// Seatrial simulates a cluster of tenants on machines from a scenario file, runs your policies on
/// it, and says who was served, what it cost, and which promises hold.
#[derive(Parser)]
#[command(name = "seatrial", version, max_term_width = 100, after_help = EXIT_CODES)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 fine; 1 an objective or a claim does not hold; 2 bad input; \
3 something could not be reached or written; 101 a bug of ours.";

#[derive(Subcommand)]
enum Command {
    /// Run a scenario and say what was found.
    Run(run::Run),
    /// Run scenarios with fewer and more tenants, and say what breaks first.
    Sweep(sweep::Sweep),
    /// Say everything that is wrong with scenario or policy files.
    Check(check::Check),
    /// Print the JSON Schema of scenario or policy files, for editors.
    Schema(schema::Schema),
    /// Show what a policy file decides on one view of a cluster, and why.
    Decide(decide::Decide),
    /// Decide again on every view of a logbook, and compare.
    Replay(replay::Replay),
    /// Find the contention curve of a database from what was measured of it.
    Calibrate(calibrate::Calibrate),
    /// Print completions for a shell.
    Completions(completions::Completions),
}

fn main() -> ExitCode {
    let line = Line::parse();
    let exit = match line.command {
        Command::Run(command) => command.run(),
        Command::Sweep(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Schema(command) => command.run(),
        Command::Decide(command) => command.run(),
        Command::Replay(command) => command.run(),
        Command::Calibrate(command) => command.run(),
        Command::Completions(command) => command.run(),
    };
    exit.unwrap_or_else(Exit::told).code()
}
