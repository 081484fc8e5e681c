//! How an attempt asks databases, one query after another, and what becomes of it when one cannot be
//! reached. Decides nothing about retries.

use super::Stations;
use super::attempts::{Link, Place};
use super::failure::Failure;
use super::ids::AttemptId;
use super::query::Target;
use crate::event::{Event, Hosts, WORLD};
use crate::{connecting, cuts, databases, endings, querying};
use seatrial_contract::units::{Moment, Span};
use seatrial_format::scenario::Pooling;
use seatrial_kernel::agenda::Agenda;

/// The attempt goes on to its next query, or is done.
pub(crate) fn ask_next(stations: &mut Stations, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
    if endings::is_dropped(stations, id, agenda) {
        return;
    }
    let attempt = stations.attempts.get_mut(id);
    let queries = &stations.sources[attempt.call.caller.source.index()].queries;
    if queries
        .get(usize::from(attempt.step.query))
        .is_some_and(|query| attempt.step.round == query.count)
    {
        (attempt.step.query, attempt.step.round) = (attempt.step.query + 1, 0);
    }
    let Some(query) = queries.get(usize::from(attempt.step.query)) else {
        return endings::complete(stations, id, agenda);
    };
    let (target, tenant) = (query.target, attempt.call.caller.tenant);
    let target = match target {
        Target::Database(named) => {
            Target::Database(databases::own::server_of(stations, named, tenant, agenda.now()))
        }
        Target::Pooler(_) => target,
    };
    let attempt = stations.attempts.get(id);
    let has_it = match attempt.holds.link {
        Some(Link::Direct { database }) => target == Target::Database(database),
        Some(Link::Pooled { pooler, .. }) => target == Target::Pooler(pooler),
        None => false,
    };
    if !has_it {
        connecting::let_go(stations, id, agenda);
    }
    let asked = cuts::asked(stations, target);
    let is_open = has_it || asked.pooler.is_some();
    if cuts::is_lost(stations, id, (asked, is_open), agenda) {
        return endings::fail_cut_off(stations, agenda);
    }
    if has_it {
        return querying::begin_query(stations, id, agenda);
    }
    let asked = match target {
        Target::Database(database) => connecting::connect(stations, id, database, agenda),
        Target::Pooler(pooler) => connecting::ask_pool(stations, id, pooler, agenda),
    };
    endings::fail_cut_off(stations, agenda);
    if let Err(why) = asked {
        endings::fail(stations, id, why, agenda);
    }
}

/// A database has done the query that was due.
pub(crate) fn queried(stations: &mut Stations, at: u16, agenda: &mut Agenda<impl Hosts>) {
    let now = agenda.now();
    let database = &mut stations.stores.databases[usize::from(at)];
    let Some(id) = database.done(now) else { return };
    database.plan(at, stations.clock.ends_at, agenda);
    let attempt = stations.attempts.get_mut(id);
    attempt.is_worked_for = true;
    let writes = stations.sources[attempt.call.caller.source.index()].queries
        [usize::from(attempt.step.query)]
    .writes;
    let (turn, dice) = (attempt.turn(), stations.dice);
    let ways = database.ailing.ways.iter().enumerate();
    let ways = ways.map(|(at, way)| way.takes(at, turn, dice));
    let mut waits = ways.fold(Span::ZERO, Span::saturating_add);
    if writes > 0 {
        waits = waits.saturating_add(database.write(writes, turn, dice, now));
    }
    if cuts::is_unanswered(stations, id, agenda) {
        return;
    }
    if waits > Span::ZERO {
        let attempt = stations.attempts.get_mut(id);
        attempt.place = Place::Committing;
        let at = now.after(waits);
        if at <= stations.clock.ends_at {
            attempt.timers.next =
                Some(agenda.schedule_timer(at, WORLD, Event::Committed(id).into()));
        }
        return;
    }
    answered_query(stations, id, agenda);
}

/// What was written is where it has to be.
pub(crate) fn committed(stations: &mut Stations, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
    stations.attempts.get_mut(id).timers.next = None;
    answered_query(stations, id, agenda);
}

fn answered_query(stations: &mut Stations, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
    let attempt = stations.attempts.get_mut(id);
    attempt.place = Place::Service;
    attempt.step.round += 1;
    let took = agenda.now().since(attempt.waits_since);
    let Some(link) = attempt.holds.link else { return };
    let at = querying::database_of(stations, link);
    stations.stores.databases[usize::from(at)].took(took);
    if let Link::Pooled { pooler, .. } = link
        && stations.stores.poolers[usize::from(pooler)].terms.pooling == Pooling::Transaction
    {
        connecting::let_go(stations, id, agenda);
    }
    ask_next(stations, id, agenda);
}

/// The place of a database that is called so.
pub fn database(stations: &Stations, name: &str) -> Option<u16> {
    let found = stations.stores.databases.iter().position(|of| of.name == name)?;
    u16::try_from(found).ok()
}

/// The databases of the file that are not tenants' own.
pub fn shared(stations: &Stations) -> impl Iterator<Item = u16> {
    let all = stations.stores.own.iter().enumerate().filter(|(_, own)| own.is_none());
    all.filter_map(|(at, _)| u16::try_from(at).ok())
}

/// A database cannot be reached from now on.
pub fn outage_begins(stations: &mut Stations, database: u16, agenda: &mut Agenda<impl Hosts>) {
    stations.stores.databases[usize::from(database)].go_down(agenda.now(), agenda);
    connecting::cut_off(stations, database, agenda);
    endings::fail_cut_off(stations, agenda);
}

/// It can be reached again, unless there is another reason why not.
pub fn outage_ends(stations: &mut Stations, database: u16, now: Moment) {
    stations.stores.databases[usize::from(database)].come_back(now);
}

/// A connection is open.
pub(crate) fn connected(stations: &mut Stations, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
    stations.attempts.get_mut(id).timers.next = None;
    if !endings::is_dropped(stations, id, agenda) {
        querying::begin_query(stations, id, agenda);
    }
}

/// A caller has waited for a connection of a pool for long enough.
pub(crate) fn pool_gives_up(
    stations: &mut Stations,
    id: AttemptId,
    agenda: &mut Agenda<impl Hosts>,
) {
    stations.attempts.get_mut(id).timers.next = None;
    if let Some(Link::Pooled { pooler, .. }) = stations.attempts.get(id).holds.link {
        stations.stores.poolers[usize::from(pooler)].timed_out();
    }
    connecting::leave_pool_line(stations, id, agenda);
    endings::fail(stations, id, Failure::Unconnected, agenda);
}
