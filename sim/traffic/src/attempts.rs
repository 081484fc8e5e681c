//! Attempts that do more than be served once: from a call to its answer, through a cache, a service
//! and databases. The places they are kept in are used again. Knows no station.

use super::caches::Key;
use super::ids::{AttemptId, ReplicaQueueId, RequestId, SourceId};
use super::intrusive_list::{Linked, Named};
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{TenantId, TierId};
use seatrial_kernel::agenda::Timer;

/// Whose call it is: what it draws depends on this alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caller {
    pub(super) source: SourceId,
    /// Counted through among the source's calls, or among those of its tenant.
    pub(super) number: u64,
    pub(super) tenant: Option<TenantId>,
    /// What that tenant pays for.
    pub(super) tier: Option<TierId>,
}

/// A call, however often it is tried.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    pub(super) caller: Caller,
    /// When the first attempt was made.
    pub(super) began: Moment,
    /// What it asks of its service.
    pub(super) demand: Span,
    pub(super) patience: Option<Span>,
}

/// One attempt of a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt {
    pub(super) call: Call,
    /// What it asked its cache for.
    pub(super) key: Option<Key>,
    /// Counted from nothing.
    pub(super) attempt: u32,
    pub(super) step: Step,
    pub(super) place: Place,
    /// Since when it waits for a connection, or asks; with its caller, until when.
    pub(super) waits_since: Moment,
    /// Nobody waits for it any more.
    pub(super) is_orphan: bool,
    /// Its replica was lost: what is under way for it ends, and nobody goes on.
    pub(super) is_cut: bool,
    /// A server or a database has done something for it.
    pub(super) is_worked_for: bool,
    pub(super) holds: Holds,
    pub(super) timers: Timers,
    links: (AttemptId, AttemptId),
}

/// Which of its source's queries is next, and how many of those are done.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Step {
    pub(super) query: u8,
    pub(super) round: u32,
}

/// What an attempt has.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Holds {
    /// The replica of its service that it was sent to.
    pub(super) replica_queue: Option<ReplicaQueueId>,
    /// Its request at the service, as long as that is there.
    pub(super) request: Option<RequestId>,
    /// Its connection, or the pool that it waits at.
    pub(super) link: Option<Link>,
}

/// What is planned for an attempt.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Timers {
    /// When its caller has waited long enough.
    pub(super) deadline: Option<Timer>,
    /// When its connection is open, its pool has it wait no longer, or what it wrote is where it has to be.
    pub(super) next: Option<Timer>,
}

/// Where an attempt is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Nowhere: its place is free.
    Away,
    /// With its caller, who waits before the next attempt.
    Caller,
    Cache,
    Service,
    /// In a pool's line.
    Pool,
    Connecting,
    Querying,
    /// What it wrote is on its way to a standby.
    Committing,
    /// What it asked is on a way that is cut, and so will its answer be.
    Unreached,
    /// It has lost its connection with its database, and is about to fail.
    CutOff,
}

/// A connection to a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    /// Of its own.
    Direct { database: u16 },
    /// Out of a pool.
    Pooled { pooler: u16, pool: u32 },
}

impl Attempt {
    pub(super) fn new(call: Call) -> Self {
        Self {
            call,
            key: None,
            attempt: 0,
            step: Step::default(),
            place: Place::Away,
            waits_since: call.began,
            is_orphan: false,
            is_cut: false,
            is_worked_for: false,
            holds: Holds::default(),
            timers: Timers::default(),
            links: (AttemptId::NOBODY, AttemptId::NOBODY),
        }
    }

    /// Its call and its step, for what is drawn at that.
    pub(super) const fn turn(&self) -> (u64, u64) {
        let step = (self.step.query as u64) << 32 | self.step.round as u64;
        (self.call.caller.number, (self.attempt as u64) << 40 | step)
    }

    /// The same call once more.
    pub(super) fn again(&self) -> Self {
        Self { attempt: self.attempt + 1, ..Self::new(self.call) }
    }
}

/// All attempts.
#[derive(Debug)]
pub(super) struct Attempts {
    places: Vec<Attempt>,
    free: Vec<AttemptId>,
}

/// Attempts one behind another.
pub(super) type Queue = super::intrusive_list::IntrusiveList<AttemptId, Attempts>;

impl Linked<AttemptId> for Attempts {
    #[inline]
    fn links(&mut self, id: AttemptId) -> &mut (AttemptId, AttemptId) {
        &mut self.places[id.0 as usize].links
    }
}

impl Attempts {
    pub(super) const fn new() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }

    #[inline]
    pub(super) fn begin(&mut self, attempt: Attempt) -> AttemptId {
        if let Some(id) = self.free.pop() {
            self.places[id.0 as usize] = attempt;
            return id;
        }
        let count = u32::try_from(self.places.len()).ok().filter(|count| *count < u32::MAX);
        self.places.push(attempt);
        AttemptId(count.expect("more calls at once than can be numbered"))
    }

    #[inline]
    pub(super) fn get(&self, id: AttemptId) -> &Attempt {
        &self.places[id.0 as usize]
    }

    #[inline]
    pub(super) fn get_mut(&mut self, id: AttemptId) -> &mut Attempt {
        &mut self.places[id.0 as usize]
    }

    /// Gives its place free.
    #[inline]
    pub(super) fn end(&mut self, id: AttemptId) -> Attempt {
        self.free.push(id);
        let place = &mut self.places[id.0 as usize];
        place.place = Place::Away;
        *place
    }

    /// How many are under way.
    pub(super) fn count(&self) -> u64 {
        (self.places.len() - self.free.len()) as u64
    }

    /// All that are under way.
    pub(super) fn under_way(&self) -> impl Iterator<Item = &Attempt> {
        self.places.iter().filter(|attempt| attempt.place != Place::Away)
    }

    /// Those under way for which this holds, by their places.
    pub(super) fn which(&self, holds: impl Fn(&Attempt) -> bool) -> Vec<AttemptId> {
        let all = (0..).zip(&self.places);
        let found = all.filter(|(_, attempt)| attempt.place != Place::Away && holds(attempt));
        found.map(|(number, _)| AttemptId(number)).collect()
    }
}
