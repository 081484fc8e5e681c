//! `seatrial completions`

use crate::exit::{Exit, Stop, print};
use clap::{Args, CommandFactory};
use clap_complete::Shell;

/// Print completions for a shell.
#[derive(Args)]
pub struct Completions {
    /// For which shell.
    shell: Shell,
}

impl Completions {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut crate::Line::command(), "seatrial", &mut text);
        print(&String::from_utf8_lossy(&text))?;
        Ok(Exit::Fine)
    }
}
