//! `seatrial trace`

use crate::exit::{Exit, Stop, say};
use crate::read::is_writable_as_file;
use clap::Args;
use seatrial_contract::units::Span;
use seatrial_reports::{TraceCounts, TraceFailure, TraceWindow, add_trace, count, trace};
use std::fs::{self, File};
use std::io::{BufWriter, ErrorKind, IsTerminal};
use std::path::{Path, PathBuf};

/// Make a trace of what a run was like, to look at in Perfetto.
///
/// What tenants, machines and services went through are slices on tracks within one another; what is counted over time
/// are counters; decisions are instants with their reasons; arrows lead from a fault or a decision to what it did. See
/// docs/trace.md.
#[derive(Args)]
#[command(after_help = "Examples:
  seatrial run scenarios/wake-storm.toml --out result; seatrial trace result
  seatrial trace result --from 9h --until 11h --to storm.pftrace
  seatrial open result/trace.pftrace

The trace is result/trace.pftrace. `seatrial run … --trace FILE` makes one at once.")]
pub struct Trace {
    /// The folder that `seatrial run … --out` wrote.
    folder: PathBuf,
    /// Write the trace into this file, or to stdout where it is `-`; trace.pftrace in the folder where left out.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Leave out what came before this time of the run: `2d`.
    #[arg(long, value_name = "SPAN", value_parser = span)]
    from: Option<Span>,
    /// Leave out what came after this time of the run.
    #[arg(long, value_name = "SPAN", value_parser = span)]
    until: Option<Span>,
    /// Say nothing of what was written.
    #[arg(long, short)]
    quiet: bool,
}

fn span(text: &str) -> Result<Span, String> {
    serde_json::from_value(text.into()).map_err(|error| error.to_string())
}

impl Trace {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let window = TraceWindow {
            from: self.from.map_or(0, |from| from.0),
            until: self.until.map_or(u64::MAX, |until| until.0),
        };
        let (path, counts) = match &self.to {
            None => {
                add_trace(&self.folder, window).map_err(|failure| stop(failure, &self.folder))?
            }
            Some(to) if to.as_os_str() == "-" => {
                if std::io::stdout().is_terminal() {
                    let what =
                        "a trace is no text for a terminal: name a file, or lead stdout into one";
                    return Err(Stop::Argument { name: "--to", what: what.to_owned() });
                }
                let stdout = BufWriter::new(std::io::stdout().lock());
                trace(&self.folder, window, stdout)
                    .map_err(|failure| stop(failure, Path::new("stdout")))?;
                return Ok(Exit::Fine);
            }
            Some(to) => (to.clone(), write(&self.folder, window, to)?),
        };
        if !self.quiet {
            told(&path, &counts);
        }
        Ok(Exit::Fine)
    }
}

/// Writes the trace of a folder into a file, which is complete before it gets its name.
pub fn write(folder: &Path, window: TraceWindow, to: &Path) -> Result<TraceCounts, Stop> {
    let unwritten = |error| Stop::unwritten(to, &error);
    is_writable_as_file(to).map_err(unwritten)?;
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    let file = File::create(&part).map_err(unwritten)?;
    let traced = trace(folder, window, BufWriter::new(file)).map_err(|failure| stop(failure, to));
    let placed = traced.and_then(|counts| {
        fs::rename(&part, to).map_err(unwritten)?;
        Ok(counts)
    });
    if placed.is_err() {
        let _ = fs::remove_file(&part);
    }
    placed
}

/// Says what was written.
pub fn told(path: &Path, counts: &TraceCounts) {
    let TraceCounts { tracks, slices, instants, values, flows, bytes } = *counts;
    let [tracks, slices, instants, values, flows] =
        [tracks, slices, instants, values, flows].map(count);
    say(&format!(
        "wrote {}: {slices} slices, {instants} instants, {values} values and {flows} arrows on {tracks} tracks, {} kB\n\
         look at it: seatrial open {}",
        path.display(),
        count(bytes.div_ceil(1_000)),
        path.display(),
    ));
}

fn stop(failure: TraceFailure, to: &Path) -> Stop {
    match failure {
        TraceFailure::Read { path, why } => Stop::file(&path, &why),
        TraceFailure::Write(error) => Stop::unwritten(to, &error),
        TraceFailure::Unwritten(error) => Stop::Unwritten(error.to_string()),
    }
}

/// A folder for the tables of a run of which only the trace is wanted; it is gone with its value.
pub struct Aside(PathBuf);

impl Aside {
    /// Makes it beside the trace, so that it is known before the run whether that can be written.
    pub fn beside(trace: &Path) -> Result<Self, Stop> {
        let unwritten = |error| Stop::unwritten(trace, &error);
        is_writable_as_file(trace).map_err(unwritten)?;
        let mut path = trace.as_os_str().to_owned();
        path.push(".tables");
        let path = PathBuf::from(path);
        fs::create_dir(&path).map_err(|error| {
            if error.kind() == ErrorKind::AlreadyExists {
                let why = "a run that was killed left it there, or it is somebody's: remove it";
                return Stop::unwritten(&path, &why);
            }
            Stop::unwritten(&path, &error)
        })?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
