//! Lines in which the urgent go first: for each level, a chain of those who are at least so urgent.
//! They do not feel the others, but for the one who is being served where nobody is interrupted
//! (Cobham 1954). Knows no clock.

use super::chain::{Chain, Rates};
use super::line::{Feed, Mix, Tools};
use super::spread::Spread;
use seatrial_format::scenario::Discipline;

/// The levels of a line.
pub(super) struct Urgency {
    interrupts: bool,
    servers: f64,
    /// By level: those at least so urgent. Of those who wait, or, where others are interrupted, of
    /// those there.
    upto: Vec<Upto>,
    /// The share of time in which all servers are busy.
    all_busy: f64,
}

/// Those at least so urgent.
struct Upto {
    chain: Chain,
    /// The load of those more urgent.
    above: f64,
    /// Seconds until a slot is served, if none more urgent came.
    phase: f64,
    /// Seconds until the first who is being served is done.
    rest: f64,
    /// Of time in which nobody of them waits: the share in which they would have to.
    gate: f64,
    /// How much longer one is served, because of interruptions.
    stretch: f64,
}

/// Chains of one level.
struct Level {
    births: f64,
    /// Of time in which nobody of them waits: the share in which they would have to.
    gate: f64,
    servers: f64,
    pace: f64,
}

impl Rates for Level {
    fn births(&self, present: f64) -> f64 {
        if present > 1e-9 { self.births } else { self.births * self.gate }
    }
    fn deaths(&self, present: f64) -> f64 {
        if self.gate < 1.0 && present > 1e-9 {
            return self.servers * self.pace;
        }
        present.min(self.servers) * self.pace
    }
}

impl Urgency {
    pub(super) fn new(discipline: Discipline, levels: usize, servers: f64) -> Self {
        let interrupts = discipline == Discipline::Preemptive;
        let kink = if interrupts { servers } else { 0.0 };
        let upto = (0..levels).map(|_| Upto {
            chain: Chain::new(kink, f64::INFINITY),
            above: 0.0,
            phase: 1.0,
            rest: 1.0,
            gate: 0.0,
            stretch: 1.0,
        });
        Self { interrupts, servers, upto: upto.collect(), all_busy: 0.0 }
    }

    pub(super) fn advance(
        &mut self,
        seconds: f64,
        feeds: &[Feed],
        mix: &Mix,
        replicas: f64,
        all: &Chain,
    ) -> f64 {
        let busy = all.during().filter(|(present, _)| *present >= self.servers - 1e-9);
        self.all_busy = busy.map(|(_, mass)| mass).sum::<f64>().clamp(0.0, 1.0);
        let (mut factor, mut above, mut there) = (2.0_f64, 0.0, 0.0);
        for (level, upto) in self.upto.iter_mut().enumerate() {
            let (mut rate, mut first, mut second, mut own) = (0.0, 0.0, 0.0, 0.0);
            for feed in feeds.iter().filter(|feed| usize::from(feed.level) <= level) {
                let mean = feed.hold.mean();
                rate += feed.open / replicas;
                first += feed.open / replicas * mean;
                second += feed.open / replicas * mean * mean * (1.0 + feed.hold.scv());
                if usize::from(feed.level) == level {
                    own += feed.open / replicas;
                }
            }
            let mean = if rate > 0.0 { first / rate } else { mix.mean };
            let slot = if rate > 0.0 { 0.5 * second / rate / (mean * mean) } else { 1.0 };
            // One who comes waits half of E[S²] ÷ E[S] for the one being served to be done.
            upto.rest = 0.5 * (1.0 + mix.scv) * mix.mean / self.servers;
            upto.phase = mean / self.servers;
            upto.above = above;
            let held = 1.0 - upto.chain.now().1[0].clamp(0.0, 1.0);
            let gate = ((self.all_busy - held) / (1.0 - held).max(1e-9)).clamp(0.0, 0.999_999);
            // A step towards it that neither overshoots nor takes long.
            let load = (first / self.servers).min(0.999);
            let pull = 1.0 / (1.0 + (1.0 - self.all_busy) * load / (1.0 - load));
            upto.gate += (gate - upto.gate) * pull;
            let gate = upto.gate;
            let level = Level {
                births: rate,
                gate: if self.interrupts { 1.0 } else { gate },
                servers: self.servers,
                pace: 1.0 / mean,
            };
            factor = factor.min(upto.chain.advance(seconds, slot, &level));
            upto.phase *= upto.chain.slot();
            if self.interrupts {
                let (present, before) = (upto.chain.mean(), there);
                there = present;
                // By Little, once it is steady.
                let line: f64 = upto
                    .chain
                    .during()
                    .map(|(present, mass)| {
                        let ahead = (present - self.servers + 1.0).max(0.0);
                        mass * ahead * upto.phase / (1.0 - above).max(0.01)
                    })
                    .sum();
                let whole = (present - before) / own.max(1e-12);
                upto.stretch = ((whole - line) / mean).clamp(1.0, 1.0 / (1.0 - above).max(0.01));
            }
            above = first / self.servers;
        }
        factor
    }

    /// The wait and the whole time of a source's calls.
    pub(super) fn pass(&self, feed: &Feed, tools: &mut Tools) -> (Spread, Spread) {
        let upto = &self.upto[usize::from(feed.level).min(self.upto.len() - 1)];
        // While one waits, those more urgent come too, and go first: a busy period for each phase.
        let open = (1.0 - upto.above).max(1e-6);
        let varied = (1.0 + upto.above) / open;
        tools.bins.clear();
        let slot = upto.chain.slot();
        for (present, mass) in upto.chain.during() {
            let mass = mass.max(0.0);
            if self.interrupts {
                if present < self.servers - 1e-9 {
                    tools.bins.add(0.0, mass);
                    continue;
                }
                let ahead = (present - self.servers) / slot + 1.0;
                let mean = ahead * upto.phase / open;
                tools.looks.add_gamma(mean, varied / ahead, mass, &mut tools.bins);
                continue;
            }
            let ahead = present / slot;
            let mean = (upto.rest + ahead * upto.phase) / open;
            if ahead < 1e-9 {
                let none = (mass - (1.0 - self.all_busy)).max(0.0);
                tools.bins.add(0.0, mass - none);
                tools.looks.add_gamma(mean, varied, none, &mut tools.bins);
            } else {
                tools.looks.add_gamma(mean, varied / (ahead + 1.0), mass, &mut tools.bins);
            }
        }
        let wait = tools.bins.take_spread();
        if !self.interrupts || upto.stretch <= 1.0 {
            let sojourn = wait.and(&feed.hold, &mut tools.bins);
            return (wait, sojourn);
        }
        let sojourn = wait.and(&feed.hold.times(upto.stretch), &mut tools.bins);
        let wait = wait.and(&feed.hold.times(upto.stretch - 1.0), &mut tools.bins);
        (wait, sojourn)
    }
}
