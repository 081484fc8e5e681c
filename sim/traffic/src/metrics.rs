//! The stations' figures by name. Counts and times begin at the warm-up's end.
//!
//! - Those who found neither a server nor room, or nobody at all, are `refused`; those who left the
//!   line unserved `abandoned`; those whose replica was lost while they were there `lost`.
//!   `prob_refused` is a share of arrivals, `prob_abandoned` of all whose end is known.
//! - `wait` and `response` are of those who were served. A wait is all time in the system without
//!   being served: also after an interruption, and, where servers are shared, the time lost by that.
//! - `prob_wait` is the share, of those let in whose end is known, who waited any time at all.
//! - `queue_mean` and `in_system_mean` include everybody there, over time; without interruptions
//!   and abandonment, `queue_mean` is throughput × `wait_mean`. Where servers are shared, those
//!   beyond the number of servers count as waiting.
//! - Quantiles are off by at most 1/256 of themselves; all else is exact.

use super::Stations;
use super::measures::RequestStatistics;
use super::service::Service;
use crate::poolers;
use crate::telling::{number, quantiles, ratio, share};
use crate::{caches, databases, needs};
use seatrial_contract::units::Moment;
use seatrial_format::scenario::Discipline;
use seatrial_kernel::statistics::{Count, Sketch};
use seatrial_record::{Metric, Unit};

/// Every metric, in a fixed order, the same before and after a run.
pub fn metrics(stations: &Stations, now: Moment) -> Vec<Metric> {
    let mut all = Vec::new();
    for (at, service) in stations.serving.services.iter().enumerate() {
        let sources = || stations.sources.iter().filter(move |source| source.service == Some(at));
        let mut seen = RequestStatistics::default();
        sources().for_each(|source| seen.merge(&source.seen));
        add_service(stations, service, &seen, now, &mut all);
        if sources().count() > 1 {
            for source in sources() {
                let suffix = format!(".{}.{}", service.name, source.name);
                add_source(&suffix, &source.seen, &mut all);
            }
        }
    }
    caches::metrics::cache_metrics(stations, now, &mut all);
    databases::metrics::database_metrics(stations, now, &mut all);
    let time = u128::from(now.since(stations.clock.since).0);
    stations
        .stores
        .poolers
        .iter()
        .for_each(|pooler| poolers::metrics::metrics(pooler, time, now, &mut all));
    if let Some((begins, ends)) = stations.stores.outages_span {
        let after = |at: Moment| {
            at.min(stations.clock.ends_at).since(stations.clock.starts_at).as_seconds()
        };
        all.push(Metric::new("outages_from", Unit::Seconds, Some(after(begins))));
        all.push(Metric::new("outages_until", Unit::Seconds, Some(after(ends))));
    }
    for (at, source) in stations.sources.iter().enumerate().filter(|(_, of)| of.followed.is_traced)
    {
        source.metrics(now, &mut all);
        needs::judged_metrics(stations, at, &mut all);
    }
    all
}

fn add_service(
    stations: &Stations,
    service: &Service,
    seen: &RequestStatistics,
    now: Moment,
    all: &mut Vec<Metric>,
) {
    let mut add = |name: &str, unit, value: Option<f64>| {
        all.push(Metric::new(format!("{name}.{}", service.name), unit, value));
    };
    let served = seen.sojourn.count();
    add("arrivals", Unit::Count, Some(number(seen.arrivals)));
    add("served", Unit::Count, Some(number(served)));
    add("refused", Unit::Count, Some(number(seen.refused)));
    add("abandoned", Unit::Count, Some(number(seen.abandoned)));
    if service.is_placed {
        add("lost", Unit::Count, Some(number(seen.lost)));
    }
    if service.is_shedding() {
        add("shed", Unit::Count, Some(number(service.shed)));
    }
    add("prob_wait", Unit::Share, share(seen.delayed, seen.settled()));
    add("prob_refused", Unit::Share, share(seen.refused, seen.arrivals));
    add("prob_abandoned", Unit::Share, share(seen.abandoned, seen.settled() + seen.refused));
    add_times("wait", &seen.wait, &mut add);
    add_times("response", &seen.sojourn, &mut add);
    if service.discipline == Discipline::Sharing {
        add("slowdown_mean", Unit::Ratio, seen.slowdown.mean().map(|mean| mean / 1e6));
    }
    let elapsed = now.since(stations.clock.since);
    let (time, servers) = (u128::from(elapsed.0), u128::from(service.servers));
    let whole = servers * service.replicas.integral(now);
    let busy = service.load.busy.integral(now);
    let waiting = service.load.waiting.integral(now);
    add("queue_mean", Unit::Count, ratio(waiting, time));
    add("in_system_mean", Unit::Count, ratio(waiting + busy, time));
    // Of the replicas that took requests.
    add("utilisation", Unit::Share, ratio(busy, whole));
    add("throughput", Unit::PerSecond, Count(served).per_second(elapsed));
}

fn add_source(suffix: &str, seen: &RequestStatistics, all: &mut Vec<Metric>) {
    let mut add = |name: &str, unit, value: Option<f64>| {
        all.push(Metric::new(format!("{name}{suffix}"), unit, value));
    };
    add("arrivals", Unit::Count, Some(number(seen.arrivals)));
    add("prob_refused", Unit::Share, share(seen.refused, seen.arrivals));
    add("prob_abandoned", Unit::Share, share(seen.abandoned, seen.settled() + seen.refused));
    add_times("wait", &seen.wait, &mut add);
    add_times("response", &seen.sojourn, &mut add);
}

fn add_times(name: &str, times: &Sketch, add: &mut impl FnMut(&str, Unit, Option<f64>)) {
    for (figure, value) in quantiles(times) {
        add(&format!("{name}_{figure}"), Unit::Seconds, value);
    }
}
