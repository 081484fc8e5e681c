//! Departures from a view typed by hand, row by row.

use crate::departure::{Departure, Origin};
use crate::event::Event::World as InWorld;
use crate::past::PAST;
use crate::run::Silent;
use crate::world::World;
use seatrial_contract::config::Problems;
use seatrial_contract::units::{Moment, Span, gib, mib, millicores};
use seatrial_contract::view::ViewDocument;
use seatrial_contract::{Stage, TenantId};
use seatrial_faults::Event::Fleet;
use seatrial_fleet as fleet;
use seatrial_fleet::tenants::{Phase, Tenant};
use seatrial_format::scenario::Scenario;
use seatrial_format::{Style, read_text};
use seatrial_policies::{Clock, PolicyFile};
use serde_json::{Value, json};
use std::sync::Arc;

const SCENARIO: &str = r#"
    title = "a scenario of a cluster"
    duration = "3 d"
    starts_on = "tuesday"
    [sleep]
    stages = ["bots-stopped", "dashboard-stopped", "database-only"]
    [[rhythms]]
    name = "sunday-at-eleven"
    hours = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    days = [0, 0, 0, 0, 0, 0, 1]
    [[stacks]]
    name = "app"
    [[stacks.parts]]
    name = "web"
    cpu = "0.5 cores"
    memory = "512 MiB"
    stops_at = "bots-stopped"
    [[stacks.parts]]
    name = "database"
    cpu = "0.5 cores"
    memory = "512 MiB"
    quiet = { cpu = "10 %", memory = "50 %" }
    [[tiers]]
    name = "free"
    tenants = 700
    stack = "app"
    [tiers.sessions]
    gap = { kind = "exponential", mean = "1 d" }
    rhythm = "sunday-at-eleven"
    length = { kind = "uniform", from = "1 min", to = "2 min" }
    [[tiers]]
    name = "gold"
    tenants = 10
    stack = "app"
    [tiers.sessions]
    gap = { kind = "uniform", from = "1 d", to = "30 d" }
    length = "1 h"
    [[pools]]
    name = "spare"
    count = 2
    machine = { cpu = "16 cores", memory = "32 GiB" }
    price = "$1/h"
    [[pools]]
    name = "workers"
    count = 9
    machine = { cpu = "16 cores", memory = "32 GiB" }
    price = "$1/h"
    boot = "4 min"
    zones = ["eu-1"]
"#;

/// On a Saturday.
const TAKEN: &str = "2026-11-21 10:50:33Z";

fn scenario() -> Scenario {
    let opened = crate::open_text(SCENARIO, Some("[[policies]]\nkind = \"spread\""));
    opened.unwrap_or_else(|failure| panic!("{}", failure.render(Style::default()))).scenario
}

fn policies() -> PolicyFile {
    let text = "[[policies]]\nkind = \"spread\"\n[[policies]]\nkind = \"idle-ladder\"";
    let read = read_text::<PolicyFile>("policies.toml", text);
    read.unwrap_or_else(|failure| panic!("{}", failure.render(Style::default()))).value
}

/// So long before the view was taken.
fn ago(span: Span) -> Value {
    let taken = Clock::Utc.read(TAKEN).expect("a moment");
    json!(Moment(taken.0 - span.0))
}

fn units(names: [&str; 2], cpu: &str) -> Value {
    json!([
        { "name": names[0], "cpu": cpu, "memory": "1 GiB", "stops_at": "bots-stopped" },
        { "name": names[1], "cpu": "0.5 cores", "memory": "512 MiB" }
    ])
}

fn last(span: Span) -> Value {
    json!({ "value": ago(span), "seen_at": ago(Span::ZERO) })
}

fn document() -> Value {
    let known = ["web", "database"];
    let (hour, day) = (Span::hours(1), Span::days(1));
    json!({
        "taken_at": ago(Span::ZERO),
        "tiers": [{ "name": "gold" }, { "name": "free" }],
        "pools": [{ "name": "workers" }],
        "nodes": [
            { "name": "big", "pool": "workers", "zone": "cellar", "cpu": "64 cores",
              "memory": "256 GiB", "since": ago(day) },
            { "name": "removed", "pool": "workers", "state": "gone", "cpu": "1 cores",
              "memory": "1 GiB" },
            { "name": "silent", "pool": "workers", "zone": "eu-1", "state": "lost",
              "cpu": "16 cores", "memory": "32 GiB" },
            { "name": "small", "pool": "workers", "zone": "eu-1", "cordoned": true,
              "draining": true, "cpu": "4 cores", "memory": "8 GiB" },
            { "name": "coming", "pool": "workers", "zone": "eu-1", "state": "booting",
              "cpu": "16 cores", "memory": "32 GiB" }
        ],
        "tenants": [
            { "name": "ann", "tier": "gold", "node": "big", "session": { "value": true, "seen_at": ago(Span::ZERO) },
              "last_active": last(hour), "units": units(known, "2 cores") },
            { "name": "cho", "tier": "free", "node": "big", "phase": "missing",
              "last_active": last(hour), "units": units(known, "0.5 cores") },
            { "name": "bob", "tier": "free", "node": "small", "stage": "database-only",
              "last_active": last(Span::days(9)), "units": units(["app", "postgres"], "0.5 cores") },
            { "name": "dee", "tier": "free", "node": "silent", "last_active": last(hour),
              "units": units(known, "2 cores") },
            { "name": "eve", "tier": "free", "node": "big", "phase": "starting", "session": { "value": true, "seen_at": ago(Span::ZERO) },
              "wanted_since": ago(Span::seconds(90)), "last_active": last(day),
              "units": units(known, "0.5 cores") },
            { "name": "gil", "tier": "free", "node": "big", "phase": "broken",
              "last_active": last(hour), "units": units(known, "0.5 cores") },
            { "name": "hal", "tier": "free", "node": "big", "units": units(known, "0.5 cores") },
            { "name": "ida", "tier": "gold", "node": "big", "stage": "bots-stopped",
              "last_active": last(Span::days(400)), "units": units(known, "0.5 cores") }
        ]
    })
}

/// A world that departs from there, before it begins.
fn ready(document: Value) -> Result<World, Problems> {
    let document: ViewDocument = serde_json::from_value(document).expect("a document");
    let (view, names) = document.open().expect("a view");
    let origin =
        Origin { of: "docker-1".to_owned(), clock: Clock::Utc, check: "c0ffee".to_owned() };
    let (scenario, policies, mut problems) = (scenario(), policies(), Problems::default());
    let from = Departure::new(&scenario, origin, view, names, &mut problems).ok_or(problems)?;
    Ok(World::departing(&scenario, Some(&policies), 1, Arc::new(from)))
}

fn depart(document: Value) -> Result<World, Problems> {
    let mut world = ready(document)?;
    world.begin();
    Ok(world)
}

#[test]
fn what_there_is_is_there_and_nothing_else() {
    let mut world = depart(document()).expect("a departure");
    world.check_invariants().unwrap_or_else(|broken| panic!("{broken}"));

    // The one that was given back and the one that does not answer are not there.
    assert_eq!(world.fleet.design.names.nodes, ["big", "small", "coming"]);
    let [big, small, coming] = &world.fleet.nodes[..] else { panic!("three machines") };
    assert_eq!(big.capacity.cpu, millicores(64_000));
    assert_eq!(world.fleet.design.names.zones[big.spot.zone.index()], "cellar");
    let starts = world.fleet.schedule.starts;
    // Ten minutes and 33 seconds before eleven on a Saturday.
    let of_week = Span::seconds(5 * 86_400 + 10 * 3_600 + 50 * 60 + 33);
    assert_eq!(starts, Moment(PAST.0).after(of_week));
    assert_eq!(big.since, Moment(starts.0 - Span::days(1).0));
    assert_eq!(
        (small.capacity.memory, small.closed.cordoned, small.closed.draining),
        (gib(8), true, true)
    );
    assert!(big.is_ready() && small.is_ready() && !coming.is_ready());
    assert!(
        world
            .fleet
            .nodes
            .iter()
            .all(|node| world.fleet.design.pools[node.pool.index()].name == "workers")
    );

    assert_eq!(world.fleet.design.names.tenants, ["ann", "bob", "dee", "eve", "gil", "hal", "ida"]);
    let [ann, bob, dee, eve, gil, hal, ida] = &world.fleet.tenants[..] else {
        panic!("seven tenants")
    };
    let tier = |tenant: &Tenant| world.fleet.design.tier(tenant.tier).name.as_str();
    assert_eq!((tier(ann), tier(bob)), ("gold", "free"));
    assert!(ann.visits.in_session && !ann.visits.waiting && ann.phase == Phase::Settled);
    assert_eq!((bob.stage, bob.parts.runs, bob.phase), (Stage(3), Stage(3), Phase::Settled));
    assert_eq!(bob.visits.last_active, Moment(starts.0 - Span::days(9).0));
    assert_eq!((dee.node, dee.phase), (None, Phase::Homeless));
    assert_eq!((eve.phase, eve.visits.waiting), (Phase::Starting, true));
    assert_eq!(eve.visits.wanted_since, Moment(starts.0 - Span::seconds(90).0));
    assert_eq!(gil.phase, Phase::Starting, "what is broken starts anew");
    assert!(hal.visits.last_active <= starts && hal.phase == Phase::Settled);
    assert_eq!(ida.visits.last_active, Moment(starts.0 - PAST.0), "52 weeks before the start");

    // Ann's two cores and her GiB are hers, in use in full; Bob has half a core by the scenario, of
    // which his database uses a tenth.
    assert_eq!(ann.usage.draws.footprint.cpu, millicores(2_500));
    assert_eq!(ann.usage.draws.footprint.memory, mib(1_536));
    assert_eq!(bob.usage.draws.footprint.cpu, millicores(50));
    assert_eq!(world.view.tenant(TenantId::at(0)).whole.cpu, millicores(2_500));
    assert_eq!(world.view.tenant(TenantId::at(1)).whole.cpu, millicores(1_000));

    // The machine on its way comes after four minutes, and life goes on.
    while let Some((_, event)) = world.fleet.schedule.agenda.next(starts.after(Span::minutes(4))) {
        world.handle(event);
    }
    assert!(world.fleet.nodes[2].is_ready());
    goes_on(world);
}

#[test]
fn what_was_taken_over_is_told() {
    let world = depart(document()).expect("a departure");
    let told = world.log.departed.clone().expect("it departed");
    assert_eq!((told.of.as_str(), told.taken_at.as_str()), ("docker-1", TAKEN));
    let workers = &told.pools[1];
    assert_eq!((workers.ready, workers.closed, workers.booting), (2, 1, 1));
    assert_eq!((told.pools[0].pool.as_str(), told.pools[0].ready), ("spare", 0));
    let free = &told.tiers[0];
    let counts = (free.tenants, free.asleep, free.active, free.wanted, free.homeless);
    assert_eq!(counts, (5, 1, 1, 1, 1));
    assert_eq!(
        told.notes,
        [
            "1 machine no longer answered: taken to be gone; 1 tenant on it begins without one",
            "1 tenant was missing: left out",
            "1 tenant was broken: taken to start anew",
            "1 tenant was never seen active: the past is drawn from the tier's sessions",
            "1 tenant was away for more than 52 weeks: seen as 52 weeks",
            "1 tenant was away longer than any gap of the tier: a new gap begins with the run",
            "1 tenant has the scenario's sizes, since the logbook calls the parts otherwise: \
             all together ask for 10.0 cores and 10.0 GiB, and 10.0 cores and 10.5 GiB by the \
             logbook",
        ]
    );
}

fn goes_on(mut world: World) {
    while let Some((_, event)) = world.fleet.schedule.agenda.next(world.fleet.schedule.ends_at) {
        world.handle(event);
    }
    world.check_invariants().unwrap_or_else(|broken| panic!("{broken}"));
    assert!(world.fleet.tenants[2].node.is_some(), "dee has a home again");
}

#[test]
fn the_week_goes_on_where_the_logbook_stopped() {
    let mut world = depart(document()).expect("a departure");
    let mut logins = Vec::new();
    while let Some((at, event)) = world.fleet.schedule.agenda.next(world.fleet.schedule.ends_at) {
        if let InWorld(Fleet(fleet::Event::Login(id))) = event
            && world.fleet.design.tier(world.fleet.tenants[id.index()].tier).name == "free"
        {
            logins.push(at.since(world.fleet.schedule.starts));
        }
        world.handle(event);
    }
    // From Saturday 10:50:33 to Sunday 11:00 are 24 h 9 min 27 s, and nobody comes after twelve.
    let eleven = Span::seconds(24 * 3_600 + 9 * 60 + 27);
    assert!(!logins.is_empty());
    for login in &logins {
        assert!((eleven..=eleven.saturating_add(Span::hours(1))).contains(login), "{login}");
    }
}

#[test]
fn a_tier_or_pool_that_the_scenario_lacks_is_told_with_its_place() {
    let mut wrong = document();
    wrong["tiers"][1]["name"] = json!("silver");
    wrong["pools"][0]["name"] = json!("gpu");
    for row in wrong["nodes"].as_array_mut().expect("rows") {
        row["pool"] = json!("gpu");
    }
    for row in wrong["tenants"].as_array_mut().expect("rows") {
        if row["tier"] == "free" {
            row["tier"] = json!("silver");
        }
    }
    let problems = depart(wrong).err().expect("problems");
    let told: Vec<String> = problems.sorted().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "tiers[1]: the logbook has a tier `silver` with 6 tenants, the scenario has not; give \
             the scenario a tier of that name, or call one so; it has free, gold",
            "pools[0]: the logbook has a pool `gpu` with 4 machines, the scenario has not; give \
             the scenario a pool of that name, or call one so; it has spare, workers",
        ]
    );
}

#[test]
fn more_than_fits_is_killed_from_the_start_and_breaks_no_invariant() {
    let mut crowded = document();
    crowded["nodes"][0]["memory"] = json!("2 GiB");
    let world = depart(crowded).expect("a departure");
    world.check_invariants().unwrap_or_else(|broken| panic!("{broken}"));
    assert!(world.fleet.measures.tiers.iter().map(|tier| tier.kills).sum::<u64>() > 0);
    goes_on(world);
}

#[test]
fn a_run_says_from_what_it_departed() {
    let told = depart(document()).expect("a departure").log.departed;
    let world = ready(document()).expect("a departure");
    let record = world.run(&Silent).unwrap_or_else(|broken| panic!("{broken}"));
    assert!(told.is_some());
    assert_eq!(record.departure, told);
}
