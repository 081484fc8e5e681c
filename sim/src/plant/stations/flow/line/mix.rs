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
    /// By how much more often those who come find all servers busy than somebody who looks at any moment.
    pub(in super::super) met: f64,
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
        let mut mix = Mix { rate: 0.0, mean: 0.0, scv: 1.0, slot: 1.0, bunch: 1.0, met: 1.0 };
        let (mut first, mut second, mut bunched) = (0.0, 0.0, 0.0);
        let (mut slots, mut met) = (0.0, 0.0);
        for (feed, offered) in feeds.iter().zip(&self.offered) {
            // Callers of whom nothing was seen yet: as if none were here.
            let closed = |of: Callers| if *offered > 0.0 { *offered } else { of.count * of.pace };
            let rate = feed.closed.map_or(feed.open, closed);
            let mean = feed.hold.mean();
            mix.rate += rate;
            first += rate * mean;
            second += rate * mean * mean * (1.0 + feed.hold.scv());
            let found = match &feed.gaps {
                Some(gaps) => gaps.bunches(mean, (self.servers, self.replicas), self.balance),
                None if self.balance == Balance::InTurn && self.replicas > 1.0 => {
                    let law = Spread::exponential(1.0 / rate.max(1e-12));
                    let gaps = Gaps { law, share: 1.0 };
                    gaps.bunches(mean, (self.servers, self.replicas), self.balance)
                }
                None => Bunched { slot: 1.0, bunch: 1.0, met: 1.0 },
            };
            slots += rate * found.slot;
            bunched += rate * found.bunch;
            met += rate * found.met;
        }
        let any = feeds.first();
        if mix.rate <= 0.0 {
            mix.mean = any.map_or(1.0, |feed| feed.hold.mean()).max(1e-9);
            return mix;
        }
        mix.mean = (first / mix.rate).max(1e-9);
        mix.scv = (second / mix.rate / (mix.mean * mix.mean) - 1.0).max(0.0);
        mix.met = met / mix.rate;
        mix.bunch = (bunched / mix.rate).clamp(0.1, self.servers.max(1.0));
        let load = mix.rate * mix.mean / (self.servers * self.replicas);
        let served = match self.discipline {
            // How many share does not depend on the law of what each needs.
            Discipline::Sharing => 1.0,
            _ => varied_service(mix.scv, self.servers, load),
        };
        mix.slot = (served + slots / mix.rate - 1.0).max(0.05);
        mix
    }
}

/// What gaps that are not exponential do to one copy.
struct Bunched {
    /// Customers a slot, of exponential service, above the servers and below.
    slot: f64,
    bunch: f64,
    met: f64,
}

impl Gaps {
    /// What they do to a copy whose calls each take so long.
    ///
    /// Below the servers: by how much more the number there would vary than of independent calls if there
    /// were servers for all (its peakedness), 1 ÷ (1 - φ(μ)) - λ ÷ μ, with the transform φ of the gaps.
    /// Above them, whoever comes finds one more with the chance σ = φ(cμ (1 - σ)), and somebody who looks at
    /// any moment finds all busy ρ ÷ σ times as often as they do who come (Takács 1962, for exponential
    /// service): the line of a chain of slots is as long as that where a slot is of σ (1 - ρ) ÷ (ρ (1 - σ)).
    fn bunches(&self, served: f64, (servers, replicas): (f64, f64), balance: Balance) -> Bunched {
        let mean = self.law.mean().max(1e-12);
        let part = match balance {
            // Every so-manieth call.
            Balance::InTurn => 1.0 / replicas,
            // Any call, by chance.
            Balance::Random | Balance::LeastOfTwo => self.share / replicas,
        };
        let transform = |pace: f64| {
            let points = self.law.points().iter();
            let all: f64 = points.map(|(gap, part)| part * libm::exp(-gap * pace)).sum();
            match balance {
                Balance::InTurn => libm::pow(all, replicas),
                Balance::Random | Balance::LeastOfTwo => part * all / (1.0 - (1.0 - part) * all),
            }
        };
        let varied = match balance {
            Balance::InTurn => self.law.scv() / replicas,
            Balance::Random | Balance::LeastOfTwo => 1.0 + (self.law.scv() - 1.0) * part,
        };
        let peak = 1.0 / (1.0 - transform(1.0 / served)).max(1e-9) - part * served / mean;
        let load = part * served / (mean * servers);
        let full = Bunched { slot: 0.5 * (1.0 + varied), bunch: peak.max(0.1), met: 1.0 };
        if load >= FULL || load <= 0.0 {
            return full;
        }
        let mut again = load;
        for _ in 0..ROUNDS {
            again = transform(servers / served * (1.0 - again));
        }
        let slot = again * (1.0 - load) / (load * (1.0 - again)).max(1e-12);
        Bunched { slot: slot.max(0.05), met: (again / load).clamp(0.05, 1.0 / load), ..full }
    }
}

/// Beyond this load the chance to find one more is one, and a line is that of heavy traffic.
const FULL: f64 = 0.98;
/// The equation for it is solved by so many rounds.
const ROUNDS: usize = 60;

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
