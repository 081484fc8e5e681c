//! The most urgent who waits goes first, and nobody is interrupted. First come, first served among the
//! equally urgent.

use super::ids::RequestId;
use super::requests::{Queue, Requests, oldest};
use super::service_context::ServiceContext;
use crate::event::{Event, Hosts};

/// Servers at work, and who waits for one, by level; the first is the most urgent.
#[derive(Debug)]
pub(super) struct Priority {
    busy: u32,
    waiting: Box<[Queue]>,
}

impl Priority {
    pub(super) fn new(levels: usize) -> Self {
        Self { busy: 0, waiting: vec![Queue::EMPTY; levels].into_boxed_slice() }
    }

    pub(super) fn levels(&self) -> usize {
        self.waiting.len()
    }

    /// A request comes; true where it has to wait.
    pub(super) fn enter(
        &mut self,
        id: RequestId,
        context: &mut ServiceContext<'_, impl Hosts>,
    ) -> bool {
        if self.busy == context.servers {
            let level = usize::from(context.requests.get(id).level);
            self.waiting[level].push_last(id, context.requests);
            return true;
        }
        self.busy += 1;
        context.load.busy.add(context.now, 1);
        context.plan(context.requests.get(id).demand, Event::Served(id));
        false
    }

    /// A request has been served; the most urgent who waits goes next.
    pub(super) fn leave(&mut self, context: &mut ServiceContext<'_, impl Hosts>) {
        let Some(next) = self.waiting.iter().find_map(Queue::first) else {
            self.busy -= 1;
            context.load.busy.add(context.now, -1);
            return;
        };
        self.give_up(next, context);
        context.call_back(next);
        context.begin(next);
    }

    /// A request leaves its line.
    pub(super) fn give_up(&mut self, id: RequestId, context: &mut ServiceContext<'_, impl Hosts>) {
        let level = usize::from(context.requests.get(id).level);
        self.waiting[level].remove(id, context.requests);
        context.load.waiting.add(context.now, -1);
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
