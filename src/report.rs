//! `seatrial report`

use crate::exit::{Exit, Stop, print, say};
use clap::Args;
use seatrial_reports::{Found, add_page, page};
use std::path::PathBuf;

/// Make one page of what a run found, to read, print and send around.
///
/// The page is a single file that needs no network, no script and no other file.
#[derive(Args)]
#[command(after_help = "Example:
  seatrial run scenarios/thousand-users.toml --out result; seatrial report result

The page is result/report.html.")]
pub struct Report {
    /// The folder that `seatrial run … --out` wrote.
    folder: PathBuf,
    /// Write the page into this file, or to stdout where it is `-`; report.html in the folder where left out.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Say nothing of what was written.
    #[arg(long, short)]
    quiet: bool,
}

impl Report {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let mut found =
            Found::read(&self.folder).map_err(|failure| Stop::file(&failure.path, &failure.why))?;
        let text = page(&mut found);
        let written = match &self.to {
            Some(to) if to.as_os_str() == "-" => {
                print(&text)?;
                return Ok(Exit::Fine);
            }
            Some(to) => {
                std::fs::write(to, &text).map_err(|error| Stop::unwritten(to, &error))?;
                to.clone()
            }
            None => {
                add_page(&self.folder, &text).map_err(|error| Stop::Unwritten(error.to_string()))?
            }
        };
        if !self.quiet {
            say(&format!("wrote {}", written.display()));
        }
        Ok(Exit::Fine)
    }
}
