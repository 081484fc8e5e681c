//! `seatrial replay`

mod tell;

use crate::exit::{Exit, Stop, print};
use crate::format::Format;
use crate::open;
use crate::progress::Reading;
use crate::view_at::{Found, Wanted};
use clap::Args;
use seatrial_contract::Decision;
use seatrial_contract::config::{Element, Path as Way, Problems};
use seatrial_contract::outside::name;
use seatrial_contract::view::ViewDocument;
use seatrial_policies::{
    Apart, Clock, LogbookHead, LogbookMode, PolicyFile, Rebuilt, Replay as Again, Replayed, Tally,
    Teller, TurnReader, digest, tell_view,
};
use seatrial_record::{Frame, SegmentReader, Told};
use serde_json::{Value, json};
use std::path::PathBuf;
use tell::Tell;

/// Decide again on every view of a logbook, and compare.
///
/// Ends with 1 where the same policies decide something else, or where segments are missing, cut or
/// exchanged; with 2 where a byte was changed or other policies wrote the logbook. A tail that was
/// torn when its writer died is told, and no fault.
#[derive(Args)]
#[command(after_help = "Examples:
  seatrial replay shop.logbook                       the same decisions again?
  seatrial replay shop.logbook --policy other.toml   what would others have decided?
  seatrial replay shop.logbook --tell actions        what was done, and why?
  seatrial replay shop.logbook --view '9 h' > view.json")]
pub struct Replay {
    /// The logbook, as `seatrial run --logbook` or the bridge writes it: a file, or a folder of
    /// segments.
    logbook: PathBuf,
    /// Ask what these policies would have decided on the same views, instead of proving that the
    /// logbook's own decide the same again.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Change a value of these policies: `--set policies.hpa.services.portal.most=8`.
    #[arg(long = "set", value_name = "KEY=VALUE", requires = "policy")]
    sets: Vec<String>,
    /// Print the view of this moment (`26 h` or `1 d 02:00:00` into a run, `2026-11-21
    /// 10:50:33Z`, or `last`) as a document for `seatrial decide`, and decide nothing.
    #[arg(long, value_name = "MOMENT", conflicts_with = "policy")]
    view: Option<String>,
    /// Print what was decided tick by tick, and decide nothing.
    #[arg(long, value_enum, value_name = "WHAT", conflicts_with_all = ["policy", "view"])]
    tell: Option<Tell>,
    /// How many differing ticks are shown.
    #[arg(long, default_value = "20", value_name = "N")]
    most: usize,
    /// How the differences are written to stdout.
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// More actions of one tick are not shown in a table.
const LINES_MOST: usize = 10;

impl Replay {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        match (&self.view, self.tell) {
            (Some(moment), _) => self.show(moment),
            (None, Some(tell)) => self.tell(tell),
            (None, None) => self.compare(),
        }
    }

    fn compare(&self) -> Result<Exit, Stop> {
        let mut reader = SegmentReader::open(&self.logbook).map_err(|error| self.bad(&error))?;
        let others = self.others()?;
        let (asked, other_words) = (others.is_some(), others.as_ref().map(PolicyFile::names));
        let mut unasked = others.clone();
        let mut again = others.map_or_else(Again::of_the_same, Again::of_others);
        let (mut words, mut differences) = (Vec::new(), Vec::new());
        let mut last: Option<LogbookHead> = None;
        let (progress, mut turns) =
            (Reading::new(false, reader.bytes_all()), TurnReader::default());
        while let Some(frame) = reader.next_frame().map_err(|error| self.bad(&error))? {
            progress.passed(reader.bytes());
            match (frame, &last) {
                (Frame::Head { text, follows, segment }, _) => {
                    let head = LogbookHead::read(&text).map_err(|error| self.bad(&error))?;
                    turns.begin();
                    let own = self.policies(&head, segment)?;
                    words = own.as_ref().map(PolicyFile::names).unwrap_or_default();
                    let begun = again.begin(&head, own.as_ref(), follows);
                    begun.map_err(|error| self.bad(&error))?;
                    last = Some(head);
                }
                (Frame::Turn(text), Some(head)) => {
                    let turn = turns.read(&text).map_err(|error| self.bad(&error))?;
                    let replayed = again.turn(&turn).map_err(|error| self.bad(&error))?;
                    if let Some(policies) = unasked.take() {
                        policies
                            .knows(replayed.seen.view.stages())
                            .map_err(|why| self.bad(&why))?;
                    }
                    if differences.len() < self.most {
                        let both = [&words[..], other_words.as_ref().unwrap_or(&words)];
                        differences.extend(Difference::of(&replayed, head.clock, both));
                    }
                }
                (Frame::Turn(_), None) => {}
            }
        }
        progress.done();
        let Some(head) = last else {
            return Err(self.bad(&"it ends before it says who decided"));
        };
        let tally = again.tally();
        let found =
            Report { of: &head.of, asked, tally, reader: &reader, differences: &differences };
        match self.format {
            Format::Table => print(&found.text())?,
            Format::Json => {
                let text = crate::exit::json(&found.value());
                print(&format!("{text}\n"))?;
            }
        }
        let differs = !asked && (tally.differing > 0 || tally.memories > 0);
        let broken = reader.told().iter().any(Told::is_tampering);
        Ok(if differs || broken { Exit::Failed } else { Exit::Fine })
    }

    /// The other policies that were asked for.
    fn others(&self) -> Result<Option<PolicyFile>, Stop> {
        let Some(path) = &self.policy else { return Ok(None) };
        open::policies(path, &self.sets).map(Some)
    }

    /// Prints the last view that was taken no later than this.
    fn show(&self, moment: &str) -> Result<Exit, Stop> {
        let Found { last: Rebuilt { view, names }, head, .. } =
            Wanted { logbook: &self.logbook, moment, option: "--view", quiet: false }.find()?;
        let document = ViewDocument::of(&view, &names);
        print(&format!("{}\n", tell_view(&document, head.clock)))?;
        Ok(Exit::Fine)
    }

    /// The policies that wrote a segment, if this is still their code; none where that is not
    /// asked.
    fn policies(&self, head: &LogbookHead, segment: u32) -> Result<Option<PolicyFile>, Stop> {
        let tree = serde_json::from_str(&head.policies).unwrap_or_default();
        let tree = seatrial_format::json_tree(&tree);
        let file = PolicyFile::read(&tree, &Way::Root, &mut Problems::default());
        let here = file.as_ref().map(digest).unwrap_or_default();
        if self.policy.is_some() || head.mode == LogbookMode::Observed || here == head.policy_digest
        {
            return Ok(file);
        }
        Err(self.bad(&format!(
            "segment {segment}: its policies have the digest {}, those of this program {here}: \
             replay it with the program that wrote it, or ask with --policy what others would \
             decide",
            name(&head.policy_digest)
        )))
    }

    fn bad(&self, problem: &dyn std::fmt::Display) -> Stop {
        Stop::file(&self.logbook, problem)
    }
}

/// One tick that was decided differently.
struct Difference {
    text: String,
    value: Value,
}

impl Difference {
    fn of(replayed: &Replayed<'_>, clock: Clock, words: [&[String]; 2]) -> Option<Self> {
        let Apart { was, is } = replayed.apart.as_ref()?;
        let Rebuilt { view, names } = replayed.seen;
        let lines = |sign: char, words: &[String], all: &[Decision]| -> String {
            let teller = Teller { words, names, view };
            let line = |decision: &Decision| {
                let (policy, target) = (teller.policy(decision), teller.target(decision.target));
                let (deed, reason) = (teller.deed(decision), teller.because(decision));
                format!("  {sign} {policy}: {target}: {deed}: {reason}\n")
            };
            all.iter().take(LINES_MOST).map(line).collect()
        };
        let mut text = format!("at {}\n", clock.tell(replayed.at));
        text += &lines('-', words[0], was);
        text += &lines('+', words[1], is);
        match (was.len() + is.len(), was.len().max(is.len())) {
            (0, _) => text += "  the same actions; reasons for holding or the order differ\n",
            (_, most) if most > LINES_MOST => text += "  …\n",
            _ => {}
        }
        let documents = |words: &[String], all: &[Decision]| -> Vec<Value> {
            let teller = Teller { words, names, view };
            all.iter().map(|decision| teller.document(decision, clock)).collect()
        };
        let value = json!({
            "at": clock.tell(replayed.at), "seconds": clock.seconds(replayed.at),
            "was": documents(words[0], was), "is": documents(words[1], is),
        });
        Some(Self { text, value })
    }
}

/// All that a replay found.
struct Report<'a> {
    of: &'a str,
    /// Others were asked than those that decided.
    asked: bool,
    tally: Tally,
    reader: &'a SegmentReader,
    differences: &'a [Difference],
}

impl Report<'_> {
    fn text(&self) -> String {
        let Tally { ticks, observed, decisions, differing, memories } = self.tally;
        let mut text = match differing {
            _ if observed == ticks => format!("{ticks} views rebuilt, nothing was decided"),
            0 if self.asked => format!("{ticks} ticks, {decisions} decisions, no action differs"),
            0 => format!("{ticks} ticks, {decisions} decisions, every one the same again"),
            _ => format!(
                "{ticks} ticks, {decisions} decisions, {differing} ticks decided differently"
            ),
        };
        text = format!("{}: {text}\n", name(self.of));
        if self.reader.segments() > 1 {
            text += &format!("{} segments\n", self.reader.segments());
        }
        if memories > 0 {
            text += &format!(
                "{memories} segments begin with another memory than the one before ended with\n"
            );
        }
        self.reader.told().iter().for_each(|told| text += &format!("{told}\n"));
        self.differences.iter().for_each(|difference| text += &difference.text);
        text
    }

    fn value(&self) -> Value {
        let Tally { ticks, observed, decisions, differing, memories } = self.tally;
        let told: Vec<Value> = self.reader.told().iter().map(told_value).collect();
        let differences: Vec<&Value> = self.differences.iter().map(|one| &one.value).collect();
        json!({
            "of": self.of, "segments": self.reader.segments(), "ticks": ticks,
            "observed_ticks": observed, "decisions": decisions, "differing_ticks": differing,
            "differing_memories": memories, "told": told, "differences": differences,
        })
    }
}

fn told_value(told: &Told) -> Value {
    let says = told.to_string();
    match *told {
        Told::OlderRemoved { first } => {
            json!({ "kind": "older-removed", "first": first, "says": says })
        }
        Told::Torn { segment, at, lost } => {
            json!({ "kind": "torn", "segment": segment, "at": at, "lost": lost, "says": says })
        }
        Told::Unbegun { segment } => {
            json!({ "kind": "unbegun", "segment": segment, "says": says })
        }
        Told::Gap { after, next } => {
            json!({ "kind": "gap", "after": after, "next": next, "says": says })
        }
        Told::Broken { segment } => json!({ "kind": "broken", "segment": segment, "says": says }),
    }
}
