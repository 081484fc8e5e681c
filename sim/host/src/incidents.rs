//! What each fault took and how it came back, for the record: what the faults' room, the stores and those who steer
//! know of it put together. Decides nothing.

use crate::World;
use seatrial_contract::Action;
use seatrial_contract::units::{Moment, Span};
use seatrial_faults::{Incident, Incidents, Step};
use seatrial_fleet::replicas::releases;
use seatrial_fleet::{Fleet, Hosts, databases};
use seatrial_kernel::statistics::Sketch;
use seatrial_record::{Counted, IncidentRow, Metric, Unit};
use seatrial_traffic::recovering::{Recovered, losses};
use seatrial_traffic::telling::{number, quantiles};
use std::collections::{BTreeMap, BTreeSet};

/// How often each fault has come, by name.
pub(crate) fn strikes(world: &World, all: &mut Vec<Metric>) {
    let mut sums: Vec<(&str, u64)> = Vec::new();
    for (name, times) in world.faults.names() {
        match sums.iter_mut().find(|of| of.0 == name) {
            Some(sum) => sum.1 += times,
            None => sums.push((name, times)),
        }
    }
    let metric =
        |(name, times)| Metric::new(format!("strikes.{name}"), Unit::Count, Some(number(times)));
    all.extend(sums.into_iter().map(metric));
}

/// How often each kind of fault has come, of those that have.
pub(crate) fn struck(world: &World) -> Vec<Counted> {
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for (kind, times) in world.faults.kinds().filter(|of| of.1 > 0) {
        *sums.entry(kind).or_default() += times;
    }
    sums.into_iter().map(|(kind, count)| Counted { word: kind.to_owned(), count }).collect()
}

/// How long it took until all that a fault took served again, by the fault's name, and how many of its incidents are not
/// over.
pub(crate) fn recoveries(world: &World, all: &mut Vec<Metric>) {
    let mut by_name: BTreeMap<String, (Sketch, u64)> = BTreeMap::new();
    for row in rows(world) {
        let of = by_name.entry(row.fault).or_default();
        match row.clients_back {
            Some(back) => of.0.add(back.saturating_sub(row.at)),
            None => of.1 += 1,
        }
    }
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for (name, _) in world.faults.names().filter(|(name, _)| told.insert(name)) {
        let none = (Sketch::default(), 0);
        let (back, open) = by_name.get(name).unwrap_or(&none);
        for (figure, value) in quantiles(back) {
            all.push(Metric::new(format!("back_{figure}.{name}"), Unit::Seconds, value));
        }
        all.push(Metric::new(format!("not_back.{name}"), Unit::Count, Some(number(*open))));
    }
}

/// Every incident that took something.
pub(crate) fn rows(world: &World) -> Vec<IncidentRow> {
    let names: Vec<&str> = world.faults.names().map(|of| of.0).collect();
    let took = |of: &&Incident| {
        !of.machines.is_empty()
            || of.tenants > 0
            || !of.databases.is_empty()
            || of.release.is_some()
    };
    let all = world.faults.incidents.rows.iter().filter(took);
    all.map(|of| row(world, of, names.get(of.fault).copied().unwrap_or_default())).collect()
}

fn names(world: &World, of: &Incident) -> Vec<String> {
    let name = |database: &u16| losses(&world.fleet.traffic.stations, *database).0.to_owned();
    of.databases.iter().map(name).collect()
}

/// What came of databases that lost their primary with it.
fn recovered<'a>(world: &'a World, of: &Incident) -> Vec<(&'a str, &'a Recovered)> {
    let stations = &world.fleet.traffic.stations;
    let all = of.databases.iter().filter_map(|database| {
        let (name, rows) = losses(stations, *database);
        Some((name, rows.iter().find(|row| row.at == of.at)?))
    });
    all.collect()
}

/// How long two servers took writes, until now where they still do.
fn two_primaries(world: &World, row: &Recovered) -> Span {
    let Some(two) = row.two_primaries else { return Span::ZERO };
    two.lasted.unwrap_or_else(|| world.fleet.now().since(two.since))
}

fn row(world: &World, of: &Incident, fault: &str) -> IncidentRow {
    let starts = world.fleet.schedule.starts;
    let at = |moment: Moment| moment.since(starts).0;
    let stores = recovered(world, of);
    let mut row = IncidentRow {
        fault: fault.to_owned(),
        at: at(of.at),
        healed: of.healed.map(at),
        machines: u32::try_from(of.machines.len()).unwrap_or(u32::MAX),
        tenants: of.tenants,
        databases: names(world, of),
        writes_lost: stores.iter().map(|(_, row)| row.writes_lost).sum(),
        two_primaries: stores.iter().map(|(_, row)| two_primaries(world, row).0).sum(),
        ..IncidentRow::default()
    };
    [row.detected, row.decided, row.acted] = of.steps.map(|step| step.map(at));
    (row.restored, row.clients_back) = (of.back.map(at), of.back.map(at));
    let is_of_tenants = of.tenants > 0;
    for (_, store) in &stores {
        let later = |span: Span| Some(at(of.at.after(span)));
        let [detected, decided, acted] = store.chain.steps.map_or([None; 3], |of| of.map(later));
        // A step is done once it is done for all that was lost; what a managed service does not say is left out.
        let both = |own: Option<u64>, of: Option<u64>| match (is_of_tenants, own, of) {
            (true, Some(own), Some(of)) => Some(own.max(of)),
            (true, own, _) => own,
            (false, _, of) => of,
        };
        // Whoever restored it is among the policies.
        if !store.from_backup && !store.by_policy {
            row.detected = both(row.detected, detected);
            row.decided = both(row.decided, decided);
            row.acted = both(row.acted, acted);
        }
        row.restored = row.restored.max(later(store.chain.restored));
        row.verified = row.verified.max(later(store.chain.verified));
        row.clients_back = row.clients_back.max(later(store.clients_back));
    }
    if let Some((service, number)) = of.release {
        let left = releases::left(&world.fleet, service, number).map(at);
        (row.restored, row.clients_back) = (row.restored.max(left), row.clients_back.max(left));
    }
    if !of.left.is_empty() || stores.len() < of.databases.len() {
        (row.restored, row.clients_back) = (None, None);
    }
    row.absent = absent(world, of, &row);
    row
}

/// Why a step is absent, the first that is.
fn absent(world: &World, of: &Incident, row: &IncidentRow) -> String {
    let is_managed = row.databases.iter().any(|_| row.verified.is_some()) && row.detected.is_none();
    let until = of.back.or(of.healed).unwrap_or_else(|| world.fleet.now());
    let why = if recovered(world, of).len() < of.databases.len() {
        if row.decided.is_some() || !of.databases.iter().any(|of| is_backed_up(world, *of)) {
            "a database takes no writes at the end of the run"
        } else if world.pilot.is_none() {
            "a database takes no writes, and nobody restores it: there are no policies"
        } else if world.log.missed(of.at, until) {
            "a database takes no writes; the policies were down meanwhile, and did not restore it"
        } else {
            "a database takes no writes, and no policy restored it"
        }
    } else if row.machines == 0 && is_managed {
        "its manager does not say when it knows and decides"
    } else if of.release.is_some() {
        match row.decided {
            Some(_) => "",
            None if world.pilot.is_none() => "nobody looks: there are no policies",
            None if world.log.missed(of.at, until) => {
                "the policies were down meanwhile, and decided nothing about it"
            }
            None => "no policy went back to the release before",
        }
    } else if row.machines == 0 || row.tenants == 0 {
        ""
    } else if row.detected.is_none() && world.pilot.is_none() {
        "nobody looks: there are no policies"
    } else if row.decided.is_none() && world.log.missed(of.at, until) {
        "the policies were down meanwhile, and decided nothing about it"
    } else if row.detected.is_none() {
        "it was over before the machine counted as lost"
    } else if row.decided.is_none() {
        "no policy decided anything about it before the machine was back"
    } else if row.acted.is_none() {
        "what was decided was not done"
    } else if !of.left.is_empty() {
        "not all are back at the end of the run"
    } else {
        ""
    };
    why.to_owned()
}

fn is_backed_up(world: &World, database: u16) -> bool {
    let name = losses(&world.fleet.traffic.stations, database).0;
    databases::names(&world.fleet).any(|of| of == name)
}

/// What is done about an incident, and how far that is.
pub(crate) fn answered<E: Hosts>(
    incidents: &mut Incidents,
    fleet: &Fleet<E>,
    action: Action,
    step: Step,
    now: Moment,
) {
    match action {
        Action::Abandon { tenant, .. } | Action::Place { tenant, .. } => {
            incidents.tenant(tenant, step, now);
        }
        Action::Drain { node } => incidents.machine(node, step, now),
        Action::RevertRelease { service, from, .. } => {
            incidents.release(service, from, step, now);
        }
        Action::Restore { database, is_aside: false, .. }
        | Action::FailOver { database, is_drill: false, .. } => {
            let place = databases::place(fleet, database);
            if let (Some(place), Some(seen)) = (place, databases::look(fleet, database)) {
                incidents.database(place, seen.since, step, now);
            }
        }
        Action::Restore { .. }
        | Action::FailOver { .. }
        | Action::BackUp { .. }
        | Action::Move { .. }
        | Action::Evict { .. }
        | Action::Hibernate { .. }
        | Action::Wake { .. }
        | Action::Resize { .. }
        | Action::AddNodes { .. }
        | Action::Cordon { .. }
        | Action::Uncordon { .. }
        | Action::RemoveNode { .. }
        | Action::LimitConnections { .. }
        | Action::Scale { .. } => {}
    }
}
