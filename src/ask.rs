//! Asks before a command that is estimated to take long or much memory.

use crate::exit::{Stop, say};
use seatrial_host::estimate::Load;
use std::io::{BufRead, IsTerminal, Write};

/// How many runs go on at once where nothing says so.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Asks where somebody can answer, and refuses where nobody can.
pub fn first(load: &Load, yes: bool) -> Result<(), Stop> {
    let Some(question) = load.question().filter(|_| !yes) else { return Ok(()) };
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Stop::NotAgreed(format!("{question}\n  to run it all the same, say --yes")));
    }
    say(&question);
    let mut err = std::io::stderr();
    let _ = err.write_all(b"Run it all the same? [y/N] ").and_then(|()| err.flush());
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    match (read, answer.trim()) {
        (Ok(_), "y" | "Y" | "yes") => Ok(()),
        _ => Err(Stop::NotAgreed("not run".to_owned())),
    }
}
