//! All are served at once, each by an equal share of the servers and by one server at most. Nobody
//! stands in line, so nobody gives up.
//!
//! Work given to each is the same for all, so it is kept once, as the time of a clock that runs at
//! the common speed; a request leaves when that clock has gone on by its demand. Whole numbers: a
//! nanosecond of that clock is cut into 2²⁰ parts, so a change of speed rounds by a millionth.

use super::ids::RequestId;
use super::service_context::ServiceContext;
use crate::event::{Event, Hosts};
use seatrial_contract::units::{Moment, Span};
use seatrial_kernel::agenda::Timer;
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// Parts of a nanosecond, as a power of two.
const FINENESS: u32 = 20;

/// Who is served, the next to leave first.
#[derive(Debug)]
pub(super) struct Sharing {
    /// Work given to a request that was there all the time, in parts of a nanosecond.
    given: u128,
    /// Up to then.
    until: Moment,
    entered: u64,
    present: BinaryHeap<Reverse<Leaving>>,
    /// When the next one leaves.
    next: Option<Timer>,
}

/// A request and the clock's time at which it leaves; of equals, the one who came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Leaving {
    due: u128,
    number: u64,
    id: RequestId,
}

impl Ord for Leaving {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.due, self.number).cmp(&(other.due, other.number))
    }
}

impl PartialOrd for Leaving {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Sharing {
    pub(super) fn new() -> Self {
        Self { given: 0, until: Moment::START, entered: 0, present: BinaryHeap::new(), next: None }
    }

    /// A request comes.
    pub(super) fn enter(&mut self, id: RequestId, context: &mut ServiceContext<'_, impl Hosts>) {
        self.settle(context);
        let due = self.given + (u128::from(context.requests.get(id).demand.0) << FINENESS);
        self.present.push(Reverse(Leaving { due, number: self.entered, id }));
        self.entered += 1;
        let load = if self.count() <= u64::from(context.servers) {
            &mut context.load.busy
        } else {
            &mut context.load.waiting
        };
        load.add(context.now, 1);
        self.plan(context);
    }

    /// The next to leave has been served.
    pub(super) fn leave(&mut self, context: &mut ServiceContext<'_, impl Hosts>) {
        self.settle(context);
        let count = self.count();
        let Some(Reverse(left)) = self.present.pop() else { return };
        // The one that left was done up to a nanosecond before now: what it was given since belongs to
        // the others. Without this the lost parts would add up while the service is busy.
        let beyond = self.given.saturating_sub(left.due);
        let is_scarce = count > u64::from(context.servers);
        let shared = if is_scarce { beyond / u128::from(count - 1) } else { 0 };
        self.given = left.due + beyond + shared;
        let load = if self.count() < u64::from(context.servers) {
            &mut context.load.busy
        } else {
            &mut context.load.waiting
        };
        load.add(context.now, -1);
        self.next = None;
        self.plan(context);
    }

    /// Forgets everybody; how many had a server.
    pub(super) fn empty(&mut self, context: &mut ServiceContext<'_, impl Hosts>) -> u32 {
        let served = self.busy(context.servers);
        let none = Self { until: context.now, ..Self::new() };
        if let Some(timer) = core::mem::replace(self, none).next {
            context.agenda.cancel(timer);
        }
        served
    }

    /// How many servers are at work.
    pub(super) fn busy(&self, servers: u32) -> u32 {
        u32::try_from(self.count()).unwrap_or(u32::MAX).min(servers)
    }

    fn count(&self) -> u64 {
        self.present.len() as u64
    }

    /// Work since the last time is given.
    fn settle(&mut self, context: &ServiceContext<'_, impl Hosts>) {
        let elapsed = context.now.since(self.until);
        self.until = context.now;
        self.given += work(elapsed, u64::from(context.servers), self.count());
    }

    /// Plans the next one's leaving, at today's speed.
    fn plan(&mut self, context: &mut ServiceContext<'_, impl Hosts>) {
        if let Some(timer) = self.next.take() {
            context.agenda.cancel(timer);
        }
        let Some(Reverse(first)) = self.present.peek() else { return };
        let work = first.due.saturating_sub(self.given);
        let after = time(work, u64::from(context.servers), self.count());
        self.next = context.plan_timer(after, Event::Served(first.id));
    }
}

/// What each of `count` is given in this time, in parts of a nanosecond, rounded down.
fn work(elapsed: Span, servers: u64, count: u64) -> u128 {
    if count <= servers {
        return u128::from(elapsed.0) << FINENESS;
    }
    match elapsed.0.checked_mul(servers).filter(|work| work.leading_zeros() >= FINENESS) {
        Some(work) => u128::from((work << FINENESS) / count),
        // Hours times servers: the slower division.
        None => ((u128::from(elapsed.0) * u128::from(servers)) << FINENESS) / u128::from(count),
    }
}

/// In what time each of `count` is given so much work, rounded up.
fn time(work: u128, servers: u64, count: u64) -> Span {
    let (count, servers) = if count <= servers { (1, 1) } else { (count, servers) };
    let small = u64::try_from(work).ok().and_then(|work| work.checked_mul(count));
    let nanos = match small {
        Some(work) => work.div_ceil(servers << FINENESS),
        None => {
            let nanos = (work * u128::from(count)).div_ceil(u128::from(servers) << FINENESS);
            u64::try_from(nanos).unwrap_or(u64::MAX)
        }
    };
    Span(nanos)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_request_alone_takes_its_demand() {
        assert_eq!(work(Span(7), 1, 1), 7 << FINENESS);
        assert_eq!(time(7 << FINENESS, 1, 1), Span(7));
        // Five on two servers: 10 ns of each need 25.
        assert_eq!(time(10 << FINENESS, 2, 5), Span(25));
        assert_eq!(work(Span(25), 2, 5), 10 << FINENESS);
    }

    proptest! {
        #[test]
        fn the_time_for_work_gives_that_work(
            nanos in (any::<u64>(), 2u32..64).prop_map(|(nanos, shift)| nanos >> shift),
            servers in 1u64..2_000,
            count in 1u64..5_000,
        ) {
            let wanted = u128::from(nanos) << FINENESS;
            let time = time(wanted, servers, count);
            prop_assume!(time < Span::MAX);
            prop_assert!(time >= Span(nanos));
            // Rounded up to a nanosecond, and the work down to a part of one.
            prop_assert!(work(time, servers, count) + 1 >= wanted);
            if time > Span::ZERO {
                prop_assert!(work(Span(time.0 - 1), servers, count) < wanted);
            }
        }
    }
}
