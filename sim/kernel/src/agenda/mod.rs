//! The event queue: what happens next, and when.
//!
//! Events leave in the order of (time, class, sequence of scheduling), exactly. Times are whole
//! nanoseconds. Knows no world, no clock, no chance and no threads.
//!
//! ```
//! use seatrial_contract::units::{Moment, Span};
//! use seatrial_kernel::agenda::{Agenda, Class};
//!
//! #[derive(Clone, Copy, Debug, PartialEq)]
//! enum Event {
//!     Answer(u32),
//!     TimeOut(u32),
//! }
//!
//! let mut agenda = Agenda::new();
//! let patience = agenda.lane(Span::seconds(30), Class(1));
//! let time_out = agenda.enter(patience, Event::TimeOut(7));
//! agenda.schedule(Moment(2_000), Class(0), Event::Answer(7));
//!
//! assert_eq!(agenda.next(Moment::NEVER), Some((Moment(2_000), Event::Answer(7))));
//! assert!(agenda.cancel(time_out));
//! assert_eq!(agenda.next(Moment::NEVER), None);
//! ```

mod chunks;
mod entry;
mod ladder;
mod lanes;
mod near;
mod rung;
#[cfg(test)]
mod tests;
mod timers;

use entry::{What, order};
use ladder::Ladder;
use lanes::Lanes;
use seatrial_contract::units::{Moment, Span};
use std::num::NonZeroU32;
use timers::{Stamp, Timers};

/// Pending events, soonest first. `E` is copied about, so keep it small: eight bytes at most.
#[derive(Debug)]
pub struct Agenda<E> {
    now: Moment,
    /// Of the next scheduling: events scheduled so far.
    sequence: u64,
    /// Events taken or cancelled so far.
    gone: u64,
    queue: Ladder<E>,
    timers: Timers<E>,
    lanes: Lanes<E>,
}

/// What goes first among events of one time: the lower class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Class(pub u8);

/// Time-outs of one length: see [`Agenda::lane`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LaneId(u32);

/// Names one cancellable event, and never another one, even when it is long gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer {
    /// 1 + 2 × the place's number, + 1 in a lane. Not 0, so that an `Option` takes no more room.
    place: NonZeroU32,
    stamp: Stamp,
}

impl Timer {
    #[inline]
    const fn new(number: u32, in_lane: bool, stamp: Stamp) -> Self {
        let place = NonZeroU32::MIN.saturating_add(number << 1 | in_lane as u32);
        Self { place, stamp }
    }

    #[inline]
    const fn place(self) -> (u32, bool) {
        let place = self.place.get() - 1;
        (place >> 1, place & 1 == 1)
    }

    /// A place's number, if there can be so many.
    fn number(count: usize) -> u32 {
        u32::try_from(count)
            .ok()
            .filter(|number| *number < u32::MAX / 2)
            .expect("more timers pending than can be numbered")
    }
}

/// Cancelled events may stay in the queue up to this many, or as many as the live ones, before
/// they are swept out; so a sweep is paid for by the cancellations before it.
const DEAD_MIN: usize = 1_024;

impl<E> Default for Agenda<E>
where
    E: Copy,
{
    fn default() -> Self {
        Self::new()
    }
}

impl<E: Copy> Agenda<E> {
    /// An empty agenda at [`Moment::START`].
    #[must_use]
    pub const fn new() -> Self {
        Self {
            now: Moment::START,
            sequence: 0,
            gone: 0,
            queue: Ladder::new(),
            timers: Timers::new(),
            lanes: Lanes::new(),
        }
    }

    /// The time of the last event taken.
    #[inline]
    #[must_use]
    pub const fn now(&self) -> Moment {
        self.now
    }

    /// Events that are still to come; cancelled ones do not count.
    #[inline]
    #[must_use]
    pub const fn pending(&self) -> usize {
        (self.sequence - self.gone) as usize
    }

    /// Adds an event for good: the cheapest way.
    #[inline]
    pub fn schedule(&mut self, at: Moment, class: Class, event: E) {
        let order = self.next_order(at, class);
        self.queue.push(at.0, order, What::Event(event));
    }

    /// Adds an event that can be cancelled.
    #[inline]
    pub fn schedule_timer(&mut self, at: Moment, class: Class, event: E) -> Timer {
        let order = self.next_order(at, class);
        let (number, stamp) = self.timers.book(event);
        self.queue.push(at.0, order, What::Timer(number));
        Timer::new(number, false, stamp)
    }

    /// Opens a lane for time-outs of one length. It costs the queue one entry, however many
    /// time-outs are in it, so take a lane wherever the length is fixed. Lanes stay open.
    pub fn lane(&mut self, length: Span, class: Class) -> LaneId {
        LaneId(self.lanes.open(length, class.0))
    }

    /// Adds a cancellable event at the lane's length from now.
    #[inline]
    pub fn enter(&mut self, lane: LaneId, event: E) -> Timer {
        let state = self.lanes.lane(lane.0);
        let at = self.now.after(state.length);
        let class = Class(state.class);
        let is_queued = state.is_queued;
        if !is_queued {
            state.is_queued = true;
        }
        let order = self.next_order(at, class);
        if !is_queued {
            self.queue.push(at.0, order, What::Lane(lane.0));
        }
        let (number, stamp) = self.lanes.enter(lane.0, at.0, order, event);
        Timer::new(number, true, stamp)
    }

    /// Takes an event back; false where it happened already or was cancelled before.
    #[inline]
    pub fn cancel(&mut self, timer: Timer) -> bool {
        let (number, in_lane) = timer.place();
        let is_found = if in_lane {
            self.lanes.cancel(number, timer.stamp)
        } else {
            self.timers.cancel(number, timer.stamp)
        };
        if !is_found {
            return false;
        }
        self.gone += 1;
        if !in_lane && self.timers.dead() >= DEAD_MIN && self.timers.dead() > self.pending() {
            self.sweep();
        }
        true
    }

    /// Takes the soonest event due at `until` or before, and makes its time `now`.
    #[inline]
    pub fn next(&mut self, until: Moment) -> Option<(Moment, E)> {
        loop {
            let entry = self.queue.pop(until.0)?;
            let event = match entry.what {
                What::Event(event) => event,
                What::Timer(number) => match self.timers.fire(number) {
                    Some(event) => event,
                    None => continue,
                },
                What::Lane(lane) => match self.serve(lane, entry.order) {
                    Some(event) => event,
                    None => continue,
                },
            };
            self.now = Moment(entry.at);
            self.gone += 1;
            return Some((self.now, event));
        }
    }

    /// When the next event is due, or earlier: what is due then may have been cancelled.
    #[inline]
    pub fn soonest(&mut self) -> Option<Moment> {
        self.queue.soonest().map(Moment)
    }

    /// Time passes without an event until `to`, before which none may be due.
    #[inline]
    pub fn pass(&mut self, to: Moment) {
        debug_assert!(self.soonest().is_none_or(|due| due >= to), "an event was passed over");
        self.now = self.now.max(to);
    }

    /// The lane's first event, unless that was cancelled after its entry was queued; the lane's
    /// next entry is queued in either case.
    #[inline]
    fn serve(&mut self, lane: u32, due: u64) -> Option<E> {
        let is_due = self.lanes.first(lane).is_some_and(|(_, order)| order == due);
        let event = is_due.then(|| self.lanes.fire(lane));
        match self.lanes.first(lane) {
            Some((at, order)) => self.queue.push(at, order, What::Lane(lane)),
            None => self.lanes.lane(lane).is_queued = false,
        }
        event
    }

    #[inline]
    fn next_order(&mut self, at: Moment, class: Class) -> u64 {
        assert!(at >= self.now, "event in the past");
        let order = order(class.0, self.sequence);
        self.sequence += 1;
        order
    }

    /// Takes the entries of cancelled events out of the queue.
    #[cold]
    fn sweep(&mut self) {
        let timers = &mut self.timers;
        self.queue.retain(|entry| match entry.what {
            What::Timer(number) => timers.keeps(number),
            What::Event(_) | What::Lane(_) => true,
        });
    }
}
