//! Servers of databases that are lost and come back: what that does to those who are connected, and when what comes
//! of it happens. Decides nothing about who takes over.

use crate::attempts::{Link, Place};
use crate::databases::failover::Loss;
pub use crate::databases::members::Recovered;
use crate::event::Hosts;
use crate::failure::Failure;
use crate::replica_queues::EndOfReplica;
use crate::trouble::Trouble;
pub use crate::trouble::Way;
use crate::{Stations, caches, connecting, endings, replica_queues};
use seatrial_contract::Dice;
use seatrial_contract::units::{Moment, Ppm, Span};
use seatrial_kernel::agenda::Agenda;

/// What a fault does to a database's server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blow {
    /// Its machine does not answer any more.
    Machine,
    /// Its process crashes, and starts again by itself where nobody takes over before.
    Process,
    /// It runs on, and nobody reaches it.
    Network,
    /// Its machine and its disk are lost: whatever comes back there has not got the data.
    Disk,
}

/// A server of a database is lost: by its place at the start, the primary first and then the standbys.
pub fn lose_server(
    stations: &mut Stations,
    database: u16,
    server: usize,
    blow: Blow,
    agenda: &mut Agenda<impl Hosts>,
) {
    let (now, dice) = (agenda.now(), stations.dice);
    let of = &mut stations.stores.databases[usize::from(database)];
    let loss = match blow {
        Blow::Machine | Blow::Network | Blow::Disk => Loss::Machine,
        Blow::Process => Loss::Process(of.next_recovery(dice)),
    };
    let at = (now, now.after(stations.clock.ahead));
    if blow == Blow::Disk {
        of.members.empty(server);
    }
    match blow {
        Blow::Network => of.members.cut_off(server),
        // It starts again by itself.
        Blow::Process => {}
        Blow::Machine | Blow::Disk => {
            if of.members.stops_running(server) {
                of.recoveries.one_primary_again(server, at.1);
            }
        }
    }
    let (is_down, next) = of.members.lose(server, loss, dice, at);
    if is_down {
        go_down(stations, database, agenda);
    }
    hold(stations, database, agenda);
    stations.stores.planned.add(database, next);
}

/// How often a database was told to fail over; and of the standby that would take over best if it were told to, how much
/// it lacks and whether commits wait for it. Nothing where others decide that.
#[must_use]
pub fn heir(stations: &Stations, database: u16, now: Moment) -> (u32, Option<(u64, bool)>) {
    stations.stores.databases[usize::from(database)].members.heir_seen(now)
}

/// A standby of a database is to take over, as somebody said who may.
pub fn fail_over(stations: &mut Stations, database: u16, agenda: &mut Agenda<impl Hosts>) {
    let (now, dice) = (agenda.now(), stations.dice);
    let at = (now, now.after(stations.clock.ahead));
    let (is_down, next) =
        stations.stores.databases[usize::from(database)].members.fail_over(dice, at);
    if is_down {
        go_down(stations, database, agenda);
    }
    stations.stores.planned.add(database, next);
}

/// A server that was lost so is there again.
pub fn server_is_back(
    stations: &mut Stations,
    (database, server): (u16, usize),
    blow: Blow,
    agenda: &mut Agenda<impl Hosts>,
) {
    let (now, dice) = (agenda.now(), stations.dice);
    let of = &mut stations.stores.databases[usize::from(database)];
    if blow == Blow::Network && of.members.joined(server) {
        of.recoveries.one_primary_again(server, now.after(stations.clock.ahead));
    }
    // One that ran on has nothing to recover.
    let recovery = if blow == Blow::Network { Span::nanos(1) } else { of.next_recovery(dice) };
    let next = of.members.bring_back(server, recovery, now);
    stations.stores.planned.add(database, next);
}

/// Whether a database's primary is lost, and nobody has taken over yet.
#[must_use]
pub fn has_no_primary(stations: &Stations, database: u16) -> bool {
    stations.stores.databases[usize::from(database)].members.is_lost()
}

/// How many servers of a database are lost, or do not follow yet.
#[must_use]
pub fn servers_out(stations: &Stations, database: u16) -> u32 {
    stations.stores.databases[usize::from(database)].members.out()
}

/// What calls and stores draw from now on is drawn by these dice.
pub fn another_future(stations: &mut Stations, dice: Dice) {
    stations.dice = dice;
}

/// The server that is primary now, by its place at the start.
#[must_use]
pub fn primary(stations: &Stations, database: u16) -> usize {
    stations.stores.databases[usize::from(database)].members.primary()
}

/// A standby's place among those of its database.
#[must_use]
pub fn standby(stations: &Stations, database: u16, name: &str) -> Option<usize> {
    stations.stores.databases[usize::from(database)].members.standby(name)
}

/// A primary takes writes again, as was planned at that turn.
pub(crate) fn restored(
    stations: &mut Stations,
    database: u16,
    turn: u16,
    agenda: &mut Agenda<impl Hosts>,
) {
    let (now, dice) = (agenda.now(), stations.dice);
    let of = &mut stations.stores.databases[usize::from(database)];
    let Some((recovered, next)) = of.members.restored(turn, dice, now) else { return };
    let callers = recovered.clients_back.saturating_sub(recovered.chain.restored);
    of.recoveries.add(recovered);
    stations.stores.planned.back(database, callers);
    hold(stations, database, agenda);
    stations.stores.planned.add_all(database, next);
}

/// A standby follows from now on.
pub(crate) fn follows(
    stations: &mut Stations,
    (database, server): (u16, u16),
    agenda: &mut Agenda<impl Hosts>,
) {
    let (now, dice) = (agenda.now(), stations.dice);
    let of = &mut stations.stores.databases[usize::from(database)];
    let next = of.members.follows(usize::from(server), dice, now);
    hold(stations, database, agenda);
    stations.stores.planned.add(database, next);
}

/// Those that have no synchronous standby stop taking writes, or go on, as their file says.
pub(crate) fn hold(stations: &mut Stations, database: u16, agenda: &mut Agenda<impl Hosts>) {
    let of = &mut stations.stores.databases[usize::from(database)];
    let stops = of.members.is_stopped();
    if core::mem::replace(&mut of.ailing.is_held, stops) == stops {
        return;
    }
    if stops {
        go_down(stations, database, agenda);
    } else {
        of.come_back(agenda.now());
    }
}

fn go_down(stations: &mut Stations, database: u16, agenda: &mut Agenda<impl Hosts>) {
    stations.stores.databases[usize::from(database)].go_down(agenda.now(), agenda);
    connecting::cut_off(stations, database, agenda);
    endings::fail_cut_off(stations, agenda);
}

/// A cache's master is lost so: calls go past it, until it is back or a replica has taken over.
pub fn lose_cache(stations: &mut Stations, cache: usize, blow: caches::Blow, now: Moment) {
    let world = now.after(stations.clock.ahead);
    if let Some((after, turn)) = stations.stores.caches[cache].lose(blow, now, world) {
        let cache = u16::try_from(cache).unwrap_or(u16::MAX);
        stations.stores.planned.cache_back(cache, after, turn);
    }
}

/// A cache's replica takes over, as was planned at that turn.
pub(crate) fn cache_taken_over(stations: &mut Stations, cache: u16, turn: u16) {
    if let Some(cache) = stations.stores.caches.get_mut(usize::from(cache)) {
        cache.taken_over(turn);
    }
}

/// The clocks of those who watch caches jump by so much.
pub fn clocks_jump(stations: &mut Stations, by: Span, world: Moment) {
    stations.stores.caches.iter_mut().for_each(|cache| cache.clocks_jump(by, world));
}

/// It can be reached again, unless there is another reason why not.
pub fn cache_is_back(stations: &mut Stations, cache: usize) {
    stations.stores.caches[cache].come_back();
}

/// A pooler is lost: nobody gets a connection from it, and those who have one have lost it.
pub fn lose_pooler(stations: &mut Stations, number: u16, agenda: &mut Agenda<impl Hosts>) {
    let pooler = &mut stations.stores.poolers[usize::from(number)];
    pooler.down += 1;
    if pooler.down > 1 {
        return;
    }
    let (now, database) = (agenda.now(), usize::from(pooler.database));
    let closed = pooler.closes_all(now);
    (0..closed).for_each(|_| stations.stores.databases[database].close(now));
    let has_it = |link| matches!(link, Some(Link::Pooled { pooler, .. }) if pooler == number);
    let mut lost = stations.attempts.which(|attempt| has_it(attempt.holds.link));
    // Who waits in its lines leaves before others give theirs back.
    lost.sort_by_key(|id| stations.attempts.get(*id).place != Place::Pool);
    for id in lost {
        replica_queues::lose(stations, id, Failure::Unreachable, agenda);
    }
    endings::fail_cut_off(stations, agenda);
}

/// It is there again, unless there is another reason why not.
pub fn pooler_is_back(stations: &mut Stations, pooler: u16) {
    let down = &mut stations.stores.poolers[usize::from(pooler)].down;
    *down = down.saturating_sub(1);
}

/// All replicas of a service are lost that stand on no machine.
pub fn lose_service(stations: &mut Stations, service: usize, agenda: &mut Agenda<impl Hosts>) {
    let out = stations.serving.out.entry(service).or_default();
    out.0 += 1;
    if out.0 > 1 {
        return;
    }
    out.1.clone_from(&stations.serving.services[service].open);
    for queue in out.1.clone() {
        replica_queues::shut_queue(stations, queue, agenda.now());
        replica_queues::end_queue(stations, queue, EndOfReplica::Lost, agenda);
    }
}

/// They are there again, unless there is another reason why not.
pub fn service_is_back(stations: &mut Stations, service: usize, now: Moment) {
    let Some(out) = stations.serving.out.get_mut(&service) else { return };
    out.0 = out.0.saturating_sub(1);
    if out.0 == 0 {
        for queue in core::mem::take(&mut out.1) {
            replica_queues::open_queue(stations, queue, now);
        }
    }
}

/// A standby applies only so large a part of what it could.
pub fn slow_standby(stations: &mut Stations, database: u16, standby: usize, to: Ppm, now: Moment) {
    let of = &mut stations.stores.databases[usize::from(database)];
    of.members.slow_standby(standby, to, now);
}

/// People who make a standby the primary by hand take so many millionths of their usual time from now on.
pub fn people_take(stations: &mut Stations, millionths: u64) {
    stations.stores.databases.iter_mut().for_each(|of| of.members.people_take(millionths));
}

/// Somebody else has so many of a database's connections more, or fewer.
pub fn take_connections(stations: &mut Stations, database: u16, change: i64) {
    let taken = &mut stations.stores.databases[usize::from(database)].ailing.taken;
    *taken = taken.saturating_add_signed(change);
}

/// Nobody can connect to a database anew, or there is one reason less why not; open connections go on.
pub fn unname(stations: &mut Stations, database: u16, so: bool) {
    let unnamed = &mut stations.stores.databases[usize::from(database)].ailing.unnamed;
    *unnamed = if so { *unnamed + 1 } else { unnamed.saturating_sub(1) };
}

/// Queries take so many millionths of their time, or no longer do.
pub fn slow_queries(stations: &mut Stations, database: u16, millionths: u64, so: bool) {
    note(&mut stations.stores.databases[usize::from(database)].ailing.slowed, millionths, so);
}

/// The way to a database is so, or no longer.
pub fn lengthen_way(stations: &mut Stations, database: u16, way: Way, so: bool) {
    note(&mut stations.stores.databases[usize::from(database)].ailing.ways, way, so);
}

/// A service answers such a share of calls with a failure and takes so many millionths of its time, or no longer.
pub fn trouble(stations: &mut Stations, service: usize, fails: Ppm, slower: u64, so: bool) {
    ails(stations, service, |of| {
        note(&mut of.fails, fails, so);
        note(&mut of.slower, slower, so);
    });
}

/// Whoever calls a service is refused before it is served, or there is one reason less why.
pub fn refuse(stations: &mut Stations, service: usize, so: bool) {
    ails(stations, service, |of| {
        of.refuses = if so { of.refuses + 1 } else { of.refuses.saturating_sub(1) };
    });
}

fn ails(stations: &mut Stations, service: usize, change: impl FnOnce(&mut Trouble)) {
    let all = &mut stations.serving.troubles;
    if all.len() <= service {
        all.resize_with(service + 1, Trouble::default);
    }
    change(&mut all[service]);
    if all.iter().all(Trouble::is_none) {
        all.clear();
    }
}

fn note<T: PartialEq>(all: &mut Vec<T>, one: T, so: bool) {
    if so {
        all.push(one);
    } else if let Some(at) = all.iter().position(|of| *of == one) {
        all.swap_remove(at);
    }
}

/// The place of a cache or a service that is called so.
#[must_use]
pub fn cache(stations: &Stations, name: &str) -> Option<usize> {
    stations.stores.caches.iter().position(|of| of.name == name)
}

/// The same of a pooler.
#[must_use]
pub fn pooler(stations: &Stations, name: &str) -> Option<u16> {
    let found = stations.stores.poolers.iter().position(|of| of.name == name)?;
    u16::try_from(found).ok()
}

/// The same of a service.
#[must_use]
pub fn service(stations: &Stations, name: &str) -> Option<usize> {
    stations.serving.services.iter().position(|of| of.name == name)
}

/// What a database is called, and the losses of its primary that are over.
#[must_use]
pub fn losses(stations: &Stations, database: u16) -> (&str, &[Recovered]) {
    let of = &stations.stores.databases[usize::from(database)];
    (&of.name, &of.recoveries.rows)
}
