//! Machines that a scrape does not reach: what was last seen of them grows old, and after a while they count as
//! lost. They are seen again with the next scrape that reaches them. Knows no policy.
//!
//! Replicas are told of by who runs them and not by their machines, as are sessions and who waits.

use seatrial_contract::units::{Moment, Ppm, Span};
use seatrial_contract::{Dice, NodeId, Purpose};
use seatrial_fleet::places::Stands;
use seatrial_fleet::{Fleet, Hosts, cuts};
use seatrial_format::scenario::Sensing as File;
use std::collections::BTreeMap;

const MISS: Purpose = Purpose::new("missed machine");

/// How machines are missed, and which are.
pub(crate) struct Missed {
    share: Ppm,
    lost_after: Span,
    /// Machines seen so far; one that is ordered is known before it can be missed.
    known: usize,
    /// When the last scrape was that has arrived.
    scraped_at: Moment,
    /// When those were last seen that the last scrape missed.
    seen_at: BTreeMap<NodeId, Moment>,
}

impl Missed {
    pub(crate) fn new(file: &File, starts: Moment) -> Self {
        let usual = Span(file.every.value.0.saturating_mul(3)).saturating_add(file.delay.value);
        Self {
            share: file.missed.value,
            lost_after: file.lost_after.as_ref().map_or(usual, |after| after.value),
            known: 0,
            scraped_at: starts,
            seen_at: BTreeMap::new(),
        }
    }

    /// Which machines this scrape misses. All that is seen of them is new to the next one that does not.
    pub(crate) fn draw<E: Hosts>(&mut self, fleet: &mut Fleet<E>, scrape: u64) -> Vec<NodeId> {
        let known = core::mem::replace(&mut self.known, fleet.nodes.len());
        // What sets the scene is all seen.
        if !fleet.schedule.has_begun {
            return Vec::new();
        }
        let mut missed = fleet.changed.down.clone();
        if !fleet.traffic.parted.is_empty() {
            let is_hidden = |id: &NodeId| {
                let lost = cuts::lost(fleet, Stands::Sensing, *id);
                fleet.nodes[id.index()].is_ready() && (lost.sent || lost.answers)
            };
            missed.extend((0..known).map(NodeId::at).filter(is_hidden));
        }
        if self.share > Ppm::ZERO {
            let ready = (0..known).map(NodeId::at).filter(|id| fleet.nodes[id.index()].is_ready());
            missed.extend(ready.filter(|id| self.misses(fleet.dice, *id, scrape)));
        }
        missed.sort_unstable();
        missed.dedup();
        missed.iter().for_each(|id| fleet.touch_machine(*id));
        missed
    }

    fn misses(&self, dice: Dice, id: NodeId, scrape: u64) -> bool {
        let mut stream = dice.turn(u64::from(id.0), MISS, scrape);
        stream.below(1_000_000) < u64::from(self.share.0)
    }

    /// A scrape has arrived that missed these.
    pub(crate) fn arrives(&mut self, missed: &[NodeId], at: Moment) {
        let before = core::mem::replace(&mut self.scraped_at, at);
        if missed.is_empty() {
            return self.seen_at.clear();
        }
        let seen_at = missed.iter().map(|id| (*id, *self.seen_at.get(id).unwrap_or(&before)));
        self.seen_at = seen_at.collect();
    }

    /// Those that were seen too long ago to be there.
    pub(crate) fn lost(&self, now: Moment, nodes: usize) -> Vec<NodeId> {
        let is_old = |seen_at: Moment| now.since(seen_at) > self.lost_after;
        if is_old(self.scraped_at) {
            return (0..nodes).map(NodeId::at).collect();
        }
        let old = self.seen_at.iter().filter(|(_, seen_at)| is_old(**seen_at));
        old.map(|(id, _)| *id).collect()
    }
}
