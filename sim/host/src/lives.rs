//! Tells what tenants, machines, replicas and databases go through, state by state. It looks at those who changed, after
//! each event and each action, and plans nothing: a run that is told of goes on exactly as one that is not.

use crate::World;
use crate::life_states::{state_of_node, state_of_replica, state_of_tenant};
use crate::living::{Cause, Known, Living, Meanwhile, State};
use crate::naming;
use seatrial_contract::{NodeId, TenantId, Verdict};
use seatrial_faults::Incident;
use seatrial_record::{LifeCause, LifeKind, LifeRow, LifeSink};
use seatrial_traffic::queries;
use seatrial_traffic::recovering::{has_no_primary, losses};
use std::sync::Arc;

/// Has every state be told from the beginning of the run on.
#[must_use]
pub fn told_of(mut world: World, sink: Arc<dyn LifeSink>) -> World {
    world.log.living = Some(Box::new(Living::new(sink)));
    world
}

/// Time begins to pass: all that is there is in its first state.
pub(crate) fn begin(world: &mut World) {
    let Some(mut living) = world.log.living.take() else { return };
    if world.fleet.changed.noted.is_none() {
        let now = world.fleet.now();
        world.fleet.changed.noted = Some(Box::default());
        for id in 0..world.fleet.nodes.len() {
            look_at_node(world, &mut living, NodeId::at(id), Meanwhile::Event);
        }
        for id in 0..world.fleet.tenants.len() {
            look_at_tenant(world, &mut living, TenantId::at(id), Meanwhile::Event);
        }
        for id in 0..world.fleet.replicas.all.len() {
            look_at_replica(world, &mut living, id, Meanwhile::Event);
        }
        let known = Known { state: State::Up, on: None, from: now, cause: Cause::Own };
        let all = queries::shared(&world.fleet.traffic.stations);
        living.databases.extend(all.map(|database| (database, known)));
    }
    world.log.living = Some(living);
}

/// Something has happened: whoever is in another state since then is told of.
#[inline]
pub(crate) fn pass(world: &mut World, meanwhile: Meanwhile) {
    let Some(living) = &world.log.living else { return };
    let stations = &world.fleet.traffic.stations;
    let is_other =
        |(of, known): &(u16, Known)| has_no_primary(stations, *of) != (known.state == State::Down);
    let anybody = world.fleet.changed.noted.as_ref().is_some_and(|noted| !noted.is_empty());
    if anybody || living.databases.iter().any(is_other) {
        look(world, meanwhile);
    }
}

#[cold]
fn look(world: &mut World, meanwhile: Meanwhile) {
    let Some(mut living) = world.log.living.take() else { return };
    // It is put back with the room that it has.
    let mut noted = world.fleet.changed.noted.take().unwrap_or_default();
    for id in noted.nodes.drain(..) {
        look_at_node(world, &mut living, id, meanwhile);
    }
    for id in noted.tenants.drain(..) {
        look_at_tenant(world, &mut living, id, meanwhile);
    }
    for id in noted.replicas.drain(..) {
        look_at_replica(world, &mut living, id, meanwhile);
    }
    for at in 0..living.databases.len() {
        look_at_database(world, &mut living, at, meanwhile);
    }
    world.fleet.changed.noted = Some(noted);
    world.log.living = Some(living);
}

/// Nothing happens any more: all states end.
pub(crate) fn close(world: &mut World) {
    let Some(living) = world.log.living.take() else { return };
    world.fleet.changed.noted = None;
    for (at, known) in living.nodes.iter().enumerate() {
        known.iter().for_each(|known| tell_node(world, &living, NodeId::at(at), *known));
    }
    for (at, known) in living.tenants.iter().enumerate() {
        known.iter().for_each(|known| tell_tenant(world, &living, TenantId::at(at), *known));
    }
    for (at, known) in living.replicas.iter().enumerate() {
        known.iter().for_each(|(known, place)| tell_replica(world, &living, (at, *place), *known));
    }
    for (database, known) in &living.databases {
        tell_database(world, &living, *database, *known);
    }
}

fn look_at_node(world: &World, living: &mut Living, id: NodeId, meanwhile: Meanwhile) {
    let design = &world.fleet.design;
    living.names.of_pool.resize(design.pools.len(), 0);
    while living.names.all.len() <= id.index() {
        let at = living.names.all.len();
        let number = &mut living.names.of_pool[world.fleet.nodes[at].pool.index()];
        let new = || naming::machine(design, world.fleet.nodes[at].pool, number);
        let name = design.names.nodes.get(at).cloned().unwrap_or_else(new);
        living.names.all.push(name);
        living.nodes.push(None);
    }
    let state = state_of_node(&world.fleet.nodes[id.index()]);
    let known = living.nodes[id.index()];
    let Some(new) = turned(world, known, (state, None), |state| {
        cause(world, state, meanwhile, |of| of.machines.contains(&id))
    }) else {
        return;
    };
    known.iter().for_each(|known| tell_node(world, living, id, *known));
    living.nodes[id.index()] = new;
}

fn look_at_tenant(world: &World, living: &mut Living, id: TenantId, meanwhile: Meanwhile) {
    if living.tenants.len() <= id.index() {
        living.tenants.resize(id.index() + 1, None);
    }
    let tenant = &world.fleet.tenants[id.index()];
    let known = living.tenants[id.index()];
    let state = state_of_tenant(tenant, known.map(|known| known.state));
    let Some(new) = turned(world, known, (state, tenant.node), |state| {
        let on = |of: &Incident| tenant.node.is_some_and(|node| of.machines.contains(&node));
        cause(world, state, meanwhile, |of| of.left.contains(&id) || on(of))
    }) else {
        return;
    };
    known.iter().for_each(|known| tell_tenant(world, living, id, *known));
    living.tenants[id.index()] = new;
}

fn look_at_replica(world: &World, living: &mut Living, id: usize, meanwhile: Meanwhile) {
    if living.replicas.len() <= id {
        living.replicas.resize(id + 1, None);
    }
    let replica = &world.fleet.replicas.all[id];
    let known = living.replicas[id];
    let state = state_of_replica(replica.state);
    let before = known.map(|known| known.0);
    let Some(new) = turned(world, before, (state, replica.node), |state| {
        let on = |of: &Incident| replica.node.is_some_and(|node| of.machines.contains(&node));
        cause(world, state, meanwhile, on)
    }) else {
        return;
    };
    let place = known.map(|known| known.1);
    if let Some((known, place)) = known {
        tell_replica(world, living, (id, place), known);
    }
    living.replicas[id] = match (new, place) {
        (Some(new), place) => Some((new, place.unwrap_or_else(|| living.take_place(replica.of)))),
        (None, Some(place)) => {
            living.places[replica.of].0.insert(place);
            None
        }
        (None, None) => None,
    };
}

fn look_at_database(world: &World, living: &mut Living, at: usize, meanwhile: Meanwhile) {
    let (database, known) = living.databases[at];
    let is_down = has_no_primary(&world.fleet.traffic.stations, database);
    let state = if is_down { State::Down } else { State::Up };
    let new = turned(world, Some(known), (Some(state), None), |state| {
        cause(world, state, meanwhile, |of| of.databases.contains(&database))
    });
    if let Some(new) = new.flatten() {
        tell_database(world, living, database, known);
        living.databases[at].1 = new;
    }
}

/// What it is in now, if that is another state than the one that is known: nothing where it is gone.
#[expect(clippy::option_option, reason = "no change, and being gone")]
fn turned(
    world: &World,
    known: Option<Known>,
    (state, on): (Option<State>, Option<NodeId>),
    cause: impl FnOnce(State) -> Cause,
) -> Option<Option<Known>> {
    match (known, state) {
        (None, None) => None,
        (Some(_), None) => Some(None),
        (Some(known), Some(state)) if !known.is_other(state, on) => None,
        (Some(_) | None, Some(state)) => {
            Some(Some(Known { state, on, from: world.fleet.now(), cause: cause(state) }))
        }
    }
}

/// What brought a state about: the action that is being done, or the last fault that took it.
fn cause(
    world: &World,
    state: State,
    meanwhile: Meanwhile,
    took: impl Fn(&Incident) -> bool,
) -> Cause {
    match meanwhile {
        Meanwhile::Action(action) => {
            let is_it = |decided: &Verdict| matches!(decided, Verdict::Act { action: of, .. } if *of == action);
            let decided = world.log.actions.iter().rev().map(|(_, decided)| &decided.verdict);
            match decided.into_iter().find(|decided| is_it(decided)) {
                Some(Verdict::Act { id, .. }) => Cause::Decision(id.0),
                Some(Verdict::Hold) | None => Cause::Own,
            }
        }
        Meanwhile::Event if state.is_loss() => {
            let now = world.fleet.now();
            let rows = world.faults.incidents.rows.iter().rev();
            // One that is healed takes nothing more.
            let mut lasts = rows.filter(|row| row.healed.is_none_or(|healed| healed >= now));
            let row = lasts.find(|row| took(row));
            row.map_or(Cause::Own, |row| Cause::Fault(row.fault, row.at))
        }
        Meanwhile::Event => Cause::Own,
    }
}

fn tell_node(world: &World, living: &Living, id: NodeId, known: Known) {
    let (fleet, node) = (&world.fleet, &world.fleet.nodes[id.index()]);
    let (region, rack) = fleet.design.places.around(node.spot);
    let zone = fleet.design.names.zones.get(node.spot.zone.index()).map_or("", String::as_str);
    let name = living.names.all[id.index()].as_str();
    let of = fleet.design.pools[node.pool.index()].name.as_str();
    tell(world, living, (LifeKind::Machine, name, of), [region, zone, rack], known);
}

fn tell_tenant(world: &World, living: &Living, id: TenantId, known: Known) {
    let design = &world.fleet.design;
    let name = design.names.tenants.get(id.index()).cloned();
    let name = name.unwrap_or_else(|| format!("tenant-{}", id.0));
    let of = design.tier(world.fleet.tenants[id.index()].tier).name.as_str();
    tell(world, living, (LifeKind::Tenant, &name, of), [""; 3], known);
}

fn tell_replica(world: &World, living: &Living, (id, place): (usize, u32), known: Known) {
    let replicas = &world.fleet.replicas;
    let of = replicas.services[replicas.all[id].of].name.as_str();
    tell(world, living, (LifeKind::Replica, &format!("{of}-{place}"), of), [""; 3], known);
}

fn tell_database(world: &World, living: &Living, database: u16, known: Known) {
    let name = losses(&world.fleet.traffic.stations, database).0;
    tell(world, living, (LifeKind::Database, name, ""), [""; 3], known);
}

/// It was in that state until now.
fn tell(
    world: &World,
    living: &Living,
    (kind, name, of): (LifeKind, &str, &str),
    place: [&str; 3],
    known: Known,
) {
    let (starts, now) = (world.fleet.schedule.starts, world.fleet.now());
    // What came and went at the same moment was nothing.
    if now == known.from {
        return;
    }
    let machine = known.on.and_then(|on| living.names.all.get(on.index()));
    let stages = &world.fleet.design.names.stages;
    let stage = known.state.stage().and_then(|stage| stages.get(usize::from(stage.0)));
    let stage = stage.map_or("", String::as_str);
    let fault = |at: usize| world.faults.names().nth(at).map_or("", |of| of.0);
    let cause = match known.cause {
        Cause::Own => LifeCause::Own,
        Cause::Decision(id) => LifeCause::Decision(id),
        Cause::Fault(of, at) => LifeCause::Fault(fault(of), at.since(starts).0),
    };
    let (from, until) = (known.from.since(starts).0, now.since(starts).0);
    let state = known.state.word();
    living.sink.life(&LifeRow {
        kind,
        name,
        of,
        machine: machine.map_or("", String::as_str),
        place,
        state,
        stage,
        from,
        until,
        cause,
    });
}
