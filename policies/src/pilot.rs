//! The loop body that both worlds call, tick after tick, and nothing else of policy.

use crate::PolicyFile;
use alloc::boxed::Box;
use alloc::vec::Vec;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::Misfit;
use seatrial_contract::{
    Book, ClusterView, Decisions, Dice, Guard, Memory, MemoryError, Policy, PolicyId, Reason,
    Stage, Tick, TierId,
};
use serde::{Deserialize, Serialize};

/// The configured policies, what they remember, the rails, and the in-flight book.
pub struct Pilot {
    policies: Vec<Box<dyn Policy>>,
    guard: Guard,
    book: Book,
    fleet: Fleet,
    decisions: Decisions,
}

/// All that a pilot remembers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PilotMemory {
    policies: Vec<Memory>,
    book: Book,
    fleet: Fleet,
}

/// How many tenants were there when the view was last believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Fleet {
    believed: u32,
    doubted_since: Option<Moment>,
}

impl Pilot {
    /// A pilot with nothing remembered.
    #[must_use]
    pub fn new(file: &PolicyFile) -> Self {
        Self {
            policies: file.policies.iter().map(|policy| policy.start()).collect(),
            guard: file.guard.clone(),
            book: Book::default(),
            fleet: Fleet::default(),
            decisions: Decisions::default(),
        }
    }

    /// A pilot of other policies that goes on where one stopped: they remember nothing, and know what is in flight.
    #[must_use]
    pub fn taking_over(file: &PolicyFile, before: &Self) -> Self {
        Self { book: before.book.handed_over(), fleet: before.fleet, ..Self::new(file) }
    }

    /// Looks at the view and decides. The host then carries the actions out, and settles the view
    /// before it changes it again.
    pub fn tick(&mut self, view: &ClusterView, dice: Dice) -> &Decisions {
        self.decisions.all.clear();
        self.book.land(view, &self.guard);
        self.book.compare_moments(view, &self.guard);
        let distrust = self.fleet.distrust(view, &self.guard).or_else(|| unseen(view, &self.guard));
        for (index, policy) in self.policies.iter_mut().enumerate() {
            let id = PolicyId::at(index);
            let (book, decisions) = (&mut self.book, &mut self.decisions);
            policy.decide(&mut Tick::new(view, dice, &self.guard, id, book, decisions, distrust));
        }
        &self.decisions
    }

    /// The stage of sleep in which its policies would have a tenant of that tier by now where nobody has been
    /// for so long: the deepest of which one of them says so.
    #[must_use]
    pub fn stage_after(&self, view: &ClusterView, tier: TierId, idle: Span) -> Stage {
        let stages = self.policies.iter().filter_map(|of| of.stage_after(view, tier, idle));
        stages.max().unwrap_or(Stage::AWAKE)
    }

    /// What was decided last.
    #[must_use]
    pub fn decided(&self) -> &Decisions {
        &self.decisions
    }

    /// What is in flight.
    #[must_use]
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// All that it remembers.
    #[must_use]
    pub fn save(&self) -> PilotMemory {
        PilotMemory {
            policies: self.policies.iter().map(|policy| policy.save()).collect(),
            book: self.book.clone(),
            fleet: self.fleet,
        }
    }

    /// Goes on where another pilot of the same set stopped.
    pub fn restore(&mut self, memory: &PilotMemory) -> Result<(), MemoryError> {
        let (there, remembered) = (self.policies.len(), memory.policies.len());
        if there != remembered {
            let why = alloc::format!("it is of {remembered} policies, and here are {there}");
            return Err(MemoryError::new(&why));
        }
        for (policy, memory) in self.policies.iter_mut().zip(&memory.policies) {
            policy.restore(memory)?;
        }
        self.book = memory.book.clone();
        self.fleet = memory.fleet;
        Ok(())
    }
}

impl Pilot {
    /// Whether what was restored can be of this view: to be asked before the first tick on it.
    ///
    /// # Errors
    /// When it names rows that are not there.
    pub fn fits(&self, view: &ClusterView) -> Result<(), Misfit> {
        let all = self.policies.iter().all(|policy| policy.fits(view));
        if all && self.book.fits(view) { Ok(()) } else { Err(Misfit::Memory) }
    }
}

/// Too much is out of sight, or too old, to take anything from anyone.
fn unseen(view: &ClusterView, guard: &Guard) -> Option<Reason> {
    let over = |part: u32, whole: u32| {
        u64::from(part) * 1_000_000 > u64::from(whole) * u64::from(guard.unseen_most.0)
    };
    for pool in view.pools() {
        let (lost, of) = (pool.sums.lost, pool.sums.lost + pool.sums.ready);
        if over(lost, of) {
            return Some(Reason::MachinesLost { lost, of });
        }
    }
    // A column that nobody sweeps any more says nothing about anyone; one that nobody ever swept is
    // not among what this host can know.
    for swept_at in [view.node_cpu().swept_at(), view.last_active().swept_at()] {
        let (age, limit) = (view.taken_at.since(swept_at), guard.stale_after);
        if swept_at > Moment::START && age > limit {
            return Some(Reason::StaleReading { age, limit });
        }
    }
    let unseen = view.tenants_unseen();
    let of = view.tenants_present() + view.tenants_missing();
    over(unseen, of).then_some(Reason::TenantsUnseen { unseen, of })
}

impl Fleet {
    /// Why the view is not believed, if it is not: a fleet does not vanish between two ticks.
    fn distrust(&mut self, view: &ClusterView, guard: &Guard) -> Option<Reason> {
        let (seen, before) = (view.tenants_present(), self.believed);
        // Not rounded: of one tenant, none is fewer than half.
        let least = u64::from(before) * u64::from(guard.vanished_below.0);
        if u64::from(seen) * 1_000_000 >= least {
            *self = Self { believed: seen, doubted_since: None };
            return None;
        }
        let since = *self.doubted_since.get_or_insert(view.taken_at);
        if view.taken_at.since(since) >= guard.vanished_until {
            *self = Self { believed: seen, doubted_since: None };
            return None;
        }
        Some(Reason::FleetVanished { seen, before })
    }
}
