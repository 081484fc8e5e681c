//! What must be true of every fleet at all times. A broken invariant is a bug of ours.

use crate::replicas::metrics::broken_replicas;
use crate::tenants::Phase;
use crate::{Fleet, Hosts, pool_counting};
use seatrial_contract::{Footprint, NodeId};
use seatrial_traffic::invariants;

/// What is wrong, if anything.
pub fn broken<E: Hosts>(fleet: &Fleet<E>) -> Option<String> {
    resources_add_up(fleet)
        .or_else(|| everyone_is_somewhere(fleet))
        .or_else(|| invariants::broken(&fleet.traffic.stations))
        .or_else(|| broken_replicas(fleet))
        .or_else(|| pool_counting::broken(fleet))
        .or_else(|| those_who_wait(fleet))
}

/// What a machine is asked for is what its tenants ask for, and never more memory than it has; and
/// what is promised to all was counted.
fn resources_add_up<E: Hosts>(fleet: &Fleet<E>) -> Option<String> {
    for (index, node) in fleet.nodes.iter().enumerate() {
        let mut asked = node.replicas.uses;
        for (slot, id) in node.tenants.iter().enumerate() {
            let tenant = &fleet.tenants[id.index()];
            asked = asked.plus(tenant.usage.draws.footprint);
            if tenant.node != Some(NodeId::at(index)) || tenant.slot as usize != slot {
                return Some(format!("tenant {} is on {index} and elsewhere", id.0));
            }
        }
        if asked != node.asked {
            return Some(format!("node {index} is asked for {:?}, not {asked:?}", node.asked));
        }
        if node.asked.memory > node.capacity.memory {
            return Some(format!("node {index} uses more memory than it has"));
        }
        if node.is_gone() && !node.tenants.is_empty() {
            return Some(format!("node {index} is gone with tenants on it"));
        }
    }
    let sum = |one: fn(Footprint) -> u64| -> u64 {
        fleet.tenants.iter().map(|tenant| one(tenant.usage.draws.requested)).sum()
    };
    let promised = (sum(|of| of.cpu.0), sum(|of| of.memory.0));
    let counted = (fleet.measures.requested.cpu.value(), fleet.measures.requested.memory.value());
    (promised != counted).then(|| format!("{promised:?} is promised, {counted:?} was counted"))
}

/// Who waits was counted, and who is at which stage of sleep.
fn those_who_wait<E: Hosts>(fleet: &Fleet<E>) -> Option<String> {
    for (index, tier) in fleet.measures.tiers.iter().enumerate() {
        let of_tier = fleet.tenants.iter().filter(|of| of.tier.index() == index);
        let waiting = of_tier.filter(|of| of.visits.waiting).count() as u64;
        let counted = tier.waiting.tenants.value();
        if waiting != counted {
            return Some(format!("for {waiting} of tier {index} somebody waits, not {counted}"));
        }
    }
    for (index, stage) in fleet.measures.stages.iter().enumerate() {
        let here = fleet.tenants.iter().filter(|of| of.phase != Phase::Gone);
        let here = here.filter(|of| usize::from(of.stage.0) == index).count() as u64;
        if here != stage.value() {
            return Some(format!("{here} are at stage {index}, not {}", stage.value()));
        }
    }
    None
}

/// A tenant is on one machine, on none, or gone; and who was counted present is there.
fn everyone_is_somewhere<E: Hosts>(fleet: &Fleet<E>) -> Option<String> {
    let placed: usize = fleet.nodes.iter().map(|node| node.tenants.len()).sum();
    let housed = fleet.tenants.iter().filter(|tenant| tenant.node.is_some()).count();
    if placed != housed {
        return Some(format!("{housed} tenants have a machine, {placed} are placed"));
    }
    let present: u64 = fleet.measures.tiers.iter().map(|tier| tier.present.value()).sum();
    let here = fleet.tenants.iter().filter(|tenant| tenant.phase != Phase::Gone).count();
    if present != here as u64 {
        return Some(format!("{here} tenants are there, {present} were counted"));
    }
    None
}
