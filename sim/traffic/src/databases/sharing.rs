//! Active queries: all at once, each with its share of what so many connections get done together.
//!
//! As with shared servers, what is given to each is the same for all, so it is kept once; here the
//! common speed is a curve over how many there are.

use super::super::contention::Contention;
use super::super::ids::AttemptId;
use seatrial_contract::units::{Moment, Span};
use std::cell::OnceCell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Parts of a nanosecond, as a power of two.
const FINENESS: u32 = 20;
/// Parts of the speed of one that is alone, as a power of two.
const SPEED: u32 = 20;

/// Who is served, the next to leave first.
#[derive(Debug)]
pub(super) struct Active {
    contention: Contention,
    /// What each is given of the speed of one that is alone, by how many there are.
    shares: Vec<u64>,
    /// What all get done together, by how many they are, in millionths of one that is alone.
    speeds: Vec<u64>,
    given: u128,
    until: Moment,
    entered: u64,
    present: BinaryHeap<Reverse<(u128, u64, ErrandNumber)>>,
    /// The most that any number gets done together, once somebody has asked for it.
    best: OnceCell<u64>,
}

/// Ordered only so that it may stand in a tuple: no two have entered as the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ErrandNumber(AttemptId);

impl Ord for ErrandNumber {
    fn cmp(&self, _: &Self) -> core::cmp::Ordering {
        core::cmp::Ordering::Equal
    }
}

impl PartialOrd for ErrandNumber {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Active {
    pub(super) fn new(contention: Contention, now: Moment) -> Self {
        Self {
            contention,
            shares: vec![1 << SPEED],
            speeds: Vec::new(),
            given: 0,
            until: now,
            entered: 0,
            present: BinaryHeap::new(),
            best: OnceCell::new(),
        }
    }

    pub(super) fn count(&self) -> usize {
        self.present.len()
    }

    /// A query begins that takes so long alone.
    pub(super) fn enter(&mut self, id: AttemptId, takes: Span, now: Moment) {
        self.settle(now);
        let due = self.given + (u128::from(takes.0) << FINENESS);
        self.present.push(Reverse((due, self.entered, ErrandNumber(id))));
        self.entered += 1;
    }

    /// The next one is done.
    pub(super) fn leave(&mut self, now: Moment) -> Option<AttemptId> {
        self.settle(now);
        let Reverse((due, _, ErrandNumber(id))) = self.present.pop()?;
        // Time is whole nanoseconds; what was given beyond the last one's due goes to nobody.
        self.given = self.given.max(due);
        Some(id)
    }

    /// How long until the next one is done, as many as there are now.
    pub(super) fn next(&mut self) -> Option<Span> {
        let due = self.present.peek()?.0.0;
        let work = due.saturating_sub(self.given);
        let share = u128::from(self.share());
        let nanos = (work << SPEED).div_ceil(share << FINENESS);
        Some(Span(u64::try_from(nanos).unwrap_or(u64::MAX)))
    }

    /// All are cut off.
    pub(super) fn clear(&mut self, now: Moment) {
        self.settle(now);
        self.present.clear();
    }

    fn settle(&mut self, now: Moment) {
        let elapsed = u128::from(now.since(self.until).0);
        self.until = now;
        if elapsed > 0 && !self.present.is_empty() {
            self.given += ((elapsed << FINENESS) * u128::from(self.share())) >> SPEED;
        }
    }

    /// What each is given now.
    fn share(&mut self) -> u64 {
        let count = self.present.len();
        while self.shares.len() < count {
            let count = u32::try_from(self.shares.len() + 1).unwrap_or(u32::MAX);
            let each = self.contention.speed(count) / f64::from(count);
            self.shares.push(parts(each));
        }
        self.shares[count.saturating_sub(1)]
    }

    /// What all get done together, of the speed of one that is alone, in millionths.
    pub(super) fn speed(&mut self) -> u64 {
        let count = self.present.len();
        while self.speeds.len() <= count {
            let count = u32::try_from(self.speeds.len()).unwrap_or(u32::MAX);
            self.speeds.push(millionths(self.contention.speed(count)));
        }
        self.speeds[count]
    }
}

impl Active {
    /// The most that any number gets done together, in millionths of one that is alone.
    pub(super) fn best(&self) -> u128 {
        let work_out = || {
            let speeds = (1..=4_096).map(|count| self.contention.speed(count));
            millionths(speeds.fold(1.0, f64::max))
        };
        u128::from(*self.best.get_or_init(work_out))
    }
}

/// One at the least, so that everybody is done one day.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, saturates")]
fn parts(share: f64) -> u64 {
    ((share * f64::from(1_u32 << SPEED) + 0.5) as u64).max(1)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, saturates")]
fn millionths(speed: f64) -> u64 {
    (speed * 1e6 + 0.5) as u64
}
