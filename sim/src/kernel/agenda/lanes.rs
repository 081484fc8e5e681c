//! Time-outs of one length each: they fall due in the order in which they were entered, so a
//! linked list holds them and leaves no trace of a cancelled one. Knows no queue.

use super::Timer;
use super::timers::Stamp;
use seatrial_contract::units::Span;

/// No node.
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Node<E> {
    at: u64,
    order: u64,
    event: E,
    sooner: u32,
    later: u32,
    stamp: Stamp,
    lane: u32,
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
    nodes: Vec<Node<E>>,
    /// The free node on top, linked by `later`.
    free: u32,
}

impl<E: Copy> Lanes<E> {
    pub(super) const fn new() -> Self {
        Self { lanes: Vec::new(), nodes: Vec::new(), free: NONE }
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
        let node =
            Node { at, order, event, sooner, later: NONE, stamp: Stamp::FIRST, lane: lane_number };
        let number;
        let stamp;
        if let Some(place) = self.nodes.get_mut(self.free as usize) {
            number = self.free;
            stamp = place.stamp.begun();
            self.free = place.later;
            *place = Node { stamp, ..node };
        } else {
            number = Timer::number(self.nodes.len());
            stamp = Stamp::FIRST;
            self.nodes.push(node);
        }
        lane.last = number;
        if sooner == NONE {
            lane.first = number;
        } else {
            self.nodes[sooner as usize].later = number;
        }
        (number, stamp)
    }

    /// Ends a live use; false where it ended before.
    #[inline]
    pub(super) fn cancel(&mut self, number: u32, stamp: Stamp) -> bool {
        match self.nodes.get(number as usize) {
            Some(node) if node.stamp == stamp => {
                self.unlink(number);
                true
            }
            _ => false,
        }
    }

    /// Time and order of the lane's first entry.
    #[inline]
    pub(super) fn first(&self, lane: u32) -> Option<(u64, u64)> {
        let node = self.nodes.get(self.lanes[lane as usize].first as usize)?;
        Some((node.at, node.order))
    }

    /// Takes the first entry's event. There is one.
    #[inline]
    pub(super) fn fire(&mut self, lane: u32) -> E {
        let number = self.lanes[lane as usize].first;
        let event = self.nodes[number as usize].event;
        self.unlink(number);
        event
    }

    #[inline]
    fn unlink(&mut self, number: u32) {
        let node = &mut self.nodes[number as usize];
        let (sooner, later, lane) = (node.sooner, node.later, node.lane as usize);
        node.stamp = node.stamp.ended();
        if node.stamp.is_usable() {
            node.later = self.free;
            self.free = number;
        }
        match self.nodes.get_mut(sooner as usize) {
            Some(node) => node.later = later,
            None => self.lanes[lane].first = later,
        }
        match self.nodes.get_mut(later as usize) {
            Some(node) => node.sooner = sooner,
            None => self.lanes[lane].last = sooner,
        }
    }

    /// Nodes that there is room for.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.nodes.capacity()
    }
}
