//! Replicas by the clock, and at random under all invariants.

use crate::World;
use crate::event::Event;
use proptest::prelude::*;
use seatrial_contract::{Action, NodeId, ServiceId};
use seatrial_fleet::actions;
use seatrial_fleet::replicas::State;
use seatrial_record::Record;
use seatrial_traffic::{needs, replica_queues};

/// Two machines, each with room for two replicas of this service.
fn world(service: &str, rest: &str, seed: u64) -> World {
    let text = format!(
        "title = \"replicas\"\nduration = \"60 s\"\n\
         [[pools]]\nname = \"front\"\ncount = 2\ntiers = []\nprice = \"$0/h\"\n\
         machine = {{ cpu = \"4 cores\", memory = \"8 GiB\" }}\n\
         [[services]]\nname = \"portal\"\n{service}\n{rest}"
    );
    let scenario = crate::open_text(&text, None)
        .unwrap_or_else(|failure| panic!("{}", failure.render(Default::default())))
        .scenario;
    let mut world = World::new(&scenario, None, seed);
    world.begin();
    world
}

/// Lets time pass up to this many seconds after the start, the invariants held after each event.
fn pass(world: &mut World, seconds: f64) {
    let until =
        world.fleet.schedule.starts.after(seatrial_contract::units::Span::from_seconds(seconds));
    while let Some((_, event)) =
        world.fleet.schedule.agenda.next(until.min(world.fleet.schedule.ends_at))
    {
        if event != Event::DayEnds {
            world.handle(event);
        }
        world.check_invariants().unwrap_or_else(|broken| panic!("{broken} after {event:?}"));
    }
}

fn record(mut world: World) -> Record {
    pass(&mut world, 60.0);
    let ends_at = world.fleet.schedule.ends_at;
    needs::judge_all(&mut world.fleet.traffic.stations, ends_at);
    world.record()
}

fn figure(record: &Record, name: &str) -> f64 {
    let metric = record.metric(name).unwrap_or_else(|| panic!("no {name}"));
    metric.value.unwrap_or_else(|| panic!("{name} has no value"))
}

fn scale(world: &mut World, from: u32, to: u32) -> bool {
    actions::apply(&mut world.fleet, Action::Scale { service: ServiceId(0), from, to })
}

fn states(world: &World) -> Vec<(State, Option<u32>)> {
    world.fleet.replicas.all.iter().map(|of| (of.state, of.node.map(|node| node.0))).collect()
}

const ON: &str = "on = { pool = \"front\", cpu = \"2 cores\", memory = \"4 GiB\", start_time = \
                  \"10 s\", noticed_after = \"5 s\"";
/// A call each second, each second one to the other replica.
const EACH_SECOND: &str = "[[traffic]]\nname = \"calls\"\nservice = \"portal\"\n\
                           arrivals = { kind = \"renewal\", gap = \"1 s\" }\n";

#[test]
fn replicas_spread_over_machines_as_far_as_there_is_room() {
    let service = format!("replicas = 5\nconcurrency = 1\nservice_time = \"1 s\"\n{ON} }}");
    let world = world(&service, EACH_SECOND, 1);
    let nodes: Vec<Option<u32>> = states(&world).into_iter().map(|(_, node)| node).collect();
    assert_eq!(nodes, [Some(0), Some(1), Some(0), Some(1), None]);
    let record = record(world);
    // The fifth waits for room that never comes.
    assert!((figure(&record, "replicas_mean.portal") - 4.0).abs() < 1e-9);
    assert!((figure(&record, "short_time.portal") - 60.0).abs() < 1e-9);
}

#[test]
fn a_lost_replica_is_called_until_somebody_notices_and_then_replaced() {
    let service = format!(
        "replicas = 2\nconcurrency = 1\nservice_time = \"100 ms\"\nbalance = \"in-turn\"\n{ON}, losses = \
         [{{ at = \"10500 ms\" }}] }}"
    );
    let record = record(world(&service, EACH_SECOND, 1));
    // Of the calls at 11, 12, 13, 14 and 15 s those to the first one: at 11, 13 and 15.
    assert!((figure(&record, "refused.portal") - 3.0).abs() < 1e-9);
    assert!((figure(&record, "replicas_lost.portal") - 1.0).abs() < 1e-9);
    assert!((figure(&record, "replicas_started.portal") - 1.0).abs() < 1e-9);
    // Until it is noticed, and until the next one has started.
    assert!((figure(&record, "short_time.portal") - 15.0).abs() < 1e-9);
    assert!((figure(&record, "replicas_mean.portal") - (2.0 - 15.0 / 60.0)).abs() < 1e-9);
    assert!((figure(&record, "lost.portal")).abs() < 1e-9);
}

#[test]
fn a_lost_replica_is_not_replaced_before_it_is_missed_whatever_else_happens() {
    // Noticed at 15 s and at 18 s, and ready again ten seconds after each; meanwhile the first one's end
    // and the order for a third have everybody counted again.
    let service = format!(
        "replicas = 2\nconcurrency = 1\nservice_time = \"100 ms\"\n{ON}, losses = [{{ at = \"10 s\" }}, {{ \
         at = \"13 s\" }}] }}"
    );
    let mut world = world(&service, EACH_SECOND, 1);
    let count =
        |world: &World, state: State| states(world).iter().filter(|(of, _)| *of == state).count();
    pass(&mut world, 15.5);
    assert_eq!((count(&world, State::Lost), count(&world, State::Starting)), (1, 1));
    assert!(scale(&mut world, 2, 3));
    assert_eq!((count(&world, State::Lost), count(&world, State::Starting)), (1, 2));
    pass(&mut world, 18.5);
    assert_eq!((count(&world, State::Lost), count(&world, State::Starting)), (0, 3));
}

#[test]
fn what_a_lost_replica_was_at_is_lost_and_tried_again_elsewhere() {
    // Calls at 1 s, 2 s, … take 700 ms; at 10.5 s the first replica is at the one of 10 s or 9 s.
    let service = format!(
        "replicas = 2\nconcurrency = 1\nservice_time = \"700 ms\"\nbalance = \"in-turn\"\n{ON}, losses = \
         [{{ at = \"11500 ms\" }}] }}"
    );
    let retry = "retry = { most = 3, wait = \"100 ms\" }\n";
    let record = record(world(&service, &format!("{EACH_SECOND}{retry}"), 1));
    assert!((figure(&record, "lost.portal") - 1.0).abs() < 1e-9);
    assert!((figure(&record, "attempts_lost.calls") - 1.0).abs() < 1e-9);
    assert!((figure(&record, "failed.calls")).abs() < 1e-9);
    // It began anew at 11.6 s: 600 ms were for nothing.
    assert!((figure(&record, "response_max.calls") - 1.3).abs() < 0.01);
}

#[test]
fn connections_of_a_lost_replica_are_closed_when_the_database_is_done() {
    let service = format!(
        "replicas = 2\nconcurrency = 8\nservice_time = \"1 ms\"\nbalance = \"in-turn\"\n{ON}, losses = [{{ at \
         = \"20 s\", replicas = 2 }}] }}"
    );
    let rest = format!(
        "{EACH_SECOND}queries = [{{ at = \"pool\", service_time = \"5500 ms\" }}]\n\
         [[databases]]\nname = \"database\"\ncores = 16\nconnecting = \"0 s\"\n\
         [[poolers]]\nname = \"pool\"\ndatabase = \"database\"\npool_size = 10\npool_per = \"replica\"\n"
    );
    let mut world = world(&service, &rest, 1);
    pass(&mut world, 19.9);
    let open = |world: &World| {
        let record = world.metrics();
        let of = record.iter().find(|of| of.name == "connections_most.database");
        (
            replica_queues::connections_open(&world.fleet.traffic.stations),
            of.and_then(|of| of.value),
        )
    };
    // A call each second that holds one for 5.5 s: six were held at a time, by both replicas, and
    // now one of them is idle.
    assert_eq!(open(&world), (6, Some(6.0)));
    pass(&mut world, 20.1);
    assert_eq!(open(&world).0, 5, "the database has not noticed");
    pass(&mut world, 27.0);
    assert_eq!(open(&world).0, 0, "nobody asks, and nobody keeps them");
    let record = record(world);
    // Calls at 15 s to 19 s.
    assert!((figure(&record, "attempts_lost.calls") - 5.0).abs() < 1e-9);
}

#[test]
fn a_machine_that_is_to_be_emptied_is_left_one_replica_at_a_time() {
    let on = ON.replace("2 cores", "1 cores").replace("4 GiB", "2 GiB");
    let service = format!("replicas = 4\nconcurrency = 1\nservice_time = \"2500 ms\"\n{on} }}");
    let mut world = world(&service, EACH_SECOND, 1);
    world.apply(Action::Drain { node: NodeId(0) });
    let count =
        |world: &World, state: State| states(world).iter().filter(|(of, _)| *of == state).count();
    assert_eq!((count(&world, State::Ready), count(&world, State::Starting)), (3, 1));
    world.apply(Action::RemoveNode { node: NodeId(0) });
    assert!(!world.fleet.nodes[0].is_gone(), "a machine with replicas is not given back");
    pass(&mut world, 11.0);
    assert_eq!((count(&world, State::Ready), count(&world, State::Starting)), (3, 1));
    pass(&mut world, 30.0);
    assert!(states(&world).iter().all(|(state, node)| match state {
        State::Gone => node.is_none(),
        State::Pending | State::Starting | State::Ready | State::Lost | State::Ending =>
            *state == State::Ready && *node == Some(1),
    }));
    world.apply(Action::RemoveNode { node: NodeId(0) });
    assert!(world.fleet.nodes[0].is_gone());
    let record = record(world);
    assert!((figure(&record, "lost.portal")).abs() < 1e-9);
}

#[test]
fn what_ends_has_time_for_what_it_is_at_and_no_more() {
    let on = ON.replace("noticed_after", "grace_period = \"4 s\", noticed_after");
    for (takes, lost) in [("3 s", 0.0), ("6 s", 1.0)] {
        let service = format!(
            "replicas = 2\nconcurrency = 9\nservice_time = \"{takes}\"\nbalance = \"in-turn\"\n{on} }}"
        );
        let mut world = world(&service, EACH_SECOND, 1);
        // The call of 10 s is at the replica that is missed least, the second.
        pass(&mut world, 10.5);
        assert!(scale(&mut world, 2, 1));
        assert!(!scale(&mut world, 2, 1), "there are not two any more");
        let record = record(world);
        // Of calls at 6, 8 and 10 s those of 10 s: 3 s later they are done; with 6 s, at 14.5 s
        // the one of 10 s is not.
        assert!((figure(&record, "lost.portal") - lost).abs() < 1e-9, "{takes}");
        assert!((figure(&record, "replicas_end.portal") - 1.0).abs() < 1e-9);
    }
}

#[test]
fn a_machine_uses_what_its_replicas_serve() {
    // A call a second that takes half a second of one and a half cores, at one replica.
    let on = ON.replace("start_time", "cpu_per_request = \"1500m\", start_time");
    let service = format!("concurrency = 4\nservice_time = \"500 ms\"\n{on} }}");
    let mut world = world(&service, EACH_SECOND, 1);
    pass(&mut world, 46.0);
    let used = world.fleet.replicas.all[0].usage.seen;
    assert_eq!((used.cpu.0, world.fleet.nodes[0].asked), (750, used));
    let demand = world.fleet.replicas.services[0].demand;
    assert!((demand.calls.per_second() - 1.0).abs() < 1e-9 && demand.waiting == 0, "{demand:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn nobody_is_counted_twice_however_replicas_come_and_go(
        discipline in prop::sample::select(vec![
            "fifo", "processor-sharing", "preemptive-priority", "priority",
        ]),
        balance in prop::sample::select(vec!["random", "least-of-two", "in-turn"]),
        while_asking in prop::sample::select(vec!["held", "free"]),
        apart in prop::sample::select(vec!["database", "replica"]),
        orphaned in prop::sample::select(vec!["goes-on", "stops"]),
        losses in prop::collection::vec((1u32..55, 1u32..4), 0..5),
        wishes in prop::collection::vec((1u32..55, 0u32..6), 0..5),
        drained in prop::option::of(1u32..50),
        seed in any::<u64>(),
    ) {
        // A server that is shared or taken away cannot be held; the format says so.
        let is_kept = matches!(discipline, "fifo" | "priority");
        let while_asking = if is_kept { while_asking } else { "free" };
        let losses: Vec<String> = losses
            .iter()
            .map(|(at, count)| format!("{{ at = \"{at} s\", replicas = {count} }}"))
            .collect();
        let on = ON.replace("10 s", "3 s").replace("2 cores", "1 cores").replace("4 GiB", "2 GiB");
        let service = format!(
            "replicas = 3\nconcurrency = 2\nwaiting_room = 4\nservice_time = {{ kind = \"exponential\", mean \
             = \"300 ms\" }}\ndiscipline = \"{discipline}\"\nbalance = \"{balance}\"\nwhile_asking = \
             \"{while_asking}\"\n{on}, losses = [{}] }}",
            losses.join(", ")
        );
        let rest = format!(
            "[[traffic]]\nname = \"plain\"\nservice = \"portal\"\narrivals = {{ kind = \"closed\", \
             clients = 3, think = \"700 ms\" }}\npriority = 1\n\
             [[traffic]]\nname = \"calls\"\nservice = \"portal\"\narrivals = {{ kind = \"poisson\", \
             rate = \"6/s\" }}\ntime_out = \"900 ms\"\norphaned = \"{orphaned}\"\n\
             retry = {{ most = 2, wait = \"100 ms\" }}\n\
             queries = [{{ at = \"pool\", service_time = {{ kind = \"exponential\", mean = \"200 ms\" }}, count \
             = 2, writes = \"4 KiB\" }}, {{ at = \"database\", service_time = \"50 ms\" }}]\n\
             [[databases]]\nname = \"database\"\ncores = 4\nmax_connections = 12\nreserved = 0\n\
             standbys = [{{ name = \"copy\", following = \"synchronous\" }}]\n\
             [[poolers]]\nname = \"pool\"\ndatabase = \"database\"\npool_size = 3\npool_per = \"{apart}\"\n"
        );
        let mut world = world(&service, &rest, seed);
        let mut moves: Vec<(u32, Option<u32>)> =
            wishes.iter().map(|(at, wish)| (*at, Some(*wish))).collect();
        moves.extend(drained.map(|at| (at, None)));
        moves.sort_unstable();
        for (at, wish) in moves {
            pass(&mut world, f64::from(at));
            match wish {
                Some(to) => {
                    let from = world.fleet.replicas.services[0].wanted;
                    scale(&mut world, from, to);
                }
                None => world.apply(Action::Drain { node: NodeId(1) }),
            }
            world.check_invariants().unwrap_or_else(|broken| panic!("{broken}"));
        }
        let record = record(world);
        let value = |name: &str| figure(&record, name);
        // Each request was served, refused or lost, or is still there.
        let over = value("served.portal") + value("refused.portal") + value("lost.portal")
            + value("abandoned.portal");
        let here = value("arrivals.portal") - over;
        prop_assert!((0.0..=60.0).contains(&here), "{here} are still there");
        let ended = value("answered.calls") + value("failed.calls");
        prop_assert!(value("calls.calls") - ended <= 60.0);
    }
}
