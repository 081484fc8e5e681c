//! `seatrial new`

use crate::exit::{Exit, Stop, print};
use clap::{Args, ValueEnum};
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// Write a scenario to begin with, and its policy file.
///
/// Both are commented, pass `seatrial check` and run as they are. Nothing is ever written over.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  seatrial new\n  seatrial new shop\n  seatrial new fleet --like tenants"
)]
pub struct New {
    /// What to call it: NAME.toml and NAME-policies.toml are written.
    #[arg(default_value = "plan")]
    name: PathBuf,
    /// What it is about.
    #[arg(long, value_enum, default_value = "services")]
    like: Like,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Like {
    /// A service with replicas, a database behind it, and an autoscaler.
    Services,
    /// Tenants with a stack each, who sleep while nobody is there.
    Tenants,
}

impl Like {
    /// The texts of scenario and policy file.
    fn texts(self) -> [&'static str; 2] {
        match self {
            Self::Services => {
                [include_str!("new/services.toml"), include_str!("new/services-policies.toml")]
            }
            Self::Tenants => {
                [include_str!("new/tenants.toml"), include_str!("new/tenants-policies.toml")]
            }
        }
    }
}

impl New {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let wrong = || {
            let what = "letters, digits, `-` and `_`, such as `shop` or `plans/shop`".to_owned();
            Stop::Argument { name: "NAME", what }
        };
        let folder = self.name.parent().unwrap_or_else(|| Path::new(""));
        let name = self.name.file_name().and_then(|name| name.to_str()).ok_or_else(wrong)?;
        let name = name.strip_suffix(".toml").unwrap_or(name);
        let fits = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.starts_with('-') || !name.chars().all(fits) {
            return Err(wrong());
        }
        let names = [format!("{name}.toml"), format!("{name}-policies.toml")];
        let [scenario, policies] = &names;
        let paths = [folder.join(scenario), folder.join(policies)];
        let shown = paths[0].display().to_string();
        for (index, (path, text)) in paths.iter().zip(self.like.texts()).enumerate() {
            let at = if index == 0 { &shown } else { scenario };
            let text = text.replace("{scenario}", at).replace("{policies}", policies);
            if let Err(stop) = write_new(path, &text) {
                // Half a pair is of no use to anybody; the first is ours.
                if index > 0 {
                    let _ = std::fs::remove_file(&paths[0]);
                }
                return Err(stop);
            }
        }
        print(&format!(
            "wrote {shown} and {}\n\nNext:\n  seatrial check {shown}\n  seatrial run {shown}\n  \
             seatrial run {shown} --out {}\n",
            paths[1].display(),
            folder.join(format!("{name}-result")).display(),
        ))?;
        Ok(Exit::Fine)
    }
}

/// Writes a file that is not there yet.
pub fn write_new(path: &Path, text: &str) -> Result<(), Stop> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| {
        let is_there = error.kind() == ErrorKind::AlreadyExists;
        let why = if is_there {
            "it is there already: choose another name".to_owned()
        } else {
            error.to_string()
        };
        Stop::unwritten(path, &why)
    })
}
