//! Where calls get a connection: a pool of them, or a database itself. One pool stands for all that
//! are alike; what the others keep the database busy with, it feels on the mean. Knows no call.

mod look;
mod pace;

use super::bins::{Bins, whole};
use super::chain::Chain;
use super::deposit::Counted;
use super::lay_out::{Base, Down};
use super::line::Tools;
use super::patience::Patience;
use super::shared::Shared;
use super::spread::Spread;
use crate::kernel::chance::Law;
use crate::plant::stations::databases::Database;
use crate::plant::stations::poolers::Pooler;
use look::found;
use pace::{Load, Out, Pace};
use seatrial_contract::units::{Moment, Span};

/// A pool, or the connections that callers open for themselves.
pub(super) struct Gate {
    /// The place of its database among the stations, and of its pooler.
    pub(super) database: usize,
    pub(super) pooler: Option<usize>,
    /// Pools that are alike; as many as there are tenants who call, where each has its own.
    copies: f64,
    is_of_tenants: bool,
    /// Connections of one pool at the most.
    size: f64,
    /// Callers of one pool at the most.
    clients: f64,
    waits: Option<Patience>,
    waits_for: f64,
    idles: f64,
    connecting: Spread,
    chain: Chain,
    /// Connections open in one pool.
    open: f64,
    pub(super) found: Found,
    /// Callers find it otherwise than before the last step.
    pub(super) is_fresh: bool,
    counts: Counts,
    /// Callers whom an interval of single calls left in line.
    rest: f64,
    /// What it was like when that was told the last time.
    known: [f64; 3],
    /// How long one query takes, by who asks.
    queries: Vec<Spread>,
}

/// Fractions of callers.
#[derive(Default)]
struct Counts {
    asked: f64,
    refused: f64,
    timed_out: f64,
    opened: f64,
    queries: f64,
    written: f64,
    wait: Bins,
    query: Bins,
}

/// What callers found at a gate in the last step.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Callers a second, and what becomes of them.
    pub(super) asked: f64,
    pub(super) refused: f64,
    pub(super) timed_out: f64,
    /// Of those who were given a connection.
    pub(super) wait: Spread,
    /// Over all copies, on the mean.
    pub(super) active: f64,
    /// Connections in use, at work or not.
    pub(super) used: f64,
    pub(super) waiting: f64,
    pub(super) connections: f64,
    /// Opened a second.
    pub(super) opened: f64,
    /// What is done a second, in seconds alone.
    pub(super) work: f64,
    pub(super) slowed: Shared,
}

/// What comes to a gate.
#[derive(Clone, Debug)]
pub(super) struct Asking {
    /// Callers a second.
    pub(super) rate: f64,
    /// How long the database works for one of them, if for nobody else.
    pub(super) alone: Spread,
    /// How long it keeps its connection beside.
    pub(super) beside: f64,
    /// Queries, and bytes written, of one of them.
    pub(super) queries: f64,
    pub(super) writes: f64,
    /// Tenants of whom these are.
    pub(super) callers: f64,
}

/// What else happens at the database.
#[derive(Clone, Copy)]
pub(super) struct Beside<'a> {
    pub(super) base: &'a Base,
    /// Queries at work that came by other gates.
    pub(super) active: f64,
    /// Connections that are left for this gate.
    pub(super) connections: f64,
    /// It cannot be reached.
    pub(super) down: Option<Down>,
}

/// Who opens connections, and how many there may be.
pub(super) struct Limits {
    pub(super) size: f64,
    pub(super) clients: f64,
    pub(super) waits: Option<Span>,
    pub(super) idles: Span,
}

impl Gate {
    pub(super) fn new(
        (database, pooler): (usize, Option<usize>),
        (copies, is_of_tenants): (f64, bool),
        limits: &Limits,
        connecting: &Law,
    ) -> Self {
        Self {
            database,
            pooler,
            copies,
            is_of_tenants,
            size: limits.size,
            clients: limits.clients,
            waits: limits.waits.map(|waits| Patience::new(&Law::Fixed(waits))),
            waits_for: limits.waits.map_or(0.0, Span::as_seconds),
            idles: limits.idles.as_seconds(),
            connecting: Spread::of(connecting),
            chain: Chain::new(limits.size, limits.clients),
            open: 0.0,
            is_fresh: true,
            counts: Counts::default(),
            rest: 0.0,
            known: [0.0; 3],
            queries: Vec::new(),
            found: Found {
                asked: 0.0,
                refused: 0.0,
                timed_out: 0.0,
                wait: Spread::NONE,
                active: 0.0,
                used: 0.0,
                waiting: 0.0,
                connections: 0.0,
                opened: 0.0,
                work: 0.0,
                slowed: Shared::none(),
            },
        }
    }

    /// Callers there, waiting or with a connection.
    pub(super) fn callers(&self) -> f64 {
        self.chain.mean() * self.copies
    }

    /// So many are there from now on, so many of them in line: they will wait as those do who come next.
    pub(super) fn set_present(&mut self, present: f64, in_line: f64) {
        self.chain.set(present / self.copies);
        self.rest = in_line;
    }

    /// How much it gets done in a second, in seconds alone: no more than its database.
    pub(super) fn capacity(&self, base: &Base) -> f64 {
        (self.size * self.copies).min(base.best)
    }

    /// How busy it is, and its database for it, as a share of what they can do.
    pub(super) fn load(&self, base: &Base) -> f64 {
        let slowed = 1.0 - 1.0 / base.slowed(self.found.active);
        let used = self.found.used / (self.size * self.copies).max(1.0);
        used.max(slowed)
    }

    /// How long opening a connection takes, where each caller opens one of its own.
    pub(super) fn connecting(&self) -> &Spread {
        if self.pooler.is_none() { &self.connecting } else { const { &Spread::NONE } }
    }

    /// Whether more than one caller in a hundred gets no connection.
    pub(super) fn fails(&self) -> bool {
        self.found.refused + self.found.timed_out > 0.01
    }

    /// When calls find it otherwise next because its database goes or comes back.
    pub(super) fn next_change(&self, base: &Base, now: Moment) -> Moment {
        base.next_change(now, Span::from_seconds(self.waits_for))
    }

    /// How long callers wait who get no connection.
    pub(super) const fn waits_for(&self) -> f64 {
        self.waits_for
    }

    /// Time passes; returns how much longer or shorter the next step should be.
    pub(super) fn advance(
        &mut self,
        seconds: f64,
        asking: &[Asking],
        beside: Beside<'_>,
        tools: &mut Tools,
    ) -> f64 {
        let rate: f64 = asking.iter().map(|of| of.rate).sum();
        let mean = |of: &dyn Fn(&Asking) -> f64| {
            let sum: f64 = asking.iter().map(|asking| asking.rate * of(asking)).sum();
            if rate > 0.0 { sum / rate } else { 0.0 }
        };
        let alone = mean(&|of| of.alone.mean());
        let squares = mean(&|of| of.alone.mean() * of.alone.mean() * (1.0 + of.alone.scv()));
        let scv = if alone > 0.0 { (squares / (alone * alone) - 1.0).max(0.0) } else { 1.0 };
        if self.is_of_tenants {
            self.copies = asking.iter().map(|of| of.callers).fold(1.0, f64::max);
        }
        let copies = self.copies;
        let size = self.size.min(beside.connections / copies).max(1.0);
        let most = if self.pooler.is_some() { (self.clients / copies).max(size) } else { size };
        self.chain.bound(size, most);
        let own = self.found.active * (1.0 - 1.0 / copies);
        let load = Load {
            base: beside.base,
            alone: alone.max(1e-9),
            beside: mean(&|of| of.beside) + self.connecting().mean(),
            others: beside.active + own,
            out: beside.down.map(|down| Out { down, waits: self.pooler.map(|_| self.waits_for) }),
        };
        let (phase, load_mean) = (load.kept(size) / size, load.kept(1.0));
        let slot = 0.5 * (1.0 + scv);
        if let Some(waits) = &mut self.waits {
            waits.prepare(phase * self.chain.slot());
        }
        let waits = self.waits.as_ref();
        let pace = Pace { rate: rate / copies, size, most, slot: self.chain.slot(), waits, load };
        let factor = self.chain.advance(seconds, slot, &pace);
        self.found = found(&self.chain, &pace, (phase, self.waits_for), copies, tools);
        if beside.down.is_some() && self.pooler.is_none() {
            self.found.refused = 1.0;
        }
        // As shares: of the time that a call takes here, of one, and of all callers.
        let (wait, slowed) = (self.found.wait.mean(), self.found.slowed.mean());
        let failed = self.found.refused + self.found.timed_out;
        let now = [1.0 + wait / load_mean, slowed, 1.0 + 2.0 * failed];
        let near = |(old, new): (&f64, &f64)| (old - new).abs() <= 0.002 * old.abs();
        self.is_fresh = !self.known.iter().zip(&now).all(near);
        if self.is_fresh {
            self.known = now;
        }
        self.keep_open(seconds, rate / copies, size);
        factor
    }

    /// Connections are opened when all are in use, and closed when nobody has asked for long.
    fn keep_open(&mut self, seconds: f64, rate: f64, size: f64) {
        if self.pooler.is_none() {
            self.found.connections = self.chain.mean() * self.copies;
            self.found.opened = self.found.asked * (1.0 - self.found.refused);
            return;
        }
        let (before, mut left) = (self.open, seconds);
        let found: Vec<(f64, f64)> = self.chain.during().collect();
        while self.open < size && left > 0.0 {
            let all = found.iter().filter(|(present, _)| *present >= self.open - 0.5);
            let hazard = rate * all.map(|(_, mass)| mass).sum::<f64>();
            let more = (hazard * left).min(1.0).min(size - self.open);
            left -= if hazard > 0.0 { more / hazard } else { left };
            self.open += more;
            if hazard * left < 1e-6 {
                break;
            }
        }
        self.open = self.open.min(size);
        let opened = (self.open - before).max(0.0);
        // A gap as long as that closes all of a pool's.
        let gaps = rate * libm::exp(-rate * self.idles);
        let closed = self.open * -libm::expm1(-gaps * seconds);
        self.open -= closed;
        // A call made by itself, a start, counts as many in the short step that it is made in: never
        // more than there are connections for.
        let open = (0.5 * (before + self.open)).max(self.found.active / self.copies);
        self.found.connections = open.min(size) * self.copies;
        self.found.opened = (opened + closed) * self.copies / seconds.max(1e-12);
    }

    /// What callers found in a step.
    pub(super) fn count(
        &mut self,
        seconds: f64,
        asking: &[Asking],
        counted: Counted,
        bins: &mut Bins,
    ) {
        if counted.from > 0.0 || counted.to <= 0.0 {
            return;
        }
        let (found, counts) = (&self.found, &mut self.counts);
        let asked = found.asked * seconds;
        let given = asked * (1.0 - found.refused - found.timed_out).max(0.0);
        counts.asked += asked;
        counts.refused += asked * found.refused;
        counts.timed_out += asked * found.timed_out;
        counts.opened += found.opened * seconds;
        counted.add(&found.wait, 0.0, given, &mut counts.wait);
        counts.wait.add_spread(&found.wait, core::mem::take(&mut self.rest));
        let whole: f64 = asking.iter().map(|of| of.rate).sum();
        if self.is_fresh || self.queries.len() != asking.len() {
            let one = |of: &Asking| found.slowed.whole(&of.alone.times(1.0 / of.queries), bins);
            self.queries = asking.iter().map(one).collect();
        }
        for (of, query) in asking.iter().zip(&self.queries).filter(|(of, _)| of.rate > 0.0) {
            let weight = given * of.rate / whole;
            counts.queries += weight * of.queries;
            counts.written += weight * of.writes;
            counts.query.add_spread(query, weight * of.queries);
        }
    }

    /// Into the statistics of requests.
    pub(super) fn pour(&mut self, pooler: Option<&mut Pooler>, database: &mut Database) {
        let counts = &mut self.counts;
        if let Some(pooler) = pooler {
            let [asked, refused, timed_out] =
                [counts.asked, counts.refused, counts.timed_out].map(whole);
            pooler.poured([asked, refused, timed_out], &mut |wait| counts.wait.pour(wait));
        }
        let refused = if self.pooler.is_none() { counts.refused } else { 0.0 };
        let [opened, refused, queries, written] =
            [counts.opened, refused, counts.queries, counts.written].map(whole);
        database.poured([opened, refused, queries, written], &mut |of| counts.query.pour(of));
        *counts = Counts {
            wait: core::mem::take(&mut counts.wait),
            query: core::mem::take(&mut counts.query),
            ..Counts::default()
        };
    }
}
