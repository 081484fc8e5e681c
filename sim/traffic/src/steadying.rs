//! What calls depend on, and what is to be seen of whether anything still moves. Where calls are sampled,
//! their time stands still while nothing changes and the world goes on; so the two differ by what was not
//! lived through. Decides nothing.

use super::source::{Calls, Source};
use super::{Cache, Stations};
use crate::databases::Ailing;
use crate::event::Hosts;
use crate::next_calls;
use crate::poolers;
use crate::trouble::Trouble;
use seatrial_contract::units::{Moment, Span};
use seatrial_format::scenario::PoolPer;
use seatrial_kernel::agenda::Agenda;
use seatrial_kernel::statistics::float_wide;

/// What calls depend on beside chance: as long as none of it changes, neither do they for long.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Conditions {
    /// Copies that take calls, databases that cannot be reached, limits of connections.
    pub shape: Vec<u64>,
    /// How many calls each source makes a second, where that is not their callers' to say.
    pub paces: Vec<f64>,
}

impl Conditions {
    /// Calls a second of all sources.
    pub fn pace(&self) -> f64 {
        self.paces.iter().sum()
    }
}

/// How much each call weighs at each station, so that it can be said which paces are alike.
#[derive(Clone, Debug, Default)]
pub struct Loads {
    /// By station: the work of a call of each source in seconds, and how many seconds' work it can do in a
    /// second.
    stations: Vec<(Vec<f64>, f64)>,
    /// By source, how often a call is tried at the most, where waiting too long is a failure.
    tries: Vec<f64>,
}

/// A station that is loaded to less than this matters less in proportion.
const LOADED: f64 = 0.3;
/// Growth stands out by six deviations of arrivals and services as irregular as chance alone makes them. J.
const STANDS_OUT: f64 = 72.0;
/// Loads are never taken to be nearer to one than this.
const NEAREST: f64 = 0.005;

impl Loads {
    /// How far conditions are from others.
    pub fn apart(&self, one: &Conditions, other: &Conditions) -> f64 {
        if one.shape != other.shape {
            return f64::INFINITY;
        }
        self.paces_apart(&one.paces, &other.paces)
    }

    /// How far paces are from others: as the part of all calls by which they differ, or of the load of that
    /// station at which it is most.
    pub fn paces_apart(&self, one: &[f64], other: &[f64]) -> f64 {
        let (all, of_all) = (one.iter().sum::<f64>(), other.iter().sum::<f64>());
        if (all > 0.0) != (of_all > 0.0) {
            return f64::INFINITY;
        }
        let paces = || one.iter().zip(other);
        let calls: f64 = paces().map(|(one, other)| libm::fabs(one - other)).sum();
        let of_calls = if all > 0.0 { 2.0 * calls / (all + of_all) } else { 0.0 };
        let of_stations = self.stations.iter().map(|(each, can)| {
            let (mut away, mut load) = (0.0, 0.0);
            for (each, (one, other)) in each.iter().zip(paces()) {
                away += each * libm::fabs(one - other);
                load += each * (one + other) / 2.0;
            }
            let matters = (load / can.max(1e-9) / LOADED).min(1.0);
            if load > 0.0 { away / load * matters } else { 0.0 }
        });
        of_stations.fold(of_calls, f64::max)
    }

    /// Whether a station that can do what comes could not, if all calls failed and were tried as often as may be.
    pub fn may_fall(&self, paces: &[f64]) -> bool {
        self.stations.iter().any(|(each, can)| {
            let calls = each.iter().zip(paces).zip(&self.tries);
            let (once, always) = calls.fold((0.0, 0.0), |sums, ((each, pace), tries)| {
                (sums.0 + each * pace, sums.1 + each * pace * tries)
            });
            once <= *can && always > *can
        })
    }

    /// How many calls have to be looked at before growth can be told from chance: the more, the nearer a station
    /// is to what it can do. A backlog of `(load - 1) n` has to stand out of chance that goes with the root of `n`.
    pub fn calls_to_tell(&self, paces: &[f64]) -> f64 {
        let calls = self.stations.iter().map(|(each, can)| {
            let load: f64 = each.iter().zip(paces).map(|(each, pace)| each * pace).sum();
            let away = libm::fabs(1.0 - load / can.max(1e-9)).max(NEAREST);
            STANDS_OUT / (away * away)
        });
        calls.fold(0.0, f64::max)
    }

    /// How much load paces make, all stations together.
    pub fn load(&self, paces: &[f64]) -> f64 {
        let stations = self.stations.iter().map(|(each, can)| {
            each.iter().zip(paces).map(|(each, pace)| each * pace).sum::<f64>() / can.max(1e-9)
        });
        let load: f64 = stations.sum();
        if load > 0.0 { load } else { paces.iter().sum() }
    }
}

/// What a level is a sum of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Calls.
    Calls,
    /// Time that calls took, or waited, or kept something busy.
    Time,
    /// Things kept, over time.
    Kept,
}

/// What calls depend on at this moment of the world.
#[must_use]
pub fn conditions(stations: &Stations, world: Moment) -> Conditions {
    let mut shape =
        Vec::with_capacity(stations.serving.services.len() * 2 + stations.stores.databases.len());
    for service in &stations.serving.services {
        shape.push(service.replicas.value());
        let lost = service
            .open
            .iter()
            .filter(|replica| stations.serving.replica_queues[replica.index()].is_lost);
        shape.push(lost.count() as u64);
        let fails = service.open.iter().flat_map(|replica| {
            stations.serving.replica_queues[replica.index()].fails.iter().map(|of| u64::from(of.0))
        });
        shape.push(fails.sum());
    }
    let shared = stations.stores.databases.iter().take(stations.stores.own.len());
    shape.extend(shared.map(|database| u64::from(database.is_down())));
    for database in stations.stores.databases.iter().take(stations.stores.own.len()) {
        let Ailing { taken, unnamed, slowed, ways, .. } = &database.ailing;
        shape.extend([*taken, u64::from(*unnamed), slowed.iter().sum()]);
        shape.extend(ways.iter().map(|way| way.shape()));
    }
    shape.extend(stations.serving.troubles.iter().flat_map(Trouble::shape));
    shape.extend(stations.serving.cuts.shape(world));
    shape.extend(stations.stores.poolers.iter().map(|of| u64::from(of.down)));
    shape.extend(stations.stores.caches.iter().map(|cache| u64::from(cache.is_down())));
    for pooler in stations.stores.poolers.iter().filter(|of| of.terms.apart == PoolPer::Tier) {
        shape.extend(poolers::figures::limits(pooler));
    }
    let mut conditions = Conditions { shape, paces: Vec::new() };
    paces(stations, world, &mut conditions.paces);
    conditions
}

/// How much each call weighs.
pub(crate) fn loads_of_calls(stations: &Stations) -> Loads {
    let tries = |source: &Source| match (&source.giving_up.retrying, source.giving_up.time_out) {
        (Some(retrying), Some(_)) => retrying.tries(),
        (Some(_), None) | (None, _) => 1.0,
    };
    Loads {
        stations: stations.needs.loads(
            &stations.serving.services,
            &stations.stores.databases,
            &stations.stores.poolers,
        ),
        tries: stations.sources.iter().map(tries).collect(),
    }
}

/// How many calls each source makes a second at this moment of the world.
pub(crate) fn paces(stations: &Stations, world: Moment, paces: &mut Vec<f64>) {
    paces.clear();
    paces.extend(stations.sources.iter().map(|source| source.pace(world)));
}

/// After how many seconds calls come again as they came, of each source of which that can be said.
pub(crate) fn periods(stations: &Stations) -> Vec<f64> {
    let period = |source: &Source| match &source.calls {
        Calls::Tenants(crowd) => Some(crowd.period()?.as_seconds()),
        Calls::Open(_) | Calls::Closed(_) | Calls::Starts(_) => None,
    };
    stations.sources.iter().filter_map(period).filter(|period| *period > 0.0).collect()
}

/// When a rhythm next goes on to another hour.
pub(crate) fn next_hour(stations: &Stations, world: Moment) -> Option<Moment> {
    let changes = stations.sources.iter().filter_map(|source| match &source.calls {
        Calls::Open(Some(rhythm)) => Some(rhythm.next_change(world, Span::ZERO)),
        Calls::Open(_) | Calls::Closed(_) | Calls::Tenants(_) | Calls::Starts(_) => None,
    });
    changes.min()
}

/// The world is so far ahead of the calls from now on; calls that follow its rhythm are planned anew.
pub(crate) fn world_is_ahead(
    stations: &mut Stations,
    ahead: Span,
    agenda: &mut Agenda<impl Hosts>,
) {
    stations.clock.ahead = ahead;
    go_on(stations);
    follow_rhythms(stations, agenda);
}

/// The time of calls passes from now on.
pub const fn go_on(stations: &mut Stations) {
    stations.clock.stands_still = false;
}

/// The time of calls does not pass from now on.
pub(crate) const fn stand_still(stations: &mut Stations) {
    stations.clock.stands_still = true;
}

/// Plans the next calls of those sources anew that follow a rhythm: a call that was planned in another
/// hour came too early or too late.
pub(crate) fn follow_rhythms(stations: &mut Stations, agenda: &mut Agenda<impl Hosts>) {
    let now = agenda.now().max(stations.clock.starts_at);
    for at in 0..stations.sources.len() {
        let Some(planned) = stations.sources[at].next.planned.take() else { continue };
        agenda.cancel(planned);
        let id = super::SourceId(u32::try_from(at).expect("sources can be numbered"));
        next_calls::plan_call(stations, id, now, agenda);
    }
}

/// Calls that have come and are not over, and the replicas of a request that still keep somebody busy.
pub(crate) fn under_way(stations: &Stations) -> u64 {
    let at_services: u64 = stations
        .serving
        .services
        .iter()
        .map(|of| of.load.busy.value() + of.load.waiting.value())
        .sum();
    at_services.max(stations.attempts.count())
}

/// What has happened until now, in sums that only grow: by these it is seen whether anything moves. The
/// first is how often anybody called.
pub(crate) fn levels(stations: &Stations, now: Moment, levels: &mut Vec<f64>) {
    levels.clear();
    each_level(stations, now, &mut |_, level| levels.push(float_wide(level)));
}

/// What the levels are sums of.
pub(crate) fn kinds(stations: &Stations) -> Vec<Kind> {
    let mut kinds = Vec::new();
    each_level(stations, Moment::NEVER, &mut |kind, _| kinds.push(kind));
    kinds
}

fn each_level(stations: &Stations, now: Moment, show: &mut dyn FnMut(Kind, u128)) {
    let calls = |of: &Source| of.seen.arrivals.max(of.calling.attempts);
    show(Kind::Calls, stations.sources.iter().map(|of| u128::from(calls(of))).sum());
    for service in &stations.serving.services {
        show(Kind::Time, service.load.busy.integral(now));
        show(Kind::Time, service.load.waiting.integral(now));
    }
    for pooler in &stations.stores.poolers {
        show(Kind::Time, poolers::figures::waited(pooler, now));
    }
    for database in stations.stores.databases.iter().take(stations.stores.own.len()) {
        show(Kind::Time, database.asked(now));
    }
    for source in &stations.sources {
        let seen = &source.seen;
        show(Kind::Calls, u128::from(seen.refused + seen.abandoned + source.calling.failed));
        show(Kind::Calls, u128::from(source.calling.retries));
        show(Kind::Time, seen.wait.sum());
        show(Kind::Time, source.calling.response.sum());
        show(Kind::Calls, source.asking.as_ref().map_or(0, |of| u128::from(of.hits())));
    }
    for cache in &stations.stores.caches {
        show(Kind::Kept, cache.kept(now));
    }
}

/// Whether a cache is still young: it grows, or pushes out what it has kept since it began.
pub(crate) fn caches_are_young(stations: &Stations) -> bool {
    stations.stores.caches.iter().any(Cache::is_young)
}

/// Whether a pool has lost all its connections and is to try again: then something is about to change.
pub(crate) fn are_to_connect_again(stations: &Stations) -> bool {
    stations
        .stores
        .poolers
        .iter()
        .any(|pooler| pooler.reconnects && poolers::figures::open_now(pooler) == 0)
}

/// By source: calls that are over, and those of them that failed.
pub(crate) fn outcomes(stations: &Stations) -> Vec<(u64, u64)> {
    let of = |source: &Source| {
        let failed = source.calling.failed;
        (source.calling.response.count() + failed, failed)
    };
    stations.sources.iter().map(of).collect()
}

/// This time was not lived through.
pub(crate) fn pass_over(stations: &mut Stations, from: Moment, to: Moment) {
    stations.needs.pass_over(from, to);
}

/// What was so with a source's calls went on for this time, which was not lived through: where more of
/// them fail than are to, it was all trouble.
pub(crate) fn trouble_went_on(stations: &mut Stations, source: usize, from: Moment, to: Moment) {
    let window = stations.needs.window().0.max(1);
    let number = |at: Moment| at.since(stations.clock.starts_at).0 / window;
    for number in number(from) + 1..number(to) {
        stations.sources[source].calling.trouble.went_on(number);
        stations.needs.went_on(source, number);
    }
}
