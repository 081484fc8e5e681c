//! The most urgent who waits goes first, and nobody is interrupted. First come, first served among the
//! equally urgent.

use super::floor::Floor;
use super::ids::RequestId;
use super::requests::{Line, Requests, oldest};
use crate::event::{Event, Hosts};

/// Servers at work, and who waits for one, by level; the first is the most urgent.
#[derive(Debug)]
pub(super) struct Priority {
    busy: u32,
    waiting: Box<[Line]>,
}

impl Priority {
    pub(super) fn new(levels: usize) -> Self {
        Self { busy: 0, waiting: vec![Line::EMPTY; levels].into_boxed_slice() }
    }

    pub(super) fn levels(&self) -> usize {
        self.waiting.len()
    }

    /// A request comes; true where it has to wait.
    pub(super) fn enter(&mut self, id: RequestId, floor: &mut Floor<'_, impl Hosts>) -> bool {
        if self.busy == floor.servers {
            let level = usize::from(floor.requests.get(id).level);
            self.waiting[level].push_last(id, floor.requests);
            return true;
        }
        self.busy += 1;
        floor.load.busy.add(floor.now, 1);
        floor.plan(floor.requests.get(id).demand, Event::Served(id));
        false
    }

    /// A request has been served; the most urgent who waits goes next.
    pub(super) fn leave(&mut self, floor: &mut Floor<'_, impl Hosts>) {
        let Some(next) = self.waiting.iter().find_map(Line::first) else {
            self.busy -= 1;
            floor.load.busy.add(floor.now, -1);
            return;
        };
        self.give_up(next, floor);
        floor.call_back(next);
        floor.begin(next);
    }

    /// A request leaves its line.
    pub(super) fn give_up(&mut self, id: RequestId, floor: &mut Floor<'_, impl Hosts>) {
        let level = usize::from(floor.requests.get(id).level);
        self.waiting[level].remove(id, floor.requests);
        floor.load.waiting.add(floor.now, -1);
    }

    #[inline]
    pub(super) fn busy(&self) -> u32 {
        self.busy
    }

    /// Forgets everybody; how many were served.
    pub(super) fn empty(&mut self) -> u32 {
        let none = Self::new(self.levels());
        core::mem::replace(self, none).busy
    }

    /// Who has waited the longest.
    pub(super) fn oldest(&self, requests: &Requests) -> Option<RequestId> {
        oldest(&self.waiting, requests)
    }
}
