//! What is not believed: what nobody saw since a restart, contradictions, counters that began anew,
//! and containers that could not be looked at.

use super::tests::{START, ann, at, column, machine, registry, stack, take, there, unit};
use super::*;
use crate::sighting::{Column, MachineSeen};
use seatrial_contract::view::Conflict;

fn with(sighting: Sighting, change: impl FnOnce(&mut MachineSeen)) -> Sighting {
    let Sighting::Machine(mut seen) = sighting else { return sighting };
    change(&mut seen);
    Sighting::Machine(seen)
}

/// Ann on host-a, with a session, last there a minute ago.
fn seen() -> Registry {
    let mut registry = registry();
    take(&mut registry, machine("host-a", 1, stack("ann", UnitState::Running)));
    take(&mut registry, column(Column::LastActive, &[("ann", START - 60.0, 1)]));
    take(&mut registry, column(Column::Sessions, &[("ann", 1.0, 1)]));
    registry.ready(at(2));
    registry
}

fn last(registry: &Registry) -> Option<(Moment, Moment)> {
    registry.view().last_active().get(0).map(|reading| (reading.value, reading.seen_at))
}

#[test]
fn what_a_logbook_says_is_not_fresh_until_it_is_seen_again() {
    let first = seen();
    let second = registry().resume(first.view().clone(), first.names().clone());
    let mut second = second.unwrap_or_else(|| panic!("the tiers and pools are the same"));
    second.trust_nothing(at(3), Span::seconds(120));
    second.ready(at(3));
    let view = second.view();
    assert_eq!((last(&second), there(&second)), (None, None));
    assert_eq!((view.node_cpu().get(0), view.unit_memory().get(0)), (None, None));
    assert!(at(3).since(view.wanted_seen_at()) >= Span::seconds(120));
    assert!(at(3).since(view.last_active().swept_at()) >= Span::seconds(120));
    take(&mut second, column(Column::LastActive, &[("ann", START - 60.0, 4)]));
    take(&mut second, machine("host-a", 4, stack("ann", UnitState::Running)));
    second.ready(at(5));
    assert_eq!(last(&second).map(|last| last.1), Some(at(4)));
    assert!(second.view().node_cpu().get(0).is_some());
}

#[test]
fn of_whom_no_session_is_told_any_more_nobody_says_that_they_left() {
    let mut registry = seen();
    assert_eq!(there(&registry), Some((true, at(1))));
    // The query is answered, and says nothing of ann.
    take(
        &mut registry,
        machine(
            "host-a",
            9,
            [stack("ann", UnitState::Running), stack("bob", UnitState::Running)].concat(),
        ),
    );
    take(&mut registry, column(Column::Sessions, &[("bob", 0.0, 9)]));
    assert_eq!(there(&registry), Some((true, at(1))), "it grows old");
    take(&mut registry, column(Column::Sessions, &[]));
    assert_eq!(there(&registry), Some((true, at(1))));
    let told = take(&mut registry, column(Column::Sessions, &[("ann", -1.0, 20)]));
    assert!(told[0].contains("no number of sessions"), "{told:?}");
    assert_eq!(there(&registry), Some((true, at(1))));
}

#[test]
fn a_stray_container_of_another_tier_freezes_its_tenant_and_changes_nothing_of_it() {
    let mut registry = registry();
    let premium = |units: Vec<UnitSeen>| -> Vec<UnitSeen> {
        units.into_iter().map(|unit| UnitSeen { tier: "premium".to_owned(), ..unit }).collect()
    };
    let own = premium(stack("ann", UnitState::Running));
    take(&mut registry, machine("host-a", 1, own.clone()));
    assert_eq!((ann(&registry).tier, ann(&registry).conflict), (TierId(1), Conflict::None));
    let stray = unit("ann", "worker", UnitState::Running);
    let told = take(&mut registry, machine("host-b", 2, vec![stray.clone()]));
    assert_eq!(
        told,
        ["ann: database on host-a says that it is `premium`, worker on host-b `free`: nothing is \
          taken from it until that ends"]
    );
    assert_eq!((ann(&registry).tier, ann(&registry).conflict), (TierId(1), Conflict::Tier));
    // It is told once, whichever tenant is looked at.
    assert_eq!(take(&mut registry, machine("host-a", 3, own.clone())), Vec::<String>::new());
    assert_eq!(take(&mut registry, machine("host-b", 4, vec![stray])), Vec::<String>::new());
    assert_eq!(
        take(&mut registry, machine("host-b", 6, Vec::new())),
        ["ann: its containers contradict each other no longer"]
    );
    assert_eq!((ann(&registry).tier, ann(&registry).conflict), (TierId(1), Conflict::None));
    // All of them say another tier, made anew: that is what the tenant pays for now.
    let anew = stack("ann", UnitState::Running);
    let anew = anew.into_iter().map(|unit| UnitSeen { container: "anew".to_owned(), ..unit });
    take(&mut registry, machine("host-a", 7, anew.collect()));
    assert_eq!((ann(&registry).tier, ann(&registry).conflict), (TierId(0), Conflict::None));
}

#[test]
fn a_container_that_says_another_tier_than_before_is_not_believed() {
    let mut registry = registry();
    take(&mut registry, machine("host-a", 1, stack("ann", UnitState::Running)));
    let mut units = stack("ann", UnitState::Running);
    units.iter_mut().for_each(|unit| unit.tier = "premium".to_owned());
    for seconds in [2, 3] {
        let told = take(&mut registry, machine("host-a", seconds, units.clone()));
        assert_eq!(told.len(), usize::from(seconds == 2), "{told:?}");
        assert_eq!((ann(&registry).tier, ann(&registry).conflict), (TierId(0), Conflict::Tier));
    }
    take(&mut registry, machine("host-a", 4, stack("ann", UnitState::Running)));
    assert_eq!(ann(&registry).conflict, Conflict::None);
}

#[test]
fn a_container_that_runs_twice_freezes_its_tenant_and_one_that_moves_does_not() {
    let mut registry = registry();
    take(&mut registry, machine("host-a", 1, stack("ann", UnitState::Running)));
    // It was started elsewhere after host-a was looked at: it may have moved.
    let mut moved = stack("ann", UnitState::Running);
    moved.iter_mut().for_each(|unit| unit.since = at(2));
    assert_eq!(take(&mut registry, machine("host-b", 3, moved.clone())), Vec::<String>::new());
    assert_eq!(ann(&registry).conflict, Conflict::None);
    let told = take(&mut registry, machine("host-a", 4, stack("ann", UnitState::Running)));
    assert!(
        told[0].contains("database on host-a runs, and so does database on host-b"),
        "{told:?}"
    );
    assert_eq!(ann(&registry).conflict, Conflict::RunsTwice);
    take(&mut registry, machine("host-a", 5, Vec::new()));
    assert_eq!(ann(&registry).conflict, Conflict::None);
    // Twice on one machine.
    let mut twins = moved.clone();
    twins.extend(moved.into_iter().map(|unit| UnitSeen { container: "other".to_owned(), ..unit }));
    let told = take(&mut registry, machine("host-b", 6, twins));
    assert!(told[0].contains("is there twice, as"), "{told:?}");
    assert_eq!(ann(&registry).conflict, Conflict::RunsTwice);
}

#[test]
fn one_container_out_of_sight_grows_old_and_the_others_are_seen() {
    let mut registry = registry();
    let both = [stack("ann", UnitState::Running), stack("bob", UnitState::Running)].concat();
    take(&mut registry, machine("host-a", 1, both));
    registry.ready(at(1));
    let unclear = |seconds| {
        let mut units = stack("bob", UnitState::Running);
        units.push(unit("ann", "database", UnitState::Running));
        with(machine("host-a", seconds, units), |seen| {
            seen.unclear = vec![("ann".to_owned(), "bots".to_owned())];
            seen.complaints = vec!["container ann.bots: it hangs: it is not seen".to_owned()];
        })
    };
    assert_eq!(
        take(&mut registry, unclear(5)),
        ["host-a: container ann.bots: it hangs: it is not seen"]
    );
    assert_eq!(take(&mut registry, unclear(6)), Vec::<String>::new(), "it is told once");
    registry.ready(at(6));
    let view = registry.view();
    assert_eq!((view.node(NodeId(0)).state, view.tenants_missing()), (NodeState::Ready, 0));
    assert_eq!(
        (ann(&registry).phase, ann(&registry).conflict),
        (Phase::Settled, Conflict::Unclear)
    );
    assert_eq!(view.tenant(TenantId(1)).conflict, Conflict::None);
    let seen_at = |unit: usize| view.unit_cpu().get(unit).map(|reading| reading.seen_at);
    assert_eq!((seen_at(0), seen_at(1), seen_at(2)), (Some(at(6)), Some(at(1)), Some(at(6))));
    take(&mut registry, machine("host-a", 7, stack("ann", UnitState::Running)));
    assert_eq!(ann(&registry).conflict, Conflict::None);
}

#[test]
fn a_counter_that_began_anew_is_no_last_visit() {
    let mut registry = seen();
    let accepted = last(&registry);
    // Of someone who was never heard of, zero is no visit in 1970.
    take(&mut registry, machine("host-c", 1, stack("zoe", UnitState::Running)));
    let told = take(&mut registry, column(Column::LastActive, &[("zoe", 0.0, 2)]));
    assert!(told[0].contains("no moment that was"), "{told:?}");
    assert_eq!(registry.view().last_active().get(1), None);
    // Zero; earlier than before; before Docker; before the tenant itself.
    for value in [0.0, START - 600.0, 1_000_000_000.0] {
        let told = take(&mut registry, column(Column::LastActive, &[("ann", value, 5)]));
        assert!(told[0].contains("it is left out"), "{value}: {told:?}");
        assert_eq!(last(&registry), accepted, "{value}: it grows old");
    }
    let mut units = stack("bob", UnitState::Running);
    units.iter_mut().for_each(|unit| unit.created = Some(at(100)));
    take(&mut registry, machine("host-b", 101, units));
    let told = take(&mut registry, column(Column::LastActive, &[("bob", START + 50.0, 101)]));
    assert!(told[0].contains("earlier than the tenant itself"), "{told:?}");
    take(&mut registry, column(Column::LastActive, &[("bob", START + 100.0, 102)]));
    assert!(registry.view().last_active().get(2).is_some());
}

#[test]
fn one_moment_long_ago_for_many_tenants_is_nobodys_last_visit() {
    let mut registry = registry();
    let names = ["ann", "bob", "cat", "dan"];
    let units: Vec<_> = names.iter().flat_map(|name| stack(name, UnitState::Running)).collect();
    take(&mut registry, machine("host-a", 1, units));
    let ago = START - 172_800.0;
    let rows: Vec<_> = names.iter().map(|name| (*name, ago, 5)).collect();
    let told = take(&mut registry, column(Column::LastActive, &rows));
    assert!(told.iter().all(|line| line.contains("the same for many")), "{told:?}");
    assert_eq!(last(&registry), None);
    // Each at a moment of their own is believed.
    let rows: Vec<_> =
        names.iter().zip(0..).map(|(name, more)| (*name, ago + f64::from(more), 6)).collect();
    assert_eq!(take(&mut registry, column(Column::LastActive, &rows)), Vec::<String>::new());
    assert!(last(&registry).is_some());
}

#[test]
fn a_use_that_could_not_be_read_is_no_use_of_nothing() {
    let mut registry = registry();
    take(&mut registry, machine("host-a", 1, stack("ann", UnitState::Running)));
    registry.ready(at(1));
    let unmeasured = with(machine("host-a", 5, stack("ann", UnitState::Running)), |seen| {
        seen.unmeasured = true;
    });
    take(&mut registry, unmeasured);
    registry.ready(at(5));
    assert_eq!(registry.view().node_cpu().get(0).map(|reading| reading.seen_at), Some(at(1)));
}

/// Rows are never used again, so there is a bound on them.
#[test]
fn more_tenants_than_are_kept_are_left_out_and_told() {
    let mut registry = registry();
    let one = |index: usize| unit(&format!("tenant-{index}"), "bots", UnitState::Running);
    let units: Vec<UnitSeen> = (0..TENANTS_MAX).map(one).collect();
    take(&mut registry, machine("host-a", 1, units));
    let told =
        take(&mut registry, machine("host-b", 2, vec![one(TENANTS_MAX), one(TENANTS_MAX - 1)]));
    assert!(told.iter().any(|line| line.contains("50000 tenants have been seen")), "{told:?}");
    assert_eq!(registry.view().tenants().len(), TENANTS_MAX);
}
