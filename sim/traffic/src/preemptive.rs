//! The most urgent first: they interrupt the least urgent, who later go on where they were. First
//! come, first served among the equally urgent. Knows no patience.
//!
//! Of one level, those in service came before those who wait. So the one that is interrupted (of the
//! least urgent in service, the one who came last) goes to the head of its level's line, and
//! the one that begins is the last of its level in service.

use super::ids::RequestId;
use super::requests::{Queue, Requests, oldest};
use super::service_context::ServiceContext;
use crate::event::{Event, Hosts};

/// Who is served and who waits, by level; the first is the most urgent.
#[derive(Debug)]
pub(super) struct Preemptive {
    busy: u32,
    serving: Box<[Queue]>,
    waiting: Box<[Queue]>,
}

impl Preemptive {
    pub(super) fn new(levels: usize) -> Self {
        let lines = vec![Queue::EMPTY; levels].into_boxed_slice();
        Self { busy: 0, serving: lines.clone(), waiting: lines }
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
        let level = usize::from(context.requests.get(id).level);
        if self.busy == context.servers {
            // Only those strictly less urgent are interrupted.
            let least_urgent = self.serving[level + 1..].iter().rev().find_map(Queue::last);
            let Some(victim) = least_urgent else {
                self.waiting[level].push_last(id, context.requests);
                return true;
            };
            self.interrupt(victim, context);
        }
        self.begin(id, context);
        false
    }

    /// A request has been served; the most urgent who waits goes next.
    pub(super) fn leave(&mut self, id: RequestId, context: &mut ServiceContext<'_, impl Hosts>) {
        let level = usize::from(context.requests.get(id).level);
        self.serving[level].remove(id, context.requests);
        self.busy -= 1;
        context.load.busy.add(context.now, -1);
        if let Some(next) = self.waiting.iter().find_map(Queue::first) {
            self.give_up(next, context);
            context.call_back(next);
            self.begin(next, context);
        }
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

    fn begin(&mut self, id: RequestId, context: &mut ServiceContext<'_, impl Hosts>) {
        self.busy += 1;
        context.load.busy.add(context.now, 1);
        let request = context.requests.get_mut(id);
        request.began = context.now;
        let (level, left) = (usize::from(request.level), request.left);
        self.serving[level].push_last(id, context.requests);
        context.requests.get_mut(id).timer = context.plan_timer(left, Event::Served(id));
    }

    fn interrupt(&mut self, id: RequestId, context: &mut ServiceContext<'_, impl Hosts>) {
        self.busy -= 1;
        context.load.busy.add(context.now, -1);
        context.load.waiting.add(context.now, 1);
        context.call_back(id);
        let request = context.requests.get_mut(id);
        request.left = request.left.saturating_sub(context.now.since(request.began));
        let level = usize::from(request.level);
        self.serving[level].remove(id, context.requests);
        self.waiting[level].push_first(id, context.requests);
    }
}
