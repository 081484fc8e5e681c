//! First come, first served, by several servers. Knows no priority.

use super::ids::RequestId;
use super::requests::Queue;
use super::service_context::ServiceContext;
use crate::event::{Event, Hosts};

/// Servers at work, and who waits for one.
#[derive(Debug)]
pub(super) struct Fifo {
    busy: u32,
    line: Queue,
}

impl Fifo {
    pub(super) const fn new() -> Self {
        Self { busy: 0, line: Queue::EMPTY }
    }

    /// A request comes; true where it has to wait.
    #[inline]
    pub(super) fn enter(
        &mut self,
        id: RequestId,
        context: &mut ServiceContext<'_, impl Hosts>,
    ) -> bool {
        if self.busy == context.servers {
            self.line.push_last(id, context.requests);
            return true;
        }
        self.busy += 1;
        context.load.busy.add(context.now, 1);
        context.plan(context.requests.get(id).demand, Event::Served(id));
        false
    }

    /// A request has been served; the first in line goes next.
    #[inline]
    pub(super) fn leave(&mut self, context: &mut ServiceContext<'_, impl Hosts>) {
        let Some(next) = self.line.first() else {
            self.busy -= 1;
            context.load.busy.add(context.now, -1);
            return;
        };
        self.give_up(next, context);
        context.call_back(next);
        context.begin(next);
    }

    /// A request leaves the line.
    #[inline]
    pub(super) fn give_up(&mut self, id: RequestId, context: &mut ServiceContext<'_, impl Hosts>) {
        self.line.remove(id, context.requests);
        context.load.waiting.add(context.now, -1);
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
