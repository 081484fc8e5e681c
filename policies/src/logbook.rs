//! What the first frame of a logbook's segment says: who decides, with what in mind. Knows no file.

use crate::{Clock, PilotMemory, catalog};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use seatrial_contract::outside::sentence;
use seatrial_contract::view::{Delta, Names};
use seatrial_contract::{Decision, Decisions, OwnReason, Reason, Turn};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The first frame of a segment: all that is needed to decide again on the turns after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogbookHead {
    /// What was observed: a scenario's title, or the name of a cluster.
    pub of: String,
    /// Who writes.
    pub host: LogbookHost,
    /// Whether anything is decided.
    pub mode: LogbookMode,
    /// The digest of the policy set.
    pub policy_digest: String,
    /// Its configuration in canonical form.
    pub policies: String,
    /// The seed of the chance that the policies are handed.
    pub seed: u64,
    /// What a moment means to people.
    pub clock: Clock,
    /// What the pilot remembers before the first turn; nothing where it begins afresh.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<PilotMemory>,
}

/// Who writes a logbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogbookHost {
    /// The simulator.
    Simulator,
    /// The daemon on a real cluster.
    Bridge,
}

/// Whether anything is decided on the views of a logbook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogbookMode {
    /// The policies look at each view and decide.
    Decided,
    /// Views are only written down.
    Observed,
}

/// A frame that says something else than a head or a turn: another program wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameError {
    what: &'static str,
    message: String,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a frame is no {} that this program knows: {}", self.what, self.message)
    }
}

impl core::error::Error for FrameError {}

impl LogbookHead {
    /// Reads the first frame of a segment.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(text: &str) -> Result<Self, FrameError> {
        read(text, "head")
    }

    /// The text of the frame.
    ///
    /// # Panics
    /// Never: a head is plain data.
    #[must_use]
    pub fn write(&self) -> String {
        serde_json::to_string(self).expect("a head is plain data")
    }
}

/// What is said in one turn, to be written where there is time for that.
#[derive(Clone, Debug, Serialize)]
pub struct Said {
    pub(crate) seen: Delta,
    /// Where it is not what was decided the turn before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decided: Option<Decisions>,
    #[serde(skip_serializing_if = "Names::is_empty")]
    pub(crate) names: Names,
}

impl Said {
    /// The text of the frame.
    ///
    /// # Panics
    /// Never: a turn is plain data.
    #[must_use]
    pub fn write(&self) -> String {
        serde_json::to_string(self).expect("a turn is plain data")
    }
}

/// Reads the turns of a logbook, one after another: a turn does not say again what was decided the turn
/// before.
#[derive(Clone, Debug, Default)]
pub struct TurnReader {
    decided: Option<Decisions>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Heard {
    seen: Delta,
    #[serde(default)]
    decided: Option<Decisions>,
    #[serde(default)]
    names: Names,
}

impl TurnReader {
    /// A segment begins: its first turn says all.
    pub fn begin(&mut self) {
        self.decided = None;
    }

    /// Reads the frame of the next turn.
    ///
    /// # Errors
    /// When it is no turn, or the first of a segment and does not say what was decided.
    pub fn read(&mut self, text: &str) -> Result<Turn, FrameError> {
        let Heard { seen, decided, names } = heard(text)?;
        if let Some(decided) = decided {
            self.decided = Some(decided);
        }
        let Some(decided) = &self.decided else {
            let message = "it is the first and does not say what was decided".to_string();
            return Err(FrameError { what: "turn", message });
        };
        Ok(Turn { seen, decided: decided.clone(), names })
    }
}

/// Reads a turn. Reasons that policies declare for themselves are known here and not to the contract: where
/// there are any, decisions are read one by one.
fn heard(text: &str) -> Result<Heard, FrameError> {
    let first = read::<Heard>(text, "turn");
    let (Err(error), Ok(mut turn)) = (&first, serde_json::from_str::<Value>(text)) else {
        return first;
    };
    let decided = turn.get_mut("decided").map(Value::take);
    let Some(Value::Array(decided)) = decided else { return Err(error.clone()) };
    let Ok(decided) = decided.into_iter().map(decision).collect::<Result<Vec<_>, _>>() else {
        return Err(error.clone());
    };
    // What is left is read as any other turn.
    let rest: Result<Heard, _> = serde_json::from_value(turn);
    let heard = rest.map(|heard| Heard { decided: Some(Decisions { all: decided }), ..heard });
    heard.map_err(|_| error.clone())
}

fn decision(mut value: Value) -> Result<Decision, serde_json::Error> {
    let own = value.get("reason").and_then(|reason| {
        catalog::REASONS.iter().find_map(|known| OwnReason::read(reason, known))
    });
    if own.is_some() {
        // Any reason without facts.
        value["reason"] = serde_json::to_value(Reason::Emptied)?;
    }
    let read: Decision = serde_json::from_value(value)?;
    Ok(own.map_or(read, |own| Decision { reason: own.into(), ..read }))
}

fn read<T: serde::de::DeserializeOwned>(text: &str, what: &'static str) -> Result<T, FrameError> {
    serde_json::from_str(text)
        .map_err(|error| FrameError { what, message: sentence(&error.to_string()) })
}
