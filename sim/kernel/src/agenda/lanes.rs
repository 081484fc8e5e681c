//! Time-outs of one length each: they fall due in the order in which they were entered, so a lane
//! is a list of blocks that fill from front to back, and one bit a time-out says whether it is
//! still wanted. Knows no queue.

use super::Timer;
use super::timers::Stamp;
use seatrial_contract::units::Span;

/// No block.
const NONE: u32 = u32::MAX;

/// Time-outs a block. A cancelled one takes its 20 bytes until its block is empty, so more would
/// keep more rubbish; fewer would touch more links.
const BLOCK: usize = 16;

/// All that cancelling looks at, so that it stays in the first caches: the links between nodes of
/// single time-outs, which it touched before, missed them at each cancellation.
#[derive(Clone, Copy, Debug)]
struct Use {
    /// Of the block: it is used anew when all its time-outs are gone.
    stamp: Stamp,
    /// One bit a time-out that is to come; never none while the block is in its lane.
    live: u32,
}

/// A block's place in its lane.
#[derive(Clone, Copy, Debug)]
struct Link {
    /// Of the first time-out.
    order: u64,
    sooner: u32,
    later: u32,
    lane: u32,
}

/// One time-out: 20 bytes where `E` takes eight.
#[derive(Clone, Copy, Debug)]
struct Body<E> {
    /// Upper and lower half, so that 32 bits suffice to align the whole.
    at: [u32; 2],
    /// Counted from the block's.
    order: u32,
    event: E,
}

/// One first-in-first-out queue.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) length: Span,
    pub(super) class: u8,
    /// Whether an entry of the queue stands for this lane, at its first time-out's time or sooner.
    pub(super) is_queued: bool,
    /// Places used of the last block; all of them where there is none. A whole word, because a
    /// byte written beside `class` makes reading that wait for all writes before (a tenth of W3).
    filled: u32,
    first: u32,
    last: u32,
    /// Of the last block's first time-out.
    order: u64,
}

/// All lanes; their blocks share one pool.
#[derive(Debug)]
pub(super) struct Lanes<E> {
    lanes: Vec<Lane>,
    uses: Vec<Use>,
    links: Vec<Link>,
    /// Block `b` has those from `b * BLOCK`.
    bodies: Vec<Body<E>>,
    /// The free block on top, linked by `later`.
    free: u32,
}

impl<E: Copy> Lanes<E> {
    pub(super) const fn new() -> Self {
        Self {
            lanes: Vec::new(),
            uses: Vec::new(),
            links: Vec::new(),
            bodies: Vec::new(),
            free: NONE,
        }
    }

    /// Adds a lane.
    pub(super) fn open(&mut self, length: Span, class: u8) -> u32 {
        let lane = Timer::number(self.lanes.len());
        self.lanes.push(Lane {
            length,
            class,
            is_queued: false,
            filled: BLOCK as u32,
            first: NONE,
            last: NONE,
            order: 0,
        });
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
        let at_halves = [(at >> 32) as u32, at as u32];
        let place = lane.filled as usize;
        // A lane has one class, so that orders differ by sequence alone.
        let Ok(order_in_block) = u32::try_from(order - lane.order) else {
            return self.enter_new_block(lane_number, order, at_halves, event);
        };
        if place == BLOCK {
            return self.enter_new_block(lane_number, order, at_halves, event);
        }
        lane.filled += 1;
        let block = lane.last as usize;
        let number = block * BLOCK + place;
        self.bodies[number] = Body { at: at_halves, order: order_in_block, event };
        let in_use = &mut self.uses[block];
        in_use.live |= 1 << place;
        (number as u32, in_use.stamp)
    }

    #[inline(never)]
    fn enter_new_block(
        &mut self,
        lane_number: u32,
        order: u64,
        at: [u32; 2],
        event: E,
    ) -> (u32, Stamp) {
        let lane = &mut self.lanes[lane_number as usize];
        let link = Link { order, sooner: lane.last, later: NONE, lane: lane_number };
        let body = Body { at, order: 0, event };
        let block;
        if let Some(free) = self.links.get_mut(self.free as usize) {
            block = self.free;
            self.free = free.later;
            *free = link;
            let in_use = &mut self.uses[block as usize];
            *in_use = Use { stamp: in_use.stamp.begun(), live: 1 };
            self.bodies[block as usize * BLOCK] = body;
        } else {
            block = Timer::number(self.bodies.len() + BLOCK) / BLOCK as u32 - 1;
            self.uses.push(Use { stamp: Stamp::FIRST, live: 1 });
            self.links.push(link);
            self.bodies.extend([body; BLOCK]);
        }
        match self.links.get_mut(lane.last as usize) {
            Some(sooner) => sooner.later = block,
            None => lane.first = block,
        }
        lane.last = block;
        lane.filled = 1;
        lane.order = order;
        (block * BLOCK as u32, self.uses[block as usize].stamp)
    }

    /// Ends a live use; false where it ended before.
    #[inline]
    pub(super) fn cancel(&mut self, number: u32, stamp: Stamp) -> bool {
        let block = number / BLOCK as u32;
        let bit = 1 << (number % BLOCK as u32);
        match self.uses.get_mut(block as usize) {
            Some(in_use) if in_use.stamp == stamp && in_use.live & bit != 0 => {
                in_use.live &= !bit;
                if in_use.live == 0 {
                    self.release(block);
                }
                true
            }
            _ => false,
        }
    }

    /// Time and order of the lane's first time-out.
    #[inline]
    pub(super) fn first(&self, lane: u32) -> Option<(u64, u64)> {
        let block = self.lanes[lane as usize].first as usize;
        let in_use = self.uses.get(block)?;
        let body = &self.bodies[block * BLOCK + in_use.live.trailing_zeros() as usize];
        let at = u64::from(body.at[0]) << 32 | u64::from(body.at[1]);
        Some((at, self.links[block].order + u64::from(body.order)))
    }

    /// Takes the first time-out's event. There is one.
    #[inline]
    pub(super) fn fire(&mut self, lane: u32) -> E {
        let block = self.lanes[lane as usize].first;
        let in_use = &mut self.uses[block as usize];
        let event =
            self.bodies[block as usize * BLOCK + in_use.live.trailing_zeros() as usize].event;
        in_use.live &= in_use.live - 1;
        if in_use.live == 0 {
            self.release(block);
        }
        event
    }

    /// Takes a block out of its lane when all its time-outs are gone.
    #[inline(never)]
    fn release(&mut self, block: u32) {
        let link = &mut self.links[block as usize];
        let Link { sooner, later, lane, .. } = *link;
        let in_use = &mut self.uses[block as usize];
        in_use.stamp = in_use.stamp.ended();
        if in_use.stamp.is_usable() {
            link.later = self.free;
            self.free = block;
        }
        let lane = &mut self.lanes[lane as usize];
        match self.links.get_mut(sooner as usize) {
            Some(sooner) => sooner.later = later,
            None => lane.first = later,
        }
        match self.links.get_mut(later as usize) {
            Some(later) => later.sooner = sooner,
            None => {
                lane.last = sooner;
                lane.filled = BLOCK as u32;
            }
        }
    }

    /// Time-outs that there is room for.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.bodies.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, Lanes, NONE, Span, Stamp};

    #[test]
    fn cancelled_time_outs_leave_less_than_a_block_for_each_live_one() {
        let mut lanes = Lanes::new();
        let lane = lanes.open(Span(1), 0);
        for round in 0..1_000 {
            let entered = [0; BLOCK].map(|event| lanes.enter(lane, round, round, event));
            for (number, stamp) in &entered[1..] {
                assert!(lanes.cancel(*number, *stamp));
            }
            let live = round as usize + 1;
            assert_eq!(lanes.bodies.len(), live * BLOCK);
        }
        for round in 0..1_000 {
            assert_eq!(lanes.first(lane), Some((round, round)));
            lanes.fire(lane);
        }
        assert_eq!(lanes.first(lane), None);
    }

    #[test]
    fn a_pause_of_more_events_than_a_block_can_count_opens_another() {
        let mut lanes = Lanes::new();
        let lane = lanes.open(Span(1), 0);
        let orders = [1, 2, 1 << 33, u64::MAX];
        for order in orders {
            lanes.enter(lane, order, order, 'a');
        }
        for order in orders {
            assert_eq!(lanes.first(lane), Some((order, order)));
            lanes.fire(lane);
        }
    }

    #[test]
    fn a_block_whose_stamps_are_spent_is_never_used_again() {
        let mut lanes = Lanes::new();
        let lane = lanes.open(Span(1), 0);
        let (number, _) = lanes.enter(lane, 1, 1, 'a');
        let last_stamp = Stamp::LAST;
        lanes.uses[0].stamp = last_stamp;
        assert!(lanes.cancel(number, last_stamp));
        assert_eq!(lanes.free, NONE);
        assert_ne!(lanes.enter(lane, 2, 2, 'b').0, number);
        assert!(!lanes.cancel(number, last_stamp));
    }
}
