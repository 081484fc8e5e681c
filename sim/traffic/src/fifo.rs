//! First come, first served, by several servers. Knows no priority.

use super::floor::Floor;
use super::ids::RequestId;
use super::requests::Line;
use crate::event::{Event, Hosts};

/// Servers at work, and who waits for one.
#[derive(Debug)]
pub(super) struct Fifo {
    busy: u32,
    line: Line,
}

impl Fifo {
    pub(super) const fn new() -> Self {
        Self { busy: 0, line: Line::EMPTY }
    }

    /// A request comes; true where it has to wait.
    #[inline]
    pub(super) fn enter(&mut self, id: RequestId, floor: &mut Floor<'_, impl Hosts>) -> bool {
        if self.busy == floor.servers {
            self.line.push_last(id, floor.requests);
            return true;
        }
        self.busy += 1;
        floor.load.busy.add(floor.now, 1);
        floor.plan(floor.requests.get(id).demand, Event::Served(id));
        false
    }

    /// A request has been served; whoever is first in line goes next.
    #[inline]
    pub(super) fn leave(&mut self, floor: &mut Floor<'_, impl Hosts>) {
        let Some(next) = self.line.first() else {
            self.busy -= 1;
            floor.load.busy.add(floor.now, -1);
            return;
        };
        self.give_up(next, floor);
        floor.call_back(next);
        floor.begin(next);
    }

    /// A request leaves the line.
    #[inline]
    pub(super) fn give_up(&mut self, id: RequestId, floor: &mut Floor<'_, impl Hosts>) {
        self.line.remove(id, floor.requests);
        floor.load.waiting.add(floor.now, -1);
    }

    #[inline]
    pub(super) fn busy(&self) -> u32 {
        self.busy
    }

    /// Forgets everybody; how many were served.
    pub(super) fn empty(&mut self) -> u32 {
        core::mem::replace(self, Self::new()).busy
    }

    /// Who has waited the longest.
    pub(super) fn oldest(&self) -> Option<RequestId> {
        self.line.first()
    }
}
