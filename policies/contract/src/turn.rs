//! What a logbook says: first who decides, then tick by tick what was seen and what was decided.
//! Knows no file.

use crate::view::Delta;
use crate::{ClusterView, Decisions};
use alloc::string::String;
use serde::{Deserialize, Serialize};

/// The first frame: who decides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogbookHead {
    /// What was observed: a scenario's title, or the name of a cluster.
    pub of: String,
    /// The digest of the policy set.
    pub policy_digest: String,
    /// Its configuration in canonical form.
    pub policies: String,
    /// The seed of the chance that the policies were handed.
    pub seed: u64,
}

/// Every other frame: one tick.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// What the view became since the tick before.
    pub seen: Delta,
    /// What was decided on it.
    pub decided: Decisions,
}

/// Makes turns of views and decisions, one after the other.
#[derive(Clone, Debug, Default)]
pub struct TurnTaker {
    last: ClusterView,
}

impl TurnTaker {
    /// The turn in which this was decided on this view, not settled yet.
    pub fn take(&mut self, view: &ClusterView, decided: &Decisions) -> Turn {
        let seen = Delta::between(&self.last, view);
        // The change was made from this very view, so it fits.
        let _ = self.last.apply(&seen);
        Turn { seen, decided: decided.clone() }
    }
}
