//! What tenants, machines, replicas and databases go through: without gaps, and in sum what the run counted.

use seatrial_contract::units::Span;
use seatrial_format::{Disk, Style};
use seatrial_host::{Opened, Silent, World, open, told_of};
use seatrial_record::{LifeCause, LifeKind, LifeRow, LifeSink, Record};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex};

/// A state, as it was told.
#[derive(Clone, Debug)]
struct Told {
    kind: LifeKind,
    name: String,
    of: String,
    machine: String,
    place: [String; 3],
    state: &'static str,
    stage: String,
    from: u64,
    until: u64,
    cause: String,
}

#[derive(Default)]
struct Kept(Mutex<Vec<Told>>);

impl LifeSink for Kept {
    fn life(&self, row: &LifeRow<'_>) {
        let cause = match row.cause {
            LifeCause::Own => String::new(),
            LifeCause::Decision(id) => format!("decision {id}"),
            LifeCause::Fault(name, at) => format!("{name} at {at}"),
        };
        self.0.lock().unwrap().push(Told {
            kind: row.kind,
            name: row.name.to_owned(),
            of: row.of.to_owned(),
            machine: row.machine.to_owned(),
            place: row.place.map(str::to_owned),
            state: row.state,
            stage: row.stage.to_owned(),
            from: row.from,
            until: row.until,
            cause,
        });
    }
}

fn shipped(name: &str, sets: &[&str]) -> Opened {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios").join(name);
    let sets: Vec<_> = sets.iter().map(|set| (*set).to_owned().into()).collect();
    open(&Disk, &path, &sets)
        .unwrap_or_else(|failure| panic!("{}", failure.render(Style::default())))
}

fn run(opened: &Opened) -> (Record, Vec<Told>) {
    let kept = Arc::new(Kept::default());
    let world = World::new(&opened.scenario, opened.policies.as_ref(), opened.scenario.seed);
    let world = told_of(world, Arc::clone(&kept) as Arc<dyn LifeSink>);
    let record = world.run(&Silent).unwrap_or_else(|broken| panic!("{broken}"));
    let told = kept.0.lock().unwrap().clone();
    (record, told)
}

fn figure(record: &Record, name: &str) -> f64 {
    record.metric(name).and_then(|of| of.value).unwrap_or_else(|| panic!("no {name}"))
}

fn same(found: f64, wanted: f64, what: &str) {
    let slack = 1e-9 * wanted.abs().max(1e-6);
    assert!((found - wanted).abs() <= slack, "{what}: {found}, not {wanted}");
}

/// How many were in a state on the mean over a run.
fn mean(told: &[Told], record: &Record, is_it: impl Fn(&Told) -> bool) -> f64 {
    let times = told.iter().filter(|row| is_it(row)).map(|row| row.until - row.from);
    times.sum::<u64>() as f64 / record.duration as f64
}

/// By what goes through them, states one after another.
fn by_one(told: &[Told]) -> BTreeMap<(LifeKind, &str), Vec<&Told>> {
    let mut all: BTreeMap<_, Vec<&Told>> = BTreeMap::new();
    for row in told {
        all.entry((row.kind, row.name.as_str())).or_default().push(row);
    }
    all
}

#[test]
fn of_a_thousand_users_all_states_together_are_what_the_run_counted() {
    let opened = shipped("thousand-users.toml", &["duration=9d"]);
    let (record, told) = run(&opened);
    let tenants = |row: &Told| row.kind == LifeKind::Tenant;
    same(mean(&told, &record, tenants), figure(&record, "tenants_mean"), "tenants");
    let serving = |row: &Told| tenants(row) && row.state == "awake";
    same(mean(&told, &record, serving), figure(&record, "serving_mean"), "serving");
    for pool in &opened.scenario.pools {
        let ready = |row: &Told| {
            let is_up = ["ready", "cordoned", "draining"].contains(&row.state);
            row.kind == LifeKind::Machine && row.of == pool.name.as_str() && is_up
        };
        let wanted = figure(&record, &format!("nodes_mean.{}", pool.name.as_str()));
        same(mean(&told, &record, ready), wanted, pool.name.as_str());
    }
    // Whoever sleeps was told to, but for those who slept before the run.
    let asleep = told.iter().filter(|row| row.state == "asleep" && row.from > 0);
    let (mut count, mut decided) = (0, BTreeSet::new());
    for row in asleep {
        count += 1;
        assert!(!row.stage.is_empty(), "{row:?}");
        decided.insert(row.cause.clone());
    }
    assert!(count > 300 && decided.len() + 5 > count, "{count} of {}", decided.len());
    let actions: BTreeSet<String> =
        record.actions.iter().map(|row| format!("decision {}", row.id)).collect();
    let mut by_decision = told.iter().filter(|row| row.cause.starts_with("decision"));
    assert!(by_decision.all(|row| actions.contains(&row.cause)));
}

#[test]
fn states_follow_one_another_without_a_gap() {
    for (name, sets) in [
        ("thousand-users.toml", ["duration=5d"]),
        ("chaos/zone-loss.toml", ["duration=2d"]),
        ("scale-out.toml", ["duration=90min"]),
    ] {
        let (record, told) = run(&shipped(name, &sets));
        let mut changes = 0;
        for ((kind, of), rows) in by_one(&told) {
            assert!(rows.iter().all(|row| row.from < row.until && row.until <= record.duration));
            for two in rows.windows(2) {
                let gap = two[1].from - two[0].until;
                // The next replica takes a place when it is wanted.
                assert!(gap == 0 || kind == LifeKind::Replica, "{name}: {of}: {two:?}");
                let same = |of: &Told| (of.state, of.stage.clone(), of.machine.clone());
                assert!(gap > 0 || same(two[0]) != same(two[1]), "{name}: {of}: {two:?}");
                changes += 1;
            }
        }
        assert!(changes > 0, "{name}: nothing ever changed");
    }
}

#[test]
fn what_a_fault_takes_names_it_and_what_it_takes_is_counted_alike() {
    let (record, told) = run(&shipped("chaos/zone-loss.toml", &["duration=5d"]));
    let incident = record.incidents.iter().find(|of| of.machines > 0).expect("machines are lost");
    let cause = format!("{} at {}", incident.fault, incident.at);
    let of = |kind: LifeKind| {
        let rows = told.iter().filter(|row| row.kind == kind && row.cause == cause);
        rows.map(|row| row.name.as_str()).collect::<BTreeSet<_>>().len()
    };
    assert_eq!(of(LifeKind::Machine), incident.machines as usize);
    assert!(of(LifeKind::Tenant) >= incident.tenants as usize, "some were on the way up");
    assert!(incident.tenants > 0);
    let machines = told.iter().filter(|row| row.kind == LifeKind::Machine);
    let mut lost = machines.clone().filter(|row| row.state == "down");
    let zone = &lost.clone().next().expect("some are down").place[1];
    assert!(!zone.is_empty() && lost.all(|row| row.place[1] == *zone), "all of one zone");
    assert!(machines.into_iter().any(|row| row.place[1] != *zone));
}

#[test]
fn a_database_without_a_primary_is_down_until_it_takes_writes_again() {
    let (record, told) = run(&shipped("chaos/postgres-primary-loss.toml", &["duration=2d"]));
    let incident = record.incidents.iter().find(|of| !of.databases.is_empty()).expect("one");
    let down = |row: &&Told| row.kind == LifeKind::Database && row.state == "down";
    let row = told.iter().find(down).expect("a database is down");
    assert_eq!(row.name, incident.databases[0]);
    assert_eq!(row.from, incident.at);
    assert_eq!(Some(row.until), incident.restored);
    assert_eq!(row.cause, format!("{} at {}", incident.fault, incident.at));
}

#[test]
fn replicas_that_come_and_go_are_as_many_as_the_run_counted() {
    let opened = shipped("scale-out.toml", &["duration=90min"]);
    let (record, told) = run(&opened);
    let mut tried = 0;
    for service in &opened.scenario.services {
        let name = service.name.as_str();
        let Some(wanted) = record.metric(&format!("replicas_mean.{name}")) else { continue };
        let ready =
            |row: &Told| row.kind == LifeKind::Replica && row.of == name && row.state == "ready";
        let warm = opened.scenario.warm_up.value.0;
        let after = |row: &Told| row.until.saturating_sub(row.from.max(warm));
        let time: u64 = told.iter().filter(|row| ready(row)).map(after).sum();
        let found = time as f64 / (record.duration - warm) as f64;
        same(found, wanted.value.expect("a mean"), name);
        tried += 1;
    }
    assert!(tried > 0, "no service on machines");
    // Whoever scales starts replicas, and the arrow leads there.
    let scales: BTreeSet<String> = record
        .actions
        .iter()
        .filter(|row| row.action.text().contains("\"scale\""))
        .map(|row| format!("decision {}", row.id))
        .collect();
    let mut starting =
        told.iter().filter(|row| row.kind == LifeKind::Replica && row.state == "starting");
    assert!(!scales.is_empty() && starting.any(|row| scales.contains(&row.cause)));
}

#[test]
fn a_year_in_which_nothing_happens_is_one_state_each() {
    let mut opened = shipped("thousand-users.toml", &["duration=1h"]);
    opened.policies = None;
    opened.scenario.duration.value = Span::minutes(1);
    let (_, told) = run(&opened);
    let names: BTreeSet<(LifeKind, &str)> =
        told.iter().map(|row| (row.kind, row.name.as_str())).collect();
    assert!(told.len() < names.len() + names.len() / 10, "{} of {}", told.len(), names.len());
}
