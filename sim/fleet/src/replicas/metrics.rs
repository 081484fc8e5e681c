//! The figures of services on machines, by name.

use super::State;
use crate::{Fleet, Hosts};
use seatrial_contract::{Footprint, NodeId};
use seatrial_record::{Metric, Unit};
use seatrial_traffic::replica_queues;
use seatrial_traffic::telling::{number, ratio};

/// `replicas` are those that are ready; `short_time` is how long there were fewer than wanted;
/// `replicas_lost` are those whose process ended without being told to; `cpu_mean` is what all of
/// them took together, `memory_mean` what they were seen to use.
pub fn replica_metrics<E: Hosts>(fleet: &Fleet<E>, all: &mut Vec<Metric>) {
    let now = fleet.now();
    let time = u128::from(now.since(fleet.measures.since).0);
    for of in &fleet.replicas.services {
        let mut add = |name: &str, unit, value: Option<f64>| {
            all.push(Metric::new(format!("{name}.{}", of.name), unit, value));
        };
        let seen = &of.seen;
        add("replicas_mean", Unit::Count, ratio(seen.ready.integral(now), time));
        add("replicas_most", Unit::Count, Some(number(seen.ready.maximum())));
        add("replicas_end", Unit::Count, Some(number(seen.ready.value())));
        add("replicas_started", Unit::Count, Some(number(seen.started)));
        add("replicas_lost", Unit::Count, Some(number(seen.lost)));
        add("scalings", Unit::Count, Some(number(seen.scaled)));
        add("cpu_mean", Unit::Cores, ratio(seen.cpu, time * 1_000));
        add("memory_mean", Unit::Bytes, ratio(seen.memory.integral(now), time));
        add("short_time", Unit::Seconds, Some(seen.short.time(now).as_seconds()));
    }
}

/// What is wrong with replicas, if anything.
pub fn broken_replicas<E: Hosts>(fleet: &Fleet<E>) -> Option<String> {
    let mut requested = vec![Footprint::default(); fleet.nodes.len()];
    let mut used = requested.clone();
    for replica in &fleet.replicas.all {
        let is_there = !matches!(replica.state, State::Pending | State::Gone);
        if is_there != replica.node.is_some() {
            return Some(format!("a replica is {:?} on {:?}", replica.state, replica.node));
        }
        let Some(node) = replica.node.map(NodeId::index) else { continue };
        requested[node] = requested[node].plus(fleet.replicas.services[replica.of].requested);
        used[node] = used[node].plus(replica.usage.seen);
    }
    for (index, node) in fleet.nodes.iter().enumerate() {
        if (requested[index], used[index]) != (node.replicas.requested, node.replicas.uses) {
            return Some(format!(
                "node {index} keeps {:?}, not {:?}",
                node.replicas.requested, requested[index]
            ));
        }
        if node.is_gone() && node.replicas.requested != Footprint::default() {
            return Some(format!("node {index} is gone with replicas on it"));
        }
    }
    fleet.replicas.services.iter().enumerate().find_map(|(service, of)| {
        let open = replica_queues::queues_of(&fleet.traffic.stations, of.station);
        // One that was lost on its way up or down took none.
        let taking = fleet.replicas.of(service).filter(|(_, replica)| match replica.state {
            State::Lost => open.contains(&replica.queue),
            State::Ready => true,
            State::Pending | State::Starting | State::Ending | State::Gone => false,
        });
        let (open, taking, name) = (open.len(), taking.count(), &of.name);
        (open != taking).then(|| format!("{open} of {name} take calls, {taking} are there"))
    })
}
