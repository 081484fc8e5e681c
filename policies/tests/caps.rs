//! What may be taken within an hour, each in its own unit. Caps are said in the policy file, so that both
//! worlds keep the same.

use seatrial_contract::config::{Element, Node, Path, Problems, Value};
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::{Connections, ViewDocument};
use seatrial_contract::{
    Action, Book, ClusterView, Decisions, Dice, Guard, NodeId, PolicyId, PoolerId, Protected,
    Reason, ServiceId, Stage, TenantId, Tick, TierId, Verdict,
};

fn guard<const N: usize>(keys: [(&str, &str); N]) -> Guard {
    let value = |text: &str| match text.parse() {
        Ok(number) => Value::Integer(number).nowhere(),
        Err(_) => Node::text(text),
    };
    let table = Value::table(keys.map(|(key, text)| (key.to_owned(), value(text).value))).nowhere();
    let mut problems = Problems::default();
    let guard = Guard::read(&table, &Path::Root, &mut problems);
    guard.unwrap_or_else(|| panic!("{problems:?}"))
}

/// 30 tenants on the first of ten machines of one pool, nobody on those of another, a service with 40
/// replicas, and a pooler with 100 connections.
fn view() -> ClusterView {
    let seen = |value: &str| format!(r#"{{ "value": {value}, "seen_at": "100 d" }}"#);
    let machine = |pool: &str, number: u32| {
        format!(
            r#"{{ "name": "{pool}-{number}", "pool": "{pool}", "cpu": "90 cores", "memory": "90 GiB",
            "cpu_used": {}, "memory_used": {} }}"#,
            seen("\"1 cores\""),
            seen("\"1 GiB\"")
        )
    };
    let machines = (0..10).map(|n| machine("workers", n)).chain((0..4).map(|n| machine("web", n)));
    let tenant = |number: u32| {
        format!(
            r#"{{ "name": "t-{number}", "tier": "free", "node": "workers-0",
            "last_active": {}, "session": {} }}"#,
            seen("\"50 d\""),
            seen("false")
        )
    };
    let text = format!(
        r#"{{ "taken_at": "100 d", "tiers": [{{ "name": "free" }}],
        "pools": [{{ "name": "workers" }}, {{ "name": "web" }}], "nodes": [{}],
        "poolers": [{{ "name": "pooler", "most": 100, "tiers": [{{ "tier": "free" }}] }}],
        "services": [{}], "tenants": [{}] }}"#,
        machines.collect::<Vec<_>>().join(", "),
        ["portal", "api"]
            .map(|name| format!(
                r#"{{ "name": "{name}", "pool": "web", "wanted": 40, "cpu": "1 m",
                "memory": "1 MiB", "calls": {} }}"#,
                seen("\"1/s\"")
            ))
            .join(", "),
        (0..30).map(tenant).collect::<Vec<_>>().join(", ")
    );
    let document: ViewDocument = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}"));
    let mut view = document.open().unwrap_or_else(|wrong| panic!("{wrong:?}")).0;
    see(&mut view);
    view.see_connections(
        PoolerId::at(0),
        TierId::at(0),
        Connections { most: 100, ..Connections::default() },
    );
    view.sweep_connections(view.taken_at);
    view
}

/// Everything is seen again, as it was.
fn see(view: &mut ClusterView) {
    let now = view.taken_at;
    for index in 0..view.nodes().len() {
        let (cpu, memory) = (view.node_cpu().last(index), view.node_memory().last(index));
        view.see_node(NodeId::at(index), cpu, memory);
    }
    for index in 0..view.tenants().len() {
        view.see_session(TenantId::at(index), false);
        view.see_activity(TenantId::at(index), view.last_active().last(index));
    }
    view.sweep_machines(now);
    view.sweep_activity(now);
    view.sweep_sessions(now);
    view.sweep_wanted(now);
    view.sweep_connections(now);
    view.sweep_calls(now);
}

/// Tries an action; why it was refused, if it was.
fn tried(view: &ClusterView, guard: &Guard, book: &mut Book, action: Action) -> Option<Reason> {
    let mut decisions = Decisions::default();
    let policy = PolicyId::at(0);
    let mut tick = Tick::new(view, Dice::new(1), guard, policy, book, &mut decisions, None);
    let acted = tick.act(action, Reason::Emptied);
    let decision = decisions.all[0];
    assert_eq!(acted, matches!(decision.verdict, Verdict::Act { .. }));
    (!acted).then_some(decision.reason)
}

fn sleep(number: usize) -> Action {
    Action::Hibernate { tenant: TenantId::at(number), stage: Stage(1) }
}

/// How many of these are taken, and what refuses the first that is not.
fn taken(guard: &Guard, actions: impl Iterator<Item = Action>) -> (usize, Option<Reason>) {
    let (view, mut book) = (view(), Book::default());
    let tried: Vec<_> = actions.map(|action| tried(&view, guard, &mut book, action)).collect();
    let done = tried.iter().take_while(|refused| refused.is_none()).count();
    (done, tried.get(done).copied().flatten())
}

fn cap(unit: Protected, done: u32, limit: u32) -> Option<Reason> {
    Some(Reason::BlastCap { unit, done, limit })
}

#[test]
fn a_share_of_the_tenants_sleeps_within_an_hour_and_a_few_always_may() {
    let sleeps = || (0..30).map(sleep);
    // 50 % of 30; 20 % would be 6, but ten always may; none and all are none and all.
    let half = guard([("tenants_an_hour", "50 %")]);
    assert_eq!(taken(&half, sleeps()), (15, cap(Protected::Tenants, 15, 15)));
    assert_eq!(taken(&guard([]), sleeps()), (10, cap(Protected::Tenants, 10, 10)));
    let fewer = guard([("tenants_always", "0")]);
    assert_eq!(taken(&fewer, sleeps()), (6, cap(Protected::Tenants, 6, 6)));
    let none = guard([("tenants_an_hour", "0 %")]);
    assert_eq!(taken(&none, sleeps()), (0, cap(Protected::Tenants, 0, 0)));
    assert_eq!(taken(&guard([("tenants_an_hour", "100 %")]), sleeps()), (30, None));
}

#[test]
fn a_share_of_a_pools_machines_is_taken_out_within_an_hour_and_each_counts_once() {
    let none_else = [("machines_an_hour", "30 %"), ("machines_always", "0")];
    let drains = (1..10).map(|n| Action::Drain { node: NodeId::at(n) });
    let (done, why) = taken(&guard(none_else), drains);
    assert_eq!((done, why), (3, cap(Protected::Machines, 3, 3)));
    let (mut view, guard, mut book) = (view(), guard(none_else), Book::default());
    for number in 1..4 {
        let node = NodeId::at(number);
        assert_eq!(tried(&view, &guard, &mut book, Action::Drain { node }), None);
        view.update_node(node, |row| row.draining = true);
        book.land(&view, &guard);
        assert_eq!(tried(&view, &guard, &mut book, Action::RemoveNode { node }), None);
    }
    // The other pool has its own: 30 % of 4 is one.
    let other = |number| Action::Drain { node: NodeId::at(number) };
    assert_eq!(tried(&view, &guard, &mut book, other(10)), None);
    assert_eq!(tried(&view, &guard, &mut book, other(11)), cap(Protected::Machines, 1, 1));
}

#[test]
fn a_share_of_each_services_replicas_goes_within_an_hour() {
    let scale = |service, from, to| Action::Scale { service: ServiceId::at(service), from, to };
    let quarter = guard([("replicas_an_hour", "25 %")]);
    // 25 % of 40 is 10.
    assert_eq!(taken(&quarter, [scale(0, 40, 30)].into_iter()), (1, None));
    let eleven = taken(&quarter, [scale(0, 40, 29)].into_iter());
    assert_eq!(eleven, (0, cap(Protected::Replicas, 0, 10)));
    let (mut view, mut book) = (view(), Book::default());
    for service in [0, 1] {
        assert_eq!(tried(&view, &quarter, &mut book, scale(service, 40, 32)), None);
        view.update_service(ServiceId::at(service), |row| row.wanted = 32);
    }
    book.land(&view, &quarter);
    assert_eq!(
        tried(&view, &quarter, &mut book, scale(0, 32, 29)),
        cap(Protected::Replicas, 8, 10)
    );
    // Kubernetes knows no such cap, and neither do we unless the file says one.
    assert_eq!(taken(&guard([]), [scale(0, 40, 0)].into_iter()), (1, None));
}

#[test]
fn a_share_of_a_poolers_connections_is_taken_within_an_hour() {
    let limit = |most| Action::LimitConnections {
        pooler: PoolerId::at(0),
        tier: TierId::at(0),
        from: 100,
        most,
    };
    let tenth = guard([("connections_an_hour", "10 %")]);
    assert_eq!(taken(&tenth, [limit(90)].into_iter()), (1, None));
    let eleven = taken(&tenth, [limit(89)].into_iter());
    assert_eq!(eleven, (0, cap(Protected::Connections, 0, 10)));
    assert_eq!(taken(&guard([]), [limit(1)].into_iter()), (1, None));
}

#[test]
fn one_kind_leaves_the_others_their_own_caps() {
    let sleeps = (0..10).map(sleep);
    let scale = Action::Scale { service: ServiceId::at(0), from: 40, to: 4 };
    let drain = Action::Drain { node: NodeId::at(3) };
    assert_eq!(taken(&guard([]), sleeps.chain([scale, drain])), (12, None));
}

#[test]
fn what_was_taken_is_remembered_for_an_hour_and_over_a_restart() {
    let (mut view, guard, mut book) = (view(), guard([]), Book::default());
    for number in 0..10 {
        assert_eq!(tried(&view, &guard, &mut book, sleep(number)), None);
    }
    let pass = |view: &mut ClusterView, minutes| {
        view.taken_at = view.taken_at.after(Span::minutes(minutes));
        see(view);
    };
    pass(&mut view, 59);
    let text = serde_json::to_string(&book).unwrap();
    let mut book: Book = serde_json::from_str(&text).unwrap();
    let refused = tried(&view, &guard, &mut book, sleep(20));
    assert_eq!(refused, cap(Protected::Tenants, 10, 10));
    pass(&mut view, 1);
    assert_eq!(tried(&view, &guard, &mut book, sleep(20)), None);
    assert!(view.taken_at > Moment::START);
}

#[test]
fn the_cap_of_before_is_refused_with_the_words_of_now() {
    let table = Node::table([("destructive_most", Node::text("100 %"))]);
    let mut problems = Problems::default();
    Guard::read(&table, &Path::Root, &mut problems);
    let told = format!("{problems:?}");
    for word in ["tenants_an_hour", "machines_an_hour", "replicas_an_hour", "connections_an_hour"] {
        assert!(told.contains(word), "{told}");
    }
}
