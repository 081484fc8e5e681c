//! What must hold of every world of the swarm: at any moment, and once all faults are over for long. Knows no fault.

use crate::World;
use seatrial_contract::DatabaseId;
use seatrial_contract::units::Span;
use seatrial_contract::view::Health;
use seatrial_fleet::databases;
use seatrial_fleet::nodes::State;
use seatrial_fleet::tenants::Phase;
use seatrial_record::Record;
use seatrial_traffic::steadying;

/// So long after all is healed nobody waits any more.
const WAITS_MOST: Span = Span::hours(1);

/// What is declared of a world, and what it began with.
pub(super) struct Promised {
    /// A write that was acknowledged is where its standby has it.
    pub(super) is_synchronous: bool,
    /// Databases are failed over by people, who now and then take longer than the world lasts.
    pub(super) by_hand: bool,
    /// All faults are over before the end.
    pub(super) all_heal: bool,
    /// What calls depend on, at the beginning.
    pub(super) shape: Vec<u64>,
}

impl Promised {
    pub(super) fn of(world: &World, text: &str, faults: &[String]) -> Self {
        let synchronous = text.contains("following = \"synchronous\"");
        Self {
            is_synchronous: synchronous && text.contains("\"stops\""),
            by_hand: text.contains("kind = \"manual\""),
            all_heal: !faults.iter().any(|fault| fault.contains("again_after")),
            shape: shape(world),
        }
    }

    /// What does not hold at the end, if anything.
    pub(super) fn broken(&self, world: &World) -> Option<String> {
        let is_at_it = self.by_hand && somebody_takes_over(world);
        if self.all_heal && !is_at_it && !nothing_is_left(world) {
            machines_are_lost(world)
                .or_else(|| tenants_are_down(world))
                .or_else(|| still_ails(world, &self.shape))
                .or_else(|| somebody_waits(world))
        } else {
            None
        }
    }

    /// What does not hold of what was found, if anything.
    pub(super) fn broken_record(&self, record: &Record) -> Option<String> {
        let value = |name: &str| record.metric(name).and_then(|metric| metric.value).unwrap_or(0.0);
        // Where all servers lost their data there is no standby that had it.
        let is_failover = value("restores.db") == 0.0;
        if self.is_synchronous && is_failover && value("writes_lost.db") > 0.0 {
            return Some("a write that a synchronous standby acknowledged is lost".to_owned());
        }
        // Two primaries are an incident.
        let two = value("two_primaries.db");
        let told: u64 = record.incidents.iter().map(|of| of.two_primaries).sum();
        if (two - Span(told).as_seconds()).abs() > 1e-6 {
            return Some(format!(
                "two servers of db took writes for {two} s, and incidents tell of {}",
                Span(told)
            ));
        }
        record.incidents.iter().find_map(|incident| {
            let steps = [
                Some(incident.at),
                incident.detected,
                incident.decided,
                incident.acted,
                incident.restored,
                incident.clients_back,
            ];
            let known: Vec<u64> = steps.into_iter().flatten().collect();
            let why = || format!("the steps of an incident decrease: {incident:?}");
            (!known.is_sorted()).then(why)
        })
    }
}

/// What calls depend on: replicas, databases, caches, and what is wrong with each.
pub(super) fn shape(world: &World) -> Vec<u64> {
    steadying::conditions(&world.fleet.traffic.stations, world.fleet.now()).shape
}

/// Healing leaves nothing behind: services, stores and those who see and steer are as they were.
fn still_ails(world: &World, before: &[u64]) -> Option<String> {
    let now = shape(world);
    if now != before {
        return Some(format!("calls do not find what they found: {now:?}, not {before:?}"));
    }
    let control = &world.faults.control;
    (!control.is_well()).then(|| format!("those who see and steer are not well: {control:?}"))
}

/// A database has lost all its data and all its backups: nobody can bring that back.
fn nothing_is_left(world: &World) -> bool {
    let all = (0..world.view.databases().len()).map(DatabaseId::at);
    let seen = all.filter_map(|id| databases::look(&world.fleet, id));
    seen.into_iter().any(|of| of.health == Health::Gone && of.newest.is_none() && !of.restoring)
}

/// Somebody makes a standby the primary still.
fn somebody_takes_over(world: &World) -> bool {
    let all = (0..world.view.databases().len()).map(DatabaseId::at);
    let mut seen = all.filter_map(|id| databases::look(&world.fleet, id));
    seen.any(|of| of.health == Health::TakesOver)
}

fn tenants_are_down(world: &World) -> Option<String> {
    let metrics = world.metrics();
    let of = metrics.iter().find(|metric| metric.name == "tenants_down_end")?.value?;
    (of > 0.0).then(|| format!("{of} tenants are down at the end"))
}

fn machines_are_lost(world: &World) -> Option<String> {
    let lost = world.fleet.nodes.iter().position(|node| matches!(node.state, State::Down(_)));
    lost.map(|index| format!("node {index} is lost at the end"))
}

/// Who sleeps can be woken: nobody has waited for long.
fn somebody_waits(world: &World) -> Option<String> {
    let now = world.fleet.now();
    let waits = |tenant: &&seatrial_fleet::tenants::Tenant| {
        tenant.phase != Phase::Gone
            && tenant.visits.wanted
            && now.since(tenant.visits.wanted_since) > WAITS_MOST
    };
    let found = world.fleet.tenants.iter().find(waits);
    found.map(|tenant| format!("somebody waits for a tenant in vain: {:?}", tenant.visits))
}
