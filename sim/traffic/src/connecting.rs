//! How an attempt gets a connection, out of a pool or of its own, waits for one, and lets go of it; and
//! how pools open and close theirs. Knows no query.

use super::Stations;
use super::attempts::{Link, Place};
use super::databases::Opened;
use super::databases::failover::Loss;
use super::failure::Failure;
use super::ids::AttemptId;
use super::poolers::{Given, Released};
use crate::event::{Event, Hosts, WORLD};
use crate::querying;
use seatrial_contract::TenantId;
use seatrial_contract::units::{Moment, Span};
use seatrial_kernel::agenda::Agenda;

/// Opens a connection of its own, or says why there is none.
pub(crate) fn connect(
    stations: &mut Stations,
    id: AttemptId,
    database: u16,
    agenda: &mut Agenda<impl Hosts>,
) -> Result<(), Failure> {
    match open(stations, database, agenda) {
        Opened::Yes => {
            connecting(stations, id, database, Link::Direct { database }, agenda);
            Ok(())
        }
        Opened::Refused => Err(Failure::Unconnected),
        Opened::Down | Opened::Crashed => {
            Err(stations.stores.databases[usize::from(database)].why_down())
        }
    }
}

/// Opens a connection of a pooler, which closes an idle one where it has as many as it may.
fn open_pooled(
    stations: &mut Stations,
    number: u16,
    database: u16,
    agenda: &mut Agenda<impl Hosts>,
) -> Opened {
    if stations.stores.poolers[usize::from(number)].makes_room(agenda.now()) {
        stations.stores.databases[usize::from(database)].close(agenda.now());
    }
    open(stations, database, agenda)
}

fn open(stations: &mut Stations, database: u16, agenda: &mut Agenda<impl Hosts>) -> Opened {
    let now = agenda.now();
    let opened = stations.stores.databases[usize::from(database)].open(now);
    if opened == Opened::Crashed {
        let takes =
            stations.stores.databases[usize::from(database)].crash(now, stations.dice, agenda);
        cut_off(stations, database, agenda);
        let of = &mut stations.stores.databases[usize::from(database)];
        if of.members.is_managed() {
            let (server, loss) = (of.members.primary(), Loss::Process(takes));
            let at = (now, now.after(stations.clock.ahead));
            let (_, next) = of.members.lose(server, loss, stations.dice, at);
            stations.stores.planned.add(database, next);
            return opened;
        }
        let at = now.after(takes);
        if at <= stations.clock.ends_at {
            agenda.schedule(at, WORLD, Event::DatabaseBack(database).into());
        }
    }
    opened
}

fn connecting(
    stations: &mut Stations,
    id: AttemptId,
    database: u16,
    link: Link,
    agenda: &mut Agenda<impl Hosts>,
) {
    let attempt = stations.attempts.get_mut(id);
    (attempt.place, attempt.holds.link) = (Place::Connecting, Some(link));
    let (number, turn) = attempt.turn();
    let takes =
        stations.stores.databases[usize::from(database)].connecting(number, turn, stations.dice);
    if takes == Span::ZERO {
        return querying::begin_query(stations, id, agenda);
    }
    let at = agenda.now().after(takes);
    if at <= stations.clock.ends_at {
        stations.attempts.get_mut(id).timers.next =
            Some(agenda.schedule_timer(at, WORLD, Event::Connected(id).into()));
    }
}

/// Asks a pool for a connection; says why there will be none, if so.
pub(crate) fn ask_pool(
    stations: &mut Stations,
    id: AttemptId,
    number: u16,
    agenda: &mut Agenda<impl Hosts>,
) -> Result<(), Failure> {
    let now = agenda.now();
    let attempt = *stations.attempts.get(id);
    let pooler = &mut stations.stores.poolers[usize::from(number)];
    if pooler.down > 0 {
        return Err(Failure::Unreachable);
    }
    let pool = pooler.pool_of(&attempt);
    let (database, waits) = (pooler.database, pooler.terms.waits);
    let link = Link::Pooled { pooler: number, pool };
    match pooler.ask(pool, now) {
        Given::Idle => {
            stations.attempts.get_mut(id).holds.link = Some(link);
            querying::begin_query(stations, id, agenda);
            fill(stations, number, pool, agenda);
        }
        Given::Refused => return Err(Failure::Unconnected),
        Given::Fresh => match open_pooled(stations, number, database, agenda) {
            Opened::Yes => {
                stations.stores.poolers[usize::from(number)].opened(pool, now);
                connecting(stations, id, database, link, agenda);
                fill(stations, number, pool, agenda);
            }
            Opened::Refused | Opened::Down | Opened::Crashed => {
                stand_in_line(stations, id, (number, pool), waits, agenda);
                plan_reconnecting(stations, number, agenda);
            }
        },
        Given::InLine => stand_in_line(stations, id, (number, pool), waits, agenda),
    }
    Ok(())
}

/// Opens the connections that a pool keeps even if nobody needs them.
fn fill(stations: &mut Stations, number: u16, pool: u32, agenda: &mut Agenda<impl Hosts>) {
    while stations.stores.poolers[usize::from(number)].lacks(pool) {
        let database = stations.stores.poolers[usize::from(number)].database;
        match open(stations, database, agenda) {
            Opened::Yes => {
                stations.stores.poolers[usize::from(number)].keep(pool, agenda.now());
                plan_sweep(stations, number, agenda);
            }
            Opened::Refused | Opened::Down | Opened::Crashed => {
                return plan_reconnecting(stations, number, agenda);
            }
        }
    }
}

fn stand_in_line(
    stations: &mut Stations,
    id: AttemptId,
    (number, pool): (u16, u32),
    waits: Span,
    agenda: &mut Agenda<impl Hosts>,
) {
    let now = agenda.now();
    let line = stations.stores.poolers[usize::from(number)].stands(pool, now);
    line.push_last(id, &mut stations.attempts);
    let attempt = stations.attempts.get_mut(id);
    attempt.place = Place::Pool;
    attempt.holds.link = Some(Link::Pooled { pooler: number, pool });
    attempt.waits_since = now;
    let at = now.after(waits);
    if at <= stations.clock.ends_at {
        attempt.timers.next = Some(agenda.schedule_timer(at, WORLD, Event::PoolGivesUp(id).into()));
    }
}

/// Takes an attempt that waits in a pool's line out of it, without a connection.
pub(crate) fn leave_pool_line(
    stations: &mut Stations,
    id: AttemptId,
    agenda: &mut Agenda<impl Hosts>,
) {
    let attempt = stations.attempts.get_mut(id);
    attempt.place = Place::Service;
    if let Some(timer) = attempt.timers.next.take() {
        agenda.cancel(timer);
    }
    if let Some(Link::Pooled { pooler, pool }) = attempt.holds.link.take() {
        let line =
            stations.stores.poolers[usize::from(pooler)].leaves_line(pool, None, agenda.now());
        line.remove(id, &mut stations.attempts);
    }
}

/// The first in line is given a connection: one that was used before, or one that was opened.
fn give(stations: &mut Stations, id: AttemptId, is_fresh: bool, agenda: &mut Agenda<impl Hosts>) {
    let now = agenda.now();
    let attempt = stations.attempts.get_mut(id);
    let waited = now.since(attempt.waits_since);
    if let Some(timer) = attempt.timers.next.take() {
        agenda.cancel(timer);
    }
    let Some(link @ Link::Pooled { pooler: number, pool }) = attempt.holds.link else { return };
    let pooler = &mut stations.stores.poolers[usize::from(number)];
    pooler.leaves_line(pool, Some(waited), now).remove(id, &mut stations.attempts);
    let database = pooler.database;
    if is_fresh {
        pooler.grew(pool, now);
        connecting(stations, id, database, link, agenda);
    } else {
        querying::begin_query(stations, id, agenda);
    }
}

/// Gives back the connection that an attempt has, if it has one.
pub(crate) fn let_go(stations: &mut Stations, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
    let now = agenda.now();
    match stations.attempts.get_mut(id).holds.link.take() {
        None => {}
        Some(Link::Direct { database }) => {
            stations.stores.databases[usize::from(database)].close(now);
        }
        Some(Link::Pooled { pooler: number, pool }) => {
            let pooler = &mut stations.stores.poolers[usize::from(number)];
            let database = pooler.database;
            match pooler.released(pool, now) {
                Released::To(next) => give(stations, next, false, agenda),
                Released::Idle => {
                    plan_sweep(stations, number, agenda);
                    feed_starved(stations, number, agenda);
                }
                Released::Closed => {
                    stations.stores.databases[usize::from(database)].close(now);
                    feed_starved(stations, number, agenda);
                }
            }
        }
    }
}

fn plan_sweep(stations: &mut Stations, number: u16, agenda: &mut Agenda<impl Hosts>) {
    let pooler = &mut stations.stores.poolers[usize::from(number)];
    let next = pooler.next_sweep().filter(|at| *at <= stations.clock.ends_at);
    // One that is planned comes no later than any that is to be planned now.
    if let Some(at) = next.filter(|_| !pooler.sweeps) {
        pooler.sweeps = true;
        agenda.schedule(at, WORLD, Event::PoolSwept(number).into());
    }
}

/// A pooler closes what nobody uses.
pub(crate) fn pool_swept(stations: &mut Stations, number: u16, agenda: &mut Agenda<impl Hosts>) {
    let now = agenda.now();
    let pooler = &mut stations.stores.poolers[usize::from(number)];
    pooler.sweeps = false;
    let (closed, database) = (pooler.sweep(now), pooler.database);
    (0..closed).for_each(|_| stations.stores.databases[usize::from(database)].close(now));
    plan_sweep(stations, number, agenda);
    if closed > 0 {
        feed(stations, number, agenda);
    }
}

pub(crate) fn plan_reconnecting(
    stations: &mut Stations,
    number: u16,
    agenda: &mut Agenda<impl Hosts>,
) {
    let pooler = &mut stations.stores.poolers[usize::from(number)];
    let at = agenda.now().after(pooler.terms.reconnects_after);
    if !core::mem::replace(&mut pooler.reconnects, true) && at <= stations.clock.ends_at {
        agenda.schedule(at, WORLD, Event::Reconnects(number).into());
    }
}

/// A pooler tries again to open the connections that it could not.
pub(crate) fn reconnects(stations: &mut Stations, number: u16, agenda: &mut Agenda<impl Hosts>) {
    stations.stores.poolers[usize::from(number)].reconnects = false;
    feed(stations, number, agenda);
}

/// Opens connections for those who wait in pools that may grow.
pub(crate) fn feed(stations: &mut Stations, number: u16, agenda: &mut Agenda<impl Hosts>) {
    let database = stations.stores.poolers[usize::from(number)].database;
    while let Some((_, first)) = stations.stores.poolers[usize::from(number)].starving() {
        match open_pooled(stations, number, database, agenda) {
            Opened::Yes => give(stations, first, true, agenda),
            Opened::Refused | Opened::Down | Opened::Crashed => {
                return plan_reconnecting(stations, number, agenda);
            }
        }
    }
}

pub(crate) fn feed_starved(stations: &mut Stations, number: u16, agenda: &mut Agenda<impl Hosts>) {
    if stations.stores.poolers[usize::from(number)].starves() {
        feed(stations, number, agenda);
    }
}

/// A database cannot be reached: callers that were connected have lost it, and fail once what happens now has
/// happened (`endings::fail_cut_off`).
pub(crate) fn cut_off(stations: &mut Stations, database: u16, agenda: &mut Agenda<impl Hosts>) {
    let now = agenda.now();
    let pooler = |number: u16| &stations.stores.poolers[usize::from(number)];
    let lost = stations.attempts.which(|attempt| match attempt.holds.link {
        Some(_) if attempt.place == Place::Pool => false,
        Some(Link::Direct { database: of }) => of == database,
        Some(Link::Pooled { pooler: of, .. }) => pooler(of).database == database,
        None => false,
    });
    for pooler in &mut stations.stores.poolers {
        if pooler.database == database {
            pooler.cut_off(now);
        }
    }
    stations.needs.database_is_out(usize::from(database));
    let why = stations.stores.databases[usize::from(database)].why_down();
    for id in lost {
        let attempt = stations.attempts.get_mut(id);
        if let Some(timer) = attempt.timers.next.take() {
            agenda.cancel(timer);
        }
        attempt.place = Place::CutOff;
        if let Some(Link::Pooled { pooler, .. }) = attempt.holds.link.take() {
            stations.stores.poolers[usize::from(pooler)].lost(now);
        }
        stations.stores.cut_off.push((id, why));
    }
    for number in 0..stations.stores.poolers.len() {
        if stations.stores.poolers[number].database == database {
            plan_reconnecting(stations, u16::try_from(number).unwrap_or(u16::MAX), agenda);
        }
    }
}

/// A tenant's machine does not run it any more, or lets it sleep: its pools are closed.
pub(crate) fn tenant_sleeps(stations: &mut Stations, id: TenantId, now: Moment) {
    for pooler in &mut stations.stores.poolers {
        let closed = pooler.sleeps(id, now);
        let database = &mut stations.stores.databases[usize::from(pooler.database)];
        (0..closed).for_each(|_| database.close(now));
    }
}
