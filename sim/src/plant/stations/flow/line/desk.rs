//! One copy of a service as rates: how many come and leave where so many are there.

use super::mix::Mix;
use super::{Feed, Line};
use crate::plant::stations::flow::chain::Rates;
use crate::plant::stations::flow::patience::Patience;
use seatrial_format::scenario::{Balance, Discipline};

/// One copy's rates.
pub(super) struct Desk {
    open: f64,
    pub(super) closed: Vec<Pressing>,
    /// For the lesser of two: the share of copies that have at least so many.
    two: Option<Vec<(f64, f64)>>,
    servers: f64,
    pub(super) most: f64,
    pace: f64,
    slot: f64,
    pub(super) patience: Option<Patience>,
}

/// Callers who wait for an answer, those of one copy.
pub(super) struct Pressing {
    count: f64,
    pace: f64,
    /// Of those here, the share that is theirs.
    share: f64,
}

impl Pressing {
    pub(super) fn calls(&self, present: f64) -> f64 {
        (self.count - present * self.share).max(0.0) * self.pace
    }
}

impl Desk {
    /// Calls a second that come to a copy where so many are.
    pub(super) fn offers(&self, present: f64) -> f64 {
        let open = match &self.two {
            None => self.open,
            Some(above) => {
                let at_least = |present: f64| {
                    let at = above.partition_point(|(point, _)| *point < present - 1e-9);
                    above.get(at).map_or(0.0, |(_, share)| *share)
                };
                self.open * (at_least(present) + at_least(present + 1.0))
            }
        };
        open + self.closed.iter().map(|of| of.calls(present)).sum::<f64>()
    }
}

impl Rates for Desk {
    fn births(&self, present: f64) -> f64 {
        if present > self.most - 0.5 * self.slot.min(1.0) {
            return 0.0;
        }
        let line = present - self.servers;
        let accepted = match &self.patience {
            Some(patience) if line > -1e-9 => patience.accepts(line / self.slot),
            _ => 1.0,
        };
        self.offers(present) * accepted
    }

    fn deaths(&self, present: f64) -> f64 {
        let line = (present - self.servers).max(0.0);
        let leave = self.patience.as_ref().map_or(0.0, |patience| patience.leave(line));
        present.min(self.servers) * self.pace + leave
    }
}

impl Line {
    /// One copy, as it is when a step begins.
    pub(super) fn desk(&self, feeds: &[Feed], mix: &Mix) -> Desk {
        let whole: f64 = self.offered.iter().sum();
        let count = feeds.iter().filter(|feed| feed.closed.is_some()).count();
        let closed = feeds.iter().zip(&self.offered).filter_map(|(feed, offered)| {
            let callers = feed.closed?;
            let alone = feeds.len() == 1;
            let share = if alone {
                1.0
            } else if whole > 0.0 {
                offered / whole
            } else {
                1.0 / count.max(1) as f64
            };
            Some(Pressing { count: callers.count / self.replicas, pace: callers.pace, share })
        });
        let (points, mass) = self.chain.now();
        let two = (self.balance == Balance::LeastOfTwo && self.replicas > 1.0).then(|| {
            let mut above = 1.0;
            let from = |(point, mass): (&f64, &f64)| {
                let here = above;
                above = (above - mass).max(0.0);
                (*point, here)
            };
            points.iter().zip(mass).map(from).collect()
        });
        Desk {
            open: feeds
                .iter()
                .filter(|feed| feed.closed.is_none())
                .map(|feed| feed.open)
                .sum::<f64>()
                / self.replicas,
            closed: closed.collect(),
            two,
            servers: self.servers,
            most: self.chain.most(),
            pace: 1.0 / mix.mean,
            slot: self.chain.slot(),
            patience: match self.discipline {
                Discipline::Sharing => None,
                _ => self.patience.clone(),
            },
        }
    }
}
