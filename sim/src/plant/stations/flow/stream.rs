//! Calls of one kind on their way: to a cache, a service, databases, and once more where that
//! failed. What it finds is the stations'; what it counts is poured out at the end.

mod asks;
mod fate;
mod past;
mod rest;

pub(super) use rest::Rest;

use super::again::{Again, Failing};
use super::bins::{Bins, whole};
use super::deposit::{Counted, Fractions, float};
use super::gate::Gate;
use super::line::{Callers, Feed, Gaps, Passage, Tools};
use super::path::{Passed, Path};
use super::shelf::Shelf;
use super::source::Calling;
use super::spread::Spread;
use crate::kernel::statistics::TimeWeighted;
use crate::plant::stations::endings::Failure;
use crate::plant::stations::source::Source;
use asks::Asks;
use past::Level;
use seatrial_contract::units::Moment;
use seatrial_format::scenario::{Orphaned, Scenario, WhileAsking};

/// Calls of one kind.
pub(super) struct Stream {
    pub(super) calling: Calling,
    pub(super) line: Option<usize>,
    /// Its place among those that call that service.
    pub(super) place: usize,
    pub(super) level: u8,
    /// What its service does for it, attempt by attempt: a call that takes long takes long again.
    levels: Vec<Level>,
    holds: bool,
    /// How long its server is occupied, and for which share of attempts after the first.
    hold: Spread,
    later: f64,
    pub(super) path: Path,
    pub(super) passed: Passed,
    asks: Option<Asks>,
    time_out: Option<f64>,
    stops: bool,
    pub(super) again: Again,
    /// Tenants that call, on the mean of the step that begins.
    pub(super) callers: f64,
    crowd: TimeWeighted,
    /// Its integral when the flow was carried the last time.
    crowd_before: u128,
    /// Tenants, whatever number of bots each has.
    heads: i64,
    /// Its way through caches and databases was found for this share of misses.
    known: Option<f64>,
    is_path_fresh: bool,
    /// What its budget of retries allowed when it was found out what becomes of attempts.
    allowed: (f64, f64),
    /// Calls made one by one, not yet among the rates.
    pub(super) single: f64,
    /// Its rate in the last step.
    pub(super) rate: f64,
    /// Left under way by an interval of single calls.
    rest: Option<Rest>,
    counts: Fractions,
    told: Told,
}

/// Fractions of calls.
#[derive(Default)]
struct Told {
    calls: f64,
    attempts: f64,
    retries: f64,
    unbudgeted: f64,
    wasted: f64,
    failures: [f64; Failure::ALL.len()],
    failed: f64,
    response: Bins,
    /// For the windows of trouble: what was not told yet.
    owed: (f64, f64),
}

impl Stream {
    pub(super) fn new(
        source: &Source,
        scenario: &Scenario,
        shelves: &mut [Shelf],
        path: Path,
    ) -> Self {
        let named = scenario.traffic.iter().find(|of| of.name.as_str() == source.name);
        let traffic = named.expect("a source is some traffic's");
        let service = source.service.map(|at| &scenario.services[at]);
        Self {
            calling: Calling::new(traffic, scenario),
            line: source.service,
            place: 0,
            level: source.level,
            levels: Level::all(traffic, scenario),
            holds: service.is_some_and(|of| of.while_asking == WhileAsking::Held),
            hold: Spread::NONE,
            later: 0.0,
            path,
            passed: Passed { takes: Spread::NONE, failed: 0.0, failed_after: 0.0 },
            asks: Asks::new(traffic, &source.name, scenario, shelves),
            time_out: traffic.time_out.as_ref().map(|of| of.value.as_seconds()),
            stops: traffic.orphaned == Orphaned::Stops,
            again: Again::new(traffic.retry.as_ref()),
            callers: 0.0,
            crowd: TimeWeighted::new(Moment::START, 0),
            crowd_before: 0,
            heads: 0,
            known: None,
            is_path_fresh: true,
            allowed: (1.0, 1.0),
            single: 0.0,
            rate: 0.0,
            rest: None,
            counts: Fractions::default(),
            told: Told::default(),
        }
    }

    /// How quick it is: nothing that matters to it changes much faster.
    pub(super) fn quickness(&self) -> f64 {
        let mean = self.levels[0].first().mean() + self.passed.takes.mean();
        if mean > 0.0 { mean } else { 1.0 }
    }

    /// Whether more than one attempt in a hundred is not the first, or will not be.
    pub(super) fn tries_again(&self) -> bool {
        let fails = self.again.retries() && self.levels[0].failed() > 0.01;
        fails || self.rate > 1.01 * self.again.rates[0]
    }

    /// Whether a server waits for what its calls ask of databases.
    pub(super) const fn holds(&self) -> bool {
        self.holds
    }

    /// So many more call from now on, of so many tenants more.
    pub(super) fn callers_change(&mut self, (more, heads): (i64, i64), now: Moment) {
        self.crowd.add(now, more);
        self.heads += heads;
    }

    /// Tenants that call now.
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2⁵³ of them")]
    pub(super) const fn heads(&self) -> f64 {
        self.heads as f64
    }

    /// How many called on the mean since the flow was carried the last time.
    pub(super) fn settle_callers(&mut self, until: Moment, now: Moment) {
        let whole = self.crowd.integral(now);
        let elapsed = now.since(until).as_seconds();
        if elapsed > 0.0 {
            let passed = u64::try_from(whole - self.crowd_before).unwrap_or(u64::MAX);
            self.callers = float(passed) / 1e9 / elapsed;
        }
        self.crowd_before = whole;
    }

    /// Whether by now many more or fewer call than when the flow was carried the last time.
    pub(super) fn swings(&self) -> bool {
        let now = float(self.crowd.value());
        (now - self.callers).abs() > 0.1 * self.callers + 1.0
    }

    /// Whether nothing is known of it yet.
    pub(super) const fn is_new(&self) -> bool {
        self.known.is_none()
    }

    /// Finds out how long its path takes, where that has changed.
    pub(super) fn find_path(&mut self, gates: &[Gate], bins: &mut Bins) {
        let mut legs = self.path.legs.iter();
        self.is_path_fresh = self.known.is_none() || legs.any(|leg| gates[leg.gate].is_fresh);
        if self.is_path_fresh && !self.path.legs.is_empty() {
            self.passed = self.path.pass(gates, bins);
        }
    }

    /// Its rate in the step that begins; returns how much longer or shorter the next may be.
    pub(super) fn look(&mut self, from: Moment, until: Moment) -> f64 {
        let before = self.rate;
        let seconds = until.since(from).as_seconds();
        let calls = self.calling.rate(from, self.callers) + self.single / seconds.max(1e-9);
        self.single = 0.0;
        self.again.look(calls, from, until);
        self.rate = self.again.attempts();
        let change = (self.rate - before).abs() / self.rate.max(before).max(1e-9);
        if self.again.retries() && change > 0.1 { (0.2 / change).max(0.5) } else { 2.0 }
    }

    /// What it asks of its cache, a second.
    pub(super) fn looks_up(&self, shelf: usize) -> Option<(usize, f64, f64)> {
        let asks = self.asks.as_ref().filter(|asks| asks.shelf == shelf)?;
        Some((asks.space, self.rate, asks.lag))
    }

    fn missed(&self, shelves: &[Shelf]) -> f64 {
        self.asks.as_ref().map_or(1.0, |asks| asks.missed(shelves))
    }

    /// What it sends to its service.
    pub(super) fn feed(&mut self, shelves: &[Shelf], bins: &mut Bins) -> Feed {
        let missed = self.missed(shelves);
        let closed = match self.calling {
            Calling::Closed { callers, think } => {
                let looked = self.asks.as_ref().map_or(0.0, |asks| asks.takes.mean());
                let away = if self.holds { 0.0 } else { self.passed.takes.mean() * missed };
                Some(Callers { count: callers, pace: missed / (think + looked + away).max(1e-9) })
            }
            _ => None,
        };
        let later: f64 = self.again.rates[1..].iter().sum::<f64>() / self.rate.max(1e-12);
        if self.is_path_fresh || (later - self.later).abs() > 0.001 {
            let own = self.own(bins);
            self.later = later;
            self.hold = if self.holds && !self.path.legs.is_empty() {
                own.and(&self.passed.all(), bins)
            } else {
                own
            };
        }
        Feed {
            open: self.rate * missed,
            closed,
            gaps: self.calling.gaps().map(|law| Gaps { law: law.clone(), share: missed }),
            level: self.level,
            hold: self.hold.clone(),
            gives_up: self.time_out.filter(|_| self.stops),
        }
    }

    /// Calls a second that come to its databases, after a service where there is one.
    pub(super) fn asks_databases(&self, passage: Option<&Passage>, shelves: &[Shelf]) -> f64 {
        let Some(passage) = passage else { return self.rate * self.missed(shelves) };
        let served = passage.offered * (1.0 - passage.refused - passage.abandoned).max(0.0);
        match self.time_out {
            Some(time_out) if self.stops => {
                // Whoever is served too late asks nobody.
                let line = passage.wait.mean() + self.levels[0].first().mean();
                served * if line < time_out { 1.0 } else { 1.0 - passage.wait.above(time_out) }
            }
            _ => served,
        }
    }

    /// What became of its attempts in a step.
    pub(super) fn pass(
        &mut self,
        passage: Option<(&Passage, bool)>,
        shelves: &[Shelf],
        (from, until): (Moment, Moment),
        counted: Counted,
        tools: &mut Tools,
    ) {
        let seconds = until.since(from).as_seconds();
        let missed = self.missed(shelves);
        let is_fresh = passage.is_some_and(|(_, is_fresh)| is_fresh) || self.is_path_fresh;
        let passage = passage.map(|(passage, _)| passage);
        if let (Calling::Closed { .. }, Some(passage)) = (&self.calling, passage) {
            self.rate = passage.offered / missed.max(1e-9);
            self.again.rates[0] = self.rate;
        }
        if let Some(passage) = passage {
            self.counts.add(seconds, passage, counted);
        }
        let (first, others) =
            (self.again.allowed.0 - self.allowed.0, self.again.allowed.1 - self.allowed.1);
        let is_known = first.abs().max(others.abs()) < 0.01
            && self.known.is_some_and(|known| (known - missed).abs() <= 0.002);
        if is_fresh || !is_known {
            self.allowed = self.again.allowed;
            self.attempted(passage, missed, tools);
            self.known = Some(missed);
        }
        self.settle_rest(passage, counted, from);
        self.count(seconds, missed, counted);
        let failing: Vec<Failing> = self.levels.iter().map(|of| of.failing(self)).collect();
        let next = self.again.fail(&failing, (from, until));
        if counted.from <= 0.0 && counted.to > 0.0 {
            self.told.retries += next.retries;
            self.told.unbudgeted += next.unbudgeted;
            self.told.failed += next.given_up;
        }
        self.told.owed.1 += next.given_up;
    }

    fn count(&mut self, seconds: f64, missed: f64, counted: Counted) {
        let is_counted = counted.from <= 0.0 && counted.to > 0.0;
        if is_counted {
            self.told.calls += self.again.rates[0] * seconds;
            self.told.attempts += self.rate * seconds;
            if let Some(asks) = &mut self.asks {
                asks.hits += self.rate * seconds * (1.0 - missed);
                asks.misses += self.rate * seconds * missed;
            }
        }
        for number in 0..self.again.rates.len() {
            let made = self.again.rates[number] * seconds;
            if made <= 0.0 {
                continue;
            }
            for past in &self.levels[number.min(self.levels.len() - 1)].pasts {
                let (made, found) = (made * past.share, &past.found);
                if is_counted {
                    for (told, share) in self.told.failures.iter_mut().zip(found.failures) {
                        *told += made * share;
                    }
                    if !self.stops {
                        self.told.wasted += made * found.failures[Failure::TimedOut as usize];
                    }
                }
                let weight = made * (1.0 - found.failed());
                self.told.owed.0 += weight;
                // The attempt is made now, though the call was made before.
                let earlier = -past.waited.mean();
                counted.add(&past.response, earlier, weight, &mut self.told.response);
                if let Some(asks) = &mut self.asks {
                    counted.add(&past.response, earlier, weight, &mut asks.response);
                }
            }
        }
    }

    /// An interval of single calls is over: nothing is due from before.
    pub(super) fn forget(&mut self, now: Moment) {
        self.again.forget();
        self.crowd_before = self.crowd.integral(now);
        self.callers = float(self.crowd.value());
    }

    /// Calls that are over, and those of them that failed or took longer than this.
    pub(super) fn worse_than(&self, longest: f64) -> (u64, u64) {
        let (told, mut slow) = (&self.told, 0.0);
        let mut over = told.failed;
        for (weight, takes) in told.response.iter() {
            over += weight;
            slow += if takes > longest { weight } else { 0.0 };
        }
        (whole(over), whole(slow + told.failed))
    }

    /// Tells what has happened up to a moment to the windows of trouble.
    pub(super) fn tell(&mut self, now: Moment, source: &mut Source) {
        let (answered, failed) = self.told.owed;
        let told = (whole(answered.floor()), whole(failed.floor()));
        self.told.owed = (answered - answered.floor(), failed - failed.floor());
        source.calling.trouble.flowed(now, told.0, told.1);
    }

    /// Forgets what was counted.
    pub(super) fn pour(&mut self, source: &mut Source, is_shared: bool) {
        self.counts.pour(&mut source.seen, is_shared);
        let (told, calling) = (&mut self.told, &mut source.calling);
        calling.calls += whole(told.calls);
        calling.attempts += whole(told.attempts);
        calling.retries += whole(told.retries);
        calling.unbudgeted += whole(told.unbudgeted);
        calling.wasted += whole(told.wasted);
        calling.failed += whole(told.failed);
        for (kept, more) in calling.failures.iter_mut().zip(told.failures) {
            *kept += whole(more);
        }
        told.response.pour(&mut calling.response);
        *told = Told { response: core::mem::take(&mut told.response), ..Told::default() };
        if let (Some(asks), Some(asking)) = (&mut self.asks, &mut source.asking) {
            let (hits, misses) = (whole(asks.hits), whole(asks.misses));
            asking.flowed(hits, misses, &mut |response| asks.response.pour(response));
            (asks.hits, asks.misses) = (0.0, 0.0);
        }
    }
}
