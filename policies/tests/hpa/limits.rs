//! What keeps a service from following what is called for: windows, rates, bounds, and rules that make
//! no sense.

use crate::portal::{Portal, TICK, above, below, calls, cpu, list, number, scale, waiting};
use seatrial_contract::config::{Element, Node, Path, Problems};
use seatrial_contract::units::Span;
use seatrial_contract::{Limited, Measure, Reason};
use seatrial_policies::catalog::hpa::Scaled;

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
fn rules_that_make_no_sense_are_told_all_at_once() {
    let rules = Node::table([
        ("least", number(5)),
        ("most", number(3)),
        ("metrics", list([cpu("0 %"), calls("0/s")])),
        ("up", Node::table([("rates", list([]))])),
    ]);
    let mut problems = Problems::default();
    assert!(Scaled::read(&rules, &Path::Root, &mut problems).is_none());
    let told: Vec<String> = problems.sorted().iter().map(ToString::to_string).collect();
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
