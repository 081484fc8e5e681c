//! A service as a chain: one of its copies stands for all. Who is refused, who gives up, who is
//! served, and after which wait. Knows no clock and no statistics.

mod desk;
mod mix;

pub(super) use mix::{Gaps, Mix};

use super::bins::Bins;
use super::chain::Chain;
use super::patience::Patience;
use super::shared::Shared;
use super::spread::{Looks, Spread};
use super::steps::QUIET;
use super::urgency::Urgency;
use crate::kernel::chance::Law;
use desk::Desk;
use seatrial_contract::units::Span;
use seatrial_format::scenario::{Balance, Discipline, Service as ServiceFile};

/// What comes to a line from one source, in the step that begins.
#[derive(Clone, Debug)]
pub(super) struct Feed {
    /// Calls a second, of those who do not wait for an answer.
    pub(super) open: f64,
    /// Callers who do, as if all of them were calling or here.
    pub(super) closed: Option<Callers>,
    /// The gaps between them, where they are not independent.
    pub(super) gaps: Option<Gaps>,
    /// The smaller, the more urgent.
    pub(super) level: u8,
    /// How long a server is occupied by one call.
    pub(super) hold: Spread,
    /// Seconds after which a call leaves the line whose caller is gone.
    pub(super) gives_up: Option<f64>,
}

/// Callers who wait for an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Callers {
    pub(super) count: f64,
    /// Calls a second of each while it is not here.
    pub(super) pace: f64,
}

/// What became of one source's calls in a step.
#[derive(Clone, Debug)]
pub(super) struct Passage {
    /// Calls a second.
    pub(super) offered: f64,
    /// Shares of them; the rest are served.
    pub(super) refused: f64,
    pub(super) abandoned: f64,
    /// They abandoned because their callers were gone.
    pub(super) timed_out: bool,
    /// Servers are shared: a wait is no time before the service.
    pub(super) is_shared: bool,
    /// Of those let in, the share that waits at all.
    pub(super) delayed: f64,
    /// Of those served where servers are shared: sojourn over demand.
    pub(super) slowed: f64,
    /// Of those served.
    pub(super) wait: Spread,
    pub(super) sojourn: Spread,
}

/// A service.
pub(super) struct Line {
    pub(super) servers: f64,
    pub(super) replicas: f64,
    discipline: Discipline,
    balance: Balance,
    chain: Chain,
    patience: Option<Patience>,
    /// It has patience of its own, whatever callers have.
    is_impatient: bool,
    urgency: Option<Urgency>,
    /// What each source sent in the last step, a second.
    offered: Vec<f64>,
    pub(super) passages: Vec<Passage>,
    /// They are others than in the step before.
    pub(super) is_fresh: bool,
    /// For what the passages were found: calls, seconds of each source's, and the wait.
    known: [f64; 3],
    /// All copies together, on the mean of the last step.
    pub(super) busy: f64,
    pub(super) waiting: f64,
}

/// What changes less than this is found as before.
const NEARLY: f64 = 0.002;

impl Line {
    pub(super) fn new(file: &ServiceFile, patience: Option<&Law>, levels: usize) -> Self {
        let servers = f64::from(file.concurrency.get());
        let most = file.waiting_room.map_or(f64::INFINITY, |room| servers + f64::from(room));
        let is_urgent = matches!(file.discipline, Discipline::Preemptive | Discipline::Priority);
        Self {
            servers,
            replicas: f64::from(file.replicas.get()),
            discipline: file.discipline,
            balance: file.balance,
            chain: Chain::new(servers, most),
            patience: patience.map(Patience::new),
            is_impatient: patience.is_some(),
            urgency: (is_urgent && levels > 1)
                .then(|| Urgency::new(file.discipline, levels, servers)),
            offered: Vec::new(),
            passages: Vec::new(),
            is_fresh: true,
            known: [0.0; 3],
            busy: 0.0,
            waiting: 0.0,
        }
    }

    /// How many are here, in all copies.
    pub(super) fn present(&self) -> f64 {
        self.chain.mean() * self.replicas
    }

    /// Servers of all copies.
    pub(super) fn capacity(&self) -> f64 {
        self.servers * self.replicas
    }

    /// How busy it is, as a share of what it can do.
    pub(super) fn load(&self) -> f64 {
        // Beyond a billionth of a call: while nobody comes, what is left of them is noise.
        let waits = if self.waiting > (0.1 * self.busy).max(1e-9) { 1.0 } else { 0.0 };
        (self.busy / (self.servers * self.replicas)).max(waits)
    }

    /// So many are here from now on.
    pub(super) fn set_present(&mut self, present: f64) {
        self.chain.set(present / self.replicas);
    }

    /// Time passes; returns how much longer or shorter the next step should be.
    pub(super) fn advance(&mut self, seconds: f64, feeds: &[Feed], tools: &mut Tools) -> f64 {
        self.offered.resize(feeds.len(), 0.0);
        let mix = self.mix(feeds);
        if let Some(gives_up) = feeds.iter().find_map(|feed| feed.gives_up)
            && self.patience.is_none()
        {
            self.patience = Some(Patience::new(&Law::Fixed(Span::from_seconds(gives_up))));
        }
        if let Some(patience) = &mut self.patience {
            patience.prepare(mix.slot * mix.mean / self.servers);
        }
        let desk = self.desk(feeds, &mix);
        let factor = self.chain.advance_in_slots(seconds, (mix.bunch, mix.slot), &desk);
        let urgent = match &mut self.urgency {
            Some(urgency) => urgency.advance(seconds, feeds, &mix, self.replicas, &self.chain),
            None => 2.0,
        };
        self.count(&desk, &mix);
        // Where hardly anybody waits, it does not matter how many come.
        let rate = if self.load() > QUIET { mix.rate } else { 0.0 };
        let holds = feeds.iter().map(|feed| feed.hold.mean());
        let quickest = holds.clone().fold(mix.mean, f64::min).max(0.1 * mix.mean);
        let waits = 1.0 + self.waiting / (mix.rate * quickest).max(1e-12);
        let found = [rate, holds.sum(), waits];
        let near = |(old, new): (&f64, &f64)| (old - new).abs() <= NEARLY * old.abs();
        let is_known =
            self.passages.len() == feeds.len() && self.known.iter().zip(&found).all(near);
        self.is_fresh =
            !is_known || self.urgency.is_some() || feeds.iter().any(|feed| feed.closed.is_some());
        if self.is_fresh {
            self.known = found;
            self.pass(feeds, &desk, &mix, tools);
        } else {
            let offered = feeds.iter().map(|feed| feed.open);
            for ((passage, kept), open) in
                self.passages.iter_mut().zip(&mut self.offered).zip(offered)
            {
                (passage.offered, *kept) = (open, open);
            }
        }
        factor.min(urgent)
    }

    fn count(&mut self, desk: &Desk, mix: &Mix) {
        let (mut busy, mut waiting, mut gone, mut lingering) = (0.0, 0.0, 0.0, 0.0);
        for (present, mass) in self.chain.during() {
            busy += mass * present.min(self.servers);
            let line = (present - self.servers).max(0.0);
            waiting += mass * line;
            if let Some(patience) = &desk.patience {
                let offered = mass * desk.offers(present);
                let (share, lingers) = patience.lingering(line, mix.slot);
                gone += offered * share;
                lingering += offered * share * lingers;
            }
        }
        if gone > 1e-12 {
            // Those who will give up stand in line beside those who will be served.
            let offered = self
                .chain
                .during()
                .map(|(n, mass)| if n < desk.most - 1e-9 { mass * desk.offers(n) } else { 0.0 });
            let gives_up = offered.sum::<f64>() - busy / mix.mean - self.chain.growth();
            waiting += gives_up.max(0.0) * lingering / gone;
        }
        (self.busy, self.waiting) = (busy * self.replicas, waiting * self.replicas);
    }

    /// By how much more often those who come find all servers busy than the chain is so; no oftener than
    /// always.
    fn met(&self, desk: &Desk, mix: &Mix) -> f64 {
        if desk.patience.is_some() || desk.most < f64::INFINITY {
            return 1.0;
        }
        let busy = self.chain.during().filter(|(present, _)| *present >= self.servers - 1e-9);
        let busy: f64 = busy.map(|(_, mass)| mass).sum();
        mix.met.min(1.0 / busy.max(1e-9))
    }

    /// What became of each source's calls.
    fn pass(&mut self, feeds: &[Feed], desk: &Desk, mix: &Mix, tools: &mut Tools) {
        let mut seen = Arrivals::default();
        let phase = self.chain.slot() * mix.mean / self.servers;
        let met = self.met(desk, mix);
        tools.bins.clear();
        for (present, mass) in self.chain.during() {
            let mass = mass.max(0.0);
            let offered = mass * desk.offers(present);
            seen.offered += offered;
            if present < self.servers - 1e-9 {
                seen.at_once += offered;
            }
            if present >= desk.most - 1e-9 {
                seen.refused += offered;
                continue;
            }
            if present < self.servers - 1e-9 {
                tools.bins.add(0.0, offered);
                continue;
            }
            let ahead = (present - self.servers) / self.chain.slot();
            match &desk.patience {
                None => {
                    seen.at_once += offered * (1.0 - met);
                    tools.bins.add(0.0, offered * (1.0 - met));
                    tools.looks.add_gamma(
                        phase / met * (ahead + 1.0),
                        1.0 / (ahead + 1.0),
                        offered * met,
                        &mut tools.bins,
                    );
                }
                Some(patience) => {
                    let of = patience.served(ahead, phase);
                    seen.abandoned += offered * (1.0 - of.share);
                    tools.looks.add_gamma(of.mean, of.scv, offered * of.share, &mut tools.bins);
                }
            }
        }
        let closed: Vec<f64> = desk
            .closed
            .iter()
            .map(|of| self.chain.during().map(|(n, mass)| mass * of.calls(n)).sum::<f64>())
            .collect();
        let mut closed = closed.into_iter();
        self.passages.clear();
        let share = |part: f64| if seen.offered > 0.0 { part / seen.offered } else { 0.0 };
        let refused = share(seen.refused);
        let mut abandoned = share(seen.abandoned);
        if abandoned > 1e-9 {
            // Whoever was let in and neither is here nor was served.
            let served = self.busy / self.replicas / mix.mean;
            abandoned = (1.0 - refused - share(served + self.chain.growth())).clamp(0.0, 1.0);
        }
        let delayed = 1.0 - share(seen.at_once) / (1.0 - refused).max(1e-9);
        let line = tools.bins.take_spread();
        for (at, feed) in feeds.iter().enumerate() {
            let offered = match feed.closed {
                Some(_) => closed.next().unwrap_or(0.0) * self.replicas,
                None => feed.open,
            };
            self.offered[at] = offered;
            let (mut slowed, mut delayed) = (1.0, delayed);
            let (wait, sojourn) = match (&self.urgency, self.discipline) {
                (Some(urgency), _) => urgency.pass(feed, tools),
                (None, Discipline::Sharing) => {
                    let shared = Shared::of(
                        &self.chain,
                        |n| (n / self.servers).max(1.0),
                        |n| if n < desk.most - 1e-9 { desk.offers(n) } else { 0.0 },
                    );
                    slowed = shared.mean();
                    if self.servers < 1.5 {
                        // Nor does anybody come while it is served.
                        let alone = feed.hold.points().iter();
                        let rate = seen.offered;
                        let alone: f64 =
                            alone.map(|(takes, share)| share * libm::exp(-rate * takes)).sum();
                        delayed = 1.0 - (1.0 - delayed) * alone;
                    }
                    shared.pass(&feed.hold, &mut tools.bins)
                }
                (None, _) => (line.clone(), line.and(&feed.hold, &mut tools.bins)),
            };
            self.passages.push(Passage {
                offered,
                refused,
                abandoned,
                timed_out: feed.gives_up.is_some() && !self.is_impatient,
                is_shared: self.discipline == Discipline::Sharing,
                delayed,
                slowed,
                wait,
                sojourn,
            });
        }
    }
}

/// What is drawn and gathered with, once for all lines.
pub(super) struct Tools {
    pub(super) looks: Looks,
    pub(super) bins: Bins,
}

#[derive(Default)]
struct Arrivals {
    offered: f64,
    refused: f64,
    abandoned: f64,
    at_once: f64,
}
