//! What a comparison of two worlds found.

use crate::{DecisionRow, Half, Unit};
use serde::{Deserialize, Serialize};

/// The version of [`Comparison`].
pub const COMPARISON_VERSION: u32 = 1;

/// Two worlds, run by pairs of one seed each.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// [`COMPARISON_VERSION`] when it was written.
    pub version: u32,
    /// What the other is compared with.
    pub first: Half,
    /// What is compared with it.
    pub second: Half,
    /// The seeds, one a pair.
    pub seeds: Vec<u64>,
    /// After how many pairs one was to look.
    pub looks: Vec<u32>,
    /// One looked after every pair.
    pub until_decided: bool,
    /// What strikes a smaller share of runs may not have been seen, 19 times in 20.
    pub exposure: f64,
    /// How many pairs are the same to the last byte.
    pub identical: u32,
    /// The gated metrics.
    pub verdicts: Vec<VerdictRow>,
    /// Others that moved; at most one in ten of them by chance.
    pub watched: Vec<WatchedRow>,
    /// Objectives and claims, and in how many runs each was broken.
    pub broken: Vec<BrokenRow>,
    /// What each policy decided, where that differs, over all pairs.
    pub reasons: Vec<ReasonRow>,
    /// Where the two worlds of the first seed part.
    pub parting: Option<Parting>,
}

/// A verdict's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VerdictWord {
    /// The same to the bit.
    Identical,
    /// Nearer than the margin.
    Equivalent,
    /// Better.
    Better,
    /// Worse.
    Worse,
    /// It differs, and neither way is better.
    Changed,
    /// The pairs do not tell.
    Undecided,
    /// Two looks exclude each other.
    Inconsistent,
}

impl VerdictWord {
    /// The word in documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Identical => "identical",
            Self::Equivalent => "equivalent",
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Changed => "changed",
            Self::Undecided => "undecided",
            Self::Inconsistent => "inconsistent",
        }
    }
}

/// How values were compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScaleWord {
    /// By their ratio: effects are shares of the first.
    Ratio,
    /// By their difference.
    Difference,
    /// It is so or not.
    YesNo,
}

/// One gated metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VerdictRow {
    /// Its name.
    pub metric: String,
    /// What it is counted in.
    pub unit: Unit,
    /// How values were compared.
    pub scale: ScaleWord,
    /// What is no difference: a share where compared by ratio.
    pub margin: f64,
    /// The verdict.
    pub verdict: VerdictWord,
    /// The mean in the first world.
    pub first: Option<f64>,
    /// In the second.
    pub second: Option<f64>,
    /// The difference, a share where compared by ratio.
    pub effect: Option<f64>,
    /// From there; nothing where that is not known.
    pub low: Option<f64>,
    /// To there.
    pub high: Option<f64>,
    /// After so many pairs.
    pub pairs: u32,
    /// How many times as many unpaired runs would tell as much.
    pub gain: Option<f64>,
    /// So many pairs would about decide it.
    pub needs: Option<u32>,
}

/// A metric that is not gated and moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WatchedRow {
    /// Its name.
    pub metric: String,
    /// What it is counted in.
    pub unit: Unit,
    /// The mean in the first world.
    pub first: f64,
    /// In the second.
    pub second: f64,
    /// How likely so much is by chance alone.
    pub chance: f64,
}

/// An objective or a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrokenRow {
    /// Its name.
    pub name: String,
    /// Whether it is an objective.
    pub is_objective: bool,
    /// In how many runs of the first world it is broken.
    pub first: u32,
    /// Of the second.
    pub second: u32,
}

/// How often something was decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonRow {
    /// The policy.
    pub policy: String,
    /// An action's word, or `hold`.
    pub verdict: String,
    /// Why.
    pub reason: String,
    /// In the first world.
    pub first: u64,
    /// In the second.
    pub second: u64,
}

/// The first moment at which two worlds of one seed decide otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parting {
    /// The seed.
    pub seed: u64,
    /// So many actions are the same before it.
    pub same: u64,
    /// What is decided in the first world, and why.
    pub first: Option<DecisionRow>,
    /// In the second.
    pub second: Option<DecisionRow>,
}
