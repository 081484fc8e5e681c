//! Why there was trouble, window by window: what each station would have to do if each call were made only
//! once, beside what it can do. What is more piles up and is done later; a station that cannot be reached
//! does nothing. Trouble that began with something and goes on when that is over, and when all that had piled
//! up could have been done, has no other cause than itself. Knows no sentence.

use super::Stations;
use super::databases::Database;
use super::poolers::Pooler;
use super::service::Service;
use crate::poolers;
use seatrial_contract::units::{Moment, Span};
use seatrial_format::scenario::PoolPer;
use seatrial_record::{Metric, Unit};

/// What is asked of stations, and what became of each source's trouble.
pub(super) struct Needs {
    starts: Moment,
    window: Span,
    /// The window that is counted now, by its number.
    now: u64,
    /// Time since it began, and in windows before it that nobody has judged, that was not lived through.
    passed_over: Span,
    /// The end of that, and the beginning of its last part.
    last_passed: (Moment, Moment),
    needs: Vec<Need>,
    /// By source.
    judged: Vec<Judged>,
}

/// What is asked of one station.
struct Need {
    of: Station,
    name: String,
    /// By source: the work of one call, in nanoseconds of one server, query or connection.
    each: Vec<u64>,
    piled: u128,
    state: State,
    /// The last window with something that keeps it from its work.
    hurt: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Station {
    Service(usize),
    Database(usize),
    Pooler(usize),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Calm,
    /// It cannot be reached.
    Down,
    /// It does what piled up while it could not be reached, or after replicas were lost.
    Behind,
    /// More came than it can do.
    Overloaded,
}

/// A source's trouble.
#[derive(Clone, Debug, Default)]
struct Judged {
    /// First attempts that had come by the beginning of this window.
    seen: u64,
    /// The last window in trouble, and whether the trouble then had begun with a cause.
    last: Option<(u64, bool)>,
    outlived: u64,
    down: u64,
    /// By station.
    overloaded: Vec<u64>,
}

/// Trouble goes on where there was some within so many windows: counts of few calls have gaps. J.
const GOES_ON: u64 = 5;
/// A cause is one of trouble that begins within so many windows, as long as callers take to notice. J.
const NOTICED: u64 = 2;

impl Needs {
    pub(super) fn new(starts: Moment, window: Span) -> Self {
        Self {
            starts,
            window,
            now: 0,
            passed_over: Span::ZERO,
            last_passed: (starts, starts),
            needs: Vec::new(),
            judged: Vec::new(),
        }
    }

    /// This time was not lived through.
    pub(super) fn pass_over(&mut self, from: Moment, to: Moment) {
        self.passed_over = self.passed_over.saturating_add(to.since(from));
        self.last_passed = (from, to);
    }

    /// How much was not lived through before the window of this number; the rest lies in that.
    fn take_passed_over(&mut self, number: u64) -> Span {
        let begins = self.starts.after(Span(number.saturating_mul(self.window.0)));
        let (from, to) = self.last_passed;
        let rest = to.since(from.max(begins).min(to));
        let before = self.passed_over.saturating_sub(rest);
        self.passed_over = rest.min(self.passed_over);
        before
    }

    pub(super) const fn window(&self) -> Span {
        self.window
    }

    /// By station, the work of a call of each source in seconds, and how many seconds' work it can do in a
    /// second.
    pub(super) fn loads(
        &self,
        services: &[Service],
        databases: &[Database],
        poolers: &[Pooler],
    ) -> Vec<(Vec<f64>, f64)> {
        let of = |need: &Need| {
            let each = need.each.iter().map(|nanos| Span(*nanos).as_seconds()).collect();
            let can = match need.of {
                Station::Service(at) => {
                    u128::from(services[at].servers) * u128::from(services[at].replicas.value())
                }
                Station::Database(at) => databases[at].best() / 1_000_000,
                Station::Pooler(at) => u128::from(poolers::figures::size(&poolers[at])),
            };
            (each, u32::try_from(can).map_or(f64::INFINITY, f64::from))
        };
        self.needs.iter().map(of).collect()
    }

    /// A source's trouble went on in this window as it was before.
    pub(super) fn went_on(&mut self, source: usize, window: u64) {
        self.judged[source].trouble(source, window, &self.needs);
    }

    /// Something keeps a station from its work.
    fn hurt(&mut self, station: Station) {
        let now = self.now;
        let of = self.needs.iter_mut().filter(|need| need.of == station);
        of.for_each(|need| need.hurt = Some(now));
    }

    pub(super) fn database_is_out(&mut self, database: usize) {
        self.hurt(Station::Database(database));
    }

    pub(super) fn replica_is_out(&mut self, service: usize) {
        self.hurt(Station::Service(service));
    }

    pub(super) fn reset(&mut self) {
        for judged in &mut self.judged {
            let overloaded = vec![0; judged.overloaded.len()];
            *judged = Judged { last: judged.last, overloaded, ..Judged::default() };
        }
    }
}

impl Need {
    /// So much came in a window in which the station could do so much.
    fn goes_on(&mut self, window: u64, wanted: u128, could: u128, is_down: bool) {
        if is_down {
            self.hurt = Some(window);
        }
        let is_hurt = self.hurt.is_some_and(|last| last + NOTICED >= window);
        let could = if is_down { 0 } else { could };
        self.piled = (self.piled + wanted).saturating_sub(could);
        self.state = match (is_down, self.piled > 0, self.state) {
            (true, _, State::Overloaded) => State::Overloaded,
            (true, _, _) => State::Down,
            (false, false, _) => State::Calm,
            (false, true, State::Down | State::Behind) => State::Behind,
            (false, true, _) if is_hurt => State::Behind,
            (false, true, _) => State::Overloaded,
        };
    }
}

impl Judged {
    /// There was trouble in this window, at these stations.
    fn trouble(&mut self, source: usize, window: u64, needs: &[Need]) {
        let path = || needs.iter().enumerate().filter(|(_, need)| need.each[source] > 0);
        let is_hurt = |need: &Need| need.hurt.is_some_and(|last| last + NOTICED >= window);
        let is_calm = path().all(|(_, need)| need.state == State::Calm && !is_hurt(need));
        let caused = match self.last {
            Some((last, caused)) if last + GOES_ON >= window => caused,
            _ => !is_calm,
        };
        self.last = Some((window, caused));
        self.outlived += u64::from(caused && is_calm);
        self.down += u64::from(path().any(|(_, need)| need.state == State::Down));
        self.overloaded.resize(needs.len(), 0);
        for (at, _) in path().filter(|(_, need)| need.state == State::Overloaded) {
            self.overloaded[at] += 1;
        }
    }
}

/// Works out what a call of each source asks of each station. Servers of tenants' own and pools that are
/// many are left out: nobody can say which of them was too small.
pub(crate) fn build_needs(stations: &mut Stations) {
    let nanos = |span: Span| span.0;
    let mut needs: Vec<Need> = Vec::new();
    let mut add = |of: Station, name: &str, each: Vec<u64>| {
        let name = name.to_owned();
        needs.push(Need { of, name, each, piled: 0, state: State::Calm, hurt: None });
    };
    for (at, service) in stations.serving.services.iter().enumerate() {
        let each = stations.sources.iter().map(|source| {
            let asks = source.queries.iter().map(|query| nanos(query.takes_in_all())).sum();
            let held = if service.holds() { asks } else { 0 };
            if source.service == Some(at) { nanos(source.demand_mean()) + held } else { 0 }
        });
        add(Station::Service(at), &service.name, each.collect());
    }
    let asks = |is_asked: &dyn Fn(&super::query::Query) -> bool| {
        let of_source = |source: &super::Source| {
            let asked = source.queries.iter().filter(|query| is_asked(query));
            asked.map(|query| nanos(query.takes_in_all())).sum()
        };
        stations.sources.iter().map(of_source).collect::<Vec<u64>>()
    };
    for (at, database) in
        stations.stores.databases.iter().enumerate().take(stations.stores.own.len())
    {
        if stations.stores.own[at].is_none() {
            let reaches = |query: &super::query::Query| query.reaches(at, &stations.stores.poolers);
            add(Station::Database(at), &database.name, asks(&reaches));
        }
    }
    for (at, pooler) in stations.stores.poolers.iter().enumerate() {
        if pooler.terms.apart == PoolPer::Database {
            add(Station::Pooler(at), &pooler.name, asks(&|query| query.asks_pooler(at)));
        }
    }
    let judged = Judged { overloaded: vec![0; needs.len()], ..Judged::default() };
    stations.needs.judged = vec![judged; stations.sources.len()];
    stations.needs.needs = needs;
}

/// Judges the windows that are over at that moment.
#[inline]
pub(crate) fn judge(stations: &mut Stations, now: Moment) {
    let number = now.since(stations.needs.starts).0 / stations.needs.window.0;
    if number != stations.needs.now {
        judge_windows(stations, number, now);
    }
}

/// Judges all windows up to that moment, the one that is not over too.
pub fn judge_all(stations: &mut Stations, now: Moment) {
    judge(stations, now.after(stations.needs.window));
}

fn judge_windows(stations: &mut Stations, number: u64, now: Moment) {
    let (last, windows) = (number - 1, number - stations.needs.now);
    let time = u128::from(stations.needs.window.0) * u128::from(windows);
    // What was not lived through brought no calls either.
    let time = time.saturating_sub(u128::from(stations.needs.take_passed_over(number).0));
    let came: Vec<u64> = stations
        .sources
        .iter()
        .zip(&mut stations.needs.judged)
        .map(|(source, judged)| {
            let first = if source.followed.is_plain {
                source.seen.arrivals
            } else {
                source.calling.first_attempts()
            };
            first.saturating_sub(core::mem::replace(&mut judged.seen, first))
        })
        .collect();
    let blocked = blocked(stations);
    for need in &mut stations.needs.needs {
        let wanted = need.each.iter().zip(&came);
        let wanted = wanted.map(|(each, came)| u128::from(*each) * u128::from(*came)).sum();
        let (could, is_down) = match need.of {
            Station::Service(at) => {
                let of = &stations.serving.services[at];
                let could = time * u128::from(of.servers) * u128::from(of.replicas.value());
                (could, blocked[at])
            }
            Station::Database(at) => {
                let of = &stations.stores.databases[at];
                (time * of.best() / 1_000_000, of.is_down())
            }
            Station::Pooler(at) => {
                let of = &stations.stores.poolers[at];
                let is_down = stations.stores.databases[usize::from(of.database)].is_down();
                (time * u128::from(poolers::figures::size(of)), is_down)
            }
        };
        need.goes_on(last, wanted, could, is_down);
    }
    stations.needs.now = number;
    for (at, source) in
        stations.sources.iter_mut().enumerate().filter(|(_, of)| of.followed.is_traced)
    {
        if let Some(window) = source.calling.trouble.turn(now) {
            stations.needs.judged[at].trouble(at, window, &stations.needs.needs);
        }
    }
}

/// The services whose servers all wait for a database that cannot be reached, sooner or later.
fn blocked(stations: &Stations) -> Vec<bool> {
    let is_out = |source: usize| {
        stations.needs.needs.iter().any(|need| match need.of {
            Station::Database(at) => {
                need.each[source] > 0 && stations.stores.databases[at].is_down()
            }
            Station::Service(_) | Station::Pooler(_) => false,
        })
    };
    let services = stations.serving.services.iter().enumerate();
    let waits = services.map(|(at, service)| {
        let mut callers = stations.sources.iter().enumerate();
        service.holds() && callers.any(|(of, source)| source.service == Some(at) && is_out(of))
    });
    waits.collect()
}

/// Why a source's calls were in trouble, in seconds: `trouble_down` is the time in which a database of
/// theirs could not be reached, `trouble_overloaded` that in which more came to a station than it can do
/// though each call be made only once, and `trouble_outlived` that in which trouble which had begun with
/// a cause went on, though the cause was over and what had piled up could have been done.
pub(crate) fn judged_metrics(stations: &Stations, at: usize, all: &mut Vec<Metric>) {
    let (source, judged) = (&stations.sources[at], &stations.needs.judged[at]);
    let mut add = |name: String, windows: u64| {
        let seconds = Span(windows.saturating_mul(stations.needs.window.0)).as_seconds();
        all.push(Metric::new(name, Unit::Seconds, Some(seconds)));
    };
    add(format!("trouble_outlived.{}", source.name), judged.outlived);
    add(format!("trouble_down.{}", source.name), judged.down);
    for (need, windows) in stations.needs.needs.iter().zip(&judged.overloaded) {
        if need.each[at] > 0 {
            add(format!("trouble_overloaded.{}.{}", source.name, need.name), *windows);
        }
    }
}
