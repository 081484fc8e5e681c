//! The command line: one thin file a command, and no logic.

mod ask;
mod availability;
mod calibrate;
mod check;
mod compare;
mod completions;
mod decide;
mod depart;
mod drill;
mod exit;
mod explain;
mod format;
mod gate;
mod kept;
mod logbook;
mod new;
mod new_policy;
mod open;
mod open_trace;
mod progress;
mod read;
mod receipt;
mod reference;
mod replay;
mod report;
mod rows;
mod run;
mod schema;
mod sides;
mod sweep;
mod trace;
mod view_at;

use clap::{Parser, Subcommand};
use exit::Exit;
use std::process::ExitCode;
use std::sync::LazyLock;

/// Sea trials for the policies that run a multi-tenant cluster.
///
/// Seatrial simulates a cluster of tenants on machines from a scenario file, runs your policies on
/// it, and says who was served, what it cost, and which promises hold.
#[derive(Parser)]
#[command(name = "seatrial", version = VERSION.as_str(), max_term_width = 100, after_help = AFTER)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

const AFTER: &str = "\
The first steps:
  seatrial new shop                 write shop.toml and shop-policies.toml, commented
  seatrial check shop.toml          say all that is wrong with them, or odd
  seatrial run shop.toml            run it, and say what was found
  seatrial run shop.toml --reps 10  the same by ten chances, with means and margins
  seatrial help run                 all that a command can do

Exit codes: 0 fine; 1 an objective or a claim does not hold, or something is worse; 2 bad input; 3 \
something could not be reached or written; 4 not decided; 101 a bug of ours.";

/// The version, the commit, and which policies are inside.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    seatrial_policies::program(env!("CARGO_PKG_VERSION"), env!("SEATRIAL_COMMIT"))
});

#[derive(Subcommand)]
enum Command {
    /// Write a scenario to begin with, and its policy file.
    New(new::New),
    /// Run a scenario and say what was found.
    Run(run::Run),
    /// Say whether a world is better, worse or as good as another.
    Compare(compare::Compare),
    /// Run a suite, and say whether a change makes anything worse that it gates.
    Gate(gate::Gate),
    /// Make one page of what a run found, to read, print and send around.
    Report(report::Report),
    /// Make a trace of what a run was like, to look at in Perfetto.
    Trace(trace::Trace),
    /// Show a trace in Perfetto's viewer: hand it once to the browser of this machine.
    Open(open_trace::OpenTrace),
    /// Sign, verify and show the receipts of suites that passed.
    Receipt(receipt::Receipt),
    /// Say what happened at a moment of a run, and why.
    Explain(explain::Explain),
    /// Run scenarios with values varied, and say what breaks first.
    Sweep(sweep::Sweep),
    /// Estimate how likely losses are that are too rare for ordinary runs.
    Availability(availability::Availability),
    /// Hold a drill in simulation, and write the record that auditors ask for.
    Drill(drill::Drill),
    /// Say everything that is wrong with scenario or policy files.
    Check(check::Check),
    /// Say what files may say and what a run measures: sections, keys, metrics.
    Reference(reference::Reference),
    /// Print the JSON Schema of scenario files, policy files or suites, for editors.
    Schema(schema::Schema),
    /// Show what a policy file decides on one view of a cluster, and why.
    Decide(decide::Decide),
    /// Decide again on every view of a logbook, and compare.
    Replay(replay::Replay),
    /// Find the contention curve of a database from what was measured of it.
    Calibrate(calibrate::Calibrate),
    /// Print what each run of a scenario found, for programs.
    Rows(rows::Rows),
    /// Write a policy to begin with into Seatrial's sources.
    NewPolicy(new_policy::NewPolicy),
    /// Print completions for a shell.
    Completions(completions::Completions),
}

fn main() -> ExitCode {
    // A file that grows beyond a limit is an error to be told, not the end.
    let told = std::sync::Arc::default();
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, told);
    let line = Line::parse();
    let exit = match line.command {
        Command::New(command) => command.run(),
        Command::Run(command) => command.run(),
        Command::Compare(command) => command.run(),
        Command::Gate(command) => command.run(),
        Command::Report(command) => command.run(),
        Command::Trace(command) => command.run(),
        Command::Open(command) => command.run(),
        Command::Receipt(command) => command.run(),
        Command::Explain(command) => command.run(),
        Command::Sweep(command) => command.run(),
        Command::Availability(command) => command.run(),
        Command::Drill(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Reference(command) => command.run(),
        Command::Schema(command) => command.run(),
        Command::Decide(command) => command.run(),
        Command::Replay(command) => command.run(),
        Command::Calibrate(command) => command.run(),
        Command::Rows(command) => command.run(),
        Command::NewPolicy(command) => command.run(),
        Command::Completions(command) => command.run(),
    };
    exit.unwrap_or_else(Exit::told).code()
}
