//! Gaps that are always nothing: time would stand still while things happen again and again.
//! Also the means of distributions, to tell how much will happen.

use super::{at, each};
use crate::scenario::{
    Arrivals, Cache, Closed, DistributionFile, Drawn, Scenario, Service, Traffic,
};
use seatrial_contract::config::{Path, Problems};
use seatrial_contract::units::Span;
use std::collections::BTreeMap;

pub(super) fn check(scenario: &Scenario, problems: &mut Problems) {
    each("tiers", &scenario.tiers, |path, tier| {
        let sessions = &tier.sessions;
        if is_nothing(&sessions.gap) && is_nothing(&sessions.length) {
            let path = Path::Key(path, "sessions");
            let message = "gap and length of sessions are both always 0 s, so time stands still";
            let words = (message, "make `gap` longer, or `length` for people who never leave");
            at(&path, "gap", sessions.gap.place, words, problems);
        }
    });
    let services = by_name(&scenario.services);
    each("traffic", &scenario.traffic, |path, traffic| {
        let called = traffic.called().and_then(|name| services.get(name));
        // Opening a connection alone takes some time, or a query does.
        let asks = !traffic.queries.is_empty();
        let asked = cache_of(traffic, scenario);
        let path = Path::Key(path, "arrivals");
        match &traffic.arrivals {
            Arrivals::Poisson(_) => {}
            Arrivals::Renewal(renewal) => {
                if is_nothing(&renewal.gap) {
                    let message = "calls follow one another after 0 s, so time stands still";
                    let words = (message, "write the time between calls, such as \"10 ms\"");
                    at(&path, "gap", renewal.gap.place, words, problems);
                }
            }
            Arrivals::Closed(closed) => {
                let thinks = !is_nothing(&closed.think);
                match (called, asked) {
                    _ if asks => {}
                    (Some(_), _) | (_, Some(_)) if thinks => {}
                    (_, Some(cache)) if !is_nothing(&cache.service_time) => {}
                    (_, Some(cache)) => {
                        let name = &cache.name.value;
                        let message = format!(
                            "thinking takes 0 s and so does `{name}`, so time stands still"
                        );
                        let words = (message, "write how long callers think, such as \"1 s\"");
                        at(&path, "think", closed.think.place, words, problems);
                    }
                    (Some(service), None) => thoughtless(traffic, closed, service, &path, problems),
                    (None, None) => {}
                }
            }
            Arrivals::Tenants(tenants) => {
                if is_nothing(&tenants.every) {
                    let message = "calls follow one another after 0 s, so time stands still";
                    let words = (message, "write the time between calls, such as \"10 s\"");
                    at(&path, "every", tenants.every.place, words, problems);
                }
            }
            Arrivals::Starts(starts) => {
                if starts.restarts_after.value == Span::ZERO {
                    let message = "a failed start begins anew after 0 s, so time stands still";
                    let words = (message, "write a time, such as \"10 s\"");
                    at(&path, "restarts_after", starts.restarts_after.place, words, problems);
                }
            }
        }
    });
}

/// The services by their names.
pub(super) fn by_name(services: &[Service]) -> BTreeMap<&str, &Service> {
    services.iter().map(|service| (service.name.as_str(), service)).collect()
}

/// The cache that calls ask first. The last of a name is as good as the first: names are unique.
pub(super) fn cache_of<'a>(traffic: &Traffic, scenario: &'a Scenario) -> Option<&'a Cache> {
    let name = &traffic.cache.as_ref()?.name.value;
    scenario.caches.iter().find(|cache| cache.name.as_str() == name)
}

/// Callers who do not think must be held up by something.
fn thoughtless(
    traffic: &Traffic,
    closed: &Closed,
    service: &Service,
    path: &Path<'_>,
    problems: &mut Problems,
) {
    let name = &service.name.value;
    let takes = traffic.service_time.as_ref().unwrap_or(&service.service_time);
    let room =
        service.waiting_room.map(|room| u64::from(room) + u64::from(service.concurrency.get()));
    let clients = u64::from(closed.clients.get());
    let message = if is_nothing(takes) {
        format!("thinking takes 0 s and so does `{name}`, so time stands still")
    } else if service.patience.as_ref().is_some_and(is_nothing) {
        format!("callers who give up at `{name}` after 0 s call again after 0 s, for ever")
    } else if room.is_some_and(|room| room < clients) {
        format!("callers whom a full `{name}` refuses call again after 0 s, for ever")
    } else {
        return;
    };
    let words = (message, "write how long callers think, such as \"1 s\"");
    at(path, "think", closed.think.place, words, problems);
}

/// Whether every draw is nothing.
pub(super) fn is_nothing(distribution: &DistributionFile) -> bool {
    match distribution {
        DistributionFile::Fixed(span) => *span == Span::ZERO,
        DistributionFile::Drawn(Drawn::Empirical(distribution)) => {
            distribution.values.iter().all(|value| value.value == Span::ZERO || value.weight == 0.0)
        }
        // The others have a mean above nothing, or they are impossible.
        DistributionFile::Drawn(_) => false,
    }
}

/// The mean in seconds, roughly: good enough to tell a thousand events from a billion.
pub(super) fn mean(distribution: &DistributionFile) -> f64 {
    let drawn = match distribution {
        DistributionFile::Fixed(span) => return span.as_seconds(),
        DistributionFile::Drawn(drawn) => drawn,
    };
    match drawn {
        Drawn::Exponential(distribution) => distribution.mean.as_seconds(),
        Drawn::LognormalScv(distribution) | Drawn::HyperExponentialScv(distribution) => {
            distribution.mean.as_seconds()
        }
        Drawn::Erlang(distribution) => distribution.mean.as_seconds(),
        Drawn::Lognormal(distribution) => {
            let (median, p95) = (distribution.median.as_seconds(), distribution.p95.as_seconds());
            let deviation = (p95 / median).ln() / 1.645; // The normal 95th percentile.
            median * (deviation * deviation / 2.0).exp()
        }
        // Above a shape of 0.5 the mean is within twice the scale; below it is longer, and fewer
        // events happen than thought.
        Drawn::Weibull(distribution) => distribution.scale.as_seconds(),
        Drawn::HyperExponential(distribution) => {
            weighted(distribution.phases.iter().map(|phase| (phase.share, phase.mean)))
        }
        Drawn::Uniform(distribution) => {
            distribution.from.as_seconds() / 2.0 + distribution.to.as_seconds() / 2.0
        }
        Drawn::Empirical(distribution) => {
            weighted(distribution.values.iter().map(|of| (of.weight, of.value)))
        }
    }
}

fn weighted(all: impl Iterator<Item = (f64, Span)>) -> f64 {
    let (sum, whole) = all.fold((0.0, 0.0), |(sum, whole), (weight, span)| {
        (sum + weight * span.as_seconds(), whole + weight)
    });
    sum / whole
}
