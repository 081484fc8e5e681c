//! Asks a database with the connection that there is. Opens none, and does not know what comes of it.

use crate::Stations;
use crate::attempts::{Link, Place};
use crate::event::Hosts;
use crate::ids::AttemptId;
use seatrial_kernel::agenda::Agenda;

/// Asks, with the connection that there is.
pub(crate) fn begin_query(stations: &mut Stations, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
    let now = agenda.now();
    let attempt = stations.attempts.get_mut(id);
    attempt.place = Place::Querying;
    attempt.waits_since = now;
    let (number, turn) = (attempt.call.caller.number, u64::from(attempt.step.round));
    let query = &stations.sources[attempt.call.caller.source.index()].queries
        [usize::from(attempt.step.query)];
    let takes = query.takes.sample(&mut stations.dice.turn(number, query.purpose, turn));
    let Some(link) = attempt.holds.link else { return };
    let at = database_of(stations, link);
    let database = &mut stations.stores.databases[usize::from(at)];
    database.begin(id, takes, now);
    database.plan(at, stations.clock.ends_at, agenda);
}

pub(crate) fn database_of(stations: &Stations, link: Link) -> u16 {
    match link {
        Link::Direct { database } => database,
        Link::Pooled { pooler, .. } => stations.stores.poolers[usize::from(pooler)].database,
    }
}
