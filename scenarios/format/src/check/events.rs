//! How much will happen, roughly, so that nobody waits a year for a run that a slip of the pen
//! made endless.

use super::distributions::{by_name, cache_of, mean};
use super::{counted, each, grouped, tenants};
use crate::scenario::{Arrivals, Scenario, Service, Traffic};
use seatrial_contract::config::{Path, Place, Problems};
use std::collections::BTreeMap;

/// At ten million events a second, a run of this many takes more than a day on one core.
const EVENTS_MAX: f64 = 1e12;

/// One cause of events.
struct Cause {
    path: String,
    place: Place,
    what: String,
    events: f64,
}

pub(super) fn check(scenario: &Scenario, problems: &mut Problems) {
    let mut causes = Vec::new();
    let duration = scenario.duration.value.as_seconds();
    let mut cause = |path: &Path<'_>, place, what: String, events: f64| {
        causes.push(Cause { path: path.to_string(), place, what, events });
    };
    each("tiers", &scenario.tiers, |path, tier| {
        let tenants = f64::from(tier.tenants.value);
        let whose = counted(u128::from(tier.tenants.value), "tenant");
        let sessions = &tier.sessions;
        let cycle = mean(&sessions.gap) + mean(&sessions.length);
        let what = format!("the sessions of {whose}");
        let path_to = Path::Key(path, "sessions");
        cause(&Path::Key(&path_to, "gap"), sessions.gap.place, what, tenants * duration / cycle);
        if let Some(load) = &tier.load {
            let events = tenants * duration / mean(&load.every);
            let path = Path::Key(path, "load");
            let what = format!("the changing load of {whose}");
            cause(&Path::Key(&path, "every"), load.every.place, what, events);
        }
    });
    let services = by_name(&scenario.services);
    each("traffic", &scenario.traffic, |path, traffic| {
        let path = Path::Key(path, "arrivals");
        let what = format!("the calls `{}`", traffic.name.value);
        let (key, place, rate) = arrivals(traffic, scenario, &services);
        cause(&Path::Key(&path, key), place, what, rate * duration);
    });
    if scenario.policies.is_some() {
        let every = scenario.sensing.every;
        let path = Path::Key(&Path::Root, "sensing");
        let events = duration / every.value.as_seconds();
        cause(&Path::Key(&path, "every"), every.place, "scraping".into(), events);
    }
    // What takes no time at all is told as that.
    causes.retain(|cause| cause.events.is_finite());
    let all: f64 = causes.iter().map(|cause| cause.events).sum();
    let Some(most) = causes.into_iter().max_by(|a, b| a.events.total_cmp(&b.events)) else {
        return;
    };
    if all > EVENTS_MAX {
        let message = format!(
            "{} come to about {} events, far too many to simulate",
            most.what,
            rough(most.events)
        );
        let remedy = "make them rarer, or the run shorter; look for a wrong unit".into();
        let (path, place) = (most.path, most.place);
        problems.push(seatrial_contract::config::Problem { path, place, message, remedy });
    }
}

/// Which key says how often calls of a kind come, and how often that is, per second.
fn arrivals(
    traffic: &Traffic,
    scenario: &Scenario,
    services: &BTreeMap<&str, &Service>,
) -> (&'static str, Place, f64) {
    let own = traffic.called().and_then(|name| services.get(name));
    let takes = traffic.service_time.as_ref().or(own.map(|of| &of.service_time)).map_or(0.0, mean);
    match &traffic.arrivals {
        Arrivals::Poisson(of) => ("rate", of.rate.place, of.rate.per_second()),
        Arrivals::Renewal(of) => ("gap", of.gap.place, 1.0 / mean(&of.gap)),
        Arrivals::Closed(of) => {
            // Whom the cache answers does not wait for the service.
            let hit = cache_of(traffic, scenario).map_or(takes, |of| mean(&of.service_time));
            let rate = f64::from(of.clients.get()) / (mean(&of.think) + takes.min(hit));
            ("think", of.think.place, rate)
        }
        Arrivals::Tenants(of) => {
            let rate = tenants::callers(scenario, of) / mean(&of.every);
            ("every", of.every.place, rate)
        }
        // No more often than tenants come.
        Arrivals::Starts(of) => ("restarts_after", of.restarts_after.place, 0.0),
    }
}

/// One digit and zeros.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, saturates")]
fn rough(number: f64) -> String {
    let size = 10f64.powf(number.log10().floor());
    grouped(((number / size).round() * size) as u128)
}
