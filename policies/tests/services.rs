//! What the view keeps of services: which replicas are there, and what they take of machines.

use seatrial_contract::config::{Element, Node, Path, Problems, Value};
use seatrial_contract::units::{Bytes, Frequency, Moment, Span, cores, gib, mib, millicores};
use seatrial_contract::view::{
    Delta, Replica, ReplicaState, Service, Tenant, Tier, Unit, UnitState, ViewDocument,
};
use seatrial_contract::{
    Action, ClusterView, Dice, Effect, Footprint, NodeId, Precondition, Priority, Reading,
    ReplicaId, ServiceId, Target,
};
use seatrial_policies::{Pilot, PolicyFile};

const PORTAL: ServiceId = ServiceId(0);
const A: NodeId = NodeId(0);
const B: NodeId = NodeId(1);

fn view() -> ClusterView {
    let node = |name| {
        format!(r#"{{ "name": "{name}", "pool": "shared", "cpu": "4 cores", "memory": "8 GiB" }}"#)
    };
    let text = format!(
        r#"{{ "taken_at": "100 d", "tiers": [], "pools": [{{ "name": "shared" }}],
        "nodes": [{}, {}],
        "services": [{{ "name": "portal", "pool": "shared", "cpu": "0.5 cores", "memory": "1 GiB" }}] }}"#,
        node("a"),
        node("b")
    );
    let document: ViewDocument = serde_json::from_str(&text).unwrap();
    document.open().unwrap_or_else(|wrong| panic!("{wrong:?}")).0
}

fn pilot(kind: &str) -> Pilot {
    let list = Value::List(vec![Node::table([("kind", Node::text(kind))])]).nowhere();
    let mut problems = Problems::default();
    let file = PolicyFile::read(&Node::table([("policies", list)]), &Path::Root, &mut problems);
    Pilot::new(&file.unwrap_or_else(|| panic!("{problems:?}")))
}

fn add(view: &mut ClusterView, node: Option<NodeId>, state: ReplicaState) -> ReplicaId {
    let now = view.taken_at;
    view.add_replica(Replica::new(PORTAL, node, state, now))
}

fn there(view: &ClusterView) -> Vec<ReplicaId> {
    view.replicas_of(PORTAL).collect()
}

#[test]
fn whoever_is_gone_is_met_no_more_and_the_others_are_in_order() {
    let mut view = view();
    let all: Vec<_> = (0..4).map(|_| add(&mut view, Some(A), ReplicaState::Ready)).collect();
    for (gone, left) in [
        (all[1], vec![all[0], all[2], all[3]]),
        (all[0], vec![all[2], all[3]]),
        (all[3], vec![all[2]]),
    ] {
        view.update_replica(gone, |row| row.state = ReplicaState::Gone);
        assert_eq!(there(&view), left);
        assert_eq!(view.service(PORTAL).replicas as usize, left.len());
    }
    let more = add(&mut view, Some(A), ReplicaState::Pending);
    assert_eq!(there(&view), [all[2], more]);
    assert_eq!(more, ReplicaId(4), "an id is not given again");
}

#[test]
fn after_a_month_of_scaling_the_list_is_no_longer_than_what_is_there() {
    let mut view = view();
    for _ in 0..50_000 {
        let one = add(&mut view, Some(A), ReplicaState::Ready);
        view.update_replica(one, |row| row.state = ReplicaState::Gone);
    }
    assert_eq!((view.replicas().len(), there(&view).len()), (50_000, 0));
    assert_eq!(view.node(A).others, Footprint::default());
}

#[test]
fn replicas_take_room_where_they_are_until_they_end() {
    let mut view = view();
    let whole = Footprint { cpu: cores(4), memory: gib(8) };
    let one = Footprint { cpu: millicores(500), memory: gib(1) };
    let version = view.room_version();
    let replica = add(&mut view, None, ReplicaState::Pending);
    assert_eq!(view.room(A), whole);
    view.update_replica(replica, |row| {
        (row.node, row.state) = (Some(A), ReplicaState::Starting);
    });
    assert_eq!((view.room(A), view.node(A).others), (whole.minus(one), one));
    assert_eq!(view.pools()[0].sums.promised, one);
    assert_eq!(view.room_version(), version);
    view.update_replica(replica, |row| row.state = ReplicaState::Stopping);
    assert_eq!(view.node(A).others, one, "it stops and is there still");
    view.update_replica(replica, |row| row.state = ReplicaState::Failed);
    assert_eq!(view.room(A), whole);
    assert!(view.room_version() > version, "tenants that wait for room look again");
}

#[test]
fn a_machine_that_is_full_of_replicas_takes_no_tenant() {
    for replicas in [7, 8] {
        let mut view = view();
        view.update_node(B, |row| row.cordoned = true);
        (0..replicas).for_each(|_| _ = add(&mut view, Some(A), ReplicaState::Ready));
        let free = view.add_tier(Tier { name: "free".into(), priority: Priority::Low });
        let tenant = view.add_tenant(Tenant::new(free));
        let requested = Footprint { cpu: millicores(500), memory: mib(10) };
        view.add_unit(Unit::new(tenant, None, UnitState::Stopped, None, requested));
        // Of 4 cores and 8 GiB seven replicas leave half a core and one GiB.
        let placed = pilot("spread").tick(&view, Dice::new(1)).actions().count();
        assert_eq!(placed == 1, replicas == 7);
    }
}

#[test]
fn what_a_service_requests_counts_for_all_its_replicas_at_once() {
    let mut view = view();
    add(&mut view, Some(A), ReplicaState::Ready);
    add(&mut view, Some(A), ReplicaState::Ready);
    add(&mut view, Some(B), ReplicaState::Unready);
    view.update_service(PORTAL, |row| row.requested.cpu = cores(1));
    assert_eq!((view.node(A).others.cpu, view.node(B).others.cpu), (cores(2), cores(1)));
}

#[test]
fn what_is_beside_replicas_takes_room_as_well() {
    let mut view = view();
    add(&mut view, Some(A), ReplicaState::Ready);
    let beside = Footprint { cpu: cores(1), memory: mib(100) };
    view.update_node(A, |row| row.beside = beside);
    assert_eq!(view.node(A).others.cpu, millicores(1_500));
    view.update_node(A, |row| row.beside = Footprint::default());
    assert_eq!(view.node(A).others.cpu, millicores(500));
    assert_eq!(view.room(A).memory, gib(7));
}

#[test]
fn a_document_with_services_opens_to_what_it_was_written_of() {
    let mut view = view();
    let now = view.taken_at;
    let first = add(&mut view, Some(A), ReplicaState::Ready);
    add(&mut view, None, ReplicaState::Pending);
    let cpu = Reading { value: millicores(120), seen_at: now };
    view.read_replica(first, cpu, Reading { value: mib(300), seen_at: now });
    view.update_replica(first, |row| row.started_at = Some(Moment(now.0 - Span::minutes(4).0)));
    let calls = Frequency { millionths: 42_500_000, ..Default::default() };
    view.read_calls(PORTAL, Some(Reading { value: calls, seen_at: now }));
    view.read_waiting(PORTAL, Some(Reading { value: 7, seen_at: now }));
    view.update_service(PORTAL, |row| row.wanted = 2);
    view.update_node(B, |row| row.beside.memory = Bytes(5));
    let document = ViewDocument::of(&view, &Default::default());
    let text = serde_json::to_string(&document).unwrap();
    let read: ViewDocument = serde_json::from_str(&text).unwrap();
    let (again, names) = read.open().unwrap_or_else(|wrong| panic!("{wrong:?}"));
    assert_eq!(ViewDocument::of(&again, &names), document);
    assert_eq!(again.service(PORTAL), view.service(PORTAL));
    assert_eq!(again.node(A).others, view.node(A).others);
}

#[test]
fn a_document_that_names_what_is_not_there_is_refused() {
    let open = |service: &str| {
        let text = format!(
            r#"{{ "taken_at": "1 d", "tiers": [], "pools": [], "services": [{service}, {service}] }}"#
        );
        let document: ViewDocument = serde_json::from_str(&text).unwrap();
        let wrong = document.open().map(|_| ()).unwrap_err();
        wrong.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        open(r#"{ "name": "a", "pool": "no" }"#),
        ["services[0].pool: no pool `no`", "services[1].pool: no pool `no`"]
    );
    assert_eq!(
        open(r#"{ "name": "a", "replicas": [{ "node": "x" }] }"#),
        [
            "services[0].replicas[0].node: no node `x`",
            "services[1].name: there is a service `a` already",
            "services[1].replicas[0].node: no node `x`"
        ]
    );
}

#[test]
fn a_delta_that_names_replicas_of_another_view_is_refused() {
    let mut other = view();
    add(&mut other, Some(A), ReplicaState::Ready);
    add(&mut other, Some(A), ReplicaState::Ready);
    let before = other.clone();
    other.update_replica(ReplicaId(1), |row| row.state = ReplicaState::Unready);
    let delta = Delta::between(&before, &other);
    assert!(view().apply(&delta).is_err());
    assert!(ClusterView::default().apply(&delta).is_err());
    let mut copy = before;
    assert!(copy.apply(&delta).is_ok());
    assert_eq!(copy, other);
}

#[test]
fn what_says_nothing_of_services_is_written_as_it_was_before_there_were_any() {
    let mut bare = ClusterView::default();
    bare.taken_at = Moment(5);
    let text = serde_json::to_string(&Delta::between(&ClusterView::default(), &bare)).unwrap();
    assert!(!text.contains("services") && !text.contains("replicas"), "{text}");
    let mut view = view();
    view.update_service(PORTAL, |_| {});
    let node = serde_json::to_string(view.node(A)).unwrap();
    assert!(!node.contains("others") && !node.contains("beside"), "{node}");
    let read: seatrial_contract::view::Node = serde_json::from_str(&node).unwrap();
    assert_eq!(read.capacity, view.node(A).capacity);
}

#[test]
fn scaling_down_destroys_and_scaling_up_does_not() {
    let scale = |from, to| Action::Scale { service: PORTAL, from, to };
    assert!(scale(3, 2).is_destructive() && !scale(2, 3).is_destructive());
    assert_eq!(scale(3, 2).target(), Target::Service(PORTAL));
    assert_eq!(scale(3, 2).preconditions(), [Precondition::ReplicasWanted(3)]);
    assert_eq!(scale(3, 2).effect(0), Effect::ReplicasWanted(2));
    let text = serde_json::to_string(&scale(3, 2)).unwrap();
    assert_eq!(text, r#"{"do":"scale","service":0,"from":3,"to":2}"#);
    assert_eq!(Service::new("a".into(), None, 1, Footprint::default()).replicas, 0);
}
