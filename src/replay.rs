//! `seatrial replay`

use crate::exit::{Exit, Stop, print};
use crate::format::Format;
use crate::open;
use clap::Args;
use seatrial_contract::config::{Element, Path as Way, Problems};
use seatrial_contract::units::Moment;
use seatrial_contract::{Decision, LogbookHead, Turn, Verdict};
use seatrial_policies::{Apart, PolicyFile, Replay as Again, digest};
use seatrial_record::LogbookReader;
use serde_json::json;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// Decide again on every view of a logbook, and compare.
#[derive(Args)]
pub struct Replay {
    /// The logbook, as `seatrial run --logbook` writes it.
    logbook: PathBuf,
    /// Ask what these policies would have decided on the same views, instead of proving that the
    /// logbook's own decide the same again.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// How many differing ticks are shown.
    #[arg(long, default_value = "20", value_name = "N")]
    most: usize,
    /// How the differences are written to stdout.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// More actions of one tick are not shown in a table.
const LINES_MOST: usize = 10;

/// One tick that was decided differently.
struct Difference {
    at: Moment,
    was: Vec<Decision>,
    is: Vec<Decision>,
}

impl Replay {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let bad = |message: String| stop(&self.logbook, &message);
        let file = File::open(&self.logbook).map_err(|error| bad(error.to_string()))?;
        let mut reader =
            LogbookReader::open(BufReader::new(file)).map_err(|error| bad(error.to_string()))?;
        let mut next = || reader.next_frame().map_err(|error| bad(error.to_string()));
        let head = next()?.ok_or_else(|| bad("it ends before it says who decided".to_owned()))?;
        let head: LogbookHead =
            serde_json::from_str(&head).map_err(|error| bad(error.to_string()))?;
        let policies = self.policies(&head)?;
        let mut again = Again::new(&policies, head.seed);
        let (mut ticks, mut decisions, mut differing) = (0u64, 0u64, 0u64);
        let mut shown = Vec::new();
        while let Some(frame) = next()? {
            let turn: Turn =
                serde_json::from_str(&frame).map_err(|error| bad(error.to_string()))?;
            let replayed = again.turn(&turn).map_err(|error| bad(error.to_string()))?;
            ticks += 1;
            decisions += turn.decided.all.len() as u64;
            let Apart { was, is } = replayed.apart(&turn.decided);
            let differs = match &self.policy {
                // Its own policies must decide the very same.
                None => *replayed.decided != turn.decided,
                // Others are asked what they would have done.
                Some(_) => !was.is_empty() || !is.is_empty(),
            };
            differing += u64::from(differs);
            if differs && shown.len() < self.most {
                shown.push(Difference { at: replayed.at, was, is });
            }
        }
        let torn = reader.torn();
        match self.format {
            Format::Table => {
                let mut text = format!(
                    "{}: {ticks} ticks, {decisions} decisions, {}\n",
                    head.of,
                    match differing {
                        0 => "every one the same again".to_owned(),
                        _ => format!("{differing} ticks decided differently"),
                    }
                );
                if let Some(at) = torn {
                    text += &format!("the logbook ends in the middle of a tick, at byte {at}\n");
                }
                shown.iter().for_each(|difference| text += &difference.text());
                print(&text)?;
            }
            Format::Json => {
                let all: Vec<_> = shown.iter().map(Difference::value).collect();
                let document = json!({
                    "of": head.of, "ticks": ticks, "decisions": decisions,
                    "differing_ticks": differing, "torn_at": torn, "differences": all,
                });
                let text = serde_json::to_string_pretty(&document).unwrap_or_default();
                print(&format!("{text}\n"))?;
            }
        }
        let failed = differing > 0 && self.policy.is_none();
        Ok(if failed { Exit::Failed } else { Exit::Fine })
    }

    /// The other policies that were asked for; or the logbook's own, if this is still their code.
    fn policies(&self, head: &LogbookHead) -> Result<PolicyFile, Stop> {
        if let Some(path) = &self.policy {
            let loaded = seatrial_format::load::<PolicyFile>(path, &[]);
            return Ok(loaded.map_err(|failure| open::stop(&failure))?.value);
        }
        let tree = serde_json::from_str(&head.policies).unwrap_or_default();
        let tree = seatrial_format::json_tree(&tree);
        let mut problems = Problems::default();
        let file = PolicyFile::read(&tree, &Way::Root, &mut problems);
        let here = file.as_ref().map(digest).unwrap_or_default();
        match file {
            Some(file) if here == head.policy_digest => Ok(file),
            _ => Err(stop(
                &self.logbook,
                &format!(
                    "its policies have the digest {}, those of this program {}: replay it with \
                     the program that wrote it, or ask with --policy what others would decide",
                    head.policy_digest, here
                ),
            )),
        }
    }
}

fn stop(path: &Path, message: &str) -> Stop {
    Stop(Exit::BadInput, format!("{}: {message}", path.display()))
}

impl Difference {
    fn text(&self) -> String {
        let line = |sign: char, decision: &Decision| {
            let Verdict::Act { action, .. } = decision.verdict else { return String::new() };
            let action = serde_json::to_string(&action).unwrap_or_default();
            format!("  {sign} {action} because {}\n", decision.reason.sentence())
        };
        let mut text = format!("at {:#}\n", self.at);
        self.was.iter().take(LINES_MOST).for_each(|decision| text += &line('-', decision));
        self.is.iter().take(LINES_MOST).for_each(|decision| text += &line('+', decision));
        match (self.was.len() + self.is.len(), self.was.len().max(self.is.len())) {
            (0, _) => text += "  the same actions; reasons for holding or the order differ\n",
            (_, most) if most > LINES_MOST => text += "  …\n",
            _ => {}
        }
        text
    }

    fn value(&self) -> serde_json::Value {
        json!({ "at": self.at, "was": self.was, "is": self.is })
    }
}
