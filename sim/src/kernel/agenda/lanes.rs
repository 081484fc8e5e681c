//! Time-outs of one length each: they fall due in the order in which they were entered, so a
//! linked list holds them and leaves no trace of a cancelled one. Knows no queue.

use super::Timer;
use super::timers::Stamp;
use seatrial_contract::units::Span;

/// No node.
const NONE: u32 = u32::MAX;

/// A node's place in its lane. Cancelling touches nothing but links, which is why they are apart
/// from the entries: 6% more events a second in W3 with 40,000 time-outs pending.
#[derive(Clone, Copy, Debug)]
struct Link {
    sooner: u32,
    later: u32,
    stamp: Stamp,
    lane: u32,
}

/// What a node is for.
#[derive(Clone, Copy, Debug)]
struct Body<E> {
    at: u64,
    order: u64,
    event: E,
}

/// One first-in-first-out queue.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) length: Span,
    pub(super) class: u8,
    /// Whether an entry of the queue stands for this lane, at its first node's time or sooner.
    pub(super) is_queued: bool,
    first: u32,
    last: u32,
}

/// All lanes; their nodes share one pool.
#[derive(Debug)]
pub(super) struct Lanes<E> {
    lanes: Vec<Lane>,
    links: Vec<Link>,
    bodies: Vec<Body<E>>,
    /// The free node on top, linked by `later`.
    free: u32,
}

impl<E: Copy> Lanes<E> {
    pub(super) const fn new() -> Self {
        Self { lanes: Vec::new(), links: Vec::new(), bodies: Vec::new(), free: NONE }
    }

    /// Adds a lane.
    pub(super) fn open(&mut self, length: Span, class: u8) -> u32 {
        let lane = Timer::number(self.lanes.len());
        self.lanes.push(Lane { length, class, is_queued: false, first: NONE, last: NONE });
        lane
    }

    #[inline]
    pub(super) fn lane(&mut self, lane: u32) -> &mut Lane {
        &mut self.lanes[lane as usize]
    }

    /// Appends; what is in the lane is due at `at` or before.
    #[inline]
    pub(super) fn enter(
        &mut self,
        lane_number: u32,
        at: u64,
        order: u64,
        event: E,
    ) -> (u32, Stamp) {
        let lane = &mut self.lanes[lane_number as usize];
        let sooner = lane.last;
        let body = Body { at, order, event };
        let mut link = Link { sooner, later: NONE, stamp: Stamp::FIRST, lane: lane_number };
        let number;
        if let Some(free) = self.links.get_mut(self.free as usize) {
            number = self.free;
            self.free = free.later;
            link.stamp = free.stamp.begun();
            *free = link;
            self.bodies[number as usize] = body;
        } else {
            number = Timer::number(self.links.len());
            self.links.push(link);
            self.bodies.push(body);
        }
        lane.last = number;
        match self.links.get_mut(sooner as usize) {
            Some(sooner) => sooner.later = number,
            None => lane.first = number,
        }
        (number, link.stamp)
    }

    /// Ends a live use; false where it ended before.
    #[inline]
    pub(super) fn cancel(&mut self, number: u32, stamp: Stamp) -> bool {
        match self.links.get(number as usize) {
            Some(link) if link.stamp == stamp => {
                self.unlink(number);
                true
            }
            _ => false,
        }
    }

    /// Time and order of the lane's first entry.
    #[inline]
    pub(super) fn first(&self, lane: u32) -> Option<(u64, u64)> {
        let body = self.bodies.get(self.lanes[lane as usize].first as usize)?;
        Some((body.at, body.order))
    }

    /// Takes the first entry's event. There is one.
    #[inline]
    pub(super) fn fire(&mut self, lane: u32) -> E {
        let number = self.lanes[lane as usize].first;
        let event = self.bodies[number as usize].event;
        self.unlink(number);
        event
    }

    #[inline]
    fn unlink(&mut self, number: u32) {
        let link = &mut self.links[number as usize];
        let Link { sooner, later, lane, .. } = *link;
        link.stamp = link.stamp.ended();
        if link.stamp.is_usable() {
            link.later = self.free;
            self.free = number;
        }
        match self.links.get_mut(sooner as usize) {
            Some(sooner) => sooner.later = later,
            None => self.lanes[lane as usize].first = later,
        }
        match self.links.get_mut(later as usize) {
            Some(later) => later.sooner = sooner,
            None => self.lanes[lane as usize].last = sooner,
        }
    }

    /// Nodes that there is room for.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.links.capacity()
    }
}
