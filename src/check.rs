//! `seatrial check`

use crate::exit::{Exit, Stop, colours, json, print};
use crate::format::Format;
use crate::open;
use clap::{Args, ValueEnum};
use seatrial_format::{Failure, Finding, Override, Style, render_warnings, warnings};
use seatrial_host::Warnings;
use seatrial_policies::PolicyFile;
use std::path::{Path, PathBuf};

/// Say everything that is wrong with scenario or policy files, and what is odd about them.
///
/// Ends with 2 where something is wrong. What is odd (`W001` and so on: a policy with nothing to do, a
/// target that holds a service at its bound) ends with 0, unless warnings are denied.
#[derive(Args)]
#[command(after_help = "Examples:
  seatrial check shop.toml
  seatrial check --policy policies/*.toml
  seatrial check --deny warnings --format json shop.toml")]
pub struct Check {
    /// The files; a scenario's policy file is checked with it.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// These are policy files, not scenarios.
    #[arg(long)]
    policy: bool,
    /// Change a value of each file, or of its policy file: `--set duration=7d`,
    /// `--set policies.idle-ladder.ladder.asleep=3d`.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// End with 2 for warnings, too.
    #[arg(long, value_enum, value_name = "WHAT")]
    deny: Option<Deny>,
    /// How the findings are written to stdout.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    /// What is odd.
    Warnings,
}

#[derive(serde::Serialize)]
struct FileFindings<'a> {
    file: &'a Path,
    problems: Vec<Finding>,
    warnings: Vec<Finding>,
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
                for (file, found) in &found {
                    let style = Style { colour: colours(&std::io::stdout()) };
                    match found {
                        Ok(odd) if odd.problems.is_empty() => {
                            print(&format!("{}: fine\n", file.display()))?;
                        }
                        Ok(odd) => print(&render_warnings(&odd.problems, &odd.sources, style))?,
                        Err(failure) => print(&failure.render(style))?,
                    }
                }
            }
            Format::Json => {
                let mut all = Vec::new();
                for (file, found) in &found {
                    let (problems, odd) = match found {
                        Ok(odd) => (Vec::new(), warnings(&odd.problems, &odd.sources)),
                        Err(failure) => (failure.findings(), Vec::new()),
                    };
                    all.push(FileFindings { file, problems, warnings: odd });
                }
                let text = json(&all);
                print(&format!("{text}\n"))?;
            }
        }
        let denied = self.deny == Some(Deny::Warnings);
        let wrong = found.iter().any(|(_, found)| match found {
            Ok(odd) => denied && !odd.problems.is_empty(),
            Err(_) => true,
        });
        Ok(if wrong { Exit::BadInput } else { Exit::Fine })
    }

    fn check(&self, file: &Path, overrides: &[Override]) -> Result<Warnings, Failure> {
        if self.policy {
            let loaded = seatrial_format::load::<PolicyFile>(file, overrides);
            return loaded.map(|_| Warnings::default());
        }
        open::scenario(file, overrides).map(|opened| opened.warnings)
    }
}
