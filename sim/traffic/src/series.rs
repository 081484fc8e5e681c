//! What services, callers, caches, poolers and databases are like over time. Knows no name but theirs, and changes
//! nothing that anybody else reads.

use crate::sheet::{Row, Sheet};
use crate::{Stations, caches, databases, poolers};
use seatrial_record::Unit;

/// Every series of the stations, in a fixed order.
pub fn read(stations: &mut Stations, sheet: &mut Sheet) {
    services(stations, sheet);
    callers(stations, sheet);
    for (at, cache) in stations.stores.caches.iter_mut().enumerate() {
        let asking = stations.sources.iter().filter_map(|of| of.asking.as_ref());
        let asking: Vec<_> = asking.filter(|of| of.cache == at).collect();
        caches::metrics::series(cache, &asking, sheet);
    }
    databases::metrics::series(&mut stations.stores, sheet);
    for pooler in &mut stations.stores.poolers {
        poolers::metrics::series(pooler, sheet);
    }
}

fn services(stations: &mut Stations, sheet: &mut Sheet) {
    for (at, service) in stations.serving.services.iter_mut().enumerate() {
        let row = |series| Row::count(series, "service", &service.name);
        let sources = || stations.sources.iter().filter(|of| of.service == Some(at));
        let sum = |pick: fn(&crate::measures::RequestStatistics) -> u64| {
            sources().map(|of| pick(&of.seen)).sum()
        };
        sheet.level(row("replicas"), &mut service.replicas, 1);
        sheet.fixed(row("servers"), u64::from(service.servers));
        sheet.level(row("busy"), &mut service.load.busy, 1);
        sheet.level(row("waiting"), &mut service.load.waiting, 1);
        sheet.sum(row("arrivals"), sum(|of| of.arrivals));
        sheet.sum(row("refused"), sum(|of| of.refused));
        sheet.sum(row("abandoned"), sum(|of| of.abandoned));
        sheet.sum(row("lost"), sum(|of| of.lost));
        if service.is_shedding() {
            sheet.sum(row("shed"), service.shed);
        }
        let response = row("response").unit(Unit::Seconds);
        sheet.times(response, sources().map(|of| &of.seen.sojourn));
    }
}

/// Those whose calls are followed to their end.
fn callers(stations: &Stations, sheet: &mut Sheet) {
    for source in stations.sources.iter().filter(|of| of.followed.is_traced) {
        let row = |series| Row::count(series, "traffic", &source.name);
        let seen = &source.calling;
        sheet.sum(row("calls"), seen.calls);
        sheet.sum(row("attempts"), seen.attempts);
        sheet.sum(row("retries"), seen.retries);
        sheet.sum(row("failed"), seen.failed);
        let response = row("response").unit(Unit::Seconds);
        sheet.times(response, core::iter::once(&seen.response));
    }
}
