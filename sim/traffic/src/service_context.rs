//! What a replica queue needs of its surroundings to serve: the time, the agenda, the requests, and how
//! many are busy and waiting. Decides nothing.

use super::ids::RequestId;
use super::requests::{Requests, STANDS};
use crate::event::{Event, Hosts, WORLD};
use seatrial_contract::units::{Moment, Span};
use seatrial_kernel::agenda::{Agenda, Timer};
use seatrial_kernel::statistics::TimeWeighted;

/// Servers at work and requests waiting, over all replicas of a service.
#[derive(Clone, Copy, Debug)]
pub(super) struct Load {
    pub(super) busy: TimeWeighted,
    pub(super) waiting: TimeWeighted,
}

impl Load {
    pub(super) const fn new(now: Moment) -> Self {
        Self { busy: TimeWeighted::new(now, 0), waiting: TimeWeighted::new(now, 0) }
    }

    pub(super) fn reset(&mut self, now: Moment) {
        self.busy.reset(now);
        self.waiting.reset(now);
    }
}

/// A replica queue's surroundings.
pub(super) struct ServiceContext<'a, E> {
    pub(super) now: Moment,
    pub(super) ends_at: Moment,
    /// Of one replica queue.
    pub(super) servers: u32,
    pub(super) requests: &'a mut Requests,
    pub(super) load: &'a mut Load,
    pub(super) agenda: &'a mut Agenda<E>,
}

impl<E: Hosts> ServiceContext<'_, E> {
    /// Schedules an event for good, unless the run is over by then.
    #[inline]
    pub(super) fn plan(&mut self, after: Span, event: Event) {
        let at = self.now.after(after);
        if at <= self.ends_at {
            self.agenda.schedule(at, WORLD, event.into());
        }
    }

    /// Schedules an event that can be called back, unless the run is over by then.
    #[inline]
    pub(super) fn plan_timer(&mut self, after: Span, event: Event) -> Option<Timer> {
        let at = self.now.after(after);
        (at <= self.ends_at).then(|| self.agenda.schedule_timer(at, WORLD, event.into()))
    }

    /// The request waits from now on, as long as it has patience.
    #[inline]
    pub(super) fn wait(&mut self, id: RequestId, patience: Option<Span>) {
        self.load.waiting.add(self.now, 1);
        self.requests.get_mut(id).began = STANDS;
        if let Some(patience) = patience {
            let timer = self.plan_timer(patience, Event::TimesOut(id));
            self.requests.get_mut(id).timer = timer;
        }
    }

    /// The request leaves its line and is served to its end.
    #[inline]
    pub(super) fn begin(&mut self, id: RequestId) {
        let request = self.requests.get_mut(id);
        request.began = self.now;
        let demand = request.demand;
        self.plan(demand, Event::Served(id));
    }

    /// Calls back what was planned for the request.
    #[inline]
    pub(super) fn call_back(&mut self, id: RequestId) {
        if let Some(timer) = self.requests.get_mut(id).timer.take() {
            self.agenda.cancel(timer);
        }
    }
}
