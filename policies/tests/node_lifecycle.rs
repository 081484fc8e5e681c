//! How machines that are lost are given up, zone by zone, beside Kubernetes' node lifecycle: a machine each ten seconds
//! (0.1 a second) once it was lost for 300 s; where 55 % of a zone are lost and at least three machines, one each
//! hundred seconds, or none where the zone has no more than fifty.

use seatrial_contract::config::{Element, Node, Path, Problems, Value};
use seatrial_contract::units::{Moment, Ppm, Span};
use seatrial_contract::view::{NodeState, ViewDocument};
use seatrial_contract::{Action, ClusterView, Dice, NodeId, Verdict};
use seatrial_policies::{Pilot, PolicyFile};
use std::fmt::Write;

/// A tick; Kubernetes looks each five seconds.
const TICK: Span = Span::seconds(5);

fn pilot(by_zone: &[(&str, Node)]) -> Pilot {
    let kind = ("kind", Node::text("evacuate"));
    let all = ("at_once", Value::Integer(1000).nowhere());
    let by_zone = by_zone.iter().map(|(key, node)| ((*key).to_owned(), node.value.clone()));
    let by_zone = Value::table(by_zone.collect::<Vec<_>>()).nowhere();
    let list = Value::List(vec![Node::table([kind, all, ("by_zone", by_zone)])]).nowhere();
    let mut problems = Problems::default();
    let file = PolicyFile::read(&Node::table([("policies", list)]), &Path::Root, &mut problems);
    let mut file = file.unwrap_or_else(|| panic!("{problems:?}"));
    (file.guard.lost_most, file.guard.tenants_an_hour) = (Ppm::WHOLE, Ppm::WHOLE);
    file.guard.machines_an_hour = Ppm::WHOLE;
    Pilot::new(&file)
}

/// So many machines in each zone, with a tenant on each.
fn cluster(zones: &[u32]) -> ClusterView {
    let (mut nodes, mut tenants) = (Vec::new(), Vec::new());
    for (zone, count) in zones.iter().enumerate() {
        for number in 0..*count {
            let mut node = String::new();
            let _ = write!(
                node,
                r#"{{ "name": "n{zone}-{number}", "pool": "workers", "zone": "z{zone}", "cpu": "4 cores",
                "memory": "8 GiB", "cpu_used": {{ "value": "1 cores", "seen_at": "100 d" }},
                "memory_used": {{ "value": "1 GiB", "seen_at": "100 d" }} }}"#
            );
            nodes.push(node);
            tenants.push(format!(
                r#"{{ "name": "t{zone}-{number}", "tier": "free", "node": "n{zone}-{number}" }}"#
            ));
        }
    }
    let text = format!(
        r#"{{ "taken_at": "100 d", "tiers": [{{ "name": "free" }}], "pools": [{{ "name": "workers", "most": 1000,
        "tenants_most": 10 }}], "nodes": [{}], "tenants": [{}] }}"#,
        nodes.join(","),
        tenants.join(",")
    );
    let document: ViewDocument = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}"));
    document.open().unwrap_or_else(|wrong| panic!("{wrong:?}")).0
}

/// Loses machines, and says after how many seconds each was given up, over so long.
fn given_up(view: &mut ClusterView, pilot: &mut Pilot, lost: &[usize], over: u64) -> Vec<u64> {
    let began = view.taken_at;
    for index in lost {
        view.update_node(NodeId::at(*index), |row| {
            (row.state, row.since) = (NodeState::Lost, began);
        });
        view.lose_node(NodeId::at(*index));
    }
    let mut found = Vec::new();
    while view.taken_at.since(began) <= Span::seconds(over) {
        let now = view.taken_at;
        view.sweep_machines(now);
        for decision in &pilot.tick(view, Dice::new(1)).all {
            if let Verdict::Act { action: Action::Abandon { tenant, .. }, .. } = decision.verdict {
                found.push((tenant, now.since(began).0 / 1_000_000_000));
            }
        }
        view.settle();
        view.taken_at = Moment(now.0 + TICK.0);
    }
    // Who is not given up at once is decided about again; the first time counts.
    let mut first: Vec<(seatrial_contract::TenantId, u64)> = Vec::new();
    for (tenant, at) in found {
        if !first.iter().any(|of| of.0 == tenant) {
            first.push((tenant, at));
        }
    }
    first.into_iter().map(|of| of.1).collect()
}

#[test]
fn a_tenth_of_a_machine_a_second_after_five_minutes() {
    let (mut view, mut pilot) = (cluster(&[60]), pilot(&[]));
    let lost: Vec<usize> = (0..10).collect();
    let found = given_up(&mut view, &mut pilot, &lost, 600);
    let expected: Vec<u64> = (0..10).map(|number| 300 + 10 * number).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_small_zone_that_is_mostly_lost_is_not_given_up_and_a_large_one_slowly() {
    let lost: Vec<usize> = (0..28).collect();
    // 28 of 50 are 56 %.
    assert!(given_up(&mut cluster(&[50]), &mut pilot(&[]), &lost, 2_000).is_empty());
    // 27 of 50 are 54 %.
    let fewer = given_up(&mut cluster(&[50]), &mut pilot(&[]), &lost[..27], 600);
    assert_eq!(fewer.len(), 27);
    let lost: Vec<usize> = (0..66).collect();
    let found = given_up(&mut cluster(&[120]), &mut pilot(&[]), &lost, 1_000);
    assert_eq!(found, [300, 400, 500, 600, 700, 800, 900, 1_000]);
    // Two of three are most of a zone, and fewer than three machines.
    let found = given_up(&mut cluster(&[3]), &mut pilot(&[]), &[0, 1], 600);
    assert_eq!(found, [300, 310]);
}

#[test]
fn each_zone_goes_by_its_own() {
    let (mut view, mut pilot) = (cluster(&[20, 20]), pilot(&[]));
    // Most of the first zone, and two of the second.
    let lost: Vec<usize> = (0..15).chain([20, 21]).collect();
    assert_eq!(given_up(&mut view, &mut pilot, &lost, 900), [300, 310]);
}

#[test]
fn a_zone_that_comes_back_is_given_up_no_further() {
    let (mut view, mut pilot) = (cluster(&[60]), pilot(&[]));
    let lost: Vec<usize> = (0..10).collect();
    let found = given_up(&mut view, &mut pilot, &lost, 320);
    assert_eq!(found, [300, 310, 320]);
    let now = view.taken_at;
    for index in 0..10 {
        view.update_node(NodeId::at(index), |row| (row.state, row.since) = (NodeState::Ready, now));
    }
    assert!(given_up(&mut view, &mut pilot, &[], 600).is_empty());
}

#[test]
fn what_is_said_of_it_is_taken() {
    let slow = [("each", Node::text("1 min"))];
    let found = given_up(&mut cluster(&[60]), &mut pilot(&slow), &[0, 1, 2], 600);
    assert_eq!(found, [300, 360, 420]);
    let strict = [("unhealthy", Node::text("10 %")), ("small", Value::Integer(0).nowhere())];
    let found = given_up(&mut cluster(&[20]), &mut pilot(&strict), &[0, 1, 2], 600);
    assert_eq!(found, [300, 400, 500]);
}
