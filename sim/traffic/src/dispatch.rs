//! Which function an event of calls is for.

use crate::Stations;
use crate::event::{Event, Hosts};
use crate::{callers, connecting, cuts, endings, queries, recovering};
use seatrial_kernel::agenda::Agenda;

/// An event of calls, but for those of tenants.
#[inline]
pub fn happen(stations: &mut Stations, event: Event, agenda: &mut Agenda<impl Hosts>) {
    match event {
        Event::Calls(id) => callers::call(stations, id, agenda),
        Event::LookedUp(id) => callers::looked_up(stations, id, agenda),
        Event::Served(id) => callers::served(stations, id, agenda),
        Event::TimesOut(id) => callers::times_out(stations, id, agenda),
        Event::Connected(id) => queries::connected(stations, id, agenda),
        Event::Queried(database) => queries::queried(stations, database, agenda),
        Event::Committed(id) => queries::committed(stations, id, agenda),
        Event::PoolGivesUp(id) => queries::pool_gives_up(stations, id, agenda),
        Event::Unreached(id) => cuts::gives_up(stations, id, agenda),
        Event::Overdue(id) => endings::overdue(stations, id, agenda),
        Event::Retries(id) => callers::begin_attempt(stations, id, agenda),
        Event::PoolSwept(pooler) => connecting::pool_swept(stations, pooler, agenda),
        Event::Reconnects(pooler) => connecting::reconnects(stations, pooler, agenda),
        Event::DatabaseBack(at) => queries::outage_ends(stations, at, agenda.now()),
        Event::CacheBack(cache, turn) => recovering::cache_taken_over(stations, cache, turn),
        Event::Restored(database, turn) => recovering::restored(stations, database, turn, agenda),
        Event::Follows(database, server) => {
            recovering::follows(stations, (database, server), agenda);
        }
        // Whose tenant does what is not known here, and what is sampled is not decided here.
        Event::TenantCalls(..)
        | Event::Happened
        | Event::Looks(_)
        | Event::Resumes(_)
        | Event::HourTurns
        | Event::ZoomBegins
        | Event::ZoomEnds => {}
    }
    endings::fail_cut_off(stations, agenda);
}
