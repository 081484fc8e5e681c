//! What the view becomes when machines answer, fall silent, forget and come back.

use super::*;
use crate::clock;
use crate::sighting::{Column, ColumnSeen, MachineSeen, RowSeen, Use};
use seatrial_contract::units::{Frequency, Ppm, cores, gib, mib, millicores};
use seatrial_contract::view::{Delta, PoolSums};
use seatrial_contract::{Footprint, Priority, Stage, Stages};

/// Seconds since the Unix epoch, as the columns say them.
pub(super) const START: f64 = 1_795_000_000.0;

pub(super) fn at(seconds: u64) -> Moment {
    clock::of_unix(START).unwrap_or_default().after(Span::seconds(seconds))
}

pub(super) fn registry() -> Registry {
    let tiers = ["free", "premium"];
    let tiers = tiers.map(|name| Tier { name: name.to_owned(), priority: Priority::Low });
    let pools = [Pool {
        name: "workers".to_owned(),
        tiers: Vec::new(),
        least: 1,
        most: 3,
        tenants_most: 40,
        overcommit_cpu: Ppm::WHOLE,
        overcommit_memory: Ppm::WHOLE,
        sums: PoolSums::default(),
    }];
    Registry::new(&Stages::default(), &tiers, &pools, Span::seconds(6), Span::minutes(10))
}

pub(super) fn machine(name: &str, seconds: u64, units: Vec<UnitSeen>) -> Sighting {
    Sighting::Machine(MachineSeen {
        name: name.to_owned(),
        pool: None,
        tier: None,
        zone: "zone-a".to_owned(),
        capacity: Footprint { cpu: cores(8), memory: gib(8) },
        used_beside: Footprint::default(),
        units,
        unclear: Vec::new(),
        unmeasured: false,
        at: at(seconds),
        complaints: Vec::new(),
    })
}

pub(super) fn unit(tenant: &str, unit: &str, state: UnitState) -> UnitSeen {
    UnitSeen {
        tenant: tenant.to_owned(),
        tier: "free".to_owned(),
        unit: unit.to_owned(),
        container: format!("{tenant}-{unit}"),
        created: None,
        stops_at: (unit == "bots").then_some(Stage(1)),
        state,
        since: at(0),
        requested: Footprint { cpu: millicores(200), memory: mib(48) },
        used: Some(Use { cpu: millicores(50), memory: mib(20) }),
    }
}

/// A tenant of a database and bots.
pub(super) fn stack(tenant: &str, bots: UnitState) -> Vec<UnitSeen> {
    vec![unit(tenant, "database", UnitState::Running), unit(tenant, "bots", bots)]
}

pub(super) fn column(column: Column, rows: &[(&str, f64, u64)]) -> Sighting {
    let row = |(tenant, value, seen): &(&str, f64, u64)| RowSeen {
        tenant: (*tenant).to_owned(),
        value: *value,
        seen_at: at(*seen),
    };
    Sighting::Column(ColumnSeen {
        column,
        rows: rows.iter().map(row).collect(),
        clock: None,
        complaints: Vec::new(),
    })
}

/// Whatever is taken in arrives late enough to have been measured before.
pub(super) fn take(registry: &mut Registry, sighting: Sighting) -> Vec<String> {
    let source = match &sighting {
        Sighting::Machine(seen) => seen.name.clone(),
        Sighting::Column(seen) => seen.column.to_string(),
    };
    let notes = registry.take(&source, sighting, at(1_000));
    notes.into_iter().map(|note| note.text).collect()
}

pub(super) fn ann(registry: &Registry) -> Tenant {
    *registry.view().tenant(TenantId(0))
}

/// Whether somebody is at ann, and when that was seen.
pub(super) fn there(registry: &Registry) -> Option<(bool, Moment)> {
    registry.view().sessions().get(0).map(|reading| (reading.value, reading.seen_at))
}

#[test]
fn a_machine_and_its_tenants_are_seen_as_they_are() {
    let mut registry = registry();
    take(&mut registry, machine("host-a", 1, stack("ann", UnitState::Running)));
    registry.ready(at(2));
    let view = registry.view();
    assert_eq!(registry.names().nodes, ["host-a"]);
    assert_eq!(registry.names().units, ["database", "bots"]);
    assert_eq!((ann(&registry).stage, ann(&registry).phase), (Stage::AWAKE, Phase::Settled));
    assert_eq!(ann(&registry).promised.cpu, millicores(400));
    // Two containers of 50 millicores and 20 MiB, as of when the looking began.
    let cpu = view.node_cpu().get(0).map(|reading| (reading.value, reading.seen_at));
    assert_eq!(cpu, Some((millicores(100), at(1))));
    assert_eq!(view.node_memory().get(0).map(|reading| reading.value), Some(mib(40)));
    assert_eq!(view.taken_at, at(2));
}

#[test]
fn a_silent_machine_grows_old_then_is_lost_and_nothing_on_it_becomes_zero() {
    let mut registry = registry();
    take(&mut registry, machine("host-a", 1, stack("ann", UnitState::Running)));
    take(&mut registry, machine("host-b", 1, stack("bob", UnitState::Running)));
    registry.ready(at(2));
    take(&mut registry, machine("host-a", 7, stack("ann", UnitState::Running)));
    assert_eq!(registry.ready(at(7)), []);
    let told: Vec<String> = registry.ready(at(8)).into_iter().map(|note| note.text).collect();
    assert_eq!(told, ["host-b no longer answers; 1 tenants are on it"]);
    let view = registry.view();
    assert_eq!(view.node(NodeId(1)).state, NodeState::Lost);
    assert_eq!(view.tenants_unseen(), 1);
    // Bob is where he was, as he was, and what is known of host-b is as old as it is.
    assert_eq!(view.tenant(TenantId(1)).phase, Phase::Settled);
    assert_eq!(
        view.node_cpu().get(1).map(|r| (r.value, r.seen_at)),
        Some((millicores(100), at(1)))
    );
    assert_eq!(view.unit_memory().get(2).map(|r| (r.value, r.seen_at)), Some((mib(20), at(1))));
    assert_eq!(view.node_cpu().get(0).map(|reading| reading.seen_at), Some(at(7)));
    let again = take(&mut registry, machine("host-b", 9, stack("bob", UnitState::Running)));
    assert_eq!(again, ["host-b answers again"]);
    registry.ready(at(9));
    assert_eq!(registry.view().tenants_unseen(), 0);
}

#[test]
fn a_machine_that_forgot_its_tenants_makes_them_missing_and_at_last_gone() {
    let mut registry = registry();
    take(&mut registry, machine("host-a", 1, stack("ann", UnitState::Running)));
    let told = take(&mut registry, machine("host-a", 3, Vec::new()));
    assert_eq!(told, ["host-a does not know ann any more"]);
    assert_eq!(ann(&registry).phase, Phase::Missing);
    assert_eq!((registry.view().tenants_present(), registry.view().tenants_missing()), (0, 1));
    // It is told once, whichever tenant is looked at meanwhile.
    assert_eq!(take(&mut registry, machine("host-a", 5, Vec::new())), Vec::<String>::new());
    take(&mut registry, column(Column::LastActive, &[("ann", START, 5)]));
    assert_eq!(ann(&registry).phase, Phase::Missing);
    assert_eq!(
        take(&mut registry, machine("host-a", 7, stack("ann", UnitState::Running))),
        ["ann is there again"]
    );
    assert_eq!(ann(&registry).phase, Phase::Settled);
    take(&mut registry, machine("host-a", 9, Vec::new()));
    registry.ready(at(9 + 599));
    assert_eq!(ann(&registry).phase, Phase::Missing);
    take(&mut registry, machine("host-a", 609, Vec::new()));
    registry.ready(at(609));
    assert_eq!((ann(&registry).phase, ann(&registry).node), (Phase::Gone, None));
    assert_eq!(registry.view().node(NodeId(0)).promised, Footprint::default());
}

#[test]
fn a_tenant_that_moves_is_one_tenant() {
    let mut registry = registry();
    take(&mut registry, machine("host-a", 1, stack("ann", UnitState::Running)));
    take(&mut registry, machine("host-b", 1, Vec::new()));
    let mut old = stack("ann", UnitState::Stopped);
    old[0].state = UnitState::Stopped;
    take(&mut registry, machine("host-a", 3, old));
    take(&mut registry, machine("host-b", 3, stack("ann", UnitState::Running)));
    // Where it runs counts, though the old containers are still there.
    assert_eq!(ann(&registry).node, Some(NodeId(1)));
    take(&mut registry, machine("host-a", 5, Vec::new()));
    assert_eq!((ann(&registry).node, ann(&registry).phase), (Some(NodeId(1)), Phase::Settled));
    assert_eq!(registry.view().tenants().len(), 1);
    assert_eq!(registry.view().node(NodeId(0)).promised, Footprint::default());
    assert_eq!(registry.view().node(NodeId(1)).tenants, 1);
}

#[test]
fn one_container_that_was_removed_is_gone_while_its_tenant_stays() {
    let mut registry = registry();
    take(&mut registry, machine("host-a", 1, stack("ann", UnitState::Running)));
    let left = vec![unit("ann", "database", UnitState::Running)];
    take(&mut registry, machine("host-a", 3, left));
    assert_eq!(ann(&registry).phase, Phase::Settled);
    assert_eq!(registry.view().units()[1].state, UnitState::Gone);
    assert_eq!(ann(&registry).whole.cpu, millicores(200));
}

#[test]
fn use_that_cannot_be_read_of_one_is_known_of_none() {
    let mut registry = registry();
    take(&mut registry, machine("host-a", 10, stack("ann", UnitState::Running)));
    registry.ready(at(10));
    let mut units = stack("ann", UnitState::Running);
    units[1].used = None;
    take(&mut registry, machine("host-a", 12, units.clone()));
    registry.ready(at(12));
    let reading = |registry: &Registry| registry.view().node_cpu().get(0);
    assert_eq!(reading(&registry).map(|r| (r.value, r.seen_at)), Some((millicores(100), at(10))));
    // A container that came just now is taken to use all it may: 50 + 200.
    units[1].since = at(13);
    take(&mut registry, machine("host-a", 14, units));
    registry.ready(at(14));
    assert_eq!(reading(&registry).map(|r| (r.value, r.seen_at)), Some((millicores(250), at(14))));
}

#[test]
fn last_logins_keep_the_moment_they_were_measured() {
    let mut registry = registry();
    let units = [stack("ann", UnitState::Running), stack("bob", UnitState::Running)].concat();
    take(&mut registry, machine("host-a", 1, units));
    let rows = [("ann", START - 60.0, 10), ("bob", START - 90.0, 10), ("who", START, 10)];
    take(&mut registry, column(Column::LastActive, &rows));
    let last = |registry: &Registry, row| {
        registry
            .view()
            .last_active()
            .get(row)
            .map(|r: seatrial_contract::Reading<Moment>| r.seen_at)
    };
    assert_eq!((last(&registry, 0), last(&registry, 1)), (Some(at(10)), Some(at(10))));
    // Bob's series is gone: what was known of him grows old. Ann's goes on.
    take(&mut registry, column(Column::LastActive, &[("ann", START - 60.0, 20)]));
    assert_eq!((last(&registry, 0), last(&registry, 1)), (Some(at(20)), Some(at(10))));
    // Nothing at all answers: nothing becomes fresher.
    take(&mut registry, column(Column::LastActive, &[]));
    assert_eq!(last(&registry, 0), Some(at(20)));
}

#[test]
fn a_login_that_lies_ahead_or_is_in_other_units_is_left_out_and_told() {
    let mut registry = registry();
    take(&mut registry, machine("host-a", 1, stack("ann", UnitState::Running)));
    for value in [START + 3_600.0, START * 1_000.0, -5.0] {
        let told = take(&mut registry, column(Column::LastActive, &[("ann", value, 2)]));
        assert!(told[0].contains("is no moment that was"), "{told:?}");
        assert_eq!(registry.view().last_active().get(0), None);
    }
}

#[test]
fn a_clock_that_runs_ahead_makes_nothing_fresh() {
    let mut registry = registry();
    take(&mut registry, machine("host-a", 1, stack("ann", UnitState::Running)));
    let ahead = column(Column::LastActive, &[("ann", START, 600)]);
    registry.take("last_active", ahead, at(10));
    assert_eq!(registry.view().last_active().get(0).map(|reading| reading.seen_at), Some(at(10)));
}

#[test]
fn whoever_comes_to_a_sleeper_waits_and_whoever_stays_is_there() {
    let mut registry = registry();
    take(&mut registry, machine("host-a", 1, stack("ann", UnitState::Running)));
    take(&mut registry, column(Column::LastActive, &[("ann", START - 60.0, 2)]));
    assert_eq!(ann(&registry).wanted_since, None);
    let mut asleep = stack("ann", UnitState::Stopped);
    asleep[1].since = at(5);
    take(&mut registry, machine("host-a", 6, asleep.clone()));
    assert_eq!((ann(&registry).stage, ann(&registry).wanted_since), (Stage(3), None));
    take(&mut registry, column(Column::LastActive, &[("ann", START + 8.0, 9)]));
    assert_eq!(ann(&registry).wanted_since, Some(at(8)));
    take(&mut registry, machine("host-a", 10, stack("ann", UnitState::Running)));
    assert_eq!(ann(&registry).wanted_since, None);
    // An open session keeps her there; when it closes she was there until then.
    take(&mut registry, column(Column::Sessions, &[("ann", 1.0, 40)]));
    assert_eq!(there(&registry), Some((true, at(40))));
    take(&mut registry, column(Column::Sessions, &[("ann", 0.0, 50)]));
    take(&mut registry, column(Column::LastActive, &[("ann", START + 8.0, 50)]));
    assert_eq!(there(&registry), Some((false, at(50))));
    assert_eq!(registry.view().last_active().get(0).map(|reading| reading.value), Some(at(40)));
}

#[test]
fn a_column_of_those_who_wait_is_believed_alone() {
    let mut registry = registry();
    let mut asleep = stack("ann", UnitState::Stopped);
    asleep[1].since = at(0);
    take(&mut registry, machine("host-a", 1, asleep));
    take(&mut registry, column(Column::Waiting, &[("ann", 0.0, 2)]));
    take(&mut registry, column(Column::LastActive, &[("ann", START + 1.0, 2)]));
    assert_eq!(ann(&registry).wanted_since, None);
    take(&mut registry, column(Column::Waiting, &[("ann", START + 3.0, 4)]));
    assert_eq!(ann(&registry).wanted_since, Some(at(3)));
}

#[test]
fn requests_are_rates_with_moments() {
    let mut registry = registry();
    take(&mut registry, machine("host-a", 1, stack("ann", UnitState::Running)));
    take(&mut registry, column(Column::Requests, &[("ann", 2.5, 3)]));
    let reading = registry.view().requests().get(0);
    let half = Frequency { millionths: 2_500_000, per: Span::seconds(1) };
    assert_eq!(reading.map(|r| (r.value, r.seen_at)), Some((half, at(3))));
}

#[test]
fn what_names_no_tier_or_pool_is_told_once() {
    let mut registry = registry();
    let mut units = stack("ann", UnitState::Running);
    units.iter_mut().for_each(|unit| unit.tier = "gold".to_owned());
    let told = take(&mut registry, machine("host-a", 1, units.clone()));
    assert!(told[0].contains("there is no tier `gold`; have free, premium"), "{told:?}");
    assert_eq!(take(&mut registry, machine("host-a", 3, units)), Vec::<String>::new());
    assert_eq!(registry.view().tenants().len(), 0);
    let Sighting::Machine(seen) = machine("host-b", 1, Vec::new()) else { return };
    let seen = MachineSeen { pool: Some("misc".to_owned()), ..seen };
    let told = take(&mut registry, Sighting::Machine(seen));
    assert!(told[0].contains("there is no pool `misc`; have workers"), "{told:?}");
}

#[test]
fn a_registry_goes_on_where_another_one_stopped() {
    let mut first = registry();
    let units = [stack("ann", UnitState::Running), stack("bob", UnitState::Stopped)].concat();
    take(&mut first, machine("host-a", 1, units.clone()));
    take(&mut first, column(Column::LastActive, &[("ann", START - 60.0, 2)]));
    first.ready(at(3));
    first.settle();
    let second = registry().resume(first.view().clone(), first.names().clone());
    let mut second = second.unwrap_or_else(|| panic!("the tiers and pools are the same"));
    for registry in [&mut first, &mut second] {
        take(registry, machine("host-a", 4, units.clone()));
        take(registry, column(Column::LastActive, &[("ann", START - 60.0, 5)]));
        registry.ready(at(5));
    }
    let none = Delta::between(first.view(), first.view());
    assert_eq!(Delta::between(first.view(), second.view()), none);
    assert_eq!(first.names(), second.names());
    // What vanished while nobody looked is found missing.
    let left = stack("ann", UnitState::Running);
    assert_eq!(
        take(&mut second, machine("host-a", 6, left)),
        ["host-a does not know bob any more"]
    );
}

#[test]
fn a_machine_that_is_no_longer_looked_at_is_given_up() {
    let mut first = registry();
    take(&mut first, machine("host-a", 1, stack("ann", UnitState::Running)));
    take(&mut first, machine("host-b", 1, stack("bob", UnitState::Running)));
    first.ready(at(2));
    let second = registry().resume(first.view().clone(), first.names().clone());
    let mut second = second.unwrap_or_else(|| panic!("the tiers and pools are the same"));
    let told = second.keep_only(&["host-a".to_owned()], at(3));
    assert_eq!(
        told.iter().map(|note| note.text.as_str()).collect::<Vec<_>>(),
        ["host-b is no longer looked at"]
    );
    let view = second.view();
    assert_eq!(view.node(NodeId(1)).state, NodeState::Gone);
    assert_eq!(view.tenant(TenantId(1)).phase, Phase::Missing);
    // Bob was moved while nobody looked.
    take(
        &mut second,
        machine(
            "host-a",
            4,
            [stack("ann", UnitState::Running), stack("bob", UnitState::Running)].concat(),
        ),
    );
    assert_eq!(second.view().tenant(TenantId(1)).phase, Phase::Settled);
    assert_eq!(second.view().tenant(TenantId(1)).node, Some(NodeId(0)));
    assert_eq!(second.keep_only(&["host-a".to_owned()], at(5)), []);
}

#[test]
fn a_machine_that_never_answers_after_a_restart_is_lost() {
    let mut first = registry();
    take(&mut first, machine("host-a", 1, stack("ann", UnitState::Running)));
    first.ready(at(2));
    let second = registry().resume(first.view().clone(), first.names().clone());
    let mut second = second.unwrap_or_else(|| panic!("the tiers and pools are the same"));
    let told: Vec<String> = second.ready(at(100)).into_iter().map(|note| note.text).collect();
    assert_eq!(told, ["host-a no longer answers; 1 tenants are on it"]);
    assert_eq!(second.view().node_cpu().get(0).map(|r| r.seen_at), Some(at(1)));
}
