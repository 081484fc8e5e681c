//! Invariants of wake admission: never more starts at once than the limit, nobody starves, the most
//! urgent first; and what it says.

#[expect(dead_code, reason = "the invariants of all policies use the rest")]
mod worlds;

use seatrial_contract::config::{Element, Node, Path, Problems, Value};
use seatrial_contract::units::Span;
use seatrial_contract::view::Phase;
use seatrial_contract::{Action, ClusterView, Dice, Priority, Reason, Stage, Target, TenantId};
use seatrial_policies::{Pilot, PolicyFile};
use worlds::{World, apply};

fn pilot(at_once: u64) -> Pilot {
    let kind = |kind: &str| ("kind", Node::text(kind));
    let at_once = Value::Integer(i64::try_from(at_once).unwrap()).nowhere();
    let list = vec![
        Node::table([kind("wake-admission"), ("at_once", at_once)]),
        Node::table([kind("spread")]),
        Node::table([kind("idle-ladder")]),
    ];
    let file = Node::table([("policies", Value::List(list).nowhere())]);
    let mut problems = Problems::default();
    let file = PolicyFile::read(&file, &Path::Root, &mut problems);
    Pilot::new(&file.unwrap_or_else(|| panic!("{problems:?}")))
}

fn starting(view: &ClusterView) -> usize {
    view.tenants().iter().filter(|row| row.phase == Phase::Starting).count()
}

/// Those who are waited for, do not run, and are started.
fn wakes(view: &ClusterView, actions: &[Action]) -> Vec<TenantId> {
    let wanted = |id: &TenantId| {
        let row = view.tenant(*id);
        row.wanted_since.is_some() && (row.node.is_none() || row.stage != Stage::AWAKE)
    };
    let wakes = actions.iter().filter_map(|action| match *action {
        Action::Wake { tenant } | Action::Place { tenant, .. } | Action::Move { tenant, .. } => {
            Some(tenant)
        }
        Action::Evict { .. }
        | Action::Abandon { .. }
        | Action::Hibernate { .. }
        | Action::Resize { .. }
        | Action::AddNodes { .. }
        | Action::Cordon { .. }
        | Action::Uncordon { .. }
        | Action::Drain { .. }
        | Action::RemoveNode { .. }
        | Action::LimitConnections { .. }
        | Action::Scale { .. }
        | Action::RevertRelease { .. }
        | Action::BackUp { .. }
        | Action::Restore { .. }
        | Action::FailOver { .. } => None,
    });
    wakes.filter(wanted).collect()
}

#[test]
fn never_more_start_than_the_limit_and_nobody_starves() {
    for seed in 0..200 {
        let (mut world, mut pilot) = (World::draw(seed), pilot(3));
        let mut woken = 0;
        for turn in 0..60 {
            let under_way = starting(&world.view);
            let actions: Vec<Action> =
                pilot.tick(&world.view, Dice::new(1)).actions().map(|(_, action)| action).collect();
            let wakes = wakes(&world.view, &actions);
            woken += wakes.len();
            assert!(
                wakes.is_empty() || under_way + wakes.len() <= 3,
                "seed {seed}, turn {turn}: {under_way} start, and then {wakes:?}"
            );
            world.view.settle();
            for action in actions {
                apply(&mut world.view, action);
            }
            world.view.taken_at = world.view.taken_at.after(Span::seconds(15));
            if turn < 20 {
                world.live();
            } else {
                finish_starts(&mut world.view);
            }
            world.pass(Span::seconds(15));
        }
        // Nobody comes any more, and starts are done: every tenant with room is awake.
        let waits = |id: &TenantId| {
            let row = world.view.tenant(*id);
            let node = row.node.filter(|_| row.wanted_since.is_some() && row.stage != Stage::AWAKE);
            node.is_some_and(|node| world.view.room(node).fits(row.missing()))
                && row.phase == Phase::Settled
        };
        let left: Vec<_> =
            (0..world.view.tenants().len()).map(TenantId::at).filter(waits).collect();
        assert!(left.is_empty(), "seed {seed}: {left:?} still wait after {woken} wakes");
    }
}

fn finish_starts(view: &mut ClusterView) {
    for id in (0..view.tenants().len()).map(TenantId::at) {
        view.update_tenant(id, |row| {
            if row.phase == Phase::Starting {
                row.phase = Phase::Settled;
                row.wanted_since = row.wanted_since.filter(|_| row.stage != Stage::AWAKE);
            }
        });
    }
}

/// Sleepers of two tiers, all of whom somebody waits for, on one large machine.
fn sleepers(free: usize, pro: usize) -> ClusterView {
    let row = |name: String, tier: &str, since: usize| {
        format!(
            r#"{{ "name": "{name}", "tier": "{tier}", "node": "a", "stage": "bots-stopped",
               "wanted_since": "{since} min",
               "units": [{{ "name": "app", "cpu": "100 m", "memory": "1 MiB",
                           "stops_at": "bots-stopped" }}] }}"#
        )
    };
    // The last of each tier has waited longest.
    let free = (0..free).map(|n| row(format!("free-{n}"), "free", 143_999 - n));
    let pro = (0..pro).map(|n| row(format!("pro-{n}"), "pro", 143_999 - n));
    let tenants: Vec<String> = free.chain(pro).collect();
    let text = format!(
        r#"{{ "taken_at": "100 d",
        "tiers": [{{ "name": "free" }}, {{ "name": "pro", "priority": "high" }}],
        "pools": [{{ "name": "workers", "tenants_most": 5000 }}],
        "nodes": [{{ "name": "a", "pool": "workers", "cpu": "640 cores", "memory": "64 GiB" }}],
        "tenants": [{}] }}"#,
        tenants.join(", ")
    );
    let document: seatrial_contract::view::ViewDocument = serde_json::from_str(&text).unwrap();
    document.open().unwrap_or_else(|wrong| panic!("{wrong:?}")).0
}

#[test]
fn the_most_urgent_come_first_and_then_who_has_waited_longest() {
    let mut view = sleepers(3, 3);
    assert_eq!(view.tiers()[1].priority, Priority::High);
    let mut pilot = pilot(2);
    let mut order = Vec::new();
    for _ in 0..6 {
        let found = pilot.tick(&view, Dice::new(1)).clone();
        let all: Vec<Action> = found.actions().map(|(_, action)| action).collect();
        order.extend(wakes(&view, &all).iter().map(|id| id.0));
        view.settle();
        all.into_iter().for_each(|action| apply(&mut view, action));
        view.taken_at = view.taken_at.after(Span::minutes(3));
        if order.len() % 2 == 0 {
            finish_starts(&mut view);
        }
    }
    // Two of the three professionals, who wait since 143,997 and 143,998 min; the third with the
    // free one who has waited longest; and so on. Within a turn the ladder goes by number.
    assert_eq!(order, [4, 5, 2, 3, 0, 1]);
}

#[test]
fn who_waits_for_a_turn_is_told_so_once_and_woken_when_a_start_is_done() {
    let mut view = sleepers(1_000, 0);
    let mut pilot = pilot(8);
    let first = pilot.tick(&view, Dice::new(1)).clone();
    assert_eq!(first.actions().count(), 8);
    let held: Vec<Reason> = first.all.iter().map(|decision| decision.reason).collect();
    let waits = |ahead| Reason::WakesAtOnce { starting: 8, limit: 8, ahead };
    assert!(held.contains(&waits(0)) && held.contains(&waits(991)) && !held.contains(&waits(992)));
    assert_eq!(
        waits(3).sentence(view.taken_at),
        "8 start already, the limit is 8; 3 are ahead of it"
    );
    view.settle();
    for (_, action) in first.actions() {
        apply(&mut view, action);
    }
    // A tick in which the eight are seen to start, and one in which nothing happens.
    for _ in 0..2 {
        let next = pilot.tick(&view, Dice::new(1)).clone();
        assert!(next.all.is_empty(), "992 wait, and nobody goes through them: {:?}", next.all);
        view.settle();
        view.taken_at = view.taken_at.after(Span::seconds(15));
    }
    let started = (0..1_000).map(TenantId::at).find(|id| view.tenant(*id).phase == Phase::Starting);
    view.update_tenant(started.unwrap(), |row| {
        (row.phase, row.wanted_since) = (Phase::Settled, None);
    });
    let next = pilot.tick(&view, Dice::new(1)).clone();
    let woken: Vec<_> = next.actions().map(|(_, action)| action).collect();
    // 0 to 999 wait since 143,999 min backwards: 992 to 999 were first, 991 is next.
    assert_eq!(woken, [Action::Wake { tenant: TenantId(991) }]);
    let about = |decision: &&seatrial_contract::Decision| {
        decision.target != Target::Tenant(started.unwrap())
    };
    assert_eq!(next.all.iter().filter(about).count(), 1);
}

#[test]
fn starts_that_never_end_keep_nobody_from_waking() {
    let mut view = sleepers(4, 0);
    let mut pilot = pilot(2);
    let mut woken = Vec::new();
    for _ in 0..60 {
        let found = pilot.tick(&view, Dice::new(1)).clone();
        view.settle();
        for (_, action) in found.actions() {
            woken.push(view.taken_at.since(seatrial_contract::units::Moment(Span::days(100).0)));
            apply(&mut view, action);
        }
        view.taken_at = view.taken_at.after(Span::seconds(15));
    }
    // Ten minutes after the first two, the other two have their turn.
    assert_eq!(woken, [Span::ZERO, Span::ZERO, Span::minutes(10), Span::minutes(10)]);
}
