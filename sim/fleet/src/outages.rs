//! How many machines of a pool are down, over time, and how many are up of those that it needs; and how losses
//! of machines come in bursts. Draws nothing.

use crate::places::RackId;
use seatrial_contract::NodeId;
use seatrial_contract::units::{Moment, Span};
use seatrial_kernel::statistics::TimeWeighted;

/// Machines of one pool that are down.
#[derive(Clone, Debug)]
pub struct PoolOutages {
    down: TimeWeighted,
    /// One while none is down.
    none: TimeWeighted,
    needs: u64,
    /// One while as many are up as are needed.
    enough: TimeWeighted,
    /// Times that as many were up, and then were not.
    shortages: u64,
}

impl PoolOutages {
    /// Of a pool that needs so many.
    pub(crate) fn new(now: Moment, needs: u32) -> Self {
        Self {
            down: TimeWeighted::new(now, 0),
            none: TimeWeighted::new(now, 1),
            needs: u64::from(needs),
            enough: TimeWeighted::new(now, u64::from(needs == 0)),
            shortages: 0,
        }
    }

    /// More are down, or fewer.
    pub(crate) fn count(&mut self, now: Moment, change: i64) {
        self.down.add(now, change);
        self.none.set(now, u64::from(self.down.value() == 0));
    }

    /// So many are up.
    pub(crate) fn up(&mut self, now: Moment, up: u64) {
        let enough = u64::from(up >= self.needs);
        self.shortages += u64::from(self.enough.value() > enough);
        self.enough.set(now, enough);
    }

    /// Times that as many were up as are needed, and then were not.
    pub(crate) fn shortages(&self) -> u64 {
        self.shortages
    }

    /// Forgets the warm-up; what is down is.
    pub(crate) fn reset(&mut self, now: Moment) {
        self.shortages = 0;
        [&mut self.down, &mut self.none, &mut self.enough].into_iter().for_each(|of| of.reset(now));
    }

    /// Machines that are down.
    pub(crate) fn level(&mut self) -> &mut TimeWeighted {
        &mut self.down
    }

    /// Machines that were down × nanoseconds, and the most at once.
    pub(crate) fn down(&self, now: Moment) -> (u128, u64) {
        (self.down.integral(now), self.down.maximum())
    }

    /// Nanoseconds in which none was down, and in which enough were up.
    pub(crate) fn all_and_enough(&self, now: Moment) -> (u128, u128) {
        (self.none.integral(now), self.enough.integral(now))
    }
}

/// Losses of machines that come shortly after one another.
#[derive(Clone, Debug, Default)]
pub struct Bursts {
    last: Moment,
    /// The machines of the burst that may still go on, and their racks.
    going: Vec<(NodeId, Option<RackId>)>,
    /// Losses in bursts of more than one, and of those the ones that share their rack with another.
    pub(crate) losses: u64,
    pub(crate) share_a_rack: u64,
}

/// A burst goes on as long as one loss follows another within this time (Ford et al., OSDI 2010).
const WITHIN: Span = Span::minutes(2);

impl Bursts {
    /// A machine is lost.
    pub(crate) fn lost(&mut self, id: NodeId, rack: Option<RackId>, now: Moment) {
        if now.since(self.last) > WITHIN {
            self.close();
        }
        self.last = now;
        self.going.push((id, rack));
    }

    /// What is counted, with the burst that goes on.
    pub(crate) fn counted(&self) -> (u64, u64) {
        let mut all = self.clone();
        all.close();
        (all.losses, all.share_a_rack)
    }

    fn close(&mut self) {
        let going = core::mem::take(&mut self.going);
        if going.len() < 2 {
            return;
        }
        self.losses += going.len() as u64;
        let mut racks: Vec<RackId> = going.iter().filter_map(|of| of.1).collect();
        racks.sort_unstable();
        let together = racks.chunk_by(|one, other| one == other).filter(|of| of.len() > 1);
        self.share_a_rack += together.map(|of| of.len() as u64).sum::<u64>();
    }
}
