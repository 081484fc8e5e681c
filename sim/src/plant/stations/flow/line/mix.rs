//! All calls to a line taken together: how many come, how bunched, and how long each occupies a server.

use super::{Callers, Feed, Line};
use crate::plant::stations::flow::spread::Spread;
use seatrial_format::scenario::{Balance, Discipline};

/// All calls to a line, taken together.
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Mix {
    /// Calls a second.
    pub(in super::super) rate: f64,
    /// Seconds that a server is occupied.
    pub(in super::super) mean: f64,
    pub(in super::super) scv: f64,
    /// Customers a slot, above the servers and below.
    pub(in super::super) slot: f64,
    pub(in super::super) bunch: f64,
}

/// Gaps that are not exponential.
#[derive(Clone, Debug)]
pub(in super::super) struct Gaps {
    /// Of the calls, before any of them were answered by a cache.
    pub(in super::super) law: Spread,
    /// The share of them that come here.
    pub(in super::super) share: f64,
}

impl Line {
    /// All calls taken together.
    pub(super) fn mix(&self, feeds: &[Feed]) -> Mix {
        let mut mix = Mix { rate: 0.0, mean: 0.0, scv: 1.0, slot: 1.0, bunch: 1.0 };
        let (mut first, mut second, mut varied, mut bunched) = (0.0, 0.0, 0.0, 0.0);
        for (feed, offered) in feeds.iter().zip(&self.offered) {
            // Callers of whom nothing was seen yet: as if none were here.
            let closed = |of: Callers| if *offered > 0.0 { *offered } else { of.count * of.pace };
            let rate = feed.closed.map_or(feed.open, closed);
            let mean = feed.hold.mean();
            mix.rate += rate;
            first += rate * mean;
            second += rate * mean * mean * (1.0 + feed.hold.scv());
            let (variation, bunch) = match &feed.gaps {
                Some(gaps) => gaps.bunches(mean, self.replicas, self.balance),
                None if self.balance == Balance::InTurn && self.replicas > 1.0 => {
                    let law = Spread::exponential(1.0 / rate.max(1e-12));
                    Gaps { law, share: 1.0 }.bunches(mean, self.replicas, self.balance)
                }
                None => (1.0, 1.0),
            };
            varied += rate * variation;
            bunched += rate * bunch;
        }
        let any = feeds.first();
        if mix.rate <= 0.0 {
            mix.mean = any.map_or(1.0, |feed| feed.hold.mean()).max(1e-9);
            return mix;
        }
        mix.mean = (first / mix.rate).max(1e-9);
        mix.scv = (second / mix.rate / (mix.mean * mix.mean) - 1.0).max(0.0);
        let gaps = varied / mix.rate;
        mix.bunch = (bunched / mix.rate).clamp(0.1, self.servers.max(1.0));
        let load = mix.rate * mix.mean / (self.servers * self.replicas);
        let served = match self.discipline {
            // How many share does not depend on the law of what each needs.
            Discipline::Sharing => 1.0,
            _ => varied_service(mix.scv, self.servers, load),
        };
        mix.slot = (served + 0.5 * (gaps - 1.0)).max(0.05);
        mix
    }
}

impl Gaps {
    /// How varied the gaps are at one copy, and by how much more the number there would vary than of
    /// independent calls if there were servers for all (its peakedness): 1 ÷ (1 - φ(μ)) - λ ÷ μ, with
    /// the transform φ of the gaps.
    fn bunches(&self, served: f64, replicas: f64, balance: Balance) -> (f64, f64) {
        let mean = self.law.mean().max(1e-12);
        let transform = self.law.points().iter().map(|(gap, part)| part * libm::exp(-gap / served));
        let transform: f64 = transform.sum();
        let (part, varied, seen) = match balance {
            // Every so-manieth call.
            Balance::InTurn => {
                (1.0 / replicas, self.law.scv() / replicas, libm::pow(transform, replicas))
            }
            // Any call, by chance.
            Balance::Random | Balance::LeastOfTwo => {
                let part = self.share / replicas;
                let kept = part * transform / (1.0 - (1.0 - part) * transform);
                (part, 1.0 + (self.law.scv() - 1.0) * part, kept)
            }
        };
        let peak = 1.0 / (1.0 - seen).max(1e-9) - part * served / mean;
        (varied, peak.max(0.1))
    }
}

/// By how much lines are longer than with exponential service: (1 + scv) ÷ 2 for one server and for
/// a full load (Kimura 1986, with Cosmetatos' line for fixed service of 1976).
fn varied_service(scv: f64, servers: f64, load: f64) -> f64 {
    let idle = (1.0 - load).max(0.0);
    let root = (4.0 + 5.0 * servers).sqrt() - 2.0;
    // Made for loads that matter; at none there is no line.
    let fixed =
        0.5 + 0.5 * (idle * (servers - 1.0) * root / (16.0 * load.max(0.2) * servers)).min(1.0);
    let varied = 2.0 * scv * fixed + 1.0 - scv;
    if varied > 0.1 { (1.0 + scv) * fixed / varied } else { 0.5 * (1.0 + scv) }
}
