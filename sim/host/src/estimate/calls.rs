//! What calls take: events at each station, attempts, those that wait without bound, entries of caches.

use super::tenants::{count, each, mean};
use super::{Cause, Estimate};
use seatrial_contract::config::Located;
use seatrial_format::scenario::{
    Arrivals, Cache, Grain, Orphaned, Scenario, Service, SizeFile, Tenants, Traffic, While,
};

/// A call on its way, with its place in a queue and its deadline.
const BYTES_A_CALL: f64 = 250.0;
/// An entry of a cache, with its place in the index.
const BYTES_AN_ENTRY: f64 = 64.0;
/// Sampled calls take no more than so many times as many events as precision may cost: what moves is lived
/// through beside that. J.
const MOVES: f64 = 5.0;
/// With more events than this calls are sampled, where a scenario does not say how finely they are to be
/// simulated: they would take half a minute. J.
const LARGE: f64 = 250e6;
/// A caller who thinks.
const BYTES_A_CALLER: f64 = 100.0;

/// One kind of calls, as they come.
struct Coming<'a> {
    traffic: &'a Traffic,
    key: String,
    /// First attempts in a second.
    rate: f64,
    /// How many of them there are.
    calls: f64,
}

pub(super) fn add(scenario: &Scenario, to: &mut Estimate) {
    let all: Vec<Coming<'_>> = scenario.traffic.iter().map(|one| coming(scenario, one)).collect();
    let events = events_of(scenario, &all);
    let sampled = sampled_share(scenario, &all, events);
    for one in &all {
        let busy = busiest(scenario, one.traffic, &all);
        let tries = attempts(one.traffic, busy);
        // A failed attempt is seen twice: when it is made, and when it is given up.
        let amount = one.calls * tries * events_a_call(scenario, one.traffic);
        let what = format!("the calls `{}`", one.traffic.name.value);
        let cause = Cause { key: one.key.clone(), what: what.clone(), amount: amount * sampled };
        to.events.push(cause);
        let (what, amount) = (
            format!("waiting calls `{}`", one.traffic.name.value),
            waiting(scenario, one, tries, busy),
        );
        to.bytes.push(Cause { key: one.key.clone(), what, amount: amount * BYTES_A_CALL });
        if let Arrivals::Closed(distribution) = &one.traffic.arrivals {
            let what = format!("the callers of `{}`", one.traffic.name.value);
            let key = format!("traffic.{}.arrivals.clients", one.traffic.name.value);
            let amount =
                f64::from(distribution.clients.value.get()) * (BYTES_A_CALLER + BYTES_A_CALL);
            to.bytes.push(Cause { key, what, amount });
        }
    }
    entries(scenario, &all, to);
    outages(scenario, to);
}

/// What part of calls is lived through: all where each is an event, and where more come than can be served.
fn sampled_share(scenario: &Scenario, all: &[Coming<'_>], events: f64) -> f64 {
    let grows = all.iter().any(|one| busiest(scenario, one.traffic, all) >= 1.0);
    let most = scenario.events_most.value as f64 * MOVES;
    if is_sampled(scenario.grain, events) && !grows && events > most { most / events } else { 1.0 }
}

/// Whether calls of a scenario are sampled: where it says so, and where there are very many.
pub(crate) fn are_sampled(scenario: &Scenario) -> bool {
    let all: Vec<Coming<'_>> = scenario.traffic.iter().map(|one| coming(scenario, one)).collect();
    is_sampled(scenario.grain, events_of(scenario, &all))
}

fn is_sampled(grain: Grain, events: f64) -> bool {
    match grain {
        Grain::Request => false,
        Grain::Sampled => true,
        Grain::Auto => events > LARGE,
    }
}

/// Events of all calls, if each is one.
fn events_of(scenario: &Scenario, all: &[Coming<'_>]) -> f64 {
    let events = all.iter().map(|one| {
        // A failed attempt is seen twice: when it is made, and when it is given up.
        let tries = attempts(one.traffic, busiest(scenario, one.traffic, all));
        one.calls * tries * events_a_call(scenario, one.traffic)
    });
    events.sum()
}

fn coming<'a>(scenario: &'a Scenario, traffic: &'a Traffic) -> Coming<'a> {
    let duration = scenario.duration.value.as_seconds();
    let key = |rest: &str| format!("traffic.{}.arrivals.{rest}", traffic.name.value);
    let takes = service_time(scenario, traffic) + asking(traffic);
    let (key, rate, calls) = match &traffic.arrivals {
        Arrivals::Poisson(distribution) => {
            let rate = distribution.rate.value.per_second();
            let rate = rate * in_hours(scenario, distribution.rhythm.as_ref(), duration);
            (key("rate"), rate, rate * duration)
        }
        Arrivals::Renewal(distribution) => {
            let rate = 1.0 / mean(&distribution.gap.value);
            (key("gap"), rate, rate * duration)
        }
        Arrivals::Closed(distribution) => {
            let clients = f64::from(distribution.clients.value.get());
            let rate = clients / (mean(&distribution.think.value) + takes);
            let capacity = capacity(scenario, traffic).unwrap_or(f64::INFINITY);
            let rate = match traffic.cache {
                Some(_) => rate,
                None => rate.min(capacity),
            };
            (key("think"), rate, rate * duration)
        }
        Arrivals::Tenants(distribution) => {
            let rate = callers(scenario, distribution) / mean(&distribution.every.value);
            (key("every"), rate, rate * duration)
        }
        Arrivals::Starts(_) => {
            let starts: f64 = scenario
                .tiers
                .iter()
                .enumerate()
                .map(|(index, tier)| {
                    let cycle = mean(&tier.sessions.gap) + mean(&tier.sessions.length);
                    let (present, ever) = count(scenario, index, tier);
                    ever + present * duration / cycle
                })
                .sum();
            (key("restarts_after"), starts / duration, starts)
        }
    };
    Coming { traffic, key, rate, calls }
}

/// How much more come in the hours of this run than on the mean of a week.
fn in_hours(scenario: &Scenario, rhythm: Option<&Located<String>>, duration: f64) -> f64 {
    let named =
        rhythm.and_then(|name| scenario.rhythms.iter().find(|of| of.name.as_str() == name.value));
    let Some(rhythm) = named.filter(|_| duration < 7.0 * 86_400.0) else { return 1.0 };
    let (hours, days) = (&rhythm.hours.value, &rhythm.days.value);
    if hours.is_empty() || days.is_empty() {
        return 1.0;
    }
    let starts = hour(scenario.starts_at.value.as_seconds());
    let first = starts + 24 * scenario.starts_on as usize;
    let weight = |at: usize| hours[at % hours.len()] * days[at / 24 % days.len()];
    let mean = |from: usize, to: usize| {
        #[expect(clippy::cast_precision_loss, reason = "hours of a week")]
        let count = (to - from) as f64;
        (from..to).map(weight).sum::<f64>() / count
    };
    mean(first, first + hour(duration).max(1)) / mean(0, 168)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "hours of a week")]
fn hour(seconds: f64) -> usize {
    (seconds / 3_600.0).ceil().min(168.0) as usize
}

/// How many tenants call on the mean.
fn callers(scenario: &Scenario, distribution: &Tenants) -> f64 {
    let named = distribution.tiers.as_ref();
    let tiers = scenario.tiers.iter().enumerate().filter(|(_, tier)| {
        named.is_none_or(|all| all.iter().any(|of| of.value == tier.name.as_str()))
    });
    tiers
        .map(|(index, tier)| {
            let present = count(scenario, index, tier).0;
            let (gap, length) = (mean(&tier.sessions.gap), mean(&tier.sessions.length));
            let share = match distribution.when {
                While::InSession => length / (gap + length),
                While::Awake => 1.0,
            };
            let bots = if distribution.per_bot { f64::from(tier.bots.value) } else { 1.0 };
            present * share.clamp(0.0, 1.0) * bots
        })
        .sum()
}

fn service<'a>(scenario: &'a Scenario, traffic: &Traffic) -> Option<&'a Service> {
    let name = traffic.called()?;
    scenario.services.iter().find(|service| service.name.as_str() == name)
}

fn service_time(scenario: &Scenario, traffic: &Traffic) -> f64 {
    let own = service(scenario, traffic).map(|service| &service.service_time);
    traffic.service_time.as_ref().or(own).map_or(0.0, mean)
}

/// What a call asks of databases, in seconds.
fn asking(traffic: &Traffic) -> f64 {
    let queries = traffic.queries.iter();
    queries.map(|query| f64::from(query.count.value.get()) * mean(&query.service_time)).sum()
}

/// Calls that its service can serve in a second.
fn capacity(scenario: &Scenario, traffic: &Traffic) -> Option<f64> {
    let service = service(scenario, traffic)?;
    let servers =
        f64::from(service.replicas.value.get()) * f64::from(service.concurrency.value.get());
    Some(servers / service_time(scenario, traffic))
}

/// How busy the busiest station on a call's way is, from 0; above 1 it cannot keep up.
fn busiest(scenario: &Scenario, traffic: &Traffic, all: &[Coming<'_>]) -> f64 {
    let mut busiest = service_busy(scenario, traffic, all);
    for query in &traffic.queries {
        let database = database_of(scenario, &query.at.value);
        let asked = all
            .iter()
            .flat_map(|one| one.traffic.queries.iter().map(move |query| (one.rate, query)));
        let asked = asked.filter(|(_, query)| database_of(scenario, &query.at.value) == database);
        let work: f64 = asked
            .map(|(rate, query)| {
                rate * f64::from(query.count.value.get()) * mean(&query.service_time)
            })
            .sum();
        let found = scenario.databases.iter().find(|of| of.name.as_str() == database);
        let Some(found) = found.filter(|of| of.one_per.is_none()) else { continue };
        busiest = busiest.max(work / f64::from(found.cores.value.get()));
    }
    busiest
}

fn service_busy(scenario: &Scenario, traffic: &Traffic, all: &[Coming<'_>]) -> f64 {
    let Some(service) = service(scenario, traffic) else { return 0.0 };
    let same = all.iter().filter(|one| one.traffic.called() == traffic.called());
    let work: f64 = same
        .map(|one| {
            // What a cache has asks no service; how much that is, only the run can tell.
            one.rate * service_time(scenario, one.traffic)
        })
        .sum();
    let servers =
        f64::from(service.replicas.value.get()) * f64::from(service.concurrency.value.get());
    work / servers
}

fn database_of<'a>(scenario: &'a Scenario, name: &'a str) -> &'a str {
    let pooler = scenario.poolers.iter().find(|of| of.name.as_str() == name);
    pooler.map_or(name, |pooler| pooler.database.value.as_str())
}

/// How many attempts a call comes to: all that it may make where a station cannot keep up.
fn attempts(traffic: &Traffic, busy: f64) -> f64 {
    let Some(retry) = &traffic.retry else { return 1.0 };
    let most = 1.0 + f64::from(retry.most.value.get());
    let most =
        retry.budget.as_ref().map_or(most, |share| most.min(1.0 + f64::from(share.value.0) / 1e6));
    if busy >= BUSY { most } else { 1.0 }
}

/// What is retried makes a station busier that can just keep up.
const BUSY: f64 = 0.9;

fn events_a_call(scenario: &Scenario, traffic: &Traffic) -> f64 {
    let mut events = 1.0;
    events += f64::from(u8::from(traffic.cache.is_some()));
    events += f64::from(u8::from(traffic.service.is_some()));
    for query in &traffic.queries {
        let database = database_of(scenario, &query.at.value);
        let found = scenario.databases.iter().find(|of| of.name.as_str() == database);
        let waits = found.is_some_and(|of| !of.standbys.is_empty()) && query.writes.value.0 > 0;
        let each = if waits { 2.0 } else { 1.0 };
        events += f64::from(query.count.value.get()) * each;
    }
    events
}

/// How many calls wait at the end, at the most.
fn waiting(scenario: &Scenario, one: &Coming<'_>, tries: f64, busy: f64) -> f64 {
    let duration = scenario.duration.value.as_seconds();
    let rate = one.rate * tries;
    let takes = service_time(scenario, one.traffic) + asking(one.traffic);
    let usual = rate * takes;
    if let Arrivals::Closed(_) = one.traffic.arrivals {
        return 0.0;
    }
    let busy = busy * tries;
    if busy <= 1.0 {
        return usual.min(rate * duration);
    }
    let mut waiting = rate * duration * (1.0 - 1.0 / busy);
    let service = service(scenario, one.traffic);
    if let Some(room) = service.and_then(|of| of.waiting_room) {
        let replicas = service.map_or(1.0, |of| f64::from(of.replicas.value.get()));
        waiting = waiting.min(f64::from(room) * replicas + usual);
    }
    if let Some(patience) = service.and_then(|of| of.patience.as_ref()) {
        waiting = waiting.min(rate * mean(patience) + usual);
    }
    if let (Some(time_out), Orphaned::Stops) = (&one.traffic.time_out, one.traffic.orphaned) {
        waiting = waiting.min(rate * time_out.value.as_seconds() + usual);
    }
    waiting
}

fn entries(scenario: &Scenario, all: &[Coming<'_>], to: &mut Estimate) {
    for cache in &scenario.caches {
        let own = cache.one_per.as_ref().map(|of| of.value);
        let caches = each(scenario, own) * f64::from(cache.nodes.value.get());
        let asking = all.iter().filter_map(|one| {
            let of = one.traffic.cache.as_ref()?;
            (of.name.value == cache.name.as_str()).then_some((one, of))
        });
        let mut held = 0.0;
        for (one, of) in asking {
            let per = of.keys_per.as_ref().map(|of| of.value).or(own);
            let objects = f64::from(of.objects.value.get()) * each(scenario, per);
            held += objects.min(one.calls).min(caches * fitting(cache, &of.entry));
        }
        let key = format!("caches.{}.maxmemory", cache.name.as_str());
        let what = format!("the entries of the cache `{}`", cache.name.as_str());
        to.bytes.push(Cause { key, what, amount: held * BYTES_AN_ENTRY + caches * 500.0 });
    }
}

/// How many entries fit into a cache.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn fitting(cache: &Cache, entry: &SizeFile) -> f64 {
    use seatrial_format::scenario::DrawnSize;
    let size = match entry {
        SizeFile::Fixed(size) => size.value.0 as f64,
        SizeFile::Drawn(DrawnSize::Lognormal(distribution)) => distribution.median.value.0 as f64,
        SizeFile::Drawn(DrawnSize::Uniform(distribution)) => {
            distribution.from.value.0 as f64 / 2.0 + distribution.to.value.0 as f64 / 2.0
        }
    };
    cache.maxmemory.value.0 as f64 / (size + cache.overhead.value.0 as f64).max(1.0)
}

/// Tenants that start while their database is away try again and again.
fn outages(scenario: &Scenario, to: &mut Estimate) {
    let restarts = scenario.traffic.iter().find_map(|traffic| match &traffic.arrivals {
        Arrivals::Starts(distribution) => Some((traffic, distribution)),
        Arrivals::Poisson(_)
        | Arrivals::Renewal(_)
        | Arrivals::Closed(_)
        | Arrivals::Tenants(_) => None,
    });
    let Some((traffic, distribution)) = restarts else { return };
    let away: f64 = scenario
        .databases
        .iter()
        .flat_map(|of| &of.outages)
        .map(|of| of.lasts.value.as_seconds())
        .sum();
    let away = away.min(scenario.duration.value.as_seconds());
    let tenants = scenario.tiers.iter().enumerate();
    let starting: f64 = tenants
        .map(|(index, tier)| {
            let gap = mean(&tier.sessions.gap).max(1.0);
            count(scenario, index, tier).0 * (away / gap).min(1.0)
        })
        .sum();
    let every = distribution.restarts_after_most.value.as_seconds().max(1e-3);
    let key = format!("traffic.{}.arrivals.restarts_after_most", traffic.name.value);
    let what = format!("the calls `{}` of tenants that start again and again", traffic.name.value);
    to.events.push(Cause { key, what, amount: starting * away / every });
}
