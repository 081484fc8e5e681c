//! `seatrial check`

use crate::exit::{Exit, Stop, colours, print};
use crate::format::Format;
use crate::open;
use clap::Args;
use seatrial_format::{Failure, Finding, Override, Style};
use seatrial_policies::PolicyFile;
use std::path::{Path, PathBuf};

/// Say everything that is wrong with scenario or policy files.
#[derive(Args)]
pub struct Check {
    /// The files; a scenario's policy file is checked with it.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// These are policy files, not scenarios.
    #[arg(long)]
    policy: bool,
    /// Change a value of each file: `--set duration=7d`.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// How the findings are written to stdout.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

#[derive(serde::Serialize)]
struct FileFindings<'a> {
    file: &'a Path,
    problems: Vec<Finding>,
}

impl Check {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let overrides: Vec<Override> = self.sets.iter().map(|set| set.clone().into()).collect();
        let mut found = Vec::new();
        for file in &self.files {
            found.push((file.as_path(), self.check(file, &overrides)));
        }
        match self.format {
            Format::Table => {
                for (file, failure) in &found {
                    let style = Style { colour: colours(&std::io::stdout()) };
                    match failure {
                        None => print(&format!("{}: fine\n", file.display()))?,
                        Some(failure) => print(&failure.render(style))?,
                    }
                }
            }
            Format::Json => {
                let mut all = Vec::new();
                for (file, failure) in &found {
                    let problems = failure.as_ref().map_or_else(Vec::new, Failure::findings);
                    all.push(FileFindings { file, problems });
                }
                let text = serde_json::to_string_pretty(&all).unwrap_or_default();
                print(&format!("{text}\n"))?;
            }
        }
        let wrong = found.iter().any(|(_, failure)| failure.is_some());
        Ok(if wrong { Exit::BadInput } else { Exit::Fine })
    }

    fn check(&self, file: &Path, overrides: &[Override]) -> Option<Failure> {
        if self.policy {
            return seatrial_format::load::<PolicyFile>(file, overrides).err();
        }
        open::scenario(file, overrides).err()
    }
}
