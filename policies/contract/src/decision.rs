//! What a policy decided about a target, and why.

use crate::{Action, PolicyId, Reason, Target};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Numbers the actions of one pilot, in the order decided.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct ActionId(pub u64);

/// One decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Who decided.
    pub policy: PolicyId,
    /// About what.
    pub target: Target,
    /// What.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
}

/// To act or to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Do this.
    Act {
        /// Its number.
        id: ActionId,
        /// What to do.
        action: Action,
    },
    /// Leave it.
    Hold,
}

/// All decisions of one tick, in the order decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Decisions {
    /// In the order decided.
    pub all: Vec<Decision>,
}

impl Decisions {
    /// The actions among them.
    pub fn actions(&self) -> impl Iterator<Item = (ActionId, Action)> + '_ {
        self.all.iter().filter_map(|decision| match decision.verdict {
            Verdict::Act { id, action } => Some((id, action)),
            Verdict::Hold => None,
        })
    }
}
