//! What was found of something rare. Plain data.

use serde::{Deserialize, Serialize};

/// How likely something rare is within a run, and for how long it is so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rare {
    /// The scenario.
    pub scenario: String,
    /// What is rare, in words.
    pub what: String,
    /// The first seed.
    pub seed: u64,
    /// How long a run is, in nanoseconds.
    pub duration: u64,
    /// Runs at each level of each repeat, at the least.
    pub effort: u32,
    /// The levels on the way, the last of which is what is rare.
    pub levels: Vec<RareLevel>,
    /// How likely it is that it happens within a run, as each repeat has it.
    pub chances: Vec<f64>,
    /// For how many seconds of a run it is so on the mean, as each repeat has it.
    pub seconds: Vec<f64>,
    /// Runs of all repeats, and of the pilot that chose the levels.
    pub runs: u64,
    /// Events of them.
    pub events: u64,
}

/// A level on the way to what is rare.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RareLevel {
    /// So many are counted.
    pub count: u32,
    /// Runs that go for it, in each repeat.
    pub runs: u32,
    /// What part of the runs from the level before came to it, over all repeats.
    pub share: f64,
}
