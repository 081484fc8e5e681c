//! What is to happen to stores by the world's time, however calls are sampled. Schedules nothing.

use crate::databases::members::Next;
use crate::event::Event;
use seatrial_contract::units::Span;

/// What is to happen, and after how long.
#[derive(Default)]
pub(crate) struct Planned(Vec<(Span, Event)>);

impl Planned {
    /// What a database's servers have before them.
    pub(crate) fn add(&mut self, database: u16, next: Next) {
        match next {
            Next::Nothing => {}
            Next::Restored(after, turn) => self.0.push((after, Event::Restored(database, turn))),
            Next::Follows(after, server) => {
                let server = u16::try_from(server).unwrap_or(u16::MAX);
                self.0.push((after, Event::Follows(database, server)));
            }
        }
    }

    /// The same, several at once.
    pub(crate) fn add_all(&mut self, database: u16, all: Vec<Next>) {
        all.into_iter().for_each(|next| self.add(database, next));
    }

    /// A database takes connections again after so long.
    pub(crate) fn back(&mut self, database: u16, after: Span) {
        self.0.push((after, Event::DatabaseBack(database)));
    }

    /// A cache's replica takes over after so long.
    pub(crate) fn cache_back(&mut self, cache: u16, after: Span, turn: u16) {
        self.0.push((after, Event::CacheBack(cache, turn)));
    }

    /// One of them.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<(Span, Event)> {
        self.0.pop()
    }
}
