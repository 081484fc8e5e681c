//! What a logbook says tick by tick: what was seen and what was decided. Knows no file.

use crate::view::{Delta, Names};
use crate::{ClusterView, Decisions};

/// One tick.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Turn {
    /// What the view became since the tick before.
    pub seen: Delta,
    /// What was decided on it.
    pub decided: Decisions,
    /// What the rows are called that are new since the tick before.
    pub names: Names,
}

/// Makes turns of views and decisions, one after the other. The first is the whole view.
#[derive(Clone, Debug, Default)]
pub struct TurnTaker {
    last: ClusterView,
    /// How often the view had been settled.
    settled: Option<u64>,
    named: Named,
}

/// How many rows of each kind have been named.
#[derive(Clone, Copy, Debug, Default)]
struct Named {
    zones: usize,
    nodes: usize,
    tenants: usize,
    units: usize,
}

impl TurnTaker {
    /// What is seen in the next turn, on a view that is not settled yet, and what is called how for the first
    /// time.
    pub fn take(&mut self, view: &ClusterView, names: &Names) -> (Delta, Names) {
        // Settled once since the turn before, no row can have been written that is not listed.
        let is_next = self
            .settled
            .is_some_and(|last| matches!(view.settled().checked_sub(last), Some(0 | 1)));
        let seen = match is_next {
            true => Delta::since_settled(&self.last, view),
            false => Delta::between(&self.last, view),
        };
        debug_assert_eq!(seen, Delta::between(&self.last, view), "a row was written unlisted");
        self.settled = Some(view.settled());
        // The change was made from this very view, so it fits.
        let _ = self.last.apply(&seen);
        (seen, self.named.name(names))
    }
}

impl Named {
    /// The names that are new.
    fn name(&mut self, names: &Names) -> Names {
        let Self { zones, nodes, tenants, units } = core::mem::replace(self, Self::of(names));
        Names {
            zones: names.zones.get(zones..).unwrap_or_default().to_vec(),
            nodes: names.nodes.get(nodes..).unwrap_or_default().to_vec(),
            tenants: names.tenants.get(tenants..).unwrap_or_default().to_vec(),
            units: names.units.get(units..).unwrap_or_default().to_vec(),
        }
    }

    fn of(names: &Names) -> Self {
        Self {
            zones: names.zones.len(),
            nodes: names.nodes.len(),
            tenants: names.tenants.len(),
            units: names.units.len(),
        }
    }
}
