//! What rates cannot carry. Better told than left out in silence.

use super::{at, each};
use crate::scenario::{Grain, PoolPer, Scenario};
use seatrial_contract::config::{Path, Place, Problems};

/// In parts per million: from a thousandth to a half.
const PRECISION: (u32, u32) = (1_000, 500_000);
const EVENTS_LEAST: u64 = 10_000;

pub(super) fn check(scenario: &Scenario, problems: &mut Problems) {
    if scenario.grain == Grain::Request {
        if let Some(zoom) = scenario.zoom.first() {
            let message = "each call is an event already, so there is nothing to zoom in on";
            let words = (message, "write grain = \"flow\", or remove `zoom`");
            at(&Path::Root, "zoom", zoom.lasts.place, words, problems);
        }
        return;
    }
    if scenario.grain == Grain::Sampled {
        return sampled(scenario, problems);
    }
    let mut unfollowed = |path: &Path<'_>, key: &str, place: Place, what: &str| {
        let message = format!("calls as rates do not follow {what}");
        let remedy = "write grain = \"request\", or remove it";
        at(path, key, place, (message, remedy), problems);
    };
    each("services", &scenario.services, |path, of| {
        if let Some(shedding) = &of.shedding {
            unfollowed(path, "shedding", shedding.waited.place, "who is turned away");
        }
        if let Some(on) = &of.on {
            unfollowed(path, "on", on.pool.place, "replicas that come and go");
        }
    });
    each("databases", &scenario.databases, |path, of| {
        if let Some(each) = &of.one_per {
            unfollowed(path, "one_per", each.place, "databases of each tenant");
        }
    });
    each("caches", &scenario.caches, |path, of| {
        if let Some(each) = &of.one_per {
            unfollowed(path, "one_per", each.place, "caches of each tenant");
        }
        if of.nodes.get() > 1 {
            unfollowed(path, "nodes", of.nodes.place, "the nodes of a cache");
        }
        if let Some(snapshots) = &of.snapshots {
            unfollowed(path, "snapshots", snapshots.every.place, "the snapshots of a cache");
        }
    });
    each("poolers", &scenario.poolers, |path, of| {
        if of.pool_per == PoolPer::Tier {
            unfollowed(path, "pool_per", of.name.place, "pools apart by tier");
        }
        if of.min_pool_size.value > 0 {
            unfollowed(
                path,
                "min_pool_size",
                of.min_pool_size.place,
                "connections that nobody needs",
            );
        }
    });
    each("traffic", &scenario.traffic, |path, of| {
        if let Some(each) = of.cache.as_ref().and_then(|of| of.keys_per.as_ref()) {
            let path = Path::Key(path, "cache");
            unfollowed(&path, "keys_per", each.place, "the objects of each tenant");
        }
        if let Some(cached) = of.cache.as_ref().filter(|of| of.connections > 0) {
            let path = Path::Key(path, "cache");
            unfollowed(&path, "connections", cached.name.place, "the connections to a cache");
        }
    });
}

fn sampled(scenario: &Scenario, problems: &mut Problems) {
    let precision = &scenario.precision;
    if !(PRECISION.0..=PRECISION.1).contains(&precision.value.0) {
        let words = ("this is no precision to sample by", "write a share from 0.1 % to 50 %");
        at(&Path::Root, "precision", precision.place, words, problems);
    }
    if scenario.events_most.value < EVENTS_LEAST {
        let words = ("with so few events nothing is known of calls", "write 10000 at the least");
        at(&Path::Root, "events_most", scenario.events_most.place, words, problems);
    }
}
