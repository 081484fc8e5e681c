//! `seatrial replay --tell`: what was decided, tick by tick, as the logbook has it.

use super::Replay;
use crate::exit::{Exit, Stop, print};
use crate::format::Format;
use clap::ValueEnum;
use seatrial_contract::config::{Element, Path, Problems};
use seatrial_contract::{Decision, Verdict, outside};
use seatrial_policies::{Clock, LogbookHead, PolicyFile, Rebuilt, Teller, TurnReader};
use seatrial_record::{Frame, SegmentReader};
use serde_json::{Value, json};

/// Which decisions are told.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Tell {
    /// What was done, or would have been.
    Actions,
    /// That, and what was left alone.
    All,
}

impl Replay {
    /// Prints each decision on a line of its own; in JSON as one document a line.
    pub(super) fn tell(&self, tell: Tell) -> Result<Exit, Stop> {
        let mut reader = SegmentReader::open(&self.logbook).map_err(|error| self.bad(&error))?;
        let (mut rebuilt, mut words) = (Rebuilt::default(), Vec::new());
        let (mut clock, mut turns) = (None, TurnReader::default());
        while let Some(frame) = reader.next_frame().map_err(|error| self.bad(&error))? {
            match frame {
                Frame::Head { text, .. } => {
                    let head = LogbookHead::read(&text).map_err(|error| self.bad(&error))?;
                    let tree = serde_json::from_str(&head.policies).unwrap_or_default();
                    let tree = seatrial_format::json_tree(&tree);
                    let file = PolicyFile::read(&tree, &Path::Root, &mut Problems::default());
                    words = file.as_ref().map(PolicyFile::names).unwrap_or_default();
                    clock = Some(head.clock);
                    rebuilt.begin();
                    turns.begin();
                }
                Frame::Turn(text) => {
                    let turn = turns.read(&text).map_err(|error| self.bad(&error))?;
                    rebuilt.turn(&turn).map_err(|error| self.bad(&error))?;
                    let (view, names) = (&rebuilt.view, &rebuilt.names);
                    let teller = Teller { words: &words, names, view };
                    let Some(clock) = clock else { continue };
                    let told = turn.decided.all.iter().filter(|one| {
                        tell == Tell::All || matches!(one.verdict, Verdict::Act { .. })
                    });
                    let lines = told.map(|one| self.line(clock, &teller, one));
                    print(&lines.collect::<String>())?;
                }
            }
        }
        Ok(Exit::Fine)
    }

    fn line(&self, clock: Clock, teller: &Teller<'_>, decision: &Decision) -> String {
        let (policy, target) = (teller.policy(decision), teller.target(decision.target));
        let (deed, because) = (teller.deed(decision), teller.because(decision));
        let at = clock.tell(teller.view.taken_at);
        match self.format {
            Format::Table => format!("{at} {target}: {deed} ({policy}): {because}\n"),
            Format::Json => {
                let seconds = clock.seconds(teller.view.taken_at);
                let mut document = json!({ "at": at, "seconds": seconds });
                if let (Value::Object(line), Value::Object(told)) =
                    (&mut document, teller.document(decision, clock))
                {
                    line.extend(told);
                }
                outside::json(&document.to_string()) + "\n"
            }
        }
    }
}
