//! How a command ends, and how it says so.

use seatrial_contract::outside;
use std::io::{IsTerminal, Write};
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
    /// A bug of ours.
    Bug,
}

/// Why a command ended early: the text for stderr and the code.
pub struct Stop(pub Exit, pub String);

impl Exit {
    /// The code for the shell.
    pub fn code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Fine => 0,
            Self::Failed => 1,
            Self::BadInput => 2,
            Self::Unreachable => 3,
            Self::Bug => 101,
        })
    }

    /// Says why a command stopped.
    pub fn told(stop: Stop) -> Self {
        say(stop.1.trim_end());
        stop.0
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
            Err(Stop(Exit::Unreachable, format!("cannot write to stdout: {error}")))
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
