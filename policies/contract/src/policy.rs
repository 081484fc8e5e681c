//! The shape of a policy, and its memory as data. Knows no policy.

use crate::outside::sentence;
use crate::units::Span;
use crate::{ClusterView, Stage, Tick, TierId};
use alloc::string::{String, ToString};
use core::fmt;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Decides, tick after tick, what to do to a cluster.
///
/// It reads the tick's view, proposes actions through [`Tick::act`] and says through
/// [`Tick::hold`] why it leaves a target alone. All that it keeps from tick to tick is in its
/// memory: a policy restored from it decides exactly as one that never stopped.
pub trait Policy: Send {
    /// Looks at what changed and what is due.
    fn decide(&mut self, tick: &mut Tick<'_>);
    /// All that it remembers.
    fn save(&self) -> Memory;
    /// Remembers what another of its kind saved.
    fn restore(&mut self, memory: &Memory) -> Result<(), MemoryError>;
    /// Whether what it remembers can be of this view: every row that it names is there.
    fn fits(&self, view: &ClusterView) -> bool;
    /// The stage of sleep in which it would have a tenant of that tier by now where nobody has been for so
    /// long: how a simulated fleet stands that has been running for a long time. None where it lets nobody
    /// sleep.
    fn stage_after(&self, _view: &ClusterView, _tier: TierId, _idle: Span) -> Option<Stage> {
        None
    }
}

/// What a policy remembers, as text that can be stored and compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Memory(String);

/// A memory that is not of this kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryError(String);

impl Memory {
    /// Writes a memory down.
    ///
    /// # Panics
    /// When a memory has a key that is no text: a bug of the policy.
    #[must_use]
    pub fn of<T: Serialize>(memory: &T) -> Self {
        Self(serde_json::to_string(memory).expect("a memory is plain data"))
    }

    /// Reads a memory.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, MemoryError> {
        serde_json::from_str(&self.0).map_err(|error| MemoryError::new(&error.to_string()))
    }
}

impl MemoryError {
    /// A memory that is not of this kind, and why.
    #[must_use]
    pub fn new(why: &str) -> Self {
        Self(sentence(why))
    }
}

impl fmt::Display for MemoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this memory is not one of this policy: {}", self.0)
    }
}

impl core::error::Error for MemoryError {}
