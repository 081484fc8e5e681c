//! What hpa makes of what it sees of a service, look by look, with the sums shown.

mod limits;
mod portal;

use portal::{PORTAL, Portal, TICK, above, below, calls, cpu, scale, waiting};
use seatrial_contract::config::Node;
use seatrial_contract::units::{Moment, Ppm, Span, mib, millicores, percent};
use seatrial_contract::view::ReplicaState;
use seatrial_contract::{Limited, Measure, Reading, Reason, ReplicaId};

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
