//! What a departure takes over, to the row; and that life goes on as it would have.

use crate::departure::{Departure, Origin};
use crate::event::Event;
use crate::naming::Naming;
use crate::past::PAST;
use crate::run::Silent;
use crate::world::World;
use seatrial_contract::config::{Element, Problems};
use seatrial_contract::units::{Moment, Span, percent};
use seatrial_contract::view::{Names, ViewDocument};
use seatrial_contract::{ClusterView, Reading};
use seatrial_format::scenario::Scenario;
use seatrial_format::{Disk, Style, load, load_scenario, read_text};
use seatrial_kernel::statistics::confidence_interval;
use seatrial_policies::{Clock, PolicyFile};
use std::path::Path;
use std::sync::Arc;

/// When a run starts that starts on a Monday.
const MONDAY: Moment = Moment(PAST.0);

fn origin(clock: Clock) -> Origin {
    Origin { of: "yesterday".to_owned(), clock, check: "00".to_owned() }
}

/// What its rows are called, as its logbook tells.
fn names(world: &World) -> Names {
    Naming::default().of(&world.view, &world.fleet.design).clone()
}

fn departure(scenario: &Scenario, clock: Clock, view: ClusterView, names: Names) -> Arc<Departure> {
    let mut problems = Problems::default();
    let found = Departure::new(scenario, origin(clock), view, names, &mut problems);
    Arc::new(found.unwrap_or_else(|| panic!("{:?}", problems.sorted())))
}

fn read<T: Element>(name: &str, text: &str) -> T {
    let read = read_text::<T>(name, text);
    read.unwrap_or_else(|failure| panic!("{}", failure.render(Style::default()))).value
}

/// What is seen of a world, moments as ages, and what is used left out: loads are drawn anew.
fn seen(world: &World, now: Moment) -> ViewDocument {
    let mut document = ViewDocument::of(&world.view, &names(world));
    let age = |moment: Moment| Moment(now.since(moment).0);
    for node in &mut document.nodes {
        (node.cpu_used, node.memory_used, node.since) = (None, None, age(node.since));
    }
    for tenant in &mut document.tenants {
        tenant.wanted_since = tenant.wanted_since.map(age);
        tenant.last_active = tenant
            .last_active
            .map(|reading| Reading { value: age(reading.value), seen_at: age(reading.seen_at) });
        for unit in &mut tenant.units {
            (unit.cpu_used, unit.memory_used, unit.since) = (None, None, Moment::START);
        }
    }
    document
}

/// Lets a world go on until then.
fn until(world: &mut World, at: Moment) {
    while let Some((_, event)) = world.fleet.schedule.agenda.next(at) {
        world.handle(event);
        if event == Event::DayEnds {
            world.check_invariants().unwrap_or_else(|broken| panic!("{broken}"));
        }
    }
}

fn figure(world: &World, name: &str) -> f64 {
    let all = world.metrics();
    let metric = all.iter().find(|metric| metric.name == name).expect("a metric");
    metric.value.expect("a value")
}

#[test]
fn a_thousand_users_go_on_from_the_fifth_day() {
    let file = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    let path = file("scenarios/thousand-users.toml");
    let scenario = load_scenario(&Disk, &path, &[]).expect("a scenario").value;
    let path = file("policies/thousand-users.toml");
    let policies = load::<PolicyFile>(&path, &[]).expect("policies").value;
    let mut world = World::new(&scenario, Some(&policies), 4);
    world.begin();
    let runs = Clock::Run { starts: MONDAY };
    let at = MONDAY.after(Span::days(5));
    until(&mut world, at);
    world.observe_now();
    world.view.taken_at = at;

    let from = departure(&scenario, runs, world.view.clone(), names(&world));
    let mut next = World::departing(&scenario, Some(&policies), 5, from);
    next.begin();
    next.check_invariants().unwrap_or_else(|broken| panic!("{broken}"));
    let (was, is) = (seen(&world, at), seen(&next, next.fleet.schedule.starts));
    assert!(world.view.nodes().len() > was.nodes.len(), "some machines were given back before");
    assert_eq!(was.nodes, is.nodes);
    assert_eq!(was.tenants.len(), 1_000);
    for (was, is) in was.tenants.iter().zip(&is.tenants) {
        assert_eq!(was, is);
    }
    for (was, is) in world.view.pools().iter().zip(next.view.pools()) {
        assert_eq!((was.sums.promised, was.sums.capacity), (is.sums.promised, is.sums.capacity));
    }
    let asleep =
        |stage: &&String| is.tenants.iter().filter(|tenant| tenant.stage == **stage).count() > 50;
    assert!(next.view.stages().names().iter().filter(asleep).count() >= 2);
    let told = next.log.departed.as_ref().expect("it departed");
    assert_eq!(told.taken_at, "5 d 00:00:00");
    assert_eq!(told.tiers.iter().map(|tier| tier.tenants).sum::<u32>(), 1_000);
    assert_eq!(told.notes, Vec::<String>::new());

    // The same again is the same to the byte, another seed is not.
    let run = |seed| {
        let from = departure(&scenario, runs, world.view.clone(), names(&world));
        let mut world = World::departing(&scenario, Some(&policies), seed, from);
        world.fleet.schedule.ends_at = world.fleet.schedule.starts.after(Span::days(1));
        world.run(&Silent).unwrap_or_else(|broken| panic!("{broken}")).digest()
    };
    assert_eq!(run(5), run(5));
    assert_ne!(run(5), run(6));
}

/// Three hundred tenants who sleep after a day; how they come and go is left open.
fn fleet(sessions: &str) -> (Scenario, PolicyFile) {
    let scenario = format!(
        r#"
        title = "three hundred tenants"
        duration = "30 d"
        starts_on = "thursday"
        [[rhythms]]
        name = "daily"
        hours = [0, 0, 0, 0, 0, 1, 2, 4, 6, 8, 8, 6, 4, 6, 8, 8, 6, 4, 4, 4, 4, 2, 1, 0]
        [[stacks]]
        name = "app"
        [[stacks.parts]]
        name = "web"
        cpu = "0.5 cores"
        memory = "700 MiB"
        stops_at = "asleep"
        [[stacks.parts]]
        name = "database"
        cpu = "0.2 cores"
        memory = "100 MiB"
        [waking]
        start_time = {{ kind = "uniform", from = "2 min", to = "3 min" }}
        [[tiers]]
        name = "free"
        tenants = 300
        stack = "app"
        [tiers.sessions]
        {sessions}
        [[pools]]
        name = "workers"
        count = 4
        machine = {{ cpu = "64 cores", memory = "128 GiB" }}
        price = "$0.34/h"
        overcommit = {{ cpu = "600 %", memory = "120 %" }}
        "#
    );
    let policies = "[[policies]]\nkind = \"spread\"\n[[policies]]\nkind = \"idle-ladder\"\n\
                    ladder = { asleep = \"1 d\" }";
    (read("fleet.toml", &scenario), read("policies.toml", policies))
}

/// What the days after the fifth, half past seven, bring in means: as one world goes on, less what
/// another brings that departs from it. Each seed is one pair.
fn differences(sessions: &str, metrics: [&str; 3]) -> [(Vec<f64>, f64); 3] {
    let (scenario, policies) = fleet(sessions);
    let policies = Some(&policies);
    let days = Span::days(3);
    let mut found = metrics.map(|_| (Vec::new(), 0.0));
    for seed in 0..SEEDS {
        let mut world = World::new(&scenario, policies, seed);
        let starts = world.fleet.schedule.starts;
        let at = starts.after(Span::minutes(5 * 24 * 60 + 450));
        world.begin();
        until(&mut world, at);
        world.observe_now();
        world.view.taken_at = at;
        let from = departure(&scenario, Clock::Run { starts }, world.view.clone(), names(&world));
        world.handle(Event::WarmedUp);
        until(&mut world, at.after(days));
        let mut next = World::departing(&scenario, policies, seed + 100_000, from);
        next.begin();
        let sessions_under_way = next.fleet.measures.logins();
        let ends = next.fleet.schedule.starts.after(days);
        until(&mut next, ends);
        for (metric, (apart, mean)) in metrics.iter().zip(&mut found) {
            // A user who was there at the start came before it.
            let before = if *metric == "logins" { sessions_under_way as f64 } else { 0.0 };
            let (gone_on, departed) = (figure(&world, metric), figure(&next, metric) - before);
            apart.push(departed - gone_on);
            *mean += gone_on / SEEDS as f64;
        }
    }
    found
}

const SEEDS: u64 = 200;

/// Says that pairs differ by nothing, and that they would tell if they differed by more than a share.
fn agree(sessions: &str, tell: [f64; 3]) {
    let metrics = ["asleep_share", "active_mean", "logins"];
    for ((metric, (apart, mean)), tell) in
        metrics.iter().zip(differences(sessions, metrics)).zip(tell)
    {
        let interval = confidence_interval(&apart, percent(99)).expect("many pairs");
        let (low, high) = (interval.low() / mean, interval.high() / mean);
        assert!(low <= 0.0 && high >= 0.0, "{metric}: {mean}, apart {low} to {high}");
        assert!(high - low < tell, "{metric}: too rough, {low} to {high}");
    }
}

#[test]
fn visits_without_memory_go_on_as_they_would_have() {
    // Gaps and lengths are exponential, so what is left of each is as long as a new one; the gaps
    // run by the hours of the day, which must go on at half past seven on a Tuesday.
    agree(
        "gap = { kind = \"exponential\", mean = \"2 d\" }\nrhythm = \"daily\"\n\
         length = { kind = \"exponential\", mean = \"40 min\" }",
        [0.015, 0.04, 0.03],
    );
}

#[test]
fn visits_with_a_heavy_tail_go_on_as_they_would_have() {
    // Half come again within 10 hours, one in twenty stays away over 10 days: who has been away for
    // long is likely to stay away. Began all gaps anew, the share asleep
    // would be 37 % lower.
    agree(
        "gap = { kind = \"lognormal\", median = \"10 h\", p95 = \"10 d\" }\n\
         length = { kind = \"lognormal\", median = \"20 min\", p95 = \"2 h\" }",
        [0.01, 0.07, 0.06],
    );
}
