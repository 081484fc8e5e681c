//! `seatrial decide`: the policy author's microscope.

use crate::exit::{Exit, Stop, print};
use crate::format::Format;
use crate::{open, read};
use clap::Args;
use seatrial_contract::outside::sentence;
use seatrial_contract::units::Moment;
use seatrial_contract::view::Names;
use seatrial_contract::{ClusterView, Decision, Dice};
use seatrial_policies::{Clock, Pilot, PilotMemory, Teller, digest};
use seatrial_reports::Grid;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Show what a policy file decides on one view of a cluster, and why.
///
/// A view is what policies see of a cluster at one moment; `seatrial replay LOGBOOK --view MOMENT` prints
/// one, and tests/views/small.json is one written by hand.
#[derive(Args)]
#[command(after_help = "Example:
  seatrial decide --policy policies/thousand-users.toml --view tests/views/small.json")]
pub struct Decide {
    /// The policy file.
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// Change a value of the policy file: `--set tick=5s`, `--set policies.hpa.services.portal.most=8`.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    sets: Vec<String>,
    /// The view, as JSON.
    #[arg(long, value_name = "FILE")]
    view: PathBuf,
    /// What the policies remember from the tick before, as saved by `--save`.
    #[arg(long, value_name = "FILE")]
    memory: Option<PathBuf>,
    /// Save what the policies remember after this tick.
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// The seed of all chance.
    #[arg(long, default_value = "1")]
    seed: u64,
    /// How the decisions are written to stdout.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

impl Decide {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let file = open::policies(&self.policy, &self.sets)?;
        let (view, names, clock) = read_view(&self.view)?;
        file.knows(view.stages()).map_err(|why| Stop::file(&self.policy, &why))?;
        let mut pilot = Pilot::new(&file);
        if let Some(path) = &self.memory {
            let memory: PilotMemory = read_json(path)?;
            pilot.restore(&memory).map_err(|error| Stop::file(path, &error.to_string()))?;
        }
        if let Some(path) = &self.memory {
            pilot.fits(&view).map_err(|error| Stop::file(path, &error.to_string()))?;
        }
        let decisions = pilot.tick(&view, Dice::new(self.seed)).clone();
        let words = file.names();
        let teller = Teller { words: &words, names: &names, view: &view };
        match self.format {
            Format::Table => print(&table(&teller, &decisions.all))?,
            Format::Json => {
                let all: Vec<Value> =
                    decisions.all.iter().map(|one| teller.document(one, clock)).collect();
                let document = json!({ "policy_digest": digest(&file), "decisions": all });
                let text = crate::exit::json(&document);
                print(&format!("{text}\n"))?;
            }
        }
        if let Some(path) = &self.save {
            let text = serde_json::to_string_pretty(&pilot.save()).unwrap_or_default();
            let written = read::is_writable_as_file(path);
            let written = written.and_then(|()| std::fs::write(path, text + "\n"));
            written.map_err(|error| Stop::unwritten(path, &error))?;
        }
        Ok(Exit::Fine)
    }
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Stop> {
    let text = read::text(path, read::VIEW_MOST)?;
    serde_json::from_str(&text).map_err(|error| Stop::file(path, &sentence(&error.to_string())))
}

fn read_view(path: &Path) -> Result<(ClusterView, Names, Clock), Stop> {
    let text = read::text(path, read::VIEW_MOST)?;
    let (document, clock) = seatrial_policies::read_view(&text)
        .map_err(|error| Stop::file(path, &sentence(&error.to_string())))?;
    let clock = clock.unwrap_or(Clock::Run { starts: Moment::START });
    let opened = document.open().map(|(view, names)| (view, names, clock));
    opened.map_err(|wrong| {
        let lines: Vec<String> = wrong.iter().map(|one| sentence(&one.to_string())).collect();
        Stop::file(path, &format!("{} problems\n  {}", wrong.len(), lines.join("\n  ")))
    })
}

fn table(teller: &Teller<'_>, decisions: &[Decision]) -> String {
    if decisions.is_empty() {
        return "nothing to decide\n".to_owned();
    }
    let mut grid = Grid::new("llll");
    grid.row(["policy", "target", "decision", "because"]);
    for decision in decisions {
        grid.row([
            teller.policy(decision).to_owned(),
            teller.target(decision.target),
            teller.deed(decision),
            teller.because(decision),
        ]);
    }
    grid.print(0)
}
