//! The receipt of a suite that passed: what was rehearsed, under which policies, and what was not. Nothing else lets a
//! policy act.

mod held;
mod keys;
mod refusal;
mod sealed;

use crate::{Counted, GatedObjective, VerdictRow};
pub use held::Held;
pub use keys::{NoKey, PublicKey, SecretKey};
pub use refusal::Refusal;
pub use sealed::{SEALED_VERSION, Sealed, Signature};
use serde::{Deserialize, Serialize};

/// The version of [`Receipt`].
pub const RECEIPT_VERSION: u32 = 1;

/// What a suite that passed was, and what it went through.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// [`RECEIPT_VERSION`] when it was written.
    pub version: u32,
    /// When, as whoever asked for it said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The suite.
    pub suite: ReceiptSuite,
    /// What ran it.
    pub build: Build,
    /// The policies that it is for, each with what they went through.
    pub policies: Vec<Rehearsed>,
    /// The cases.
    pub cases: Vec<ReceiptCase>,
}

/// The suite of a receipt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptSuite {
    /// Its title.
    pub title: String,
    /// Its file, as it was named.
    pub file: String,
    /// The digest of all that it says.
    pub digest: String,
}

/// A program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Build {
    /// Its version, its commit, and the policies that are in it.
    pub program: String,
    /// The digest of its file.
    pub digest: String,
}

/// Policies that were rehearsed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rehearsed {
    /// Their digest: the code of all policies and their configuration.
    pub digest: String,
    /// The policy file, as it was found.
    pub file: String,
    /// The cases that ran under them.
    pub cases: Vec<String>,
    /// The actions that they took, by word, and how often over all runs.
    pub actions: Vec<Counted>,
    /// Actions that there are and that they never took.
    pub never_taken: Vec<String>,
    /// The kinds of faults that struck them, and how often over all runs.
    pub faults: Vec<Counted>,
    /// Kinds of faults that there are and that never struck them.
    pub never_struck: Vec<String>,
}

/// A case of a receipt.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiptCase {
    /// Its name.
    pub name: String,
    /// The digest of its scenario, defaults filled in.
    pub scenario: String,
    /// The digest of the policies that it ran under; empty where it ran under none.
    pub policies: String,
    /// What it was compared with.
    pub against: Against,
    /// The seeds.
    pub seeds: Vec<u64>,
    /// How many pairs are the same to the last byte.
    pub identical: u32,
    /// The gated metrics.
    pub verdicts: Vec<VerdictRow>,
    /// The objectives.
    pub objectives: Vec<GatedObjective>,
}

/// What a case was compared with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Against {
    /// What it is called.
    pub name: String,
    /// The program that ran it; empty where what it found was read.
    pub program: String,
    /// The digest of its policies.
    pub policies: String,
}

impl Receipt {
    /// What is known of policies of that digest.
    #[must_use]
    pub fn of(&self, policies: &str) -> Option<&Rehearsed> {
        self.policies.iter().find(|of| of.digest == policies)
    }
}

impl Rehearsed {
    /// Whether they were seen to take an action, by its word.
    #[must_use]
    pub fn took(&self, action: &str) -> bool {
        self.actions.iter().any(|of| of.word == action && of.count > 0)
    }
}
