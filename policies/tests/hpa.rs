//! What hpa makes of what it sees of a service, look by look, with the sums shown.

use seatrial_contract::config::{Element, Node, Path, Problems, Value};
use seatrial_contract::units::{Frequency, Moment, Ppm, Span, mib, millicores, percent};
use seatrial_contract::view::{Replica, ReplicaState, ViewDocument};
use seatrial_contract::{
    Action, ClusterView, Dice, Limited, Measure, NodeId, Reading, Reason, ReplicaId, ServiceId,
    Target, Verdict,
};
use seatrial_policies::hpa::Scaled;
use seatrial_policies::{Pilot, PolicyFile};

const PORTAL: ServiceId = ServiceId(0);
const TICK: Span = Span::seconds(15);

fn number(value: i64) -> Node {
    Value::Integer(value).nowhere()
}

fn list<const N: usize>(all: [Node; N]) -> Node {
    Value::List(all.into()).nowhere()
}

fn cpu(target: &str) -> Node {
    Node::table([("kind", Node::text("cpu")), ("target", Node::text(target))])
}

fn calls(each: &str) -> Node {
    Node::table([("kind", Node::text("calls")), ("each", Node::text(each))])
}

fn waiting(each: i64) -> Node {
    Node::table([("kind", Node::text("waiting")), ("each", number(each))])
}

/// One service with replicas of a core and a GiB each, and what scales it.
struct Portal {
    view: ClusterView,
    pilot: Pilot,
}

impl Portal {
    /// Two to ten replicas by this metric.
    fn by<const N: usize>(replicas: u32, metrics: [Node; N]) -> Self {
        let bounds = [("least", number(2)), ("most", number(10)), ("metrics", list(metrics))];
        Self::scaled(replicas, Node::table(bounds))
    }

    fn scaled(replicas: u32, rules: Node) -> Self {
        let services = Node::table([("portal", rules)]);
        let kind = Node::table([("kind", Node::text("hpa")), ("services", services)]);
        let mut problems = Problems::default();
        let file = Node::table([("policies", list([kind]))]);
        let file = PolicyFile::read(&file, &Path::Root, &mut problems);
        let pilot = Pilot::new(&file.unwrap_or_else(|| panic!("{problems:?}")));
        let text = format!(
            r#"{{ "taken_at": "100 d", "tiers": [], "pools": [{{ "name": "shared" }}],
            "nodes": [{{ "name": "a", "pool": "shared", "cpu": "64 cores", "memory": "64 GiB" }}],
            "services": [{{ "name": "portal", "cpu": "1 cores", "memory": "1 GiB",
                "wanted": {replicas} }}] }}"#
        );
        let document: ViewDocument = serde_json::from_str(&text).unwrap();
        let view = document.open().unwrap_or_else(|wrong| panic!("{wrong:?}")).0;
        let mut portal = Self { view, pilot };
        for _ in 0..replicas {
            let one = portal.add(ReplicaState::Ready);
            portal.view.update_replica(one, |row| row.since = Moment(Span::days(99).0));
            portal.view.update_replica(one, |row| row.started_at = Some(row.since));
        }
        portal
    }

    fn add(&mut self, state: ReplicaState) -> ReplicaId {
        let now = self.view.taken_at;
        let node = (state != ReplicaState::Pending).then_some(NodeId(0));
        let mut row = Replica::new(PORTAL, node, state, now);
        row.started_at = node.map(|_| now);
        self.view.add_replica(row)
    }

    /// Each that runs is seen to use so much.
    fn uses(&mut self, cpu: u64) {
        for id in self.view.replicas_of(PORTAL).collect::<Vec<_>>() {
            if self.view.replica(id).state != ReplicaState::Pending {
                self.view.see_replica(id, millicores(cpu), mib(500));
            }
        }
        self.view.sweep_replicas(self.view.taken_at);
    }

    fn called(&mut self, a_second: u64) {
        let rate = Frequency { millionths: a_second * 1_000_000, ..Default::default() };
        self.view.see_calls(PORTAL, rate);
        self.view.sweep_calls(self.view.taken_at);
    }

    fn waits(&mut self, count: u32) {
        self.view.see_waiting(PORTAL, count);
        self.view.sweep_waiting(self.view.taken_at);
    }

    /// What is decided now, after which so much passes. Nothing is carried out.
    fn look(&mut self, passes: Span) -> Option<(Option<Action>, Reason)> {
        let all = self.pilot.tick(&self.view, Dice::new(1)).all.clone();
        self.view.settle();
        self.view.taken_at = self.view.taken_at.after(passes);
        let one = all.first().copied()?;
        assert!(all.len() == 1 && one.target == Target::Service(PORTAL), "{all:?}");
        let action = match one.verdict {
            Verdict::Act { action, .. } => Some(action),
            Verdict::Hold => None,
        };
        Some((action, one.reason))
    }

    /// The same, carried out at once: those that are to come are ready at once, too.
    fn step(&mut self) -> (Option<u32>, Reason) {
        let (action, reason) = self.look(TICK).expect("a decision");
        let Some(Action::Scale { to, .. }) = action else { return (None, reason) };
        self.view.update_service(PORTAL, |row| row.wanted = to);
        let there: Vec<_> = self.view.replicas_of(PORTAL).collect();
        for id in there.iter().skip(to as usize) {
            self.view.update_replica(*id, |row| row.state = ReplicaState::Gone);
        }
        for _ in there.len()..to as usize {
            let one = self.add(ReplicaState::Ready);
            self.view.update_replica(one, |row| row.started_at = Some(Moment(Span::days(99).0)));
        }
        (Some(to), reason)
    }
}

fn scale(from: u32, to: u32) -> Option<Action> {
    Some(Action::Scale { service: PORTAL, from, to })
}

fn above(by: Measure, used: u32, wants: u32, limited: Limited) -> Reason {
    Reason::AboveTarget { by, used: Ppm(used), wants, limited }
}

fn below(by: Measure, used: u32, wants: u32, limited: Limited) -> Reason {
    Reason::BelowTarget { by, used: Ppm(used), wants, limited }
}

#[test]
fn grows_to_what_the_use_of_cpu_calls_for() {
    let mut portal = Portal::by(3, [cpu("60 %")]);
    portal.uses(900);
    // 90 / 60 = 1.5; 3 × 1.5 = 4.5.
    let why = above(Measure::Cpu, 1_500_000, 5, Limited::Nothing);
    assert_eq!(portal.look(TICK), Some((scale(3, 5), why)));
}

#[test]
fn holds_within_a_tenth_of_the_target() {
    for (used, changes) in [(540, false), (539, true), (659, false), (660, true)] {
        let mut portal = Portal::by(9, [cpu("60 %")]);
        portal.uses(used);
        // Whole percents are compared: 53 / 60 = 0.883 and 65 / 60 = 1.083. 66 / 60 is a little over
        // 1.1 in floating point, in which Kubernetes compares.
        let (_, reason) = portal.look(TICK).unwrap();
        let on_target = matches!(reason, Reason::OnTarget { by: Measure::Cpu, .. });
        assert_eq!(!on_target, changes, "{used}: {reason:?}");
    }
}

#[test]
fn grows_no_further_than_twice_at_once_and_never_over_its_most() {
    let mut portal = Portal::by(3, [cpu("50 %")]);
    portal.uses(5_000);
    let why = |wants, limited| above(Measure::Cpu, 10_000_000, wants, limited);
    // 3 × 10 = 30, and 2 × 3 = 6.
    assert_eq!(portal.step(), (Some(6), why(30, Limited::Rate)));
    portal.uses(5_000);
    assert_eq!(portal.step(), (Some(10), why(60, Limited::Most)));
    portal.uses(5_000);
    assert_eq!(portal.step(), (None, why(100, Limited::Most)));
}

#[test]
fn comes_down_once_nothing_else_was_called_for_within_five_minutes() {
    let mut portal = Portal::by(6, [cpu("50 %")]);
    // 20 / 50 × 6 = 2.4; what it had when first seen counts as called for then.
    let why = |limited| below(Measure::Cpu, 400_000, 3, limited);
    for _ in 0..=20 {
        portal.uses(200);
        assert_eq!(portal.step(), (None, why(Limited::Window)));
    }
    portal.uses(200);
    assert_eq!(portal.step(), (Some(3), why(Limited::Nothing)));
}

#[test]
fn what_calls_for_most_counts() {
    let mut portal = Portal::by(3, [cpu("50 %"), calls("100/s"), waiting(50)]);
    portal.uses(500);
    portal.called(450);
    portal.waits(220);
    // 450 / 100 = 4.5 and 220 / 50 = 4.4: the first of those that call for five.
    let why = above(Measure::Calls, 1_500_000, 5, Limited::Nothing);
    assert_eq!(portal.look(TICK), Some((scale(3, 5), why)));
}

#[test]
fn what_cannot_be_read_stands_against_fewer_and_not_against_more() {
    let mut portal = Portal::by(3, [cpu("50 %"), calls("100/s")]);
    portal.called(900);
    let why = above(Measure::Calls, 3_000_000, 9, Limited::Rate);
    assert_eq!(portal.look(TICK), Some((scale(3, 6), why)));
    let mut portal = Portal::by(6, [cpu("50 %"), calls("100/s")]);
    for _ in 0..40 {
        portal.called(100);
        assert_eq!(portal.step(), (None, Reason::AbsentReading));
    }
}

#[test]
fn what_is_too_old_is_gone_by_neither_way() {
    for used in [100, 3_000] {
        let mut portal = Portal::by(4, [cpu("50 %"), calls("100/s")]);
        portal.uses(used);
        portal.called(used);
        portal.view.taken_at = portal.view.taken_at.after(Span::minutes(3));
        let why = Reason::StaleReading { age: Span::minutes(3), limit: Span::minutes(2) };
        assert_eq!(portal.look(TICK), Some((None, why)));
    }
}

#[test]
fn those_on_their_way_are_waited_for() {
    let mut portal = Portal::by(3, [cpu("60 %")]);
    portal.add(ReplicaState::Pending);
    portal.add(ReplicaState::Pending);
    portal.view.update_service(PORTAL, |row| row.wanted = 5);
    portal.uses(900);
    // 2700 of 5000 m are 54 %, and 54 / 60 = 0.9: no longer too much.
    let why = Reason::OnTarget { by: Measure::Cpu, used: Ppm(1_500_000) };
    assert_eq!(portal.look(TICK), Some((None, why)));
}

#[test]
fn cpu_of_a_start_is_not_counted_for_five_minutes() {
    let mut portal = Portal::by(2, [cpu("60 %")]);
    let third = portal.add(ReplicaState::Starting);
    portal.view.update_service(PORTAL, |row| row.wanted = 3);
    let see = |portal: &mut Portal| {
        portal.uses(600);
        portal.view.see_replica(third, millicores(4_000), mib(500));
    };
    see(&mut portal);
    let (action, why) = portal.look(Span::minutes(2)).unwrap();
    assert_eq!((action, why), (None, Reason::OnTarget { by: Measure::Cpu, used: percent(100) }));
    // It is ready: what was sampled within 15 seconds after that is still of before.
    let now = portal.view.taken_at;
    portal.view.update_replica(third, |row| (row.state, row.since) = (ReplicaState::Ready, now));
    see(&mut portal);
    assert_eq!(portal.look(TICK).unwrap().0, None);
    see(&mut portal);
    // 5200 of 3000 m are 173 %: 2.883 × 3 = 8.65.
    let why = above(Measure::Cpu, 2_883_333, 9, Limited::Rate);
    assert_eq!(portal.look(TICK), Some((scale(3, 6), why)));
}

#[test]
fn one_that_was_ready_and_is_not_now_counts_and_one_that_never_was_does_not() {
    for (unready_after, counts) in [(Span::seconds(29), false), (Span::minutes(6), true)] {
        let mut portal = Portal::by(2, [cpu("60 %")]);
        let third = portal.add(ReplicaState::Unready);
        portal.view.update_service(PORTAL, |row| row.wanted = 3);
        portal.view.update_replica(third, |row| {
            row.started_at = Some(Moment(Span::days(99).0));
            row.since = Moment(Span::days(99).0).after(unready_after);
        });
        portal.uses(600);
        portal.view.see_replica(third, millicores(6_000), mib(500));
        let grows = portal.look(TICK).unwrap().0.is_some();
        assert_eq!(grows, counts, "unready since {unready_after} after its start");
    }
}

#[test]
fn replicas_that_cannot_be_seen_make_every_change_smaller() {
    // 10 / 50 = 0.2; with one that is taken to use all it asks for 140 of 500 % are 28 %: 0.56 × 5.
    let mut portal = Portal::by(5, [cpu("50 %")]);
    for _ in 0..22 {
        portal.uses(100);
        portal.view.lose_replica(ReplicaId(4));
        let (cpu, memory) = (millicores(0), mib(0));
        let seen_at = Moment(0);
        portal.view.read_replica(
            ReplicaId(4),
            Reading { value: cpu, seen_at },
            Reading { value: memory, seen_at },
        );
        let (to, why) = portal.step();
        if let Some(to) = to {
            assert_eq!((to, why), (3, below(Measure::Cpu, 200_000, 3, Limited::Nothing)));
            return;
        }
    }
    panic!("it never came down");
}

#[test]
fn a_service_out_of_bounds_is_brought_back_whatever_is_seen() {
    let mut portal = Portal::by(1, [cpu("50 %")]);
    let why = Reason::OutOfBounds { least: 2, most: 10 };
    assert_eq!(portal.look(TICK), Some((scale(1, 2), why)));
    let mut portal = Portal::by(12, [cpu("50 %")]);
    portal.uses(900);
    assert_eq!(portal.look(TICK), Some((scale(12, 10), why)));
    // But nothing is taken away while nothing is seen.
    let mut portal = Portal::by(12, [cpu("50 %")]);
    assert_eq!(portal.look(TICK), Some((None, Reason::AbsentReading)));
}

#[test]
fn a_service_that_was_set_to_none_is_left_so() {
    let mut portal = Portal::by(0, [waiting(50)]);
    portal.waits(500);
    assert_eq!(portal.look(TICK), Some((None, Reason::SwitchedOff)));
}

#[test]
fn a_service_that_may_sleep_is_woken_by_those_who_wait() {
    let rules = || {
        Node::table([("least", number(0)), ("most", number(10)), ("metrics", list([waiting(50)]))])
    };
    let mut portal = Portal::scaled(0, rules());
    portal.waits(120);
    let (action, _) = portal.look(TICK).unwrap();
    // 120 / 50 = 2.4.
    assert_eq!(action, scale(0, 3));
    let mut portal = Portal::scaled(0, rules());
    portal.waits(0);
    let (action, reason) = portal.look(TICK).unwrap();
    assert_eq!((action, reason.word()), (None, "on-target"));
}

#[test]
fn rates_hold_it_to_so_many_within_a_time() {
    let rate = Node::table([
        ("kind", Node::text("replicas")),
        ("count", number(2)),
        ("per", Node::text("1 min")),
    ]);
    let down = Node::table([("rates", list([rate])), ("window", Node::text("0 s"))]);
    let mut portal = Portal::scaled(
        9,
        Node::table([
            ("least", number(2)),
            ("most", number(10)),
            ("metrics", list([cpu("50 %")])),
            ("down", down),
        ]),
    );
    let mut done = Vec::new();
    for _ in 0..10 {
        portal.uses(100);
        done.push(portal.step().0);
    }
    // Two, and none until a minute has passed; 0.2 × 5 = 1 is under the fewest.
    let (two, none) = (|to| Some(to), None);
    assert_eq!(done, [two(7), none, none, none, two(5), none, none, none, two(3), none]);
}

#[test]
fn with_rules_it_grows_by_four_or_by_all_there_are() {
    let mut portal = Portal::scaled(
        2,
        Node::table([
            ("most", number(100)),
            ("metrics", list([cpu("50 %")])),
            ("up", Node::table([])),
        ]),
    );
    let mut done = Vec::new();
    for _ in 0..4 {
        portal.uses(5_000);
        done.push(portal.step().0.unwrap());
    }
    // 2 + 4, 6 + 6, 12 + 12, 24 + 24.
    assert_eq!(done, [6, 12, 24, 48]);
}

#[test]
fn looks_every_quarter_of_a_minute_however_often_it_is_asked() {
    let mut portal = Portal::by(3, [cpu("60 %")]);
    portal.uses(600);
    let looks: Vec<bool> = (0..7).map(|_| portal.look(Span::seconds(5)).is_some()).collect();
    assert_eq!(looks, [true, false, false, true, false, false, true]);
}

#[test]
fn what_was_not_carried_out_is_not_asked_for_again_at_once() {
    let mut portal = Portal::by(3, [cpu("60 %")]);
    portal.uses(900);
    let began = portal.view.taken_at;
    assert_eq!(portal.look(TICK).unwrap().0, scale(3, 5));
    portal.uses(900);
    assert_eq!(portal.look(TICK), Some((None, Reason::InFlight { since: began })));
    portal.view.taken_at = began.after(Span::minutes(6));
    portal.uses(900);
    let (action, reason) = portal.look(TICK).unwrap();
    assert_eq!((action, reason.word()), (None, "no-effect"));
}

#[test]
fn calls_and_memory_may_be_measured_in_other_ways() {
    let metric = |kind: &str, key: &str, value: &str| {
        Node::table([("kind", Node::text(kind)), (key, Node::text(value))])
    };
    let grown = |metric: Node| {
        let mut portal = Portal::by(4, [metric]);
        portal.uses(900);
        portal.called(300);
        portal.look(TICK).unwrap().0
    };
    // 900 / 600 × 4; 500 MiB / 400 MiB × 4; 500 MiB of a GiB are 48 %, 1.2 × 4 = 4.8; 300 / 200 × 4.
    assert_eq!(grown(metric("cpu-each", "each", "0.6 cores")), scale(4, 6));
    assert_eq!(grown(metric("memory-each", "each", "400 MiB")), scale(4, 5));
    assert_eq!(grown(metric("memory", "target", "40 %")), scale(4, 5));
    assert_eq!(grown(metric("calls-in-all", "target", "200/s")), scale(4, 6));
}

#[test]
fn what_asks_for_nothing_has_no_share_in_use() {
    let mut portal = Portal::by(3, [cpu("60 %")]);
    portal.view.update_service(PORTAL, |row| row.requested.cpu = millicores(0));
    portal.uses(900);
    let why = Reason::NothingRequested { by: Measure::Cpu };
    assert_eq!(portal.look(TICK), Some((None, why)));
}

#[test]
fn rules_that_make_no_sense_are_told_all_at_once() {
    let rules = Node::table([
        ("least", number(5)),
        ("most", number(3)),
        ("metrics", list([cpu("0 %"), calls("0/s")])),
        ("up", Node::table([("rates", list([]))])),
    ]);
    let mut problems = Problems::default();
    assert!(Scaled::read(&rules, &Path::Root, &mut problems).is_none());
    let told: Vec<String> = problems.sorted().iter().map(|one| one.to_string()).collect();
    assert_eq!(
        told,
        [
            "least: no fewer than 5 and no more than 3; write a `least` that is not over `most`",
            "metrics[0]: it aims at nothing; write a target over none",
            "metrics[1]: it aims at nothing; write a target over none",
            "up.rates: there is no rate; leave it out for the usual ones, or write select = \"off\"",
        ]
    );
}

#[test]
fn what_it_says_can_be_read() {
    let now = Moment(Span::days(100).0);
    assert_eq!(
        above(Measure::Cpu, 1_500_000, 9, Limited::Rate).sentence(now),
        "cpu at 150.0 % of the target: 9 replicas wanted, not all at once"
    );
    assert_eq!(
        below(Measure::Waiting, 400_000, 3, Limited::Window).sentence(now),
        "those who wait are 40.0 % of the target: 3 replicas wanted, other counts were wanted of late"
    );
}
