//! The figures of services on machines, by name.

use super::super::World;
use super::State;
use seatrial_contract::{Footprint, NodeId};
use seatrial_record::{Metric, Unit};
use seatrial_traffic::telling::{number, ratio};

impl World {
    /// `replicas` are those that are ready; `short_time` is how long there were fewer than wanted;
    /// `replicas_lost` are those whose process ended without being told to; `cpu_mean` is what all of
    /// them took together, `memory_mean` what they were seen to use.
    pub(crate) fn replica_metrics(&self, all: &mut Vec<Metric>) {
        let now = self.now();
        let time = u128::from(now.since(self.measures.since).0);
        for of in &self.replicas.services {
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
    pub(crate) fn broken_replicas(&self) -> Option<String> {
        let mut kept = vec![Footprint::default(); self.nodes.len()];
        let mut crew = kept.clone();
        for replica in &self.replicas.all {
            let is_there = !matches!(replica.state, State::Pending | State::Gone);
            if is_there != replica.node.is_some() {
                return Some(format!("a replica is {:?} on {:?}", replica.state, replica.node));
            }
            let Some(node) = replica.node.map(NodeId::index) else { continue };
            kept[node] = kept[node].plus(self.replicas.services[replica.of].requested);
            crew[node] = crew[node].plus(replica.uses);
        }
        for (index, node) in self.nodes.iter().enumerate() {
            if (kept[index], crew[index]) != (node.kept, node.crew) {
                return Some(format!("node {index} keeps {:?}, not {:?}", node.kept, kept[index]));
            }
            if node.gone && node.kept != Footprint::default() {
                return Some(format!("node {index} is gone with replicas on it"));
            }
        }
        self.replicas.services.iter().enumerate().find_map(|(service, of)| {
            let open = self.stations.copies(of.station).len();
            let taking = self.replicas.count(service, &[State::Ready, State::Lost]);
            let name = &of.name;
            (open != taking).then(|| format!("{open} of {name} take calls, {taking} are there"))
        })
    }
}
