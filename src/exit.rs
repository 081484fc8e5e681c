//! How a command ends, and how it says so.

use seatrial_contract::outside;
use seatrial_host::BrokenInvariant;
use std::fmt;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// As wished.
    Fine,
    /// An objective or a claim does not hold.
    Failed,
    /// The input is wrong; all that is wrong was said.
    BadInput,
    /// Something could not be reached or written.
    Unreachable,
    /// The runs do not tell.
    Undecided,
    /// A bug of ours.
    Bug,
}

/// What something that is not decided counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Undecided {
    /// It fails nothing.
    Pass,
    /// It fails.
    Fail,
}

/// Why a command ended early. Its text goes to stderr.
#[derive(Debug)]
pub enum Stop {
    /// A scenario or a policy file is wrong, or cannot be read: all of it, with places and remedies.
    Refused(String),
    /// An argument is wrong.
    Argument {
        /// The argument's name, with `--` where it has that.
        name: &'static str,
        what: String,
    },
    /// What a file says is wrong, or it cannot be read.
    File { path: PathBuf, what: String },
    /// It would take long or much memory, and nobody has agreed to that.
    NotAgreed(String),
    /// Something cannot be written.
    Unwritten(String),
    /// Another program could not be built, or run.
    Unreached(String),
    /// Something is not done yet, so that nothing can be said.
    Unfinished(String),
    /// An invariant of the world is broken: a bug of ours.
    Broken(BrokenInvariant),
}

impl Stop {
    /// What a file says is wrong, or it cannot be read.
    pub fn file(path: &Path, what: &dyn fmt::Display) -> Self {
        Self::File { path: path.to_owned(), what: what.to_string() }
    }

    /// A file cannot be written.
    pub fn unwritten(path: &Path, why: &dyn fmt::Display) -> Self {
        Self::Unwritten(format!("cannot write {}: {why}", path.display()))
    }

    const fn exit(&self) -> Exit {
        match self {
            Self::Refused(_) | Self::Argument { .. } | Self::File { .. } | Self::NotAgreed(_) => {
                Exit::BadInput
            }
            Self::Unwritten(_) | Self::Unreached(_) => Exit::Unreachable,
            Self::Unfinished(_) => Exit::Undecided,
            Self::Broken(_) => Exit::Bug,
        }
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(what)
            | Self::NotAgreed(what)
            | Self::Unwritten(what)
            | Self::Unreached(what)
            | Self::Unfinished(what) => f.write_str(what),
            Self::Argument { name, what } => write!(f, "{name}: {what}"),
            Self::File { path, what } => write!(f, "{}: {what}", path.display()),
            Self::Broken(invariant) => write!(f, "{invariant}\nThis is a bug of Seatrial's."),
        }
    }
}

impl Exit {
    /// The code for the shell.
    pub fn code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Fine => 0,
            Self::Failed => 1,
            Self::BadInput => 2,
            Self::Unreachable => 3,
            Self::Undecided => 4,
            Self::Bug => 101,
        })
    }

    /// Says why a command stopped.
    pub fn told(stop: Stop) -> Self {
        say(stop.to_string().trim_end());
        stop.exit()
    }
}

/// Writes a line to stderr; a reader that went away is no fault.
pub fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{}", outside::page(line));
}

/// Writes a result to stdout; a reader that went away is no fault.
pub fn print(text: &str) -> Result<(), Stop> {
    let mut out = std::io::stdout().lock();
    match out.write_all(outside::page(text).as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Stop::Unwritten(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// A document as text; none of its strings steers a terminal.
pub fn json(document: &impl serde::Serialize) -> String {
    outside::json(&serde_json::to_string_pretty(document).unwrap_or_default())
}

/// Whether a stream may show colours: a terminal, and nobody asked for none.
pub fn colours(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
