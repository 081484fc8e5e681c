//! The command line of the bridge. No logic.

mod told;

use clap::{Args, Parser, Subcommand, ValueEnum};
use seatrial_bridge::{Bridge, Mode, look_round, open, watch};
use seatrial_contract::config::Element;
use seatrial_contract::units::{Quantity, Span};
use seatrial_format::bridge::BridgeFile;
use seatrial_format::{Override, Style};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::LazyLock;
use std::time::Duration;

/// Runs the policies of sea trials on a real cluster.
///
/// The bridge looks at Docker engines and Prometheus, keeps the same view of the cluster that the
/// simulator gives to policies, and writes all that it sees into a logbook. It changes nothing.
#[derive(Parser)]
#[command(name = "seatrial-bridge", version = VERSION.as_str(), max_term_width = 100, after_help = EXIT_CODES)]
struct Line {
    #[command(subcommand)]
    command: Command,
}

/// The version, the commit, and which policies are inside.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    seatrial_policies::program(env!("CARGO_PKG_VERSION"), env!("SEATRIAL_COMMIT"))
});

const EXIT_CODES: &str = "Exit codes: 0 fine; 1 inputs of the policies are missing; 2 bad input; \
3 something could not be reached or written; 101 a bug of ours.";

#[derive(Subcommand)]
enum Command {
    /// Write down what is seen of the cluster, and decide nothing.
    Observe(Watch),
    /// Write down what is seen, and what the policies would do and why. Nothing is done.
    Shadow(Watch),
    /// Say what can be reached, what cannot, and which inputs of the policies would be missing.
    Check(Check),
    /// Print the JSON Schema of the bridge's file, for editors.
    Schema,
}

#[derive(Args)]
struct Watch {
    /// The bridge's file.
    file: PathBuf,
    /// Change a value of the file or of its policy file: `--set docker.every=5s`,
    /// `--set policies.idle-ladder.ladder.asleep=3d`.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// Stop after so long, such as `10 min`; otherwise at SIGINT or SIGTERM.
    #[arg(long = "for", value_name = "TIME", value_parser = span)]
    lasts: Option<Span>,
    /// Say nothing but what the policies would do.
    #[arg(long, short)]
    quiet: bool,
}

#[derive(Args)]
struct Check {
    /// The bridge's file.
    file: PathBuf,
    /// Change a value of the file or of its policy file: `--set docker.every=5s`,
    /// `--set policies.idle-ladder.ladder.asleep=3d`.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// How the findings are written to stdout.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// For machines.
    Json,
}

fn span(text: &str) -> Result<Span, String> {
    Span::parse(text).map_err(|error| format!("{}: {}", error.message, error.remedy))
}

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return stop(3, &format!("the system gives no event loop: {error}")),
    };
    match Line::parse().command {
        Command::Observe(args) => runtime.block_on(args.run(Mode::Observe)),
        Command::Shadow(args) => runtime.block_on(args.run(Mode::Shadow)),
        Command::Check(args) => runtime.block_on(args.run()),
        Command::Schema => {
            let schema = seatrial_format::json_schema("seatrial-bridge", &BridgeFile::shape());
            told::print_json(&schema);
            ExitCode::SUCCESS
        }
    }
}

/// Ends with a message.
fn stop(code: u8, message: &str) -> ExitCode {
    told::say(message.trim_end());
    ExitCode::from(code)
}

fn opened(file: &std::path::Path, sets: &[String]) -> Result<Bridge, ExitCode> {
    let overrides: Vec<Override> = sets.iter().map(|set| set.clone().into()).collect();
    open(file, &overrides).map_err(|failure| {
        let colour = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        stop(2, &failure.render(Style { colour }))
    })
}

impl Watch {
    async fn run(self, mode: Mode) -> ExitCode {
        let bridge = match opened(&self.file, &self.sets) {
            Ok(bridge) => bridge,
            Err(code) => return code,
        };
        // A file that grows beyond a limit is an error to be told, not the end.
        let limit =
            tokio::signal::unix::SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
        let _told_of_limits = tokio::signal::unix::signal(limit);
        let mut teller = told::Teller::new(self.quiet);
        match watch(bridge, mode, stopped(self.lasts), &mut |told| teller.tell(&told)).await {
            Ok(ending) => {
                teller.end(mode, &ending);
                ExitCode::SUCCESS
            }
            Err(error) => stop(3, &error.to_string()),
        }
    }
}

/// Done when the time is over or somebody asks to stop.
async fn stopped(lasts: Option<Span>) {
    let over = async {
        match lasts {
            Some(span) => tokio::time::sleep(Duration::from_nanos(span.0)).await,
            None => std::future::pending().await,
        }
    };
    let asked = async {
        use tokio::signal::unix::{SignalKind, signal};
        match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
            (Ok(mut interrupt), Ok(mut terminate)) => tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            },
            // Without handlers the system stops us as it stops anyone.
            _ => std::future::pending().await,
        }
    };
    tokio::select! {
        () = over => {}
        () = asked => {}
    }
}

impl Check {
    async fn run(self) -> ExitCode {
        let bridge = match opened(&self.file, &self.sets) {
            Ok(bridge) => bridge,
            Err(code) => return code,
        };
        let report = look_round(bridge).await;
        match self.format {
            Format::Table => told::print(&told::report(&report)),
            Format::Json => {
                told::print_json(&report);
            }
        }
        match (report.all_reached(), report.all_known()) {
            (false, _) => ExitCode::from(3),
            (true, false) => ExitCode::from(1),
            (true, true) => ExitCode::SUCCESS,
        }
    }
}
