//! How pack empties a machine, step by step, with the sums shown. The pilot is restored from its own
//! memory before every tick.

use seatrial_contract::config::{Element, Node, Path, Problems, Value};
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::{NodeState, Phase, UnitState, ViewDocument};
use seatrial_contract::{
    Action, ClusterView, Dice, NodeId, Priority, Reason, Stage, Target, TenantId, Verdict,
};
use seatrial_policies::{Pilot, PolicyFile};

fn file(possible_for: &str, others: &[&str]) -> PolicyFile {
    let pack = [("kind", Node::text("pack")), ("possible_for", Node::text(possible_for))];
    let one = |kind: &&str| Node::table([("kind", Node::text(kind))]);
    let kinds = core::iter::once(Node::table(pack)).chain(others.iter().map(one));
    let list = Value::List(kinds.collect()).nowhere();
    let mut problems = Problems::default();
    let file = PolicyFile::read(&Node::table([("policies", list)]), &Path::Root, &mut problems);
    file.unwrap_or_else(|| panic!("{problems:?}"))
}

/// Machines a and b of 10 cores and 10 GiB. Ann and bob, who sleeps, live on a with half a core and a
/// GiB each when awake; three others live on b.
const TWO: &str = r#"{
  "taken_at": "100 d",
  "tiers": [{ "name": "free" }, { "name": "premium", "priority": "critical" }],
  "pools": [{ "name": "workers", "least": 1, "most": 4, "tenants_most": 10 }],
  "nodes": [
    { "name": "a", "pool": "workers", "cpu": "10 cores", "memory": "10 GiB" },
    { "name": "b", "pool": "workers", "cpu": "10 cores", "memory": "10 GiB" }
  ],
  "tenants": [
    { "name": "ann", "tier": "free", "node": "a", "units": [UNIT] },
    { "name": "bob", "tier": "free", "node": "a", "stage": "bots-stopped", "units": [UNIT] },
    { "name": "cho", "tier": "free", "node": "b", "units": [UNIT] },
    { "name": "dee", "tier": "free", "node": "b", "units": [UNIT] },
    { "name": "eve", "tier": "free", "node": "b", "units": [UNIT] }
  ]
}"#;

const UNIT: &str =
    r#"{ "name": "app", "cpu": "500 m", "memory": "1 GiB", "stops_at": "bots-stopped" }"#;

const A: NodeId = NodeId(0);
const B: NodeId = NodeId(1);
const ANN: TenantId = TenantId(0);
const BOB: TenantId = TenantId(1);

struct Cluster {
    view: ClusterView,
    file: PolicyFile,
    pilot: Pilot,
    /// What was done, after how many minutes.
    done: Vec<(u64, Action)>,
    last: Vec<(Target, Reason)>,
}

/// One where pack begins as soon as it can.
fn cluster(text: &str, others: &[&str]) -> Cluster {
    cluster_with(text, "0 s", others)
}

fn cluster_with(text: &str, possible_for: &str, others: &[&str]) -> Cluster {
    let document: ViewDocument = serde_json::from_str(&text.replace("UNIT", UNIT)).unwrap();
    let mut view = document.open().unwrap_or_else(|wrong| panic!("{wrong:?}")).0;
    (0..view.tenants().len()).for_each(|row| view.see_session(TenantId::at(row), false));
    let file = file(possible_for, others);
    Cluster { view, pilot: Pilot::new(&file), file, done: Vec::new(), last: Vec::new() }
}

impl Cluster {
    fn minute(&mut self) {
        let now = self.view.taken_at;
        for node in [A, B] {
            let row = *self.view.node(node);
            let used = row.promised.cpu;
            self.view.see_node(node, used, row.promised.memory);
        }
        self.view.sweep_machines(now);
        self.view.sweep_activity(now);
        self.view.sweep_sessions(now);
        self.view.sweep_wanted(now);
        let memory = self.pilot.save();
        self.pilot = Pilot::new(&self.file);
        self.pilot.restore(&memory).unwrap();
        let all = self.pilot.tick(&self.view, Dice::new(1)).all.clone();
        self.view.settle();
        self.view.taken_at = now.after(Span::minutes(1));
        let minutes = now.since(Moment(Span::days(100).0)).0 / Span::minutes(1).0;
        self.last = all.iter().map(|decision| (decision.target, decision.reason)).collect();
        for id in [ANN, BOB].into_iter().chain((2..5).map(TenantId)) {
            self.view.update_tenant(id, |row| row.phase = Phase::Settled);
        }
        for decision in all {
            if let Verdict::Act { action, .. } = decision.verdict {
                self.done.push((minutes, action));
                self.carry_out(action);
            }
        }
    }

    fn carry_out(&mut self, action: Action) {
        match action {
            Action::Cordon { node } => self.view.update_node(node, |row| row.cordoned = true),
            Action::Uncordon { node } => {
                self.view.update_node(node, |row| (row.cordoned, row.draining) = (false, false));
            }
            Action::Drain { node } => self.view.update_node(node, |row| row.draining = true),
            Action::RemoveNode { node } => {
                self.view.update_node(node, |row| row.state = NodeState::Gone);
            }
            Action::Move { tenant, node, .. } => {
                self.view.update_tenant(tenant, |row| {
                    (row.node, row.phase) = (Some(node), Phase::Starting);
                });
                let stage = self.view.tenant(tenant).stage;
                for unit in self.view.units_of(tenant).collect::<Vec<_>>() {
                    self.view.update_unit(unit, |row| {
                        let runs = row.stops_at.is_none_or(|at| stage < at);
                        row.node = Some(node);
                        row.state = if runs { UnitState::Running } else { UnitState::Stopped };
                    });
                }
            }
            other @ (Action::Place { .. }
            | Action::Evict { .. }
            | Action::Abandon { .. }
            | Action::Hibernate { .. }
            | Action::Wake { .. }
            | Action::Resize { .. }
            | Action::AddNodes { .. }
            | Action::LimitConnections { .. }
            | Action::Scale { .. }
            | Action::RevertRelease { .. }
            | Action::BackUp { .. }
            | Action::Restore { .. }
            | Action::FailOver { .. }) => panic!("{other:?}"),
        }
    }

    fn pass(&mut self, span: Span) {
        for _ in 0..span.0 / Span::minutes(1).0 {
            self.minute();
        }
    }

    fn why(&self, target: Target) -> Option<Reason> {
        self.last.iter().find(|held| held.0 == target).map(|held| held.1)
    }
}

fn moved(tenant: TenantId) -> Action {
    Action::Move { tenant, from: A, node: B }
}

#[test]
fn the_emptier_machine_is_emptied_sleepers_first_and_given_back() {
    // Of its own accord threshold empties none that soon.
    let mut cluster = cluster(TWO, &["threshold"]);
    cluster.pass(Span::minutes(10));
    let node = A;
    let steps = [
        (0, Action::Cordon { node }),
        (1, moved(BOB)),
        // Two may be on the move: bob, as he starts, and ann.
        (1, moved(ANN)),
        (2, Action::Drain { node }),
        (3, Action::RemoveNode { node }),
    ];
    assert_eq!(cluster.done, steps);
}

#[test]
fn whoever_is_there_is_not_moved_until_she_leaves() {
    let mut cluster = cluster(TWO, &[]);
    cluster.view.see_session(ANN, true);
    cluster.pass(Span::hours(3));
    assert_eq!(cluster.done, [(0, Action::Cordon { node: A }), (1, moved(BOB))]);
    assert_eq!(cluster.why(Target::Tenant(ANN)), Some(Reason::InSession));
    cluster.view.see_session(ANN, false);
    cluster.pass(Span::minutes(2));
    let node = A;
    assert_eq!(cluster.done[2..], [(180, moved(ANN)), (181, Action::Drain { node })]);
}

#[test]
fn a_machine_that_is_not_empty_within_a_day_is_opened_again_and_left_alone() {
    let mut cluster = cluster(TWO, &[]);
    cluster.view.see_session(ANN, true);
    cluster.pass(Span::hours(30));
    let node = A;
    let opened = (24 * 60, Action::Uncordon { node });
    assert_eq!(cluster.done, [(0, Action::Cordon { node }), (1, moved(BOB)), opened]);
    // Six hours later, at the look after that, ann alone is tried again.
    cluster.pass(Span::hours(1));
    assert_eq!(cluster.done[3..], [(30 * 60 + 1, Action::Cordon { node })]);
}

#[test]
fn nothing_is_begun_where_not_all_can_go() {
    let text = TWO.replace("\"ann\", \"tier\": \"free\"", "\"ann\", \"tier\": \"premium\"");
    let mut spared = cluster(&text, &[]);
    spared.pass(Span::hours(1));
    assert_eq!(spared.done, []);
    // On b there would be room for the others, but they stay on the fuller one.
    let text = TWO.replace("\"tenants_most\": 10", "\"tenants_most\": 4");
    let mut crowded = cluster(&text, &[]);
    crowded.minute();
    assert_eq!(crowded.done, []);
    assert!(matches!(crowded.why(Target::Node(A)), Some(Reason::NoRoom { .. })));
    let mut least = cluster(&TWO.replace("\"least\": 1", "\"least\": 2"), &[]);
    least.minute();
    assert_eq!(least.why(Target::Node(A)), Some(Reason::PoolAtLeast { count: 2 }));
    spared.pass(Span::minutes(10));
    let reason = Reason::Spared { priority: Priority::Critical };
    assert!(spared.done.is_empty() && spared.why(Target::Node(A)).is_none_or(|why| why == reason));
}

#[test]
fn it_stays_open_where_the_rest_would_be_too_busy() {
    // 0.5 cores and 1 GiB each: four awake ones on b would use 4 of 10 GiB, which is below 70 %. With
    // 2 GiB each 8 of 10 are not; and b would have promised 8, with 1 of 10 to stay free.
    let busy = UNIT.replace("1 GiB", "2 GiB");
    let mut cluster = cluster(&TWO.replace("UNIT", &busy), &[]);
    cluster.minute();
    assert_eq!(cluster.done, []);
    assert!(matches!(cluster.why(Target::Node(A)), Some(Reason::NoRoom { .. })));
}

#[test]
fn a_machine_is_opened_again_while_somebody_waits() {
    let mut cluster = cluster(TWO, &[]);
    cluster.view.see_session(ANN, true);
    cluster.minute();
    let since = cluster.view.taken_at;
    cluster.view.update_tenant(BOB, |row| row.wanted_since = Some(since));
    cluster.pass(Span::minutes(10));
    let node = A;
    // Bob waits from the first minute on, and is let be; five minutes are too long.
    assert_eq!(cluster.done, [(0, Action::Cordon { node }), (6, Action::Uncordon { node })]);
}

#[test]
fn who_was_moved_stays_for_a_day_and_never_goes_back() {
    let mut cluster = cluster(TWO, &[]);
    cluster.pass(Span::minutes(5));
    assert_eq!(cluster.view.node(B).tenants, 5);
    // The machine is opened again, and now b is the one that could be emptied onto nobody fuller.
    cluster.view.update_node(A, |row| row.draining = false);
    cluster.view.update_node(A, |row| row.cordoned = false);
    let moves = cluster.done.len();
    cluster.pass(Span::days(3));
    let later = cluster.done[moves..].iter();
    assert!(later.clone().all(|(_, action)| !matches!(action, Action::Move { .. })), "{later:?}");
}

#[test]
fn it_must_have_been_possible_for_a_whole_day() {
    let mut patient = cluster_with(TWO, "24 h", &[]);
    patient.pass(Span::hours(23));
    // For a quarter of an hour somebody is waited for: the day begins anew.
    let since = patient.view.taken_at;
    patient.view.update_tenant(BOB, |row| row.wanted_since = Some(since));
    patient.pass(Span::minutes(15));
    patient.view.update_tenant(BOB, |row| row.wanted_since = None);
    patient.pass(Span::hours(24));
    assert_eq!(patient.done, []);
    patient.pass(Span::minutes(15));
    assert_eq!(patient.done.first().map(|done| done.1), Some(Action::Cordon { node: A }));
}

#[test]
fn a_machine_that_is_empty_anyway_is_left_to_whoever_gives_it_back() {
    let text = TWO.replace("\"node\": \"a\"", "\"node\": \"b\"");
    let mut cluster = cluster(&text, &[]);
    cluster.minute();
    assert_eq!((cluster.done.len(), cluster.why(Target::Node(A))), (0, Some(Reason::Emptied)));
}

#[test]
fn stages_do_not_change_by_a_move() {
    let mut cluster = cluster(TWO, &[]);
    cluster.pass(Span::minutes(5));
    assert_eq!(cluster.view.tenant(BOB).stage, Stage(1));
}
