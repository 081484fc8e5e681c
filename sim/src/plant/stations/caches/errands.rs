//! Calls that ask a cache first, from the call to its answer, and the places they are kept in. A
//! place is used again. Knows no cache.

use super::super::requests::SourceId;
use super::index::Key;
use seatrial_contract::units::{Moment, Span};

/// Names an errand as long as it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ErrandId(u32);

impl ErrandId {
    /// Of a request that asked no cache.
    pub(in super::super) const NONE: Self = Self(u32::MAX);

    #[inline]
    pub(in super::super) fn some(self) -> Option<Self> {
        (self != Self::NONE).then_some(self)
    }
}

/// One call on its way through a cache.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Errand {
    pub(in super::super) called: Moment,
    /// What it will ask of the service, should the cache not have it.
    pub(in super::super) demand: Span,
    pub(in super::super) patience: Option<Span>,
    pub(in super::super) key: Key,
    pub(in super::super) source: SourceId,
}

/// All errands.
#[derive(Debug)]
pub(in super::super) struct Errands {
    places: Vec<Errand>,
    free: Vec<ErrandId>,
}

impl Errands {
    pub(in super::super) const fn new() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }

    #[inline]
    pub(in super::super) fn begin(&mut self, errand: Errand) -> ErrandId {
        if let Some(id) = self.free.pop() {
            self.places[id.0 as usize] = errand;
            return id;
        }
        let count = u32::try_from(self.places.len()).ok().filter(|count| *count < u32::MAX);
        self.places.push(errand);
        ErrandId(count.expect("more calls at once than can be numbered"))
    }

    #[inline]
    pub(in super::super) fn get(&self, id: ErrandId) -> &Errand {
        &self.places[id.0 as usize]
    }

    /// Gives its place free.
    #[inline]
    pub(in super::super) fn end(&mut self, id: ErrandId) -> Errand {
        self.free.push(id);
        self.places[id.0 as usize]
    }
}
