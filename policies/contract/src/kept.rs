//! What policies keep as it is: a tenant at which nothing flies, and that others leave so.
//! Knows no reason; the policy that keeps a tenant says why.

use crate::pairs;
use crate::units::Moment;
use crate::{PolicyId, TenantId};
use alloc::collections::BTreeMap;
use serde::{Deserialize, Serialize};

/// How a tenant is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// Nobody else starts it, though somebody waits for it.
    Waiting,
    /// Nobody else lets it sleep.
    Awake,
}

/// Who keeps whom, and until when. Of two policies the one that stands first has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Kept {
    #[serde(with = "pairs")]
    by: BTreeMap<(Keep, TenantId), (PolicyId, Moment)>,
}

impl Kept {
    /// Whether nobody is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by.is_empty()
    }

    /// Who keeps a tenant so, and until when.
    #[must_use]
    pub fn keeper(&self, keep: Keep, tenant: TenantId, now: Moment) -> Option<(PolicyId, Moment)> {
        self.by.get(&(keep, tenant)).copied().filter(|(_, until)| now < *until)
    }

    pub(crate) fn keep(&mut self, keep: Keep, tenant: TenantId, by: (PolicyId, Moment)) {
        let keeper = self.by.entry((keep, tenant)).or_insert(by);
        if by.0 <= keeper.0 {
            *keeper = by;
        }
    }

    /// Says whether it was kept by this policy.
    pub(crate) fn let_go(&mut self, keep: Keep, tenant: TenantId, policy: PolicyId) -> bool {
        let own = self.by.get(&(keep, tenant)).is_some_and(|by| by.0 == policy);
        if own {
            self.by.remove(&(keep, tenant));
        }
        own
    }
}
