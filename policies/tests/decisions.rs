//! What each policy decides, with the sums shown. Views are typed by hand, as an author would.

use seatrial_contract::Reading;
use seatrial_contract::config::{Element, Node, Path, Problems, Value};
use seatrial_contract::units::{Frequency, Moment, Ppm, Quantity, Span, percent};
use seatrial_contract::view::{Conflict, Phase, Tenant, ViewDocument};
use seatrial_contract::{
    Action, ClusterView, Dice, Implausible, NodeId, PoolId, Reason, Stage, Target, TenantId,
    Verdict,
};
use seatrial_policies::{Pilot, PolicyFile};

/// One policy with these entries besides its kind.
fn pilot<const N: usize>(kind: &str, entries: [(&str, Node); N]) -> Pilot {
    let mut all = vec![("kind".to_owned(), Value::Text(kind.to_owned()))];
    all.extend(entries.map(|(key, node)| (key.to_owned(), node.value)));
    let list = Value::List(vec![Value::table(all).nowhere()]).nowhere();
    let mut problems = Problems::default();
    let file = PolicyFile::read(&Node::table([("policies", list)]), &Path::Root, &mut problems);
    Pilot::new(&file.unwrap_or_else(|| panic!("{problems:?}")))
}

/// The same, told that nobody here knows who is at a tenant.
fn pilot_that_is_told_nothing_of_sessions() -> Pilot {
    let ladder = Node::table([("kind", Node::text("idle-ladder"))]);
    let guard = Node::table([("sessions", Node::text("not-known-here"))]);
    let list = Value::List(vec![ladder]).nowhere();
    let file = Node::table([("guard", guard), ("policies", list)]);
    Pilot::new(&PolicyFile::read(&file, &Path::Root, &mut Problems::default()).unwrap())
}

fn view(text: &str) -> ClusterView {
    let document: ViewDocument = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}"));
    document.open().unwrap_or_else(|wrong| panic!("{wrong:?}")).0
}

/// Two machines of 10 cores and 10 GiB, the first half used, the second hardly; one tenant without
/// a machine, one on each machine.
const TWO: &str = r#"{
  "taken_at": "100 d",
  "tiers": [{ "name": "free" }, { "name": "pro", "priority": "high" }],
  "pools": [{ "name": "workers", "least": 1, "most": 4, "tenants_most": 10 }],
  "nodes": [
    { "name": "a", "pool": "workers", "zone": "east", "cpu": "10 cores", "memory": "10 GiB",
      "cpu_used": { "value": "5 cores", "seen_at": "100 d" },
      "memory_used": { "value": "5 GiB", "seen_at": "100 d" } },
    { "name": "b", "pool": "workers", "zone": "west", "cpu": "10 cores", "memory": "10 GiB",
      "cpu_used": { "value": "1 cores", "seen_at": "100 d" },
      "memory_used": { "value": "2 GiB", "seen_at": "100 d" } }
  ],
  "tenants": [
    { "name": "new", "tier": "free", "wanted_since": "143999 min",
      "units": [{ "name": "app", "cpu": "1 cores", "memory": "1 GiB", "stops_at": "bots-stopped" }] },
    { "name": "ann", "tier": "free", "node": "a",
      "last_active": { "value": "92 d", "seen_at": "100 d" },
      "session": { "value": false, "seen_at": "100 d" },
      "units": [{ "name": "app", "cpu": "6 cores", "memory": "1 GiB", "stops_at": "bots-stopped" }] },
    { "name": "bob", "tier": "pro", "node": "b",
      "last_active": { "value": "92 d", "seen_at": "100 d" },
      "session": { "value": false, "seen_at": "100 d" },
      "units": [{ "name": "app", "cpu": "1 cores", "memory": "1 GiB", "stops_at": "bots-stopped" }] }
  ]
}"#;

const NEW: TenantId = TenantId(0);
const ANN: TenantId = TenantId(1);
const BOB: TenantId = TenantId(2);

/// The decision about a target, which must be the only one.
fn about(pilot: &mut Pilot, view: &ClusterView, target: Target) -> (Option<Action>, Reason) {
    let all = &pilot.tick(view, Dice::new(1)).all;
    let found: Vec<_> = all.iter().filter(|decision| decision.target == target).collect();
    let [one] = found.as_slice() else { panic!("{} decisions: {all:?}", found.len()) };
    match one.verdict {
        Verdict::Act { action, .. } => (Some(action), one.reason),
        Verdict::Hold => (None, one.reason),
    }
}

fn placed_on(node: u32) -> Option<Action> {
    Some(Action::Place { tenant: NEW, node: NodeId(node) })
}

#[test]
fn least_loaded_weighs_cpu_memory_and_tenants_as_seed_004_does() {
    let (action, reason) = about(&mut pilot("least-loaded", []), &view(TWO), Target::Tenant(NEW));
    // a: 0.4 × 5/10 + 0.4 × 5/10 + 0.2 × 1/10 = 0.42; b: 0.4 × 1/10 + 0.4 × 2/10 + 0.2 × 1/10 = 0.14.
    assert_eq!(action, placed_on(1));
    assert_eq!(reason, Reason::LowestLoad { score: percent(14), of: 2 });
}

#[test]
fn least_loaded_takes_what_is_promised_for_use_that_cannot_be_read() {
    let unread = TWO.replace("\"seen_at\": \"100 d\" },\n      \"memory_used\": { \"value\": \"5 GiB\", \"seen_at\": \"100 d\" }", "\"seen_at\": \"99 d\" },\n      \"memory_used\": { \"value\": \"5 GiB\", \"seen_at\": \"99 d\" }");
    assert_ne!(unread, TWO);
    let only_a = unread.replace("\"zone\": \"west\"", "\"zone\": \"west\", \"cordoned\": true");
    let (action, reason) =
        about(&mut pilot("least-loaded", []), &view(&only_a), Target::Tenant(NEW));
    // a has promised 6 cores and 1 GiB: 0.4 × 6/10 + 0.4 × 1/10 + 0.2 × 1/10 = 0.30.
    assert_eq!(action, placed_on(0));
    assert_eq!(reason, Reason::LowestLoad { score: percent(30), of: 1 });
}

#[test]
fn best_fit_fills_the_machine_that_is_left_with_least() {
    let (action, reason) = about(&mut pilot("best-fit", []), &view(TWO), Target::Tenant(NEW));
    // After it, a keeps 3 of 10 cores and 8 of 10 GiB, b keeps 8 and 8: both leave 80 % of memory,
    // so the first.
    assert_eq!(action, placed_on(0));
    assert_eq!(reason, Reason::TightestFit { left: percent(80), of: 2 });
}

#[test]
fn spread_goes_where_the_fewest_are() {
    let crowded =
        TWO.replace("\"tier\": \"pro\", \"node\": \"b\"", "\"tier\": \"pro\", \"node\": \"a\"");
    let (action, reason) = about(&mut pilot("spread", []), &view(&crowded), Target::Tenant(NEW));
    assert_eq!(action, placed_on(1));
    assert_eq!(reason, Reason::FewestTenants { in_zone: 0, on_node: 0, of: 2 });
}

#[test]
fn spread_says_that_it_counts_tenants_of_all_tiers() {
    // In the east lives one of her own tier, in the west one of the other: one is as many as one.
    let (action, reason) = about(&mut pilot("spread", []), &view(TWO), Target::Tenant(NEW));
    assert_eq!(action, placed_on(0));
    assert_eq!(reason, Reason::FewestTenants { in_zone: 1, on_node: 1, of: 2 });
    let told = reason.sentence(Moment::START);
    assert!(told.contains("1 of all tiers in the zone"), "{told}");
}

#[test]
fn nobody_is_placed_where_there_is_no_room() {
    let full = TWO.replace("\"tenants_most\": 10", "\"tenants_most\": 1");
    for kind in ["least-loaded", "best-fit", "spread"] {
        let (action, reason) = about(&mut pilot(kind, []), &view(&full), Target::Tenant(NEW));
        assert_eq!(action, None, "{kind}");
        assert!(matches!(reason, Reason::NoRoom { eligible: 2, .. }), "{kind}: {reason:?}");
    }
}

#[test]
fn the_ladder_has_seed_004s_days() {
    let view = view(TWO);
    let (action, reason) = about(&mut pilot("idle-ladder", []), &view, Target::Tenant(ANN));
    assert_eq!(action, Some(Action::Hibernate { tenant: ANN, stage: Stage(1) }));
    let (idle, limit) = (Span::days(8), Span::days(7));
    assert_eq!(reason, Reason::Idle { idle, limit, stage: Stage(1) });
    let never = Node::table([("pro", Node::table([]))]);
    let (action, reason) =
        about(&mut pilot("idle-ladder", [("tiers", never)]), &view, Target::Tenant(BOB));
    assert_eq!((action, reason), (None, Reason::DeepEnough { stage: Stage::AWAKE }));
}

#[test]
fn who_was_away_for_long_goes_down_the_ladder_at_once() {
    let long = TWO.replace("\"value\": \"92 d\"", "\"value\": \"60 d\"");
    let (action, _) = about(&mut pilot("idle-ladder", []), &view(&long), Target::Tenant(ANN));
    assert_eq!(action, Some(Action::Hibernate { tenant: ANN, stage: Stage(3) }));
}

#[test]
fn a_sleeper_is_woken_where_it_lives_if_there_is_room() {
    let asleep = TWO.replace(
        "\"name\": \"bob\", \"tier\": \"pro\", \"node\": \"b\",",
        "\"name\": \"bob\", \"tier\": \"pro\", \"node\": \"b\", \"stage\": \"bots-stopped\", \
         \"wanted_since\": \"143999 min\",",
    );
    let since = Moment(Span::minutes(143_999).0);
    let found = about(&mut pilot("idle-ladder", []), &view(&asleep), Target::Tenant(BOB));
    assert_eq!(found, (Some(Action::Wake { tenant: BOB }), Reason::Wanted { since }));
    let full = asleep.replace(
        "\"name\": \"b\", \"pool\": \"workers\", \"zone\": \"west\", \"cpu\": \"10 cores\"",
        "\"name\": \"b\", \"pool\": \"workers\", \"zone\": \"west\", \"cpu\": \"500 m\"",
    );
    assert_ne!(full, asleep);
    // Its own machine cannot: the placement policy takes it to another.
    let (action, _) = about(&mut pilot("spread", []), &view(&full), Target::Tenant(BOB));
    assert_eq!(action, Some(Action::Move { tenant: BOB, from: NodeId(1), node: NodeId(0) }));
}

const WORKERS: PoolId = PoolId(0);

/// Ticks every 15 s for so long, with machines used so much.
fn hold_at(pilot: &mut Pilot, view: &mut ClusterView, used: Ppm, span: Span) -> Vec<Action> {
    let ends = view.taken_at.after(span);
    let mut actions = Vec::new();
    while view.taken_at < ends {
        for node in [NodeId(0), NodeId(1)] {
            let capacity = view.node(node).capacity;
            view.see_node(node, capacity.cpu.part(used), capacity.memory.part(percent(10)));
        }
        view.sweep_machines(view.taken_at);
        view.sweep_wanted(view.taken_at);
        actions.extend(pilot.tick(view, Dice::new(1)).actions().map(|(_, action)| action));
        view.settle();
        view.taken_at = view.taken_at.after(Span::seconds(15));
    }
    actions
}

#[test]
fn threshold_orders_after_ten_minutes_over_seventy_percent_and_not_before() {
    let (mut pilot, mut view) = (pilot("threshold", []), view(TWO));
    let short = Span(Span::minutes(10).0 - Span::seconds(15).0);
    assert_eq!(hold_at(&mut pilot, &mut view, percent(71), short), []);
    // One tick below the limit begins the ten minutes anew.
    assert_eq!(hold_at(&mut pilot, &mut view, percent(70), Span::seconds(15)), []);
    assert_eq!(hold_at(&mut pilot, &mut view, percent(71), Span::minutes(10)), []);
    let next = hold_at(&mut pilot, &mut view, percent(71), Span::seconds(15));
    assert_eq!(next, [Action::AddNodes { pool: WORKERS, count: 1 }]);
}

#[test]
fn threshold_orders_at_once_when_tenants_fill_four_fifths() {
    // 2 tenants live where 2 × 1 may: 100 % is over 80 %.
    let full = TWO.replace("\"tenants_most\": 10", "\"tenants_most\": 1");
    let found = about(&mut pilot("threshold", []), &view(&full), Target::Pool(WORKERS));
    let reason = Reason::TenantsHigh { held: Ppm::WHOLE, limit: percent(80) };
    assert_eq!(found, (Some(Action::AddNodes { pool: WORKERS, count: 1 }), reason));
    let at_most = full.replace("\"most\": 4", "\"most\": 2");
    let found = about(&mut pilot("threshold", []), &view(&at_most), Target::Pool(WORKERS));
    assert_eq!(found, (None, Reason::PoolAtMost { count: 2 }));
}

#[test]
fn threshold_drains_the_least_loaded_when_the_rest_can_carry_its_load() {
    let (mut pilot, mut view) = (pilot("threshold", []), view(TWO));
    // 20 % of two machines is 40 % of one: below 70 % with ten to spare. b has promised less.
    let short = Span(Span::minutes(30).0 - Span::seconds(15).0);
    assert_eq!(hold_at(&mut pilot, &mut view, percent(20), short), []);
    let next = hold_at(&mut pilot, &mut view, percent(20), Span::seconds(30));
    assert_eq!(next, [Action::Drain { node: NodeId(1) }]);
    let busier = |used| {
        let (mut pilot, mut view) = (self::pilot("threshold", []), self::view(TWO));
        hold_at(&mut pilot, &mut view, used, Span::hours(2))
    };
    // 31 % of two is 62 % of one: more than 70 - 10.
    assert_eq!(busier(percent(31)), []);
}

#[test]
fn a_wake_without_effect_is_tried_again_later_and_later() {
    let asleep = TWO.replace(
        "\"name\": \"bob\", \"tier\": \"pro\", \"node\": \"b\",",
        "\"name\": \"bob\", \"tier\": \"pro\", \"node\": \"b\", \"stage\": \"bots-stopped\", \
         \"wanted_since\": \"143999 min\",",
    );
    let (mut pilot, mut view) = (pilot("idle-ladder", []), view(&asleep));
    let starts = view.taken_at;
    let mut tried = Vec::new();
    // Nothing ever comes of it, and nothing else in the cluster moves.
    while view.taken_at < starts.after(Span::minutes(90)) {
        let wakes = pilot.tick(&view, Dice::new(1)).actions();
        if wakes.filter(|(_, action)| *action == Action::Wake { tenant: BOB }).count() > 0 {
            tried.push(view.taken_at.since(starts).0 / Span::minutes(1).0);
        }
        view.settle();
        view.taken_at = view.taken_at.after(Span::seconds(15));
    }
    // Five minutes for the effect, then a pause of 10, 20 and 40 minutes.
    assert_eq!(tried, [0, 15, 40, 85]);
}

#[test]
fn a_sleep_without_effect_is_tried_again_later_and_later() {
    let (mut pilot, mut view) = (pilot("idle-ladder", []), view(TWO));
    let starts = view.taken_at;
    // From here on each sweep confirms what stands, and nothing else moves.
    for node in [NodeId(0), NodeId(1)] {
        view.see_node(
            node,
            view.node_cpu().last(node.index()),
            view.node_memory().last(node.index()),
        );
    }
    view.see_activity(ANN, view.last_active().last(ANN.index()));
    view.see_session(ANN, false);
    let mut tried = Vec::new();
    while view.taken_at < starts.after(Span::minutes(90)) {
        view.sweep_machines(view.taken_at);
        view.sweep_activity(view.taken_at);
        view.sweep_sessions(view.taken_at);
        view.sweep_wanted(view.taken_at);
        let sleeps = pilot.tick(&view, Dice::new(1)).actions();
        if sleeps.filter(|(_, action)| action.target() == Target::Tenant(ANN)).count() > 0 {
            tried.push(view.taken_at.since(starts).0 / Span::minutes(1).0);
        }
        view.settle();
        view.taken_at = view.taken_at.after(Span::seconds(15));
    }
    // Five minutes for the effect, then a pause of 10, 20 and 40 minutes.
    assert_eq!(tried, [0, 15, 40, 85]);
}

#[test]
fn who_is_asked_often_does_not_sleep_whoever_logged_in() {
    let decided = |requests: &str| {
        let ann = "\"name\": \"ann\", ";
        let text = TWO.replace(ann, &format!("{ann}{requests}"));
        let mut pilot = pilot("idle-ladder", [("asked_below", Node::text("1/s"))]);
        about(&mut pilot, &view(&text), Target::Tenant(ANN))
    };
    let rate = |text: &str| Frequency::parse(text).unwrap();
    let asleep = Some(Action::Hibernate { tenant: ANN, stage: Stage(1) });
    let seldom = "\"requests\": { \"value\": \"0.5/s\", \"seen_at\": \"100 d\" }, ";
    assert_eq!(decided(seldom).0, asleep);
    let often = "\"requests\": { \"value\": \"2/s\", \"seen_at\": \"100 d\" }, ";
    let asked = Reason::Asked { rate: rate("2/s"), limit: rate("1/s") };
    assert_eq!(decided(often), (None, asked));
    assert_eq!(decided(""), (None, Reason::AbsentReading));
    let old = "\"requests\": { \"value\": \"0.5/s\", \"seen_at\": \"99 d\" }, ";
    let stale = Reason::StaleReading { age: Span::days(1), limit: Span::minutes(2) };
    assert_eq!(decided(old), (None, stale));
}

const NOBODY: &str = "\"session\": { \"value\": false, \"seen_at\": \"100 d\" },";

#[test]
fn nobody_is_put_to_sleep_who_may_be_in_session() {
    let ann = |pilot: &mut Pilot, session: &str| {
        about(pilot, &view(&TWO.replace(NOBODY, session)), Target::Tenant(ANN))
    };
    let asleep = Some(Action::Hibernate { tenant: ANN, stage: Stage(1) });
    let old = NOBODY.replace("100 d", "99 d");
    let limit = Span::minutes(2);
    let absent = Reason::PresenceUnknown { age: None, limit };
    let stale = Reason::PresenceUnknown { age: Some(Span::days(1)), limit };
    assert_eq!(ann(&mut pilot("idle-ladder", []), NOBODY).0, asleep);
    assert_eq!(ann(&mut pilot("idle-ladder", []), ""), (None, absent));
    assert_eq!(ann(&mut pilot("idle-ladder", []), &old), (None, stale));
    // Where the file says that nobody here can know, only what was never said is done without.
    assert_eq!(ann(&mut pilot_that_is_told_nothing_of_sessions(), "").0, asleep);
    assert_eq!(ann(&mut pilot_that_is_told_nothing_of_sessions(), &old), (None, stale));
    let there = NOBODY.replace("false", "true");
    let found = ann(&mut pilot_that_is_told_nothing_of_sessions(), &there);
    assert_eq!(found, (None, Reason::InSession));
}

#[test]
fn nobody_is_put_to_sleep_for_whom_somebody_may_wait() {
    let text = TWO.replacen("{", "{ \"wanted_seen_at\": \"99 d\",", 1);
    let found = about(&mut pilot("idle-ladder", []), &view(&text), Target::Tenant(ANN));
    let age = Some(Span::days(1));
    assert_eq!(found, (None, Reason::WaitingUnknown { age, limit: Span::minutes(2) }));
}

#[test]
fn a_moment_that_cannot_be_is_no_idleness() {
    let ann = |value: &str, more: &str| {
        let text = TWO.replace("\"value\": \"92 d\"", &format!("\"value\": \"{value}\""));
        let text = text.replace("100 d", "20000 d").replacen("\"name\": \"ann\",", more, 1);
        about(&mut pilot("idle-ladder", []), &view(&text), Target::Tenant(ANN))
    };
    let plain = "\"name\": \"ann\",";
    let since = "\"name\": \"ann\", \"since\": \"19980 d\",";
    let told = |what, idle| (None, Reason::Implausible { what, idle: Span::days(idle) });
    assert!(ann("19970 d", plain).0.is_some(), "away for thirty days");
    assert_eq!(ann("0 d", plain), told(Implausible::TooLongAgo, 20_000));
    assert_eq!(ann("20001 d", plain), told(Implausible::Future, 0));
    assert_eq!(ann("19970 d", since), told(Implausible::BeforeTenant, 30));
    assert!(ann("19979 d", since).0.is_some(), "a day is no contradiction");
}

#[test]
fn a_moment_that_a_whole_fleet_tells_at_once_is_not_believed() {
    let fleet = |moment: &dyn Fn(usize) -> u64| {
        let mut view = view(TWO);
        for number in 0..40 {
            let mut row = Tenant::new(view.tenant(ANN).tier);
            (row.node, row.phase) = (Some(NodeId(0)), Phase::Settled);
            let id = view.add_tenant(row);
            view.see_session(id, false);
            view.see_activity(id, Moment(Span::hours(moment(number)).0));
        }
        view.sweep_activity(view.taken_at);
        view.sweep_sessions(view.taken_at);
        let mut pilot = pilot("idle-ladder", []);
        let decided = pilot.tick(&view, Dice::new(1));
        let doubted = |reason| matches!(reason, Reason::Implausible { what, .. } if what == Implausible::SameForMany);
        let doubted = decided.all.iter().filter(|one| doubted(one.reason)).count();
        (decided.actions().count(), doubted)
    };
    // Ann and bob came on the same day, and ten may go to sleep within an hour.
    assert_eq!(fleet(&|number| 1_000 + number as u64), (10, 0));
    assert_eq!(fleet(&|_| 1_000), (2, 40));
}

#[test]
fn a_tenant_that_contradicts_itself_is_woken_and_nothing_else() {
    let asleep = TWO.replace(
        "\"name\": \"bob\", \"tier\": \"pro\", \"node\": \"b\",",
        "\"name\": \"bob\", \"tier\": \"pro\", \"node\": \"b\", \"stage\": \"bots-stopped\", \
         \"wanted_since\": \"143999 min\", \"conflict\": \"runs-twice\",",
    );
    assert_ne!(asleep, TWO);
    let found = about(&mut pilot("idle-ladder", []), &view(&asleep), Target::Tenant(BOB));
    assert_eq!(found.0, Some(Action::Wake { tenant: BOB }));
    let ann = "\"name\": \"ann\", ";
    let text = TWO.replace(ann, &format!("{ann}\"conflict\": \"tier\", "));
    let found = about(&mut pilot("idle-ladder", []), &view(&text), Target::Tenant(ANN));
    assert_eq!(found, (None, Reason::Contested { by: Conflict::Tier }));
}

#[test]
fn nobody_is_put_to_sleep_while_too_much_is_out_of_sight() {
    let bob = |text: &str| about(&mut pilot("idle-ladder", []), &view(text), Target::Tenant(BOB));
    assert!(bob(TWO).0.is_some(), "bob has been away for eight days");
    // His own machine is fine; the other one is half of the pool.
    let lost = TWO.replace("\"name\": \"a\",", "\"name\": \"a\", \"state\": \"lost\",");
    assert_eq!(bob(&lost), (None, Reason::MachinesLost { lost: 1, of: 2 }));
    let missing = TWO.replace("\"name\": \"new\",", "\"name\": \"new\", \"phase\": \"missing\",");
    assert_eq!(bob(&missing), (None, Reason::TenantsUnseen { unseen: 1, of: 3 }));
}

#[test]
fn what_was_seen_at_a_moment_to_come_was_seen_by_nobody() {
    let decided = |ahead: Span| {
        let mut view = view(&TWO.replace("\"value\": \"92 d\"", "\"value\": \"60 d\""));
        let seen_at = view.taken_at.after(ahead);
        view.read_session(ANN, Some(Reading { value: false, seen_at }));
        about(&mut pilot("idle-ladder", []), &view, Target::Tenant(ANN)).0
    };
    assert!(decided(Span::ZERO).is_some(), "away for weeks");
    assert_eq!(decided(Span::hours(1)), None);
}
